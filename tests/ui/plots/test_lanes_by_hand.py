"""Lanes chosen, moved, hidden and pinned by mouse and keys; wheel, touchpad and pinch."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGestureEvent, QPinchGesture
from pytestqt.qtbot import QtBot

from app.domain.vocabulary import core
from app.ui.plots.layout import LaneLayout
from app.ui.plots.timeline import TimelineView
from tests.ui.plots import samples

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def view(qtbot: QtBot) -> TimelineView:
    view = TimelineView()
    qtbot.addWidget(view)
    view.resize(1280, 800)
    view.show_case(samples.insomnia(), core())
    view.grab()
    return view


def order(view: TimelineView) -> list[str]:
    return [key for key, rect in view.canvas.lane_rects().items() if rect.height()]


def wheel(
    view: TimelineView,
    x: float,
    *,
    pixels: QPoint = QPoint(),
    angle: QPoint = QPoint(),
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    place = QPointF(x, 300)
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.ScrollUpdate
    event = QWheelEvent(place, place, pixels, angle, none, held, phase, False)
    QApplication.sendEvent(view.canvas.viewport(), event)


def test_keys_choose_a_lane_and_move_it(view: TimelineView, qtbot: QtBot):
    canvas = view.canvas
    QTest.keyClick(canvas, Key.Key_Down)
    assert canvas.chosen == "scores"
    QTest.keyClick(canvas, Key.Key_Down)
    assert canvas.chosen == "pulse"
    with qtbot.waitSignal(canvas.arranged) as heard:
        QTest.keyClick(canvas, Key.Key_Up, Mod.AltModifier)
    assert order(view)[:2] == ["pulse", "scores"]
    assert canvas.chosen == "pulse"
    assert heard.args == [canvas.layout_of_lanes]
    QTest.keyClick(canvas, Key.Key_Down, Mod.AltModifier)
    assert order(view)[:2] == ["scores", "pulse"]


def test_a_lane_at_the_end_stays_there(view: TimelineView):
    before = order(view)
    view.canvas.choose("notes")
    QTest.keyClick(view.canvas, Key.Key_Down, Mod.AltModifier)
    assert order(view) == before


def test_a_label_is_dragged_to_another_place(view: TimelineView):
    rects = view.canvas.lane_rects()
    start, end = (QPoint(40, round(rects[key].center().y())) for key in ("notes", "tongue"))
    port = view.canvas.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(port, start - QPoint(0, 20))
    QTest.mouseMove(port, end)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=end)
    assert order(view) == ["scores", "pulse", "notes", "tongue", "syndrome", "remedies"]


def test_a_click_on_a_label_chooses_and_moves_nothing(view: TimelineView):
    before = order(view)
    middle = view.canvas.lane_rects()["tongue"].center().toPoint()
    QTest.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, middle.y()))
    assert view.canvas.chosen == "tongue"
    assert order(view) == before


def test_h_hides_the_chosen_lane_and_the_next_one_is_chosen(view: TimelineView):
    view.canvas.choose("tongue")
    QTest.keyClick(view.canvas, Key.Key_H)
    assert "tongue" not in order(view)
    assert view.canvas.chosen == "syndrome"


def test_a_pinned_lane_stays_while_the_others_scroll_below_it(view: TimelineView):
    view.resize(1280, 480)
    view.grab()
    canvas = view.canvas
    canvas.choose("tongue")
    QTest.keyClick(canvas, Key.Key_P)
    assert order(view)[0] == "tongue"
    top = canvas.lane_rects()["tongue"].top()
    canvas.verticalScrollBar().setValue(canvas.verticalScrollBar().maximum())
    rects = canvas.lane_rects()
    assert canvas.verticalScrollBar().maximum() > 0
    assert rects["tongue"].top() == top
    assert rects["scores"].top() < top
    assert canvas.lane_at(rects["tongue"].center().y()) == "tongue"
    QTest.keyClick(canvas, Key.Key_P)
    assert "tongue" not in canvas.layout_of_lanes.pinned


def test_more_pinned_than_the_window_holds_scrolls_all_the_same(view: TimelineView):
    view.resize(1280, 480)
    view.grab()
    everything = frozenset(view.canvas.stack.keys)
    view.canvas.set_layout(LaneLayout(pinned=everything))
    view.canvas.verticalScrollBar().setValue(100)
    assert view.canvas.lane_rects()["scores"].top() < 40


def test_a_chosen_lane_out_of_sight_is_scrolled_to(view: TimelineView):
    view.resize(1280, 420)
    view.grab()
    view.canvas.choose("notes")
    assert view.canvas.lane_rects()["notes"].bottom() <= view.canvas.viewport().height() + 1
    view.canvas.choose("scores")
    assert view.canvas.lane_rects()["scores"].top() >= 40


def test_escape_lets_the_lane_go(view: TimelineView):
    view.canvas.choose("pulse")
    QTest.keyClick(view.canvas, Key.Key_Escape)
    assert view.canvas.chosen == ""


def test_a_hidden_lane_is_not_drawn_and_takes_no_room(view: TimelineView):
    before = view.canvas.lane_rects()["tongue"].top()
    view.canvas.set_layout(LaneLayout().with_hidden("pulse", True))
    assert "pulse" not in view.canvas.lane_rects()
    assert view.canvas.lane_rects()["tongue"].top() != before


def test_keys_shift_and_zoom_and_go_to_the_ends(view: TimelineView):
    canvas = view.canvas
    span = view.scale.span
    QTest.keyClick(canvas, Key.Key_Plus)
    assert view.scale.span < span
    low = view.scale.low
    QTest.keyClick(canvas, Key.Key_Right, Mod.ControlModifier)
    assert view.scale.low > low
    QTest.keyClick(canvas, Key.Key_Left, Mod.ControlModifier)
    assert view.scale.low == pytest.approx(low)
    QTest.keyClick(canvas, Key.Key_Minus)
    assert view.scale.span == pytest.approx(span)
    for key, index in ((Key.Key_End, 10), (Key.Key_Home, 0)):
        QTest.keyClick(canvas, key)
        assert canvas.read_out is not None and canvas.read_out.index == index


def test_two_fingers_shift_in_time_and_scroll_the_lanes(view: TimelineView):
    view.resize(1280, 500)
    view.grab()
    view.zoom_in()
    low, span = view.scale.low, view.scale.span
    wheel(view, 700, pixels=QPoint(-60, -40))
    assert view.scale.low > low
    assert view.scale.span == pytest.approx(span)
    assert view.canvas.verticalScrollBar().value() == 40


def test_control_with_the_wheel_zooms_about_the_cursor(view: TimelineView):
    before = view.scale.day(700)
    wheel(view, 700, pixels=QPoint(0, 10), angle=QPoint(0, 120), held=Mod.ControlModifier)
    assert not view.scale.fitted
    assert view.scale.day(700) == pytest.approx(before)


def test_a_pinch_on_the_touchpad_zooms_about_the_cursor(view: TimelineView):
    before, span = view.scale.day(700), view.scale.span
    place = QPointF(700, 300)
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2, place, place, place, 0.2,
        QPointF(),
    )  # fmt: skip
    assert pinch.type() == QEvent.Type.NativeGesture
    QApplication.sendEvent(view.canvas.viewport(), pinch)
    assert view.scale.span == pytest.approx(span / 1.2)
    assert view.scale.day(700) == pytest.approx(before)


def test_a_pinch_on_the_screen_zooms_unless_a_touchpad_tells_of_it_itself(view: TimelineView):
    span = view.scale.span
    pinch = QPinchGesture()
    pinch.setScaleFactor(1.5)
    pinch.setHotSpot(QPointF(view.canvas.viewport().mapToGlobal(QPoint(700, 300))))
    QApplication.sendEvent(view.canvas.viewport(), QGestureEvent([pinch]))
    assert view.scale.span == pytest.approx(span / 1.5)
    view.canvas._touchpad = True
    QApplication.sendEvent(view.canvas.viewport(), QGestureEvent([pinch]))
    assert view.scale.span == pytest.approx(span / 1.5)


def test_the_menu_is_asked_for_with_the_day_and_the_lane_under_the_mouse(view: TimelineView, qtbot: QtBot):
    from PySide6.QtGui import QContextMenuEvent

    rect = view.canvas.lane_rects()["tongue"]
    place = QPoint(round(view.scale.x(35.0)), round(rect.center().y()))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, place)
    with qtbot.waitSignal(view.canvas.menu_wanted) as heard:
        QApplication.sendEvent(view.canvas.viewport(), event)
    assert heard.args is not None
    assert heard.args[1] == pytest.approx(35.0, abs=0.2)
    assert heard.args[2] == "tongue"
