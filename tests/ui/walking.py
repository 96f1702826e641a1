"""Every dialogue that a command opens, and every control a person can get to: for tests that go through them all."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintPreviewDialog
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app.ui.commands import COMMANDS
from app.ui.pages.similar_section import SimilarRow
from app.ui.window import MainWindow

# commands that open a dialogue; what asks for a file first shows the toolkit's own, which is not ours to mend
ASKING = [command.id for command in COMMANDS if command.text.endswith("…")] + ["shortcuts", "about"]
INNER = ("qt_", "_q_")  # parts of a widget of the toolkit, which speaks for them


def dialogs() -> list[QDialog]:
    return [
        w
        for w in QApplication.topLevelWidgets()
        if isinstance(w, QDialog) and not isinstance(w, QFileDialog | QPrintPreviewDialog) and w.isVisible()
    ]


def wait_for_rest(window: MainWindow, qtbot: QtBot) -> None:
    """Until all that comes by itself for the patient on screen is there: it would move what is being looked at."""
    qtbot.waitUntil(lambda: any(row.code for row in window.findChildren(SimilarRow)))
    qtbot.waitUntil(lambda: not window.forecaster.waiting and not window.session.errands.busy)
    for _ in range(3):  # rows, then their layout, then what that moves
        QApplication.processEvents()


def open_dialog(window: MainWindow, qtbot: QtBot, command: str) -> QDialog | None:
    """The dialogue of a command, with what it reads; None where it opens none now."""
    action = window.actions_table[command]
    if not action.isEnabled() or not action.isVisible():
        return None
    action.trigger()
    qtbot.waitUntil(lambda: not window.session.errands.busy)
    QApplication.processEvents()
    found = dialogs()
    return found[0] if found else None


def each_dialog(window: MainWindow, qtbot: QtBot) -> Iterator[tuple[str, QDialog]]:
    """Every dialogue that opens now with its command, one after the other in one window; each is closed after its turn.

    Raises AssertionError where none opened: then nothing was looked at.
    """
    opened = 0
    for command in ASKING:
        dialog = open_dialog(window, qtbot, command)
        if dialog is not None:
            opened += 1
            yield command, dialog
        window.dialogs.end()
    assert opened


def controls(top: QWidget) -> Iterator[QWidget]:
    """What the Tab key, or a click, can give the focus to, as far as it is in sight."""
    for widget in top.findChildren(QWidget):
        if widget.window() is not top or not widget.isVisibleTo(top) or not widget.isEnabled():
            continue
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or widget.objectName().startswith(INNER):
            continue
        if widget.focusProxy() is not None:
            continue
        parent = widget.parentWidget()
        if isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget:
            continue
        yield widget


def called(widget: QWidget) -> str:
    return (
        f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()} in {type(widget.window()).__name__}"
    )
