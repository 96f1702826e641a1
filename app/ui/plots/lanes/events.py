"""Outcomes, operations, relapses, admissions, new diagnoses: a mark on its day, with words where they find room."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPen

from app.ui.plots.ink import marker_path
from app.ui.plots.lanes.base import Frame, Lane
from app.ui.plots.sheet import Sheet
from app.ui.words import effect_word

_TOP, _ROW, _ROWS = 16.0, 18.0, 3
_RADIUS = 4.0


class EventsLane(Lane):
    key = "events"
    height, collapsed = 34.0, 0.0  # courses without events never see it

    def title(self) -> str:
        return QCoreApplication.translate("TimelineLanes", "Events")

    def filled(self, sheet: Sheet) -> bool:
        return bool(sheet.events)

    def wanted(self, sheet: Sheet) -> float:
        most = max((sum(one.day == e.day for one in sheet.events) for e in sheet.events), default=1)
        rows = min(max(most, 1 + (len(sheet.events) > 2)), _ROWS)
        return self.height + (rows - 1) * _ROW

    def paint(self, frame: Frame) -> None:
        ink, painter = frame.ink, frame.painter
        rows = max(int((frame.rect.height() - 12) // _ROW), 1)
        free = [frame.plot.left()] * rows
        with frame.clipped():
            for event in frame.sheet.events:
                x = frame.x(event.day)
                words = effect_word(event.text)
                width = ink.width(words, ink.small)
                row = next((r for r in range(rows) if free[r] <= x - _RADIUS), None)
                y = frame.rect.top() + _TOP + (row or 0) * _ROW
                painter.setPen(QPen(ink.colour("surface"), 1))
                painter.setBrush(ink.colour(event.tone))
                painter.drawPath(marker_path("diamond", QPointF(x, y), _RADIUS))
                if row is None:
                    continue
                place = _beside(frame, x, width)
                ink.text(painter, QRectF(place, y - 9, width + 2, 18), words, ink.colour("text"), elide=False)
                free[row] = max(place + width, x) + 12


def _beside(frame: Frame, x: float, width: float) -> float:
    """Left edge of words this wide at a mark: after it, else before it, never through the firm line."""
    after = x + 9
    line = frame.x(frame.sheet.today) if frame.sheet.today is not None else None
    if line is not None and after < line < after + width + 2:
        return x - 9 - width if x - 9 - width > frame.plot.left() else line + 5
    return after if after + width <= frame.rect.right() - 4 else x - 9 - width
