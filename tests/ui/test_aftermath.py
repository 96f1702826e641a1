"""What was told can be read again; what is copied for whoever mends a fault names no patient."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.errors import KnownError
from app.domain.scrubbing import Scrubber
from app.store.clinic import Credentials
from app.ui.debugging import LINES, LogTail, told, versions
from app.ui.notifications import Level
from app.ui.pages.notice_list import NoticeList
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow, settle


def copied() -> str:
    return QApplication.clipboard().text()


@pytest.fixture(autouse=True)
def empty_clipboard(qapp: QApplication) -> None:
    QApplication.clipboard().clear()


def test_an_error_offers_its_details_and_an_information_does_not(window: MainWindow) -> None:
    window.notices.info("saved")
    assert not window.notices._details.isVisible()
    window.notices.error("torn")
    assert window.notices._details.isVisible()
    window.notices.show_details()
    assert window.everywhere.aftermath.details is not None
    assert window.everywhere.aftermath.details.isVisible()


def test_copied_debug_information_has_versions_error_and_log_and_no_patient(window: MainWindow, qtbot: QtBot) -> None:
    logging.getLogger("app.store").warning("row of 陈素云 (P0001), 电话 13812345678, could not be read")
    try:
        raise RuntimeError("欧阳静 has a wire loose")
    except RuntimeError as error:
        window.notices.tell(error)
    window.notices.show_details()
    dialog = window.everywhere.aftermath.details
    assert dialog is not None
    QTest.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: copied() != "")
    text = copied()
    for expected in (versions(), "has a wire loose", "Traceback", "test_aftermath.py", "could not be read"):
        assert expected in text
    for name in ("陈素云", "P0001", "13812345678", "欧阳静"):
        assert name not in text
    assert dialog.text.toPlainText() == text  # the person sees what is sent
    assert dialog.note.isVisible()


def test_the_command_copies_the_last_error(window: MainWindow, qtbot: QtBot) -> None:
    window.notices.error("the first")
    window.notices.error("the second", "because")
    window.notices.info("and all is well")
    window.actions_table["debug_information"].trigger()
    qtbot.waitUntil(lambda: copied() != "")
    assert "the second\nbecause" in copied()
    assert "the first" not in copied()
    assert window.notices.notice is not None
    assert "clipboard" in window.notices.notice.text


def test_the_log_keeps_its_last_lines_only() -> None:
    tail = LogTail()
    for number in range(LINES + 20):
        tail.handle(logging.makeLogRecord({"msg": f"line {number}", "levelno": logging.INFO, "levelname": "INFO"}))
    assert len(tail.lines()) == LINES
    assert tail.lines()[-1].endswith(f"line {LINES + 19}")


def test_the_home_folder_is_not_told() -> None:
    text = told(f"cannot write {Path.home() / 'clinic.db'}", [], Scrubber())
    assert str(Path.home()) not in text.split("-- Last error")[1]
    assert "~/clinic.db" in text or "~\\clinic.db" in text


def test_every_notice_is_in_the_list_newest_first_and_new_ones_come_in(window: MainWindow) -> None:
    window.notices.info("one")
    window.notices.tell(KnownError("The disk is full."))
    window.notices.working("half way", 1, 2)  # which is none
    window.actions_table["notices"].trigger()
    dialog = window.dialogs["notices"]
    assert isinstance(dialog, NoticeList)
    assert [dialog.table.text_at(row, 2) for row in range(2)] == ["The disk is full.", "one"]
    assert dialog.table.text_at(0, 1) == "Error"
    window.notices.warn("three")
    assert dialog.table.text_at(0, 2) == "three"
    dialog.table.setCurrentCell(1, 0)
    QTest.mouseClick(dialog.details, Qt.MouseButton.LeftButton)
    details = window.everywhere.aftermath.details
    assert details is not None
    assert "The disk is full." in details.text.toPlainText()


def test_the_lock_forgets_what_was_told(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window(people.fill_encrypted(tmp_path / "sealed.db"), Credentials(passphrase=people.PASSPHRASE))
    window.notices.error("陈素云 was not saved")
    logging.getLogger("app.store").warning("陈素云")
    window.notices.show_details()
    window.actions_table["notices"].trigger()
    window.entry.lock()
    assert window.everywhere.aftermath.notices == []
    assert window.everywhere.aftermath.tail.lines() == []
    listed = window.dialogs["notices"]
    assert isinstance(listed, NoticeList)
    assert listed.table.rowCount() == 0
    assert not listed.isVisible()
    settle()
    assert window.everywhere.aftermath.details is not None
    assert not shiboken6.isValid(window.everywhere.aftermath.details)


def test_levels_have_words_in_both_languages(window: MainWindow, qtbot: QtBot) -> None:
    window.notices.warn("mind the step")
    window.appearance.chinese()
    assert window.everywhere.aftermath.notices[-1].level is Level.WARN
    qtbot.waitUntil(lambda: window.notices._mark.accessibleName() == "请注意")
