"""Files dropped on the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.window import MainWindow
from tests.ui import people

NO_BUTTON, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(window: MainWindow, *paths: Path) -> bool:
    """Whether the window takes them; then they are let go."""
    data = mime(*paths)
    enter = QDragEnterEvent(QPoint(40, 40), Qt.DropAction.CopyAction, data, NO_BUTTON, NO_KEY)
    enter.ignore()
    window.dropping.eventFilter(window, enter)
    if enter.isAccepted():
        let_go = QDropEvent(QPointF(40, 40), Qt.DropAction.CopyAction, data, NO_BUTTON, NO_KEY)
        window.dropping.eventFilter(window, let_go)
    QApplication.processEvents()
    return enter.isAccepted()


def test_a_dropped_case_file_is_shown_before_it_is_imported(
    window: MainWindow, workshop: people.Workshop, tmp_path: Path
) -> None:
    (tmp_path / "cases.csv").write_text("patient,date\n", encoding="utf-8")
    assert drop(window, tmp_path / "cases.csv")
    assert window.chores.dialog("import") is not None
    assert str(tmp_path / "cases.csv") in str(workshop.job.kwargs)


def test_a_dropped_clinic_file_is_opened(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    other = people.fill(tmp_path / "other.db")
    assert drop(window, other)
    qtbot.waitUntil(lambda: window.session.path == other)


def test_the_locked_window_takes_nothing(window: MainWindow, tmp_path: Path) -> None:
    window.session.lock()
    assert not drop(window, tmp_path / "cases.csv")


def test_who_may_not_write_brings_nothing_in(window: MainWindow, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(window.session, "may", lambda permission: False)
    assert not drop(window, tmp_path / "cases.csv")
