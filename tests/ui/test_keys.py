"""Keys of commands: none ambiguous, every command reachable, a person's own kept and put in force at the start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui import keys, settings, translation
from app.ui.commands import COMMANDS, CONTEXT, MENUS
from app.ui.dialogs import key_text
from app.ui.keys import Refusal, Trouble
from app.ui.pages.shortcuts_dialog import ShortcutsDialog
from app.ui.palette import entries
from app.ui.settings import Settings
from app.ui.translation import translate
from app.ui.window import MainWindow
from tests.ui import people


@pytest.fixture
def dialog(window: MainWindow) -> ShortcutsDialog:
    window.everywhere.guide.show_shortcuts()
    found = window.dialogs["shortcuts"]
    assert isinstance(found, ShortcutsDialog)
    return found


def press(dialog: ShortcutsDialog, text: str) -> None:
    dialog.keys.setKeySequence(QKeySequence(text))


# -- the table


def test_no_default_keys_are_ambiguous() -> None:
    given = {name: keys.normal(text) for name, text in keys.DEFAULTS.items()}
    for name, text in given.items():
        assert bool(text) == bool(keys.DEFAULTS[name]), name
        if text:
            assert keys.trouble(text, name, given) is None, name
    assert keys.in_force({}) == given


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_menus_share_a_mnemonic_and_no_keys_open_one(qapp: QApplication, language: str) -> None:
    translation.install(qapp, language)
    menus = [keys.mnemonic(translate(CONTEXT, title)) for title in MENUS.values()]
    assert all(menus)
    assert len(set(menus)) == len(menus)
    assert not set(menus) & set(keys.in_force({}).values())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_items_of_a_menu_share_a_mnemonic(qapp: QApplication, language: str) -> None:
    translation.install(qapp, language)
    for menu in MENUS:
        letters = [
            found[1].upper()
            for command in COMMANDS
            if command.menu == menu and (found := re.search(r"&(\w)", translate(CONTEXT, command.text)))
        ]
        assert len(set(letters)) == len(letters), menu


def unreached(window: MainWindow, command: str) -> list[str]:
    """What is wanting of: a menu that Alt and a letter open, the palette by its name, its keys where it has some."""
    action = window.actions_table[command]
    table = window.actions_table
    place = next(m for m in (*table.menus.values(), *table.submenus.values()) if action in m.actions())
    menu = next(m for m in table.menus.values() if m is place or place.menuAction() in m.actions())
    offered = entries.commands(table)
    reached = {
        "a letter of its menu": bool(keys.mnemonic(menu.title())),
        "its menu": menu.menuAction() in window.menuBar().actions(),
        "the palette": not (action.isEnabled() and action.isVisible())
        or command in [one.entry.key for one in entries.ranked(action.text(), offered)],
        "its keys": table.shortcut(command) == keys.normal(keys.DEFAULTS[command]),
        "everywhere in the window": action.shortcutContext() is Qt.ShortcutContext.WindowShortcut,
    }
    return [f"{command}: {way}" for way, there in reached.items() if not there]


def test_every_command_is_reached_by_keyboard(window: MainWindow) -> None:
    assert [way for command in COMMANDS for way in unreached(window, command.id)] == []


def test_a_command_that_is_not_reached_by_keyboard_is_found_out(window: MainWindow) -> None:
    window.actions_table["report"].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    window.menuBar().removeAction(window.actions_table.menus["view"].menuAction())
    assert unreached(window, "report") == ["report: everywhere in the window"]
    assert unreached(window, "page_timeline") == ["page_timeline: its menu"]


# -- what is refused


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("K", Trouble(Refusal.TYPED)),
        ("Shift+7", Trouble(Refusal.TYPED)),
        ("Tab", Trouble(Refusal.RESERVED)),
        ("Esc", Trouble(Refusal.RESERVED)),
        ("Shift+Down", Trouble(Refusal.RESERVED)),
        ("Ctrl+C", Trouble(Refusal.RESERVED)),
        ("Alt+F", Trouble(Refusal.MENU)),
        ("Ctrl+T", Trouble(Refusal.TAKEN, "train")),
        ("Ctrl+R, Ctrl+T", Trouble(Refusal.BEGINS, "other")),
        ("F9", None),
        ("Ctrl+Alt+9", None),
    ],
)
def test_keys_that_cannot_be_given_are_told_why(text: str, expected: Trouble | None) -> None:
    assert keys.trouble(text, "report", {"train": "Ctrl+T", "other": "Ctrl+R"}, {"Alt+F"}) == expected


def test_a_command_may_keep_its_own_keys() -> None:
    assert keys.trouble("Ctrl+T", "train", {"train": "Ctrl+T"}) is None


def test_what_names_no_key_counts_as_none() -> None:
    assert keys.normal("nothing of the kind") == ""
    assert keys.normal("ctrl+shift+k") == "Ctrl+Shift+K"


def test_a_persons_own_keys_go_before_the_tables_and_are_never_ambiguous() -> None:
    force = keys.in_force({"report": "Ctrl+T", "about": "Ctrl+T", "lock": "", "gone": "F8", "audit": "rubbish+"})
    assert force["report"] == "Ctrl+T"
    assert force["about"] == force["lock"] == force["train"] == force["audit"] == ""
    assert "gone" not in force
    used = [text for text in force.values() if text]
    assert len(used) == len(set(used))


# -- the dialogue


def test_the_dialogue_lists_every_command_with_its_keys(dialog: ShortcutsDialog) -> None:
    rows = [tuple(dialog.list.text_at(row, c) for c in range(3)) for row in range(dialog.list.rowCount())]
    assert len(rows) == len(COMMANDS)
    for command in COMMANDS:
        assert any(row[0] == command.text and row[2] == key_text(command.shortcut) for row in rows)


@pytest.mark.parametrize("query", ["Switch light", "切换", "qhsq", "Ctrl+D"])
def test_commands_are_searched_by_words_pinyin_or_keys(dialog: ShortcutsDialog, query: str) -> None:
    dialog.field.setText(query)
    assert "Switch light and dark" in [dialog.list.text_at(row, 0) for row in range(dialog.list.rowCount())]
    assert dialog.list.rowCount() < len(COMMANDS)


def test_new_keys_work_at_once_are_kept_and_are_in_force_at_the_next_start(
    window: MainWindow, dialog: ShortcutsDialog, qtbot: QtBot, workshop: people.Workshop
) -> None:
    dialog.choose("theme_toggle")
    press(dialog, "F9")
    QTest.mouseClick(dialog.give, Qt.MouseButton.LeftButton)
    assert window.actions_table.shortcut("theme_toggle") == "F9"
    assert dialog.list.text_at(dialog.list.currentRow(), 3) == "you"
    dialog.close()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert window.settings.scheme == "dark"
    qtbot.waitUntil(lambda: settings.load().shortcuts == {"theme_toggle": "F9"})  # without the window being closed
    later = MainWindow(settings.load(), start=workshop.start, make_service=people.FakeService)
    assert later.actions_table.shortcut("theme_toggle") == "F9"
    later.close()


def test_keys_of_another_command_are_refused_where_they_were_typed(window: MainWindow, dialog: ShortcutsDialog) -> None:
    dialog.choose("theme_toggle")
    press(dialog, "Ctrl+T")
    assert "Train a model" in dialog.trouble.text()
    assert not dialog.give.isEnabled()
    assert window.actions_table.shortcut("theme_toggle") == "Ctrl+D"
    press(dialog, "F9")
    assert dialog.trouble.text() == ""
    assert dialog.give.isEnabled()


def test_keys_are_cleared_and_set_back(window: MainWindow, dialog: ShortcutsDialog) -> None:
    dialog.choose("theme_toggle")
    QTest.mouseClick(dialog.clear, Qt.MouseButton.LeftButton)
    assert window.actions_table.shortcut("theme_toggle") == ""
    assert window.settings.shortcuts == {"theme_toggle": ""}
    dialog.choose("report")
    press(dialog, "Ctrl+D")
    QTest.mouseClick(dialog.give, Qt.MouseButton.LeftButton)
    dialog.choose("theme_toggle")
    QTest.mouseClick(dialog.reset, Qt.MouseButton.LeftButton)
    assert "Report" in dialog.trouble.text()  # which has them meanwhile
    assert window.actions_table.shortcut("theme_toggle") == ""
    QTest.mouseClick(dialog.reset_all, Qt.MouseButton.LeftButton)
    assert window.actions_table.shortcut("theme_toggle") == "Ctrl+D"
    assert window.actions_table.shortcut("report") == "Ctrl+P"
    assert window.settings.shortcuts == {}


def test_shortcuts_of_the_wrong_type_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"shortcuts": {"train": 7}, "recent_commands": "train", "language": "en"}')
    assert settings.load(path) == Settings(language="en")
