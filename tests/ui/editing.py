"""What tests of the visit editor share: it opened on an invented patient, hands to type with, what is in the record."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.store.clinic import Clinic
from app.ui.editor.editor import VisitEditor
from app.ui.window import MainWindow
from tests.ui import keyboard

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Keyboard:
    """Real key events to whatever has the focus, counted apart: what is a value, and what only leads there."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.leading = 0

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.leading += 1
        QTest.keyClick(self._focus(), key, modifier)

    def value(self, text: str) -> None:
        for letter in text:
            keyboard.write(self._focus(), letter)

    def _focus(self):
        return self.window.focusWidget() or self.window


def open_editor(window: MainWindow, qtbot: QtBot) -> VisitEditor:
    """Open on a new visit of a patient whose doses want no second signature."""
    clinic = clinic_of(window)
    record = clinic.patients.open("P0001")
    last = record.case.visits[-1]
    script = last.prescriptions[0]
    usual = dataclasses.replace(script, items=tuple(dataclasses.replace(i, grams=3.0) for i in script.items))
    corrected = dataclasses.replace(last, prescriptions=(usual,))
    clinic.visits.change_visit("P0001", last.number, corrected, version=record.visits[last.number])
    window.choose("P0001")
    window.activateWindow()
    window.visits.new_visit()
    qtbot.waitUntil(lambda: window.visits.editor.scores.rows[0].hasFocus())
    return window.visits.editor


def clinic_of(window: MainWindow) -> Clinic:
    assert window.session.clinic is not None
    return window.session.clinic


def saved(window: MainWindow, qtbot: QtBot, number: int = 8):
    qtbot.waitUntil(lambda: window.visits.editor.card.waits or not window.visits.editor.entering)
    qtbot.waitUntil(lambda: window.session.case is not None and window.session.case.visits[-1].number == number)
    return clinic_of(window).queries.case("P0001").visits[-1]


def answer_all(editor: VisitEditor) -> None:
    for line in editor.formula.fields()[1:]:
        line.setText("as before")  # pyright: ignore[reportAttributeAccessIssue]


def drop(editor: VisitEditor, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    editor.photos.dropEvent(event)
