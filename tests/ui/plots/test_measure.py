"""Two visits held against each other, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.vocabulary import core
from app.ui.plots.axis import TimeAxis
from app.ui.plots.measure import measure
from app.ui.plots.reading import read
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


def told(first: int, second: int) -> dict[str, str]:
    case = samples.insomnia()
    out = measure(read(case, core()), TimeAxis(case.visits), first, second)
    return {row.label: row.value for row in out.rows}


def test_days_scores_total_effect_and_herbs_are_told():
    case = samples.insomnia()
    out = measure(read(case, core()), TimeAxis(case.visits), 1, 7)
    assert out.title == "第 2 诊 → 第 8 诊 · 45 天"
    assert out.subtitle == "3月8日 → 4月22日"
    rows = told(1, 7)
    assert rows["失眠"] == "6 → 2 (−4)"
    assert rows["胁痛"] == "3 → 1 (−2)"
    assert rows["总分"] == "13 → 5 (−8)"
    assert rows["疗效指数"] == "62% 有效"
    assert rows["加药"] == "百合 12, 合欢皮 10"
    assert "黄连 3" in rows["减药"]
    assert told(1, 4)["剂量调整"] == "酸枣仁 15 → 20"


def test_a_score_missing_at_one_of_the_two_does_not_count_as_an_improvement():
    case = samples.with_absence()  # palpitation was not scored at the sixth visit
    out = measure(read(case, core()), TimeAxis(case.visits), 0, 5)
    rows = {row.label: row.value for row in out.rows}
    assert "心悸" not in rows
    assert rows["总分"] == "8 → 6 (−2)"
    assert rows["疗效指数"] == "25% 无效"


def test_the_order_in_which_the_two_are_named_does_not_matter():
    assert told(7, 1) == told(1, 7)


def test_an_unchanged_formula_is_told_as_such():
    assert told(0, 1)["方药"] == "未变"


def test_a_value_of_only_one_of_the_two_is_left_out():
    case = samples.laboratory()
    out = measure(read(case, core()), TimeAxis(case.visits), 3, 4)
    labels = {row.label for row in out.rows}
    assert "ast" not in labels
    assert "bili" in labels


def test_where_only_the_order_is_known_no_days_are_told():
    case = samples.ordered_only()
    out = measure(read(case, core()), TimeAxis(case.visits), 0, 2)
    assert out.title == "第 1 诊 → 第 3 诊"
    assert out.subtitle == ""


def test_signs_that_came_and_went_are_told():
    case = samples.case_book(6)
    sheet = read(case, core())
    out = measure(sheet, TimeAxis(case.visits), 0, 5)
    assert {row.value for row in out.rows if row.label in {x.label for x in sheet.signs}} <= {
        "仍有",
        "消失",
        "新出现",
        "仍无",
    }


def test_a_drag_with_shift_measures_between_the_nearest_visits(view: TimelineView):
    port = view.canvas.viewport()
    start, end = QPoint(round(view.scale.x(6.6)), 300), QPoint(round(view.scale.x(50.0)), 300)
    low = view.scale.low
    QTest.mousePress(port, Qt.MouseButton.LeftButton, Mod.ShiftModifier, start)
    QTest.mouseMove(port, end)
    assert view.canvas.measured == (2, 7)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, Mod.ShiftModifier, end)
    assert view.canvas.read_out is not None
    assert "42 天" in view.canvas.read_out.title
    assert view.scale.low == low
    QTest.mouseMove(port, end + QPoint(90, 0))
    assert view.canvas.measured == (2, 7)  # until it is ended


def test_a_click_with_shift_measures_nothing(view: TimelineView):
    place = QPoint(round(view.scale.x(35.0)), 300)
    QTest.mouseClick(view.canvas.viewport(), Qt.MouseButton.LeftButton, Mod.ShiftModifier, place)
    assert view.canvas.measured is None


def test_m_measures_from_the_crosshair_arrows_move_the_end_and_escape_ends_it(view: TimelineView):
    canvas = view.canvas
    canvas.point_at(35.0)
    QTest.keyClick(canvas, Key.Key_M)
    assert canvas.measured == (6, 5)
    QTest.keyClick(canvas, Key.Key_Left)
    assert canvas.measured == (6, 4)
    QTest.keyClick(canvas, Key.Key_End)
    assert canvas.measured == (6, 10)
    assert "→" in canvas.accessibleDescription()
    QTest.keyClick(canvas, Key.Key_Escape)
    assert canvas.measured is None
    assert canvas.read_out is None


def test_a_single_visit_has_nothing_to_be_measured_against(view: TimelineView):
    view.show_case(samples.single_visit(), core())
    view.canvas.start_measure()
    assert view.canvas.measured is None


def test_another_course_ends_the_measure(view: TimelineView):
    view.canvas.measure(0, 3)
    case = samples.insomnia()
    view.show_case(replace(case, patient=replace(case.patient, code="other")), core())
    assert view.canvas.measured is None
