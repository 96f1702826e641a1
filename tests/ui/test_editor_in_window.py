"""The visit editor and the window around it: room where there is little, and the keyboard always in sight."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.editor.editor import VisitEditor
from app.ui.list_place import CROWDED
from app.ui.window import MainWindow

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def editor(window: MainWindow, qtbot: QtBot) -> VisitEditor:
    window.choose("P0001")
    window.activateWindow()
    window.visits.new_visit()
    qtbot.waitUntil(lambda: window.visits.editor.scores.rows[0].hasFocus())
    return window.visits.editor


def in_sight(editor: VisitEditor, widget: QWidget) -> bool:
    view = editor.scroller.viewport()
    return view.rect().contains(QRect(widget.mapTo(view, QPoint(0, 0)), widget.size()))


def test_a_window_of_1280_keeps_its_size_and_the_list_gives_its_place(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    qtbot.wait(20)
    assert window.width() == 1280
    assert window.patients.isHidden()
    window.show_compare()  # the widest page
    qtbot.wait(20)
    assert window.width() == 1280
    window.visits.close()
    assert window.patients.isVisible()


def test_a_wide_window_shows_the_list_beside_the_editor(window: MainWindow, editor: VisitEditor) -> None:
    window.resize(CROWDED, 800)
    assert window.patients.isVisible()
    window.resize(CROWDED - 1, 800)
    assert window.patients.isHidden()


def test_a_search_puts_the_editor_away_where_it_has_the_place_of_the_list(
    window: MainWindow, editor: VisitEditor
) -> None:
    QTest.keyClick(window, Qt.Key.Key_F, CTRL)
    assert editor.isHidden()
    assert window.patients.field.hasFocus()


def test_the_section_the_keyboard_goes_to_is_in_sight(editor: VisitEditor, qtbot: QtBot) -> None:
    for _ in range(7):
        QTest.keyClick(editor, Qt.Key.Key_F6)
        focus = QApplication.focusWidget()
        assert focus is not None and in_sight(editor, focus)
    assert editor.note.hasFocus()
    QTest.keyClick(editor, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert editor.formula.line.hasFocus()
    QTest.keyClicks(editor.formula.line, " ")
    qtbot.waitUntil(lambda: in_sight(editor, editor.formula.table))  # the herbs, too


def test_enter_gives_the_button_it_has_led_to(window: MainWindow, editor: VisitEditor, qtbot: QtBot) -> None:
    editor.cancel.setFocus()
    QTest.keyClick(editor.cancel, Qt.Key.Key_Return)
    assert editor.isHidden()


def test_what_became_of_the_draft_is_said_in_the_language(
    window: MainWindow, editor: VisitEditor, qtbot: QtBot
) -> None:
    editor.scores.rows[0].choose(4.0)
    qtbot.waitUntil(lambda: editor.state.text() == "Kept as a draft")
    window.appearance.chinese()
    qtbot.waitUntil(lambda: editor.state.text() == "已存草稿")
