"""Small round buttons: one to switch a question on and off, one that stands for a word and goes when it is pressed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app.ui import theme

WIDEST = 216  # pixels of a chip's words


class Chip(QPushButton):
    """Words are elided; the whole of them is its accessible name."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, checkable: bool = True) -> None:
        super().__init__(parent)
        self.setProperty("chip", True)
        self.setCheckable(checkable)
        self.setAutoDefault(False)
        self.setFont(theme.font(theme.SMALL))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.say(text)

    def say(self, text: str, about: str = "") -> None:
        """about: what it does, for who cannot see it."""
        shown = QFontMetrics(self.font()).elidedText(text, Qt.TextElideMode.ElideRight, WIDEST)
        self.setText(shown.replace("&", "&&"))
        self.setAccessibleName(about or text)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())


class WordChip(Chip):
    """gone carries its key: pressed, or taken out with Del or Backspace."""

    gone = Signal(str)

    def __init__(self, key: str, text: str, about: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, checkable=False)
        self.key = key
        self.setProperty("word", True)
        self.say(f"{' '.join(text.split())} ×", about or text)
        self.clicked.connect(self._go)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._go()
            return
        super().keyPressEvent(event)

    def _go(self, *_: object) -> None:
        self.gone.emit(self.key)
