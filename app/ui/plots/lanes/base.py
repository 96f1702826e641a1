"""What a lane is: a strip with a label column at the left and a plot on the shared time scale at the right."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter

from app.ui import theme
from app.ui.plots.ink import CENTRE, RIGHT, Ink
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Band, Sheet

COLLAPSED = 32.0  # height of a lane none of the patients shown so far has anything for
INSET = 16.0
_PAD = 8.0  # between a bar's edge and its words


@dataclass(frozen=True, slots=True)
class Frame:
    """Where and with what a lane paints. rect: the whole strip, label column included."""

    painter: QPainter
    rect: QRectF
    sheet: Sheet
    scale: TimeScale
    ink: Ink

    @property
    def plot(self) -> QRectF:
        return self.rect.adjusted(theme.LABEL_COLUMN, 0, 0, 0)

    def x(self, day: float) -> float:
        return self.scale.x(day)

    def bar(self, start: float, end: float, top: float, height: float, gap: float = 1.0) -> QRectF:
        """Rectangle between two days, a hair apart from its neighbours."""
        left, right = self.x(start) + gap, self.x(end) - gap
        return QRectF(left, top, max(right - left, 2.0), height)

    def row_label(
        self, text: str, centre: float, *, left: float = 76.0, tiny: bool = False, token: str = "muted"
    ) -> None:
        rect = QRectF(self.rect.left() + left, centre - 8, theme.LABEL_COLUMN - left - 10, 16)
        font = self.ink.tiny if tiny else self.ink.small
        self.ink.text(self.painter, rect, text, self.ink.colour(token), font=font, align=RIGHT)

    @contextmanager
    def clipped(self) -> Iterator[None]:
        """Paint inside the plot only."""
        self.painter.save()
        self.painter.setClipRect(self.plot, Qt.ClipOperation.IntersectClip)
        try:
            yield
        finally:
            self.painter.restore()


class Lane(ABC):
    """key: the lane's name to code and tests; height: pixels; stretch: share of spare height it may take,
    up to tallest, and of missing height it gives, down to shortest;
    collapsed: height while no patient shown so far needed the lane."""

    key: str
    height: float
    stretch: float = 0.0
    tallest: float = 0.0
    shortest: float = 0.0
    collapsed: float = COLLAPSED

    @abstractmethod
    def title(self) -> str: ...

    def subtitle(self, sheet: Sheet) -> str:
        return ""

    @abstractmethod
    def filled(self, sheet: Sheet) -> bool:
        """Whether the case has anything for this lane."""

    def wanted(self, sheet: Sheet) -> float:
        """Height that what the case has takes; the lane keeps the most any patient shown so far wanted."""
        return self.height

    @abstractmethod
    def paint(self, frame: Frame) -> None:
        """Draw what the case has; only called where there is something."""

    def paint_focus(self, frame: Frame, index: int) -> None:
        """Mark the visit under the cursor, on top of what ``paint`` drew; most lanes are plain enough without."""
        return

    def press(self, place: QPointF) -> bool:
        """A click in the lane; True where it changed what the lane shows."""
        return False

    def paint_all(self, frame: Frame) -> None:
        """Labels, then the plot or the words that nothing was recorded."""
        ink, rect = frame.ink, frame.rect
        filled = self.filled(frame.sheet)
        top = rect.top() + 7
        column = QRectF(rect.left() + INSET, top, theme.LABEL_COLUMN - INSET - 4, 18)
        ink.text(frame.painter, column, self.title(), ink.colour("text"), font=ink.bold)
        if filled:
            for line in self.subtitle(frame.sheet).split("\n"):
                column.translate(0, 17)
                ink.text(frame.painter, column, line, ink.colour("muted"))
            self.paint(frame)
        else:
            place = QRectF(frame.scale.left, top, 300, 18)
            words = QCoreApplication.translate("TimelineLanes", "not recorded")
            ink.text(frame.painter, place, words, ink.colour("muted"))


def paint_bands(
    frame: Frame, bands: tuple[Band, ...], top: float, height: float, fill: QColor, border: QColor | None, text: QColor
) -> None:
    """Rounded bars with their words; a bar whose end is unknown fades out, words may run on into free space."""
    ink = frame.ink
    for index, band in enumerate(bands):
        box = frame.bar(band.start, band.end, top, height)
        if box.right() < frame.plot.left() or box.left() > frame.rect.right():
            continue
        if band.fades:
            gradient = QLinearGradient(box.topLeft(), box.topRight())
            clear = QColor(fill)
            clear.setAlphaF(0.0)
            gradient.setColorAt(0.0, fill)
            gradient.setColorAt(max(0.0, 1 - 40 / box.width()), fill)
            gradient.setColorAt(1.0, clear)
            frame.painter.setPen(Qt.PenStyle.NoPen)
            frame.painter.setBrush(gradient)
            frame.painter.drawRoundedRect(box, 3, 3)
        else:
            ink.box(frame.painter, box, fill, border)
        left = max(box.left(), frame.plot.left())
        room = frame.x(bands[index + 1].start) if index + 1 < len(bands) else frame.rect.right() - 4
        limit = box.right()
        if band.fades:  # dark words may run on over the surface; light ones need their bar beneath them
            limit = max(limit, room) if text == ink.colour("text") else limit - min(24.0, box.width() / 3)
        left, limit = _beside_today(frame, left, limit, ink.width(band.text, ink.small) + 2 * _PAD)
        _paint_words(frame, QRectF(left, top, limit - left, height), band.text, text)


def _beside_today(frame: Frame, left: float, limit: float, wanted: float) -> tuple[float, float]:
    """The side of the firm line on which words have room: it would run through them."""
    if frame.sheet.today is None:
        return left, limit
    line = frame.x(frame.sheet.today)
    if not left < line < limit or left + wanted <= line:
        return left, limit
    return (left, line - 2) if line - left >= limit - line else (line + 2, limit)


def _paint_words(frame: Frame, box: QRectF, words: str, colour: QColor) -> None:
    """The words, else their beginning, else their first character: a bar too short for its name still gives a hint."""
    ink = frame.ink
    first = words[: 3 if words[:1].isascii() else 1]  # one Latin letter says nothing
    for pad in (_PAD, _PAD / 2, 2.0):
        inner = box.adjusted(pad, 0, -pad / 2, 0)
        if ink.width(words, ink.small) <= inner.width():
            ink.text(frame.painter, inner, words, colour)
            return
    inner = box.adjusted(_PAD / 2, 0, -2, 0)
    if inner.width() >= ink.width(first + "\u2026", ink.small) + 1:
        ink.text(frame.painter, inner, words, colour)
    elif box.width() >= ink.width(first, ink.small) + 1:
        ink.text(frame.painter, box, first, colour, align=CENTRE, elide=False)


def centred(rect: QRectF, height: float) -> float:
    return rect.top() + (rect.height() - height) / 2
