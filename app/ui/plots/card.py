"""A panel of the state page: its frame, its heading, the words where there is nothing to draw; the rest a subclass."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.plots import magnified
from app.ui.plots.ink import LEFT, Ink
from app.ui.theme import Theme

HEADING = 34.0
PAD = 16.0


class Card(QWidget):
    """colours: a fixed theme, for pictures; None follows the application's"""

    def __init__(self, parent: QWidget | None = None, *, colours: Theme | None = None) -> None:
        super().__init__(parent)
        self._fixed = colours is not None
        self.ink = Ink(colours or theme.current(), 1.0 if self._fixed else theme.text_size())
        self._missing = ""
        theme.notifier.changed.connect(self._dress)

    def say(self, words: str) -> None:
        """Why there is nothing to draw; "" draws."""
        self._missing = words
        self.update()

    @property
    def missing(self) -> str:
        return self._missing

    def heading(self) -> tuple[str, str]:
        """Title and subtitle."""
        raise NotImplementedError

    def paint_inside(self, painter: QPainter, box: QRectF) -> None:
        """Draw into the box below the heading; only called where there is something."""
        raise NotImplementedError

    @property
    def room(self) -> QRectF:
        """The whole panel in its own measures, whatever the text size."""
        return magnified.room(self, self.ink.zoom)

    def sized(self, width: int, height: int) -> QSize:
        return QSize(round(width * self.ink.zoom), round(height * self.ink.zoom))

    def inside(self) -> QRectF:
        return self.room.adjusted(PAD, HEADING, -PAD, -12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, ink, area = magnified.painter(self, self.ink.zoom), self.ink, self.room
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._fixed:
            painter.fillRect(area, ink.colour("bg"))
        ink.box(painter, area, ink.colour("surface"), ink.colour("line"), theme.PANEL_RADIUS)
        title, subtitle = self.heading()
        ink.text(painter, QRectF(PAD, 8, area.width() - 2 * PAD, 18), title, ink.colour("text"), font=ink.bold)
        left = PAD + ink.width(title, ink.bold) + 10
        ink.text(painter, QRectF(left, 8, max(area.width() - left - PAD, 10.0), 18), subtitle, ink.colour("muted"))
        if self._missing:
            self.paragraph(painter, self.inside(), self._missing, "muted")
        else:
            self.paint_inside(painter, self.inside())

    def paragraph(self, painter: QPainter, rect: QRectF, words: str, tone: str = "text") -> float:
        """Plain words on as many lines as they need; returns where they end."""
        painter.setFont(self.ink.base if tone == "text" else self.ink.small)
        painter.setPen(self.ink.colour(tone))
        flags = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignTop)
        return painter.drawText(rect, flags, words).bottom()

    def name(self, painter: QPainter, place: QPointF, words: str, tone: str, align: Qt.AlignmentFlag = LEFT) -> None:
        """A short label beside a point, kept inside the panel."""
        ink, box = self.ink, self.room.adjusted(6, 0, -6, 0)
        width = ink.width(words, ink.small) + 2
        left = place.x() - width / 2 if align is Qt.AlignmentFlag.AlignCenter else place.x()
        left = min(max(left, box.left()), box.right() - width)
        rect = QRectF(left, place.y() - 8, width, 16)
        ink.box(painter, rect.adjusted(-2, 0, 2, 0), ink.colour("surface", 0.8))  # lines pass behind the words
        ink.text(painter, rect, words, ink.colour(tone), elide=False)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.update()
        super().changeEvent(event)

    def _dress(self, colours: Theme) -> None:
        if not self._fixed:
            self.ink = Ink(colours, theme.text_size())
            self.updateGeometry()
            self.update()
