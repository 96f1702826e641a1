"""The window is on screen before the first clinic is open, and stays alive while it opens."""

from __future__ import annotations

from pathlib import Path

import shiboken6
from pytestqt.qtbot import QtBot

from app.ui.entry import Face
from app.ui.main import first_place
from app.ui.settings import Settings
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import settle


def test_the_window_says_what_it_opens_and_then_shows_it(
    qtbot: QtBot, bare_window: MainWindow, clinic_file: Path
) -> None:
    window = bare_window
    with qtbot.waitSignal(window.entry.over):
        window.entry.start(str(clinic_file))
        assert "clinic.db" in window.entry.welcome.empty.title.text()
        assert not any(button.isVisible() for button in window.entry.welcome.empty.buttons)
    assert window.front.currentIndex() == Face.WORK
    assert window.session.path == clinic_file
    assert window.patients.model.rowCount() == len(people.NAMES)
    assert window.settings.last_file == str(clinic_file)


def test_a_file_that_cannot_be_opened_is_told_of_and_the_window_offers_what_else_to_do(
    qtbot: QtBot, bare_window: MainWindow, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.db"
    bad.write_text("no clinic")
    with qtbot.waitSignal(bare_window.entry.over):
        bare_window.entry.start(str(bad))
    assert bare_window.notices.notice is not None
    assert bare_window.front.currentIndex() == Face.WELCOME
    assert all(button.isVisible() for button in bare_window.entry.welcome.empty.buttons)


def test_a_window_closed_while_its_file_is_opened_ends_quietly(bare_window: MainWindow, clinic_file: Path) -> None:
    bare_window.entry.start(str(clinic_file))
    bare_window.close()
    settle()
    assert not shiboken6.isValid(bare_window)


def test_without_a_clinic_the_window_offers_a_new_one_another_one_and_the_demo(
    bare_window: MainWindow, workshop: people.Workshop
) -> None:
    bare_window.entry.start("")
    new, other, demo = bare_window.entry.welcome.empty.buttons
    new.click()
    assert "new" in bare_window.dialogs
    other.click()
    assert "open" in bare_window.dialogs
    demo.click()
    assert workshop.job.target == "app.jobs.demo:prepare"
    assert not bare_window.actions_table["import_file"].isEnabled()


def test_a_named_file_that_is_not_there_is_offered_to_be_made_not_made(bare_window: MainWindow, tmp_path: Path) -> None:
    bare_window.entry.start(str(tmp_path / "new.db"))
    dialog = bare_window.dialogs["new"]
    assert dialog is not None
    assert dialog.path.text() == str(tmp_path / "new.db")  # type: ignore[attr-defined]
    assert not (tmp_path / "new.db").exists()


def test_the_clinic_of_the_last_time_comes_first_then_the_own_one(tmp_path: Path) -> None:
    assert first_place(Settings()) == ""
    last = people.fill(tmp_path / "last.db")
    assert first_place(Settings(last_file=str(last))) == str(last)
    assert first_place(Settings(last_file="postgresql://dr@host/clinic")) == "postgresql://dr@host/clinic"
    assert first_place(Settings(last_file=str(tmp_path / "gone.db"))) == ""
