"""The QActions of one window, made from the table of commands: menus, shortcuts, and who may give them when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from app.store.roles import Permission
from app.ui.commands import COMMANDS, CONTEXT, MENUS, SUBMENUS, plain
from app.ui.translation import translate


class ActionTable(QObject):
    """The QActions of a window, made from the table and wired to the methods of ``target``.

    Raises AttributeError where the target lacks a method that the table names.
    """

    def __init__(self, target: QObject) -> None:
        super().__init__(target)
        self._actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        self.submenus: dict[str, QMenu] = {}
        groups: dict[str, QActionGroup] = {}
        for command in COMMANDS:
            action = QAction(target)
            action.setObjectName(command.id)
            if command.group:
                action.setCheckable(True)
                groups.setdefault(command.group, QActionGroup(self)).addAction(action)
            action.triggered.connect(attrgetter(command.slot)(target))
            self._actions[command.id] = action
        self.retranslate()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def shortcut(self, name: str) -> str:
        """Its keys in portable text, "" for none."""
        return self._actions[name].shortcut().toString(QKeySequence.SequenceFormat.PortableText)

    def set_shortcuts(self, keys: Mapping[str, str]) -> None:
        """keys: portable text by id, of every command; "" for none. ``app.ui.keys.in_force`` gives them."""
        for name, action in self._actions.items():
            action.setShortcut(QKeySequence.fromString(keys[name], QKeySequence.SequenceFormat.PortableText))

    def fill(self, bar: QMenuBar) -> None:
        """Put every command into its menu or submenu, in the order of the table."""
        for key in MENUS:
            menu = bar.addMenu(plain(translate(CONTEXT, MENUS[key])))
            menu.setToolTipsVisible(False)
            self.menus[key] = menu
            for command in COMMANDS:
                if command.menu != key:
                    continue
                if command.separator:
                    menu.addSeparator()
                place = self._submenu(menu, command.sub) if command.sub else menu
                place.addAction(self._actions[command.id])
        self.retranslate()

    def _submenu(self, menu: QMenu, key: str) -> QMenu:
        if key not in self.submenus:
            self.submenus[key] = menu.addMenu(translate(CONTEXT, SUBMENUS[key]))
        return self.submenus[key]

    def allow(self, may: Callable[[Permission], bool], *, clinic: bool, patient: bool) -> None:
        """Show what the person may do, enable what can be done. clinic, patient: one is open, one is on screen."""
        there = {"": True, "clinic": clinic, "patient": patient}
        for command in COMMANDS:
            action = self._actions[command.id]
            action.setVisible(not clinic or may(command.needs))
            action.setEnabled(there[command.at] and (not clinic or may(command.needs)))
        for menu in (*self.submenus.values(), *self.menus.values()):
            menu.menuAction().setVisible(any(a.isVisible() for a in menu.actions() if not a.isSeparator()))

    def name_again(self, name: str) -> None:
        """The text of the table, after another one was set."""
        (command,) = (command for command in COMMANDS if command.id == name)
        self._actions[name].setText(translate(CONTEXT, command.text))

    def retranslate(self) -> None:
        for command in COMMANDS:
            action = self._actions[command.id]
            action.setText(translate(CONTEXT, command.text))
            action.setStatusTip(translate(CONTEXT, command.tip))
        for key, menu in self.menus.items():
            menu.setTitle(translate(CONTEXT, MENUS[key]))
        for key, menu in self.submenus.items():
            menu.setTitle(translate(CONTEXT, SUBMENUS[key]))
