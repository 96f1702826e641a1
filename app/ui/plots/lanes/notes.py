"""The visits' own words, shortened to the room there is; the read-out shows them longer."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF

from app.ui.plots.lanes.base import Frame, Lane
from app.ui.plots.sheet import Sheet

_TOP, _ROW = 9.0, 19.0
_SHORTEST, _LONGEST = 56.0, 280.0  # pixels a note needs, and may take
_BEFORE_TODAY = 100.0


class NotesLane(Lane):
    key = "notes"
    height, stretch, tallest, shortest = 70.0, 1.0, 96.0, 50.0

    def title(self) -> str:
        return QCoreApplication.translate("TimelineLanes", "Notes")

    def filled(self, sheet: Sheet) -> bool:
        return any(sheet.notes)

    def paint(self, frame: Frame) -> None:
        with frame.clipped():
            for row, left, width, text in place_notes(frame):
                y = frame.rect.top() + _TOP + row * _ROW
                frame.painter.fillRect(QRectF(left, y + 2, 2, 13), frame.ink.colour("line"))
                rect = QRectF(left + 7, y, width - 11, 17)
                frame.ink.text(frame.painter, rect, text, frame.ink.colour("text"))


def place_notes(frame: Frame) -> list[tuple[int, float, float, str]]:
    """(row, left, width, text) of the notes that find room: first come, each in the first free row."""
    rows = max(int((frame.rect.height() - _TOP) // _ROW), 1)
    free = [frame.plot.left()] * rows
    placed: list[tuple[int, float, float, str]] = []
    for visit, text in zip(frame.sheet.visits, frame.sheet.notes, strict=True):
        left = frame.x(visit.day)
        if not text or not frame.scale.sees(visit.day, 4):
            continue
        row = next((r for r in range(rows) if free[r] <= left + 0.5), None)
        if row is None:
            continue
        wanted = frame.ink.width(text, frame.ink.small) + 14
        if left + _SHORTEST > frame.rect.right():
            left = frame.rect.right() - min(wanted, 150.0) - 4
            if free[row] > left:
                continue
        width = min(wanted, _LONGEST, frame.rect.right() - left - 4)
        today = frame.x(frame.sheet.today) if frame.sheet.today is not None else left
        if today - left >= _BEFORE_TODAY:  # the firm line would run through the words
            width = min(width, today - left - 4)
        placed.append((row, left, width, text))
        free[row] = left + width + 8
    return placed
