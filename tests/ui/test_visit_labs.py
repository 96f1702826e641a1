"""Measured values are entered by keyboard beside what they were before, and are never carried over."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.records import Observation, ValueKind
from app.ui.editor.editor import VisitEditor
from app.ui.window import MainWindow
from tests.ui.editing import CTRL, Keyboard, clinic_of, open_editor, saved
from tests.ui.keyboard import write

Key = Qt.Key
BILI = Observation("lab.bili", ValueKind.NUMBER, 3.25, "mg/dl", code="14631-6", raw="3.250 H")
ALT = Observation("x.ALT", ValueKind.NUMBER, 41.0, "U/L", raw="41")


@pytest.fixture
def editor(window: MainWindow, qtbot: QtBot) -> VisitEditor:
    """Open on a new visit of a patient who was measured at visit 3."""
    clinic = clinic_of(window)
    record = clinic.patients.open("P0001")
    visit = record.case.visits[2]
    more = dataclasses.replace(visit, observations=(*visit.observations, BILI, ALT))
    clinic.visits.change_visit("P0001", 3, more, version=record.visits[3])
    return open_editor(window, qtbot)


def numbers(visit) -> list[tuple[str, float | None, str]]:
    return [(one.concept, one.number, one.unit) for one in visit.observations if one.kind is ValueKind.NUMBER]


def test_rows_stand_empty_beside_the_last_value(editor: VisitEditor) -> None:
    assert [(row.name.text(), row.line.text(), row.before.text(), row.unit.text()) for row in editor.labs.rows] == [
        ("bili", "", "last 3.25", "mg/dl"),
        ("ALT", "", "last 41", "U/L"),
    ]
    assert editor.labs.rows[1].line.accessibleName() == "ALT U/L"
    assert editor.labs.rows[1].line.accessibleDescription() == "last 41; empty: not measured"


def test_values_are_entered_by_keyboard_alone(window: MainWindow, editor: VisitEditor, qtbot: QtBot) -> None:
    keys = Keyboard(window)
    editor.pulse.enter()
    keys.press(Key.Key_Return)
    assert editor.labs.rows[0].line.hasFocus()
    keys.value("2.9")
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Up)
    keys.press(Key.Key_Down)
    assert editor.labs.rows[1].line.hasFocus()
    keys.value("38")
    keys.press(Key.Key_Return)
    assert editor.labs.line.hasFocus()
    keys.value("Hb g/L")
    keys.press(Key.Key_Return)
    keys.value("128")
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Return)
    assert editor.formula.line.hasFocus()
    keys.press(Key.Key_S, CTRL)
    visit = saved(window, qtbot)
    assert numbers(visit) == [("lab.bili", 2.9, "mg/dl"), ("x.ALT", 38.0, "U/L"), ("x.Hb", 128.0, "g/L")]


def test_enter_leaves_an_empty_row_for_the_formula_and_nothing_is_recorded(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    keys = Keyboard(window)
    editor.pulse.enter()
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Return)
    assert editor.formula.line.hasFocus()
    editor.scores.rows[0].choose(4.0)
    keys.press(Key.Key_S, CTRL)
    assert numbers(saved(window, qtbot)) == []


def test_enter_passes_the_section_of_a_patient_nobody_measured_and_f6_does_not(
    window: MainWindow, editor: VisitEditor
) -> None:
    window.choose("P0003")
    window.visits.new_visit()
    assert editor.labs.rows == []
    editor.pulse.enter()
    QTest.keyClick(editor.pulse.line, Key.Key_Return)
    assert editor.formula.line.hasFocus()
    editor.tongue.enter()
    QTest.keyClick(editor, Key.Key_F6)
    assert editor.labs.line.hasFocus()


def test_what_is_no_number_is_told_where_it_stands_and_keeps_the_visit_from_being_saved(
    window: MainWindow, editor: VisitEditor
) -> None:
    row = editor.labs.rows[1]
    row.line.setFocus()
    write(row.line, "<5")
    assert "<5 is a bound" in row.remark.text()
    QTest.keyClick(editor, Key.Key_S, CTRL)
    assert "<5 is a bound" in editor.fault.text()
    assert row.line.hasFocus()
    assert len(clinic_of(window).queries.case("P0001").visits) == 7


def test_a_value_far_from_the_last_one_is_asked_about_and_can_be_saved(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    row = editor.labs.rows[1]
    row.line.setFocus()
    write(row.line, "410")
    assert "Far from the last value" in row.remark.text()
    assert "Far from the last value" in row.line.accessibleDescription()
    QTest.keyClick(editor, Key.Key_S, CTRL)
    assert numbers(saved(window, qtbot)) == [("x.ALT", 410.0, "U/L")]


def test_a_correction_shows_its_values_and_leaves_the_others_to_the_letter(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    window.visits.close()
    window.visits.correct_visit(3)
    assert [row.line.text() for row in editor.labs.rows] == ["3.25", "41"]
    line = editor.labs.rows[1].line
    line.setFocus()
    line.selectAll()
    write(line, "44")
    for field in editor.formula.fields()[1:]:
        field.setText("as before")  # pyright: ignore[reportAttributeAccessIssue]
    QTest.keyClick(editor, Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: not editor.entering)
    rows = clinic_of(window).queries.case("P0001").visits[2].observations
    assert BILI in rows
    assert [one.number for one in rows if one.concept == "x.ALT"] == [44.0]


def test_a_draft_keeps_a_value_and_the_row_that_was_added(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    write(editor.labs.line, "谷氨酰转肽酶 U/L")
    QTest.keyClick(editor.labs.line, Key.Key_Return)
    write(editor.labs.rows[2].line, "12.")
    window.visits.close()
    qtbot.waitUntil(lambda: clinic_of(window).visit_drafts.get("P0001") is not None)
    window.visits.new_visit()
    assert [(row.name.text(), row.line.text()) for row in editor.labs.rows] == [
        ("bili", ""), ("ALT", ""), ("谷氨酰转肽酶", "12."),
    ]  # fmt: skip


def test_a_measure_named_again_is_the_row_it_has(editor: VisitEditor) -> None:
    write(editor.labs.line, "ALT")
    QTest.keyClick(editor.labs.line, Key.Key_Return)
    assert len(editor.labs.rows) == 2
    assert editor.labs.rows[1].line.hasFocus()
