"""What a new visit took over from the one before says so, until somebody looks at it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.editor.editor import VisitEditor
from app.ui.editor.section_title import SectionTitle
from app.ui.window import MainWindow
from tests.ui.editing import clinic_of, open_editor
from tests.ui.keyboard import write


@pytest.fixture
def editor(window: MainWindow, qtbot: QtBot) -> VisitEditor:
    return open_editor(window, qtbot)


def marks(editor: VisitEditor) -> dict[str, str]:
    """By the title of the section, those that have one."""
    titles = editor.body.findChildren(SectionTitle)
    return {one.title.text(): one.mark.text() for one in titles if one.mark.text()}


def said(widget: QWidget) -> str:
    return widget.accessibleDescription()


def test_a_copied_section_bears_a_mark_that_goes_when_it_is_touched(editor: VisitEditor) -> None:
    assert marks(editor) == {
        "Pulse": "copied", "Tongue": "copied", "Disease and syndrome": "copied", "Formula": "copied"
    }  # fmt: skip
    editor.pulse.enter()
    write(editor.pulse.line, "弦滑")
    assert "Pulse" not in marks(editor)
    next(tile for tile in editor.tongue.tiles() if tile.concept.code == "ton.coat_white").click()
    assert "Tongue" not in marks(editor)
    editor.syndrome.setFocus()
    editor.syndrome.selectAll()
    write(editor.syndrome, "心肾不交")
    assert marks(editor)["Disease and syndrome"] == "disease copied"
    editor.formula.enter()
    write(editor.formula.line, " 加百合12")
    assert marks(editor) == {"Disease and syndrome": "disease copied"}
    assert editor.form().copied == ("disease",)


def test_a_screen_reader_hears_of_every_field_that_it_is_copied(editor: VisitEditor) -> None:
    red = next(tile for tile in editor.tongue.tiles() if tile.isChecked())
    pale = next(tile for tile in editor.tongue.tiles() if not tile.isChecked())
    fields = (editor.pulse.line, editor.pulse.map, red, editor.disease, editor.syndrome, editor.formula.line)
    assert [said(field) for field in fields] == ["copied"] * 6
    assert said(pale) == ""
    row = editor.scores.rows[0]
    assert row.accessibleName() == "Insomnia 1 copied"
    QTest.keyClick(row, Qt.Key.Key_2)
    assert row.accessibleName() == "Insomnia 2"
    editor.pulse.enter()
    write(editor.pulse.line, "弦")
    assert (said(editor.pulse.line), said(editor.pulse.map), said(red)) == ("", "", "copied")


def test_the_marks_are_kept_in_the_draft_and_speak_the_language(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    editor.pulse.enter()
    write(editor.pulse.line, "弦滑")
    qtbot.waitUntil(lambda: clinic_of(window).visit_drafts.get("P0001") is not None)
    window.visits.close()
    window.visits.new_visit()
    assert set(marks(editor)) == {"Tongue", "Disease and syndrome", "Formula"}
    window.appearance.chinese()
    qtbot.waitUntil(lambda: set(marks(editor).values()) == {"承前"})
    window.appearance.english()


def test_a_correction_has_no_marks_nor_has_a_first_visit(window: MainWindow, editor: VisitEditor) -> None:
    window.visits.close()
    window.visits.correct_visit(3)
    assert marks(editor) == {}
    window.visits.close()
    assert marks(editor) == {}


def test_what_goes_on_beside_the_formula_leaves_its_mark(editor: VisitEditor) -> None:
    editor.formula.further.click()
    editor.note.setFocus()
    write(editor.note, "ok")
    assert editor.touched
    assert marks(editor)["Formula"] == "copied"
