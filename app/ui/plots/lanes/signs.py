"""Rows of dots for signs that were only named: filled where present, hollow where the text denies it."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QPen

from app.ui.plots.ink import FORECAST_DASH, OUTER_BAND, POINT, POINT_HOVER
from app.ui.plots.lanes.base import Frame
from app.ui.plots.sheet import Line

_TOP = 14.0
_ROW = 25.0


def paint_signs(frame: Frame) -> None:
    pitch = _pitch(frame)
    ink = frame.ink
    for row, line in enumerate(frame.sheet.signs):
        y = _row_y(frame, row)
        frame.row_label(line.label, y)
        ink.horizontal(frame.painter, frame.plot.left(), frame.rect.right(), y, ink.colour("grid"))
        with frame.clipped():
            _paint_forecast(frame, line, y, pitch)
            for day, value in zip(line.days.tolist(), line.values.tolist(), strict=True):
                _dot(frame, day, value, y, min(POINT + 0.5, pitch / 3))
    if frame.sheet.more_signs:
        words = QCoreApplication.translate("TimelineLanes", "+{n} more").format(n=frame.sheet.more_signs)
        frame.row_label(words, _row_y(frame, len(frame.sheet.signs)))


def paint_sign_focus(frame: Frame, index: int) -> None:
    day = frame.sheet.visits[index].day
    with frame.clipped():
        for row, line in enumerate(frame.sheet.signs):
            _dot(frame, day, line.at(day), _row_y(frame, row), POINT_HOVER)


def _pitch(frame: Frame) -> float:
    rows = len(frame.sheet.signs) + bool(frame.sheet.more_signs)
    return min(_ROW, (frame.rect.height() - 16) / max(rows, 1))


def _row_y(frame: Frame, row: int) -> float:
    return frame.rect.top() + _TOP + _pitch(frame) * (row + 0.15)


def _dot(frame: Frame, day: float, value: float, y: float, radius: float) -> None:
    if math.isnan(value):
        return
    ink, painter = frame.ink, frame.painter
    if value > 0:
        painter.setPen(QPen(ink.colour("surface"), 1))
        painter.setBrush(ink.colour("accent"))
    else:
        painter.setPen(QPen(ink.colour("muted"), 1.2))
        painter.setBrush(ink.colour("surface"))
        radius -= 0.7
    painter.drawEllipse(QPointF(frame.x(day), y), radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_forecast(frame: Frame, line: Line, y: float, pitch: float) -> None:
    """The chance of the sign as a dashed line, 0 at the row's lower edge, 1 at its upper, filled below."""
    path = line.forecast
    if path is None:
        return
    low, height = y + pitch * 0.42, pitch * 0.84

    def points(values: list[float]) -> list[QPointF]:
        return [QPointF(frame.x(d), low - height * v) for d, v in zip(path.days.tolist(), values, strict=True)]

    floor = [0.0] * len(path.days)
    share = path.median.tolist()
    frame.ink.band(frame.painter, points(floor), points(share), frame.ink.colour("accent", OUTER_BAND))
    frame.ink.polyline(frame.painter, points(share), frame.ink.colour("accent"), FORECAST_DASH)
