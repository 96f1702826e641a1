"""Annotations on the timeline: drawn, written in place, changed and taken out."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.vocabulary import core
from app.ui.plots.sheet import Flag
from app.ui.plots.timeline import TimelineView
from tests.ui.plots import samples

Key = Qt.Key
COLD = Flag(7, 30.0, "感冒，停药三日", 33.0, version=2)


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    view = TimelineView()
    qtbot.addWidget(view)
    view.resize(1280, 800)
    view.show_case(samples.insomnia(), core())
    view.canvas.may_annotate = True
    view.show()
    qtbot.waitExposed(view)
    return view


def test_a_writes_at_the_crosshair_and_enter_keeps_it(view: TimelineView, qtbot: QtBot):
    canvas = view.canvas
    canvas.setFocus()
    canvas.point_at(35.0)
    QTest.keyClick(canvas, Key.Key_A)
    assert canvas.editor.isVisible()
    canvas.editor.insert("  感冒   三日")  # no key types it
    with qtbot.waitSignal(canvas.flag_written) as heard:
        QTest.keyClick(canvas.editor, Key.Key_Return)
    assert heard.args == [Flag(0, 35.0, ""), "感冒 三日"]
    assert not canvas.editor.isVisible()


def test_escape_keeps_nothing(view: TimelineView, qtbot: QtBot):
    view.canvas.annotate(10.0)
    QTest.keyClicks(view.canvas.editor, "x")
    with qtbot.assertNotEmitted(view.canvas.flag_written):
        QTest.keyClick(view.canvas.editor, Key.Key_Escape)
    assert not view.canvas.editor.isVisible()


def test_going_elsewhere_keeps_what_was_typed(view: TimelineView, qtbot: QtBot):
    view.activateWindow()
    view.canvas.annotate(10.0)
    QTest.keyClicks(view.canvas.editor, "x")
    with qtbot.waitSignal(view.canvas.flag_written) as heard:
        view.canvas.setFocus(Qt.FocusReason.TabFocusReason)
        view.canvas.editor.finish()
    assert heard.args == [Flag(0, 10.0, ""), "x"]


def test_words_that_did_not_change_are_not_written_again(view: TimelineView, qtbot: QtBot):
    view.show_flags([COLD])
    view.canvas.edit(COLD)
    assert view.canvas.editor.text() == COLD.text
    with qtbot.assertNotEmitted(view.canvas.flag_written):
        QTest.keyClick(view.canvas.editor, Key.Key_Return)


def test_the_read_out_of_the_nearest_visit_has_the_annotation(view: TimelineView):
    view.show_flags([COLD])
    out = view.readout_at(35.0)
    assert out is not None
    assert {row.label: row.value for row in out.rows}["批注"] == COLD.text


def test_a_double_click_on_the_words_changes_them_and_elsewhere_fits(view: TimelineView):
    view.show_flags([COLD])
    view.grab()
    rect = view.canvas.lane_rects()["notes"]
    place = QPoint(round(view.scale.x(COLD.day)) + 20, round(rect.top()) + 18)
    QTest.mouseDClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.canvas.editor.flag == COLD
    view.canvas.editor.give_up()
    view.zoom_in()
    QTest.mouseDClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(700, 200))
    assert view.scale.fitted
    assert not view.canvas.editor.isVisible()


def test_enter_changes_and_delete_takes_out_the_annotation_at_the_crosshair(view: TimelineView, qtbot: QtBot):
    canvas = view.canvas
    view.show_flags([COLD])
    assert canvas.flag_near(COLD.day) == COLD
    assert canvas.flag_near(84.0) is None
    view.show_flags([Flag(8, 35.0, "x")])
    canvas.point_at(35.0)
    QTest.keyClick(canvas, Key.Key_Return)
    assert canvas.editor.flag == Flag(8, 35.0, "x")
    canvas.editor.give_up()
    with qtbot.waitSignal(canvas.flag_dropped) as heard:
        QTest.keyClick(canvas, Key.Key_Delete)
    assert heard.args == [Flag(8, 35.0, "x")]


def test_who_may_not_write_gets_no_editor(view: TimelineView, qtbot: QtBot):
    view.canvas.may_annotate = False
    view.show_flags([COLD])
    view.canvas.annotate(3.0)
    view.canvas.edit(COLD)
    assert not view.canvas.editor.isVisible()
    with qtbot.assertNotEmitted(view.canvas.flag_dropped):
        view.canvas.drop(COLD)


def test_annotations_of_one_patient_are_gone_with_the_next(view: TimelineView):
    view.show_flags([COLD])
    view.show_case(samples.laboratory(), core())
    assert view.sheet is not None and view.sheet.flags == ()


def test_the_same_course_shown_anew_keeps_zoom_and_annotations(view: TimelineView):
    view.show_flags([COLD])
    view.zoom_in()
    low, high = view.scale.low, view.scale.high
    view.show_case(samples.insomnia(), core(), samples.forecast(), 84.0)
    assert (view.scale.low, view.scale.high) == pytest.approx((low, high))
    assert view.sheet is not None and view.sheet.flags == (COLD,)


def test_a_course_that_was_not_zoomed_is_fitted_with_its_forecast(view: TimelineView):
    view.show_case(samples.insomnia(), core(), samples.forecast(), 84.0)
    assert view.scale.high >= 110


def test_an_annotation_out_of_sight_is_brought_into_sight_to_be_changed(view: TimelineView):
    view.scale.show(0.0, 10.0)
    view.canvas.edit(COLD)
    assert view.scale.sees(COLD.day)
