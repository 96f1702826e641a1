"""Every command once: menus, shortcuts, the help page and the tests all read this table.

``slot`` names a method of the window; texts are English sources of the Linguist context "actions".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from app.ui.translation import QT_TRANSLATE_NOOP, translate

CONTEXT = "actions"


@dataclass(frozen=True, slots=True)
class Command:
    """id is stable (tests and settings use it); group: commands of one group exclude each other and are checkable."""

    id: str
    text: str
    menu: str
    slot: str
    tip: str
    shortcut: str = ""
    group: str = ""
    separator: bool = False  # a line above it in its menu


MENUS: dict[str, str] = {
    "file": QT_TRANSLATE_NOOP("actions", "&File"),
    "patient": QT_TRANSLATE_NOOP("actions", "&Patient"),
    "model": QT_TRANSLATE_NOOP("actions", "&Model"),
    "view": QT_TRANSLATE_NOOP("actions", "&View"),
    "help": QT_TRANSLATE_NOOP("actions", "&Help"),
}

COMMANDS: tuple[Command, ...] = (
    Command(
        "open_clinic",
        QT_TRANSLATE_NOOP("actions", "Open clinic file…"),
        "file",
        "open_clinic",
        QT_TRANSLATE_NOOP("actions", "Open another clinic file, or make a new one"),
        "Ctrl+O",
    ),
    Command(
        "open_demo",
        QT_TRANSLATE_NOOP("actions", "Make a demo clinic…"),
        "file",
        "open_demo",
        QT_TRANSLATE_NOOP("actions", "Make a clinic file of simulated patients to try things on"),
    ),
    Command(
        "import_file",
        QT_TRANSLATE_NOOP("actions", "Import case file…"),
        "file",
        "import_file",
        QT_TRANSLATE_NOOP("actions", "Read cases from CSV, Excel or JSON lines into this clinic"),
        "Ctrl+I",
        separator=True,
    ),
    Command(
        "report",
        QT_TRANSLATE_NOOP("actions", "Report as PDF or HTML…"),
        "file",
        "save_report",
        QT_TRANSLATE_NOOP("actions", "Write a report of this patient: pictures, and the figures behind the forecast"),
        "Ctrl+P",
    ),
    Command(
        "quit",
        QT_TRANSLATE_NOOP("actions", "Quit"),
        "file",
        "close",
        QT_TRANSLATE_NOOP("actions", "Close the window; everything acknowledged is already saved"),
        "Ctrl+Q",
        separator=True,
    ),
    Command(
        "search",
        QT_TRANSLATE_NOOP("actions", "Search patients"),
        "patient",
        "focus_search",
        QT_TRANSLATE_NOOP("actions", "Search by name, pinyin, initials or number"),
        "Ctrl+F",
    ),
    Command(
        "patient_next",
        QT_TRANSLATE_NOOP("actions", "Next patient"),
        "patient",
        "next_patient",
        QT_TRANSLATE_NOOP("actions", "Go to the patient below in the list"),
        "Ctrl+Down",
    ),
    Command(
        "patient_previous",
        QT_TRANSLATE_NOOP("actions", "Previous patient"),
        "patient",
        "previous_patient",
        QT_TRANSLATE_NOOP("actions", "Go to the patient above in the list"),
        "Ctrl+Up",
    ),
    Command(
        "copy_picture",
        QT_TRANSLATE_NOOP("actions", "Copy picture"),
        "patient",
        "copy_picture",
        QT_TRANSLATE_NOOP("actions", "Copy the page's picture to the clipboard"),
        "Ctrl+Shift+C",
        separator=True,
    ),
    Command(
        "save_picture",
        QT_TRANSLATE_NOOP("actions", "Save picture…"),
        "patient",
        "save_picture",
        QT_TRANSLATE_NOOP("actions", "Save the page's picture as a PNG file"),
        "Ctrl+Shift+S",
    ),
    Command(
        "train",
        QT_TRANSLATE_NOOP("actions", "Train a model…"),
        "model",
        "show_training",
        QT_TRANSLATE_NOOP("actions", "Train a liquid network on the cases of this clinic"),
        "Ctrl+T",
    ),
    Command(
        "forecast",
        QT_TRANSLATE_NOOP("actions", "Forecast again"),
        "model",
        "refresh_forecast",
        QT_TRANSLATE_NOOP("actions", "Compute the forecast of this patient anew"),
        "F5",
    ),
    Command(
        "page_timeline",
        QT_TRANSLATE_NOOP("actions", "Timeline"),
        "view",
        "show_timeline",
        QT_TRANSLATE_NOOP("actions", "Symptoms, pulse, tongue and formulas along time"),
        "Ctrl+1",
        group="page",
    ),
    Command(
        "page_trajectory",
        QT_TRANSLATE_NOOP("actions", "State trajectory"),
        "view",
        "show_trajectory",
        QT_TRANSLATE_NOOP("actions", "States and time constants of the network's neurons along time"),
        "Ctrl+2",
        group="page",
    ),
    Command(
        "page_forecast",
        QT_TRANSLATE_NOOP("actions", "Forecast"),
        "view",
        "show_forecast",
        QT_TRANSLATE_NOOP("actions", "Where each variable may go, with its interval"),
        "Ctrl+3",
        group="page",
    ),
    Command(
        "page_training",
        QT_TRANSLATE_NOOP("actions", "Training"),
        "view",
        "show_models",
        QT_TRANSLATE_NOOP("actions", "Models of this clinic and how well they forecast"),
        "Ctrl+4",
        group="page",
    ),
    Command(
        "zoom_in",
        QT_TRANSLATE_NOOP("actions", "Zoom in"),
        "view",
        "zoom_in",
        QT_TRANSLATE_NOOP("actions", "Show a shorter time in more detail"),
        "Ctrl+=",
        separator=True,
    ),
    Command(
        "zoom_out",
        QT_TRANSLATE_NOOP("actions", "Zoom out"),
        "view",
        "zoom_out",
        QT_TRANSLATE_NOOP("actions", "Show a longer time"),
        "Ctrl+-",
    ),
    Command(
        "zoom_fit",
        QT_TRANSLATE_NOOP("actions", "Fit whole course"),
        "view",
        "zoom_fit",
        QT_TRANSLATE_NOOP("actions", "Show the whole course and the forecast"),
        "Ctrl+0",
    ),
    Command(
        "theme_light",
        QT_TRANSLATE_NOOP("actions", "Light"),
        "view",
        "theme_light",
        QT_TRANSLATE_NOOP("actions", "Ink on paper"),
        group="theme",
        separator=True,
    ),
    Command(
        "theme_dark",
        QT_TRANSLATE_NOOP("actions", "Dark"),
        "view",
        "theme_dark",
        QT_TRANSLATE_NOOP("actions", "For dim rooms"),
        group="theme",
    ),
    Command(
        "theme_toggle",
        QT_TRANSLATE_NOOP("actions", "Switch light and dark"),
        "view",
        "theme_toggle",
        QT_TRANSLATE_NOOP("actions", "Change between light and dark"),
        "Ctrl+D",
    ),
    Command(
        "language_zh",
        QT_TRANSLATE_NOOP("actions", "中文"),
        "view",
        "language_zh",
        QT_TRANSLATE_NOOP("actions", "Show everything in Chinese"),
        group="language",
        separator=True,
    ),
    Command(
        "language_en",
        QT_TRANSLATE_NOOP("actions", "English"),
        "view",
        "language_en",
        QT_TRANSLATE_NOOP("actions", "Show everything in English"),
        group="language",
    ),
    Command(
        "shortcuts",
        QT_TRANSLATE_NOOP("actions", "Keyboard shortcuts"),
        "help",
        "show_shortcuts",
        QT_TRANSLATE_NOOP("actions", "All commands and their keys"),
        "F1",
    ),
    Command(
        "about",
        QT_TRANSLATE_NOOP("actions", "About Mailiu"),
        "help",
        "show_about",
        QT_TRANSLATE_NOOP("actions", "Versions and licences"),
    ),
)


class ActionTable(QObject):
    """The QActions of a window, made from the table and wired to the methods of ``target``.

    Raises AttributeError where the target lacks a method that the table names.
    """

    def __init__(self, target: QObject) -> None:
        super().__init__(target)
        self._actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        groups: dict[str, QActionGroup] = {}
        for command in COMMANDS:
            action = QAction(target)
            action.setObjectName(command.id)
            if command.shortcut:
                action.setShortcut(QKeySequence(command.shortcut))
            if command.group:
                action.setCheckable(True)
                groups.setdefault(command.group, QActionGroup(self)).addAction(action)
            action.triggered.connect(getattr(target, command.slot))
            self._actions[command.id] = action
        self.retranslate()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def fill(self, bar: QMenuBar) -> None:
        """Put every command into its menu, in the order of the table."""
        for key in MENUS:
            menu = bar.addMenu(plain(translate(CONTEXT, MENUS[key])))
            menu.setToolTipsVisible(False)
            self.menus[key] = menu
            for command in COMMANDS:
                if command.menu != key:
                    continue
                if command.separator:
                    menu.addSeparator()
                menu.addAction(self._actions[command.id])
        self.retranslate()

    def retranslate(self) -> None:
        for command in COMMANDS:
            action = self._actions[command.id]
            action.setText(translate(CONTEXT, command.text))
            action.setStatusTip(translate(CONTEXT, command.tip))
        for key, menu in self.menus.items():
            menu.setTitle(translate(CONTEXT, MENUS[key]))


def plain(text: str) -> str:
    """A menu text without its mnemonic: "File" of "&File", "文件" of "文件(&F)"."""
    return re.sub(r"\(&\w\)|&", "", text)
