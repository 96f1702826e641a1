"""Commands on how the window looks and which language it speaks; both are remembered."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.ui import theme, translation
from app.ui.action_table import ActionTable
from app.ui.settings import TEXT_SIZES, Settings


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

    def contrast_light(self) -> None:
        self._dress("contrast_light")

    def contrast_dark(self) -> None:
        self._dress("contrast_dark")

    def follow_system(self) -> None:
        self._dress("system")

    def larger(self) -> None:
        self._write(1)

    def smaller(self) -> None:
        self._write(-1)

    def normal(self) -> None:
        self._write(0)

    def light(self) -> None:
        self._dress("light")

    def dark(self) -> None:
        self._dress("dark")

    def toggle(self) -> None:
        """High contrast stays high contrast."""
        now = theme.current()
        self._dress(("contrast_" if now.strong else "") + ("light" if now.dark else "dark"))

    def chinese(self) -> None:
        self._speak("zh")

    def english(self) -> None:
        self._speak("en")

    def _dress(self, scheme: str) -> None:
        self._settings.scheme = scheme
        theme.apply(_application(), scheme, self._settings.percent)
        self.kept.emit()

    def _write(self, step: int) -> None:
        """One size up or down; 0: as it is drawn."""
        place = TEXT_SIZES.index(self._settings.text_size if step else "100") + step
        self._settings.text_size = TEXT_SIZES[min(max(place, 0), len(TEXT_SIZES) - 1)]
        self._dress(self._settings.scheme)

    def _speak(self, language: str) -> None:
        self._settings.language = language
        translation.install(_application(), language)
        self._mark()
        self.kept.emit()

    def _mark(self, *_: object) -> None:
        if self._table is not None:
            followed = self._settings.scheme == "system"
            self._table["theme_system" if followed else f"theme_{theme.current().name}"].setChecked(True)
            place = TEXT_SIZES.index(self._settings.text_size)
            self._table["text_larger"].setEnabled(place < len(TEXT_SIZES) - 1)
            self._table["text_smaller"].setEnabled(place > 0)
            self._table[f"language_{self._settings.language}"].setChecked(True)


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
