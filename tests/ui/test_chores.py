"""Work that the window starts and that takes long: it says how far it is and can be stopped."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.jobs.events import Cancelled, Failed, Finished, Progress
from app.ui.pages.import_dialog import ImportDialog
from app.ui.pages.import_result import ImportResult
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.test_dialogs import REPORT, order


def test_making_the_demo_shows_how_far_it_is_and_stops_when_asked(
    window: MainWindow, workshop: people.Workshop, qtbot: QtBot
) -> None:
    window.chores.make_demo()
    notices = window.notices
    assert notices.bar.isVisible()
    assert notices.stop.isVisible()
    job = workshop.job
    job.say(Progress(3, 12, "Saving patients"))
    qtbot.waitUntil(lambda: notices.bar.value() == 3)
    assert notices.bar.maximum() == 12
    QTest.mouseClick(notices.stop, Qt.MouseButton.LeftButton)
    assert job.cancelled
    assert not notices.stop.isEnabled()
    job.say(Progress(4, 12, "Saving patients"), Cancelled())
    qtbot.waitUntil(lambda: "goes on" in notices._text.text())
    assert not notices.bar.isVisible()
    window.chores.make_demo()
    assert workshop.job is not job
    assert notices.stop.isEnabled()


def test_a_demo_that_failed_says_so_and_leaves_no_bar_behind(
    window: MainWindow, workshop: people.Workshop, qtbot: QtBot
) -> None:
    window.chores.make_demo()
    workshop.job.say(Failed("The disk is full.", is_known=True))
    qtbot.waitUntil(lambda: "disk is full" in window.notices._text.text())
    assert not window.notices.bar.isVisible()
    assert not window.notices.stop.isVisible()


def test_a_file_dialogue_starts_where_the_last_file_was(window: MainWindow, tmp_path: Path) -> None:
    window.chores.folder = str(tmp_path)
    window.chores.ask_for_import()
    dialog = window.chores.dialog("file")
    assert isinstance(dialog, QFileDialog)
    assert Path(dialog.directory().absolutePath()) == tmp_path


def test_a_picture_that_cannot_be_written_is_told_and_the_file_before_stays(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"before")
    window.chores.ask_for_picture(QPixmap())  # an empty one: Qt writes none
    window.chores.write_picture(str(path))
    assert "Cannot write" in window.notices._text.text()
    assert path.read_bytes() == b"before"


def test_enter_imports_wherever_the_focus_is(workshop: people.Workshop, qtbot: QtBot) -> None:
    dialog = ImportDialog(order, ["wujutong.jsonl"], workshop.start)
    qtbot.addWidget(dialog)
    dialog.show()
    case = {"who": "赵姑", "about": "痘证", "visits": 3, "text": "体坚痘少"}
    shown = {"kind": "cases", "format": "cases", "encoding": "utf-8", "guessed": False, "headers": [], "rows": []}
    shown |= {"sheet": "", "sheets": [], "mapping": {"kind": "cases"}, "notes": ["x"], "cases": [case]}
    workshop.job.say(Finished(shown))
    qtbot.waitUntil(lambda: dialog.go.isEnabled())
    assert not dialog.stop.autoDefault()
    assert dialog.go.isDefault()
    table = dialog.preview.table
    texts = [table.item(0, column) for column in range(4)]
    assert [item.text() if item else "" for item in texts] == ["赵姑", "痘证", "3", "体坚痘少"]
    dialog.end()


def test_a_place_in_a_case_book_is_named_as_a_physician_would(qtbot: QtBot) -> None:
    result = ImportResult()
    qtbot.addWidget(result)
    kept = {"file": "w.jsonl", "row": 79, "column": "visits[0].herbs[6].name", "value": "新纱", "reason": "unknown"}
    result.show_report(REPORT | {"rows_refused": 0, "refused": [kept]})
    item = result.table.item(0, 2)
    assert item is not None
    assert item.text() == "visit 1 · herb 7"
    assert "kept as written" in result._refused_title.text()
