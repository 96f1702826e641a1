"""The only places where data becomes text on screen: always plain, so a name like ``<img src=...>`` stays a name."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QTextEdit, QWidget

from app.ui import theme


class SafeLabel(QLabel):
    """A label that never reads its text as markup.

    tone: theme token of the colour ("text", "muted", "red" ...); follows theme changes
    size: pixels; elide: shorten with an ellipsis at the right instead of demanding the width
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        tone: str = "text",
        size: int = theme.BASE,
        bold: bool = False,
        wrap: bool = False,
        elide: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self._tone = tone
        self._size = size
        self._bold = bold
        self._elide = elide
        self._dress()
        theme.notifier.changed.connect(self._dress)
        self.setText(text)

    def set_tone(self, tone: str) -> None:
        self._tone = tone
        self._dress()

    def setText(self, text: str) -> None:
        super().setText(text)
        if self._elide:
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(0, hint.height()) if self._elide else hint

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(self.alignment()), text)

    def _dress(self, *_: object) -> None:
        self.setFont(theme.font(self._size, bold=self._bold))
        colors = self.palette()
        colors.setColor(self.foregroundRole(), theme.current().color(self._tone))
        self.setPalette(colors)


class SafeText(QPlainTextEdit):
    """Read-only plain text of any length, to read and to copy."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setPlainText(text)

    def mark(self, passages: Iterable[tuple[QTextCursor, QTextCharFormat]]) -> None:
        """Give passages a look of their own; the text stays as it is."""
        marks = []
        for cursor, look in passages:
            marks.append(QTextEdit.ExtraSelection())
            marks[-1].cursor = cursor  # pyright: ignore[reportAttributeAccessIssue] - a field in C++
            marks[-1].format = look  # pyright: ignore[reportAttributeAccessIssue]
        self.setExtraSelections(marks)
