"""Commands on how the window looks and which language it speaks; both are remembered."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.ui import theme, translation
from app.ui.action_table import ActionTable
from app.ui.settings import Settings


class Appearance(QObject):
    """kept: something of the settings has changed."""

    kept = Signal()

    def __init__(self, parent: QObject, settings: Settings) -> None:
        super().__init__(parent)
        self._settings = settings
        self._table: ActionTable | None = None

    def show_on(self, table: ActionTable) -> None:
        """Mark in the menus what is chosen, from now on."""
        self._table = table
        theme.notifier.changed.connect(self._mark)
        self._mark()

    def light(self) -> None:
        self._dress("light")

    def dark(self) -> None:
        self._dress("dark")

    def toggle(self) -> None:
        self._dress("light" if theme.current().dark else "dark")

    def chinese(self) -> None:
        self._speak("zh")

    def english(self) -> None:
        self._speak("en")

    def _dress(self, scheme: str) -> None:
        self._settings.scheme = scheme
        theme.apply(_application(), scheme)
        self.kept.emit()

    def _speak(self, language: str) -> None:
        self._settings.language = language
        translation.install(_application(), language)
        self._mark()
        self.kept.emit()

    def _mark(self, *_: object) -> None:
        if self._table is not None:
            self._table[f"theme_{theme.current().name}"].setChecked(True)
            self._table[f"language_{self._settings.language}"].setChecked(True)


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
