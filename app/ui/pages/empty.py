"""An empty state: what is missing, what to do next, and the buttons that do it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.labels import SafeLabel


class EmptyState(QWidget):
    """A quiet block in the middle. The first button is the filled one; texts are set by whoever owns it."""

    def __init__(self, icon: str, buttons: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._picture = SafeLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.title = SafeLabel(size=theme.TITLE, bold=True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.text = SafeLabel(tone="muted", wrap=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        theme.follow(self.text, "setMaximumWidth", 540)
        self.text.setMinimumWidth(200)
        self.buttons = [QPushButton() for _ in range(buttons)]
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addStretch(1)
        for index, button in enumerate(self.buttons):
            button.setProperty("filled", index == 0)
            row.addWidget(button)
        row.addStretch(1)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE_GAP, theme.WIDE_GAP, theme.WIDE_GAP, theme.WIDE_GAP)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(self._picture)
        column.addWidget(self.title)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.text, 6)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addSpacing(4)
        column.addLayout(row)
        column.addStretch(3)
        theme.notifier.changed.connect(self._dress)
        self._dress()

    def add(self, widget: QWidget) -> None:
        """Below the buttons, in the middle."""
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(widget, 6)
        row.addStretch(1)
        self._column.insertLayout(self._column.count() - 1, row, 4)

    def say(self, title: str, text: str, *buttons: str) -> None:
        """Words of the block; as many button texts as there are buttons."""
        self.title.setText(title)
        self.text.setText(text)
        for button, words in zip(self.buttons, buttons, strict=True):
            button.setText(words)

    def _dress(self, *_: object) -> None:
        self._picture.setPixmap(icons.pixmap(self._icon, theme.current().muted, theme.px(40)))
