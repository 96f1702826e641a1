"""The visits' own words and the annotations put beside them, shortened to the room there is; the read-out has more."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from app.ui.plots.ink import Ink
from app.ui.plots.lanes.base import Frame, Lane
from app.ui.plots.sheet import Flag, Sheet

_TOP, _ROW = 9.0, 19.0
_SHORTEST, _LONGEST = 56.0, 280.0  # pixels a note needs, and may take
_BEFORE_TODAY = 100.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Words that found room. flag: the annotation they are, None for a visit's own."""

    row: int
    left: float
    width: float
    text: str
    flag: Flag | None = None


class NotesLane(Lane):
    key = "notes"
    height, stretch, tallest, shortest = 70.0, 1.0, 96.0, 50.0

    def __init__(self) -> None:
        self._flags: list[tuple[QRectF, Flag]] = []

    def title(self) -> str:
        return QCoreApplication.translate("TimelineLanes", "Notes")

    def filled(self, sheet: Sheet) -> bool:
        return any(sheet.notes) or bool(sheet.flags)

    def flag_at(self, place: QPointF) -> Flag | None:
        """The annotation whose words were painted there."""
        return next((flag for box, flag in self._flags if box.contains(place)), None)

    def paint(self, frame: Frame) -> None:
        ink = frame.ink
        self._flags = []
        with frame.clipped():
            for one in place_notes(frame):
                y = frame.rect.top() + _TOP + one.row * _ROW
                rect = QRectF(one.left + 7, y, one.width - 11, 17)
                if one.flag is None:
                    frame.painter.fillRect(QRectF(one.left, y + 2, 2, 13), ink.colour("line"))
                    ink.text(frame.painter, rect, one.text, ink.colour("text"))
                    continue
                if one.flag.until is not None:
                    end = max(frame.x(one.flag.until), one.left + 2)
                    frame.painter.fillRect(QRectF(one.left, y + 15, end - one.left, 2), ink.colour("accent", 0.6))
                paint_flag(frame.painter, ink, one.left, y + 2)
                ink.text(frame.painter, rect.adjusted(4, 0, 0, 0), one.text, ink.colour("accent"))
                self._flags.append((QRectF(one.left - 2, y, one.width, 17), one.flag))


def paint_flag(painter: QPainter, ink: Ink, x: float, y: float) -> None:
    """A small flag, 13 pixels high: its pole at x."""
    painter.fillRect(QRectF(x, y, 1.5, 13), ink.colour("accent"))
    cloth = QPainterPath(QPointF(x + 1.5, y))
    for place in (QPointF(x + 8.5, y + 3), QPointF(x + 1.5, y + 6)):
        cloth.lineTo(place)
    cloth.closeSubpath()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink.colour("accent"))
    painter.drawPath(cloth)


def place_notes(frame: Frame) -> list[Placed]:
    """Notes and annotations that find room: annotations first, then first come, each in the first free row."""
    rows = max(int((frame.rect.height() - _TOP) // _ROW), 1)
    taken: list[list[tuple[float, float]]] = [[] for _ in range(rows)]
    wanted: list[tuple[float, str, Flag | None]] = [(f.day, f.text, f) for f in frame.sheet.flags]
    notes = zip(frame.sheet.visits, frame.sheet.notes, strict=True)
    wanted += [(visit.day, text, None) for visit, text in notes if text]
    placed: list[Placed] = []
    for day, text, flag in wanted:
        if frame.scale.sees(day, 4):
            one = _place(frame, taken, day, text, flag)
            if one is not None:
                placed.append(one)
                taken[one.row].append((one.left, one.left + one.width + 8))
    return placed


def _place(
    frame: Frame, taken: list[list[tuple[float, float]]], day: float, text: str, flag: Flag | None
) -> Placed | None:
    left = frame.x(day)
    wanted = frame.ink.width(text, frame.ink.small) + (18 if flag is not None else 14)
    if left + _SHORTEST > frame.rect.right():
        left = frame.rect.right() - min(wanted, 150.0) - 4
    width = min(wanted, _LONGEST, frame.rect.right() - left - 4)
    today = frame.x(frame.sheet.today) if frame.sheet.today is not None else left
    if today - left >= _BEFORE_TODAY:  # the firm line would run through the words
        width = min(width, today - left - 4)
    rooms = [_room(others, left, width) for others in taken]
    row = next((r for r, room in enumerate(rooms) if room >= width), rooms.index(max(rooms)))
    return Placed(row, left, min(width, rooms[row]), text, flag) if rooms[row] >= min(width, _SHORTEST) else None


def _room(others: list[tuple[float, float]], left: float, width: float) -> float:
    """Pixels free from ``left`` on in a row where these stand, ``width`` at most."""
    if any(begin <= left and end > left + 0.5 for begin, end in others):
        return 0.0
    return min((begin - left - 8 for begin, _ in others if begin > left), default=width)
