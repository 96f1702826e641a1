"""The timeline as one handles it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import i18n
from app.domain.vocabulary import core
from app.ui import theme
from app.ui.plots.timeline import TimelineView
from tests.ui.plots import samples


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    view = TimelineView()
    qtbot.addWidget(view)
    view.resize(1280, 800)
    view.grab()
    return view


def turn_wheel(view: TimelineView, x: float, steps: int) -> None:
    place = QPointF(x, 200)
    event = QWheelEvent(
        place,
        place,
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.canvas.viewport(), event)


def move_mouse(view: TimelineView, x: float) -> None:
    place = QPointF(x, 200)
    none, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, place, view.canvas.viewport().mapToGlobal(place), none, none, keys)
    QApplication.sendEvent(view.canvas.viewport(), event)


def test_the_crosshair_reads_every_value_of_the_nearest_visit(view: TimelineView):
    view.show_case(samples.insomnia(), core())
    out = view.readout_at(22.6)
    assert out is not None
    assert out.index == 5
    values = {row.label: row.value for row in out.rows}
    assert values["失眠"] == "4"
    assert values["心悸"] == "4"
    assert "3月27日" in out.title
    assert any("情绪激动" in row.value for row in out.rows)
    assert any("酸枣仁20" in row.value for row in out.rows)


def test_a_value_that_was_not_recorded_is_not_read_out(view: TimelineView):
    view.show_case(samples.laboratory(), core())
    out = view.readout_at(1100.0)
    assert out is not None
    assert "ast" not in {row.label for row in out.rows}
    assert "bili" in {row.label for row in out.rows}


def test_the_crosshair_in_the_future_reads_the_forecast_with_its_interval(view: TimelineView):
    view.show_case(samples.insomnia(), core(), samples.forecast(), 84.0)
    out = view.readout_at(114.0)
    assert out is not None
    assert out.index is None
    median = samples.forecast().median["sym.insomnia"][-1]
    assert out.rows[0].value.startswith(f"{median:.1f} (")


def test_moving_the_mouse_tells_the_day_under_it(view: TimelineView, qtbot: QtBot):
    view.show_case(samples.insomnia(), core())
    with qtbot.waitSignal(view.hovered) as heard:
        move_mouse(view, view.scale.x(35.0))
    assert heard.args is not None
    assert heard.args[0] == pytest.approx(35.0, abs=0.2)


def test_arrow_keys_go_from_visit_to_visit(view: TimelineView):
    view.show_case(samples.insomnia(), core())
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(view.canvas, key)
    assert view.canvas.read_out is not None
    assert view.canvas.read_out.index == 1


def test_the_wheel_zooms_about_the_cursor_and_fit_shows_all_again(view: TimelineView):
    view.show_case(samples.insomnia(), core())
    before = view.scale.day(700)
    turn_wheel(view, 700, 3)
    assert not view.scale.fitted
    assert view.scale.day(700) == pytest.approx(before)
    view.fit()
    assert view.scale.fitted


def test_zoom_in_and_out_are_each_others_inverse(view: TimelineView):
    view.show_case(samples.insomnia(), core())
    span = view.scale.span
    view.zoom_in()
    assert view.scale.span < span
    view.zoom_out()
    assert view.scale.span == pytest.approx(span)


def test_the_overview_handle_is_the_part_in_view(view: TimelineView):
    view.show_case(samples.insomnia(), core())
    whole = view.overview.handle().width()
    view.zoom_in()
    assert view.overview.handle().width() < whole
    bar = view.overview
    start = bar.handle().center().toPoint()
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(bar, start + QPoint(4000, 0))
    assert view.scale.high == pytest.approx(view.scale.last)


def test_lanes_keep_order_and_place_when_patients_change(view: TimelineView):
    view.show_case(samples.insomnia(), core(), samples.forecast(), 84.0)
    before = view.canvas.lane_rects()
    assert list(before) == ["scores", "labs", "pulse", "tongue", "syndrome", "remedies", "events", "notes"]
    for case in (samples.single_visit(), samples.ordered_only(), samples.case_book(10)):
        view.show_case(case, core())
        assert view.canvas.lane_rects() == before


def test_a_lane_nobody_needed_yet_takes_little_room(view: TimelineView):
    view.show_case(samples.laboratory(), core())
    heights = {key: rect.height() for key, rect in view.canvas.lane_rects().items()}
    assert heights["labs"] > 200
    assert heights["pulse"] < 40


def test_everything_fits_the_usual_window_without_scrolling(view: TimelineView):
    view.show_case(samples.insomnia(), core(), samples.forecast(), 84.0)
    assert view.canvas.verticalScrollBar().maximum() == 0


def test_lanes_give_a_little_in_a_low_window_and_only_then_scroll(view: TimelineView):
    view.show_case(samples.insomnia(), core(), samples.forecast(), 84.0)
    view.resize(1280, 750)
    view.grab()
    assert view.canvas.verticalScrollBar().maximum() == 0
    view.resize(1280, 500)
    view.grab()
    assert view.canvas.verticalScrollBar().maximum() > 0
    assert view.canvas.lane_rects()["scores"].height() == 140


@pytest.mark.parametrize("make", [samples.single_visit, samples.ordered_only, samples.laboratory, samples.case_book])
def test_every_kind_of_case_is_drawn(view: TimelineView, make):
    view.show_case(make(), core())
    view.canvas.point_at(view.scale.day(400))
    assert not view.grab().isNull()


def test_an_ordered_case_shows_visit_numbers_and_no_date(view: TimelineView):
    case = samples.ordered_only()
    view.show_case(case, core())
    out = view.readout_at(7.0)
    assert out is not None
    assert "月" not in out.title
    assert "2" in out.title


def test_a_theme_change_repaints_in_the_new_colours(view: TimelineView, qapp: QApplication):
    view.show_case(samples.insomnia(), core())
    light = view.canvas.viewport().grab().toImage().pixelColor(8, 700)
    theme.apply(qapp, "dark")
    dark = view.canvas.viewport().grab().toImage().pixelColor(8, 700)
    assert light.lightness() > 200
    assert dark.lightness() < 60


def test_a_click_on_a_name_in_the_legend_gives_that_series_the_bands(view: TimelineView):
    view.show_case(samples.insomnia(), core(), samples.forecast(), 84.0)
    lane = view.canvas.lanes[0]
    view.grab()
    assert not lane.press(QPointF(view.scale.left + 30, 53))  # the first has them already
    pressed = [x for x in range(round(view.scale.left), 900, 10) if lane.press(QPointF(x, 53))]
    assert len(pressed) == 2


def test_a_cleared_view_says_what_to_do_next(view: TimelineView):
    view.show_case(samples.insomnia(), core())
    view.clear()
    assert view.sheet is None
    assert view.readout_at(0.0) is None
    assert not view.grab().isNull()


def test_a_case_without_visits_is_no_error(view: TimelineView):
    view.show_case(replace(samples.single_visit(), visits=()), core())
    assert view.readout_at(0.0) is None
    assert not view.grab().isNull()


def test_words_follow_the_language(view: TimelineView, qapp: QApplication):
    view.show_case(samples.insomnia(), core())
    with i18n.speaking("en"):
        QApplication.sendEvent(view, QEvent(QEvent.Type.LanguageChange))
        assert view.sheet is not None
        assert view.sheet.scores[0].label == "Insomnia"


def test_markup_in_a_note_stays_text(view: TimelineView):
    case = samples.single_visit()
    visit = replace(case.visits[0], text="<img src=file:///etc/hostname><b>x</b>")
    view.show_case(replace(case, visits=(visit,)), core())
    out = view.readout_at(0.0)
    assert out is not None
    assert out.rows[-1].value == "<img src=file:///etc/hostname><b>x</b>"
