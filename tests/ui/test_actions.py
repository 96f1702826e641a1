"""The one table of commands: complete, unique, reachable from the menu, told in the help."""

from __future__ import annotations

from operator import attrgetter

import pytest
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from pytestqt.qtbot import QtBot

from app.ui.commands import COMMANDS, MENUS, SUBMENUS
from app.ui.window import MainWindow
from tests.ui import walking

NEEDS_A_PERSON = {"quit", "redo", "passphrase"}  # or something to do again, or users


def menu_actions(window: MainWindow) -> list[QAction]:
    return [
        a
        for menu in (*window.actions_table.menus.values(), *window.actions_table.submenus.values())
        for a in menu.actions()
        if not a.isSeparator() and a.menu() is None
    ]


def test_every_command_has_words_a_menu_and_a_method(window: MainWindow) -> None:
    for command in COMMANDS:
        assert command.text
        assert command.tip
        assert command.menu in MENUS
        assert not command.sub or command.sub in SUBMENUS
        assert callable(attrgetter(command.slot)(window))


def test_ids_and_shortcuts_are_unique() -> None:
    assert len({c.id for c in COMMANDS}) == len(COMMANDS)
    keys = [QKeySequence(c.shortcut).toString() for c in COMMANDS if c.shortcut]
    assert all(keys)
    assert len(set(keys)) == len(keys)


def test_every_command_stands_in_the_menu_once(window: MainWindow) -> None:
    names = [action.objectName() for action in menu_actions(window)]
    assert sorted(names) == sorted(c.id for c in COMMANDS)


def trigger(window: MainWindow, qtbot: QtBot, command: str) -> None:
    action = next(a for a in menu_actions(window) if a.objectName() == command)
    assert action.isEnabled(), command
    with qtbot.captureExceptions() as errors:
        action.trigger()
        qtbot.wait(20)
    assert errors == [], command
    window.dialogs.end()


@pytest.mark.parametrize(
    "command", [c.id for c in COMMANDS if c.id not in NEEDS_A_PERSON and c.id not in walking.ASKING]
)
def test_every_command_works_from_the_menu(window: MainWindow, qtbot: QtBot, command: str) -> None:
    trigger(window, qtbot, command)


def test_every_command_that_asks_something_works_from_the_menu(window: MainWindow, qtbot: QtBot) -> None:
    """One after the other in one window: each leaves the next as it was."""
    for command in walking.ASKING:
        if command not in NEEDS_A_PERSON:
            trigger(window, qtbot, command)


def test_quitting_closes_the_window(window: MainWindow) -> None:
    window.actions_table["quit"].trigger()
    assert not window.isVisible()


def test_pages_are_reached_by_their_keys_and_marked_in_the_rail(window: MainWindow, qtbot: QtBot) -> None:
    for index, page in enumerate(("page_timeline", "page_trajectory", "page_forecast", "page_training")):
        window.actions_table[page].trigger()
        assert window.pages.currentIndex() == index
        assert window.rail.buttons[page].isChecked()
    assert not window.patients.isVisible()
    window.actions_table["search"].trigger()
    assert window.patients.isVisible()


def test_copying_puts_the_page_on_the_clipboard(window: MainWindow) -> None:
    QGuiApplication.clipboard().clear()
    window.actions_table["copy_picture"].trigger()
    picture = QGuiApplication.clipboard().pixmap()
    assert picture.width() > 300


@pytest.mark.parametrize("language", ["chinese", "english"])
def test_every_menu_has_room_in_a_small_window(window: MainWindow, language: str) -> None:
    getattr(window.appearance, language)()
    tallest = max(menu.sizeHint().height() for menu in window.actions_table.menus.values())
    assert tallest < 800 * 0.75
