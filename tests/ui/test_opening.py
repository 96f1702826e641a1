"""The window is on screen before the first clinic file is open."""

from __future__ import annotations

from pathlib import Path

import shiboken6
from pytestqt.qtbot import QtBot

from app.ui.opening import Opening
from app.ui.settings import Settings
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import settle


def made(workshop: people.Workshop) -> MainWindow:
    return MainWindow(Settings(language="en", scheme="light"), start=workshop.start, make_service=people.FakeService)


def test_the_window_says_what_it_opens_and_then_shows_it(
    qtbot: QtBot, workshop: people.Workshop, clinic_file: Path
) -> None:
    window = made(workshop)
    window.show()
    opening = Opening(window, clinic_file)
    opening.start()
    assert "clinic.db" in window.timeline.empty.title.text()
    assert not any(button.isVisible() for button in window.timeline.empty.buttons)
    with qtbot.waitSignal(opening.done):
        pass
    assert window.session.path == clinic_file
    assert window.patients.model.rowCount() == len(people.NAMES)
    window.close()
    opening.wait()
    settle()


def test_a_file_that_cannot_be_opened_is_told_of_and_the_window_offers_what_else_to_do(
    qtbot: QtBot, workshop: people.Workshop, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.db"
    bad.write_text("no clinic")
    window = made(workshop)
    window.show()
    opening = Opening(window, bad)
    opening.start()
    with qtbot.waitSignal(opening.done):
        pass
    assert window.notices.notice is not None
    assert all(button.isVisible() for button in window.timeline.empty.buttons)
    window.close()
    opening.wait()
    settle()


def test_a_window_closed_while_its_file_is_opened_ends_quietly(workshop: people.Workshop, clinic_file: Path) -> None:
    window = made(workshop)
    window.show()
    opening = Opening(window, clinic_file)
    opening.start()
    window.close()
    opening.wait()
    settle()
    assert not shiboken6.isValid(window)
