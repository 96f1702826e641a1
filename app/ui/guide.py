"""Commands that explain the window itself: keys and how to change them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow

from app.ui import keys
from app.ui.action_table import ActionTable
from app.ui.dialog_shelf import DialogShelf
from app.ui.settings import Settings


class Guide(QObject):
    """kept: something of the settings has changed."""

    kept = Signal()

    def __init__(self, window: QMainWindow, dialogs: DialogShelf, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._dialogs, self._settings = window, dialogs, settings
        self._table: ActionTable | None = None

    def follow(self, table: ActionTable) -> None:
        """The person's own keys hold from now on."""
        self._table = table
        table.set_shortcuts(keys.in_force(self._settings.shortcuts))

    def show_shortcuts(self) -> None:
        from app.ui.pages.shortcuts_dialog import ShortcutsDialog

        if self._table is not None and not self._dialogs.front("shortcuts"):
            dialog = ShortcutsDialog(self._table, self._settings.shortcuts, self._window)
            dialog.changed.connect(self._keep_keys)
            self._dialogs.keep("shortcuts", dialog)

    def _keep_keys(self, own: dict[str, str]) -> None:
        self._settings.shortcuts = own
        self.kept.emit()
