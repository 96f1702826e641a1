"""Numeric findings (检验) as small multiples: one row with its own range each, because their units differ."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF

from app.ui.plots.ink import FORECAST_DASH, INNER_BAND, MARKERS, OUTER_BAND, POINT_HOVER
from app.ui.plots.lanes.base import Frame, Lane
from app.ui.plots.lanes.traces import paint_trace
from app.ui.plots.sheet import Line, Sheet

_RADIUS = 2.8


class LabsLane(Lane):
    key = "labs"
    height, stretch, tallest, shortest = 212.0, 3.0, 330.0, 180.0
    collapsed = 0.0  # clinics without a laboratory never see it

    def title(self) -> str:
        return QCoreApplication.translate("TimelineLanes", "Laboratory")

    def subtitle(self, sheet: Sheet) -> str:
        if sheet.more_labs:
            return QCoreApplication.translate("TimelineLanes", "+{n} more").format(n=sheet.more_labs)
        return ""

    def filled(self, sheet: Sheet) -> bool:
        return bool(sheet.labs)

    def paint(self, frame: Frame) -> None:
        for row, line in enumerate(frame.sheet.labs):
            self._paint_row(frame, row, line)

    def paint_focus(self, frame: Frame, index: int) -> None:
        day = frame.sheet.visits[index].day
        with frame.clipped():
            for row, line in enumerate(frame.sheet.labs):
                value = line.at(day)
                if not math.isnan(value):
                    centre = QPointF(frame.x(day), self._y(frame, row, line, value))
                    kind = MARKERS[row % len(MARKERS)]
                    frame.ink.marker(frame.painter, kind, centre, frame.ink.series(row), POINT_HOVER)

    def _row(self, frame: Frame, row: int) -> QRectF:
        pitch = (frame.rect.height() - 12) / max(len(frame.sheet.labs), 4)
        return QRectF(frame.rect.left(), frame.rect.top() + 6 + row * pitch, frame.rect.width(), pitch)

    def _y(self, frame: Frame, row: int, line: Line, value: float) -> float:
        box = self._row(frame, row).adjusted(0, 6, 0, -6)
        low, high = _range(line)
        return box.bottom() - box.height() * (min(max(value, low), high) - low) / (high - low)

    def _ys(self, frame: Frame, row: int, line: Line, values: np.ndarray) -> np.ndarray:
        low, high = _range(line)
        bottom, top = self._y(frame, row, line, low), self._y(frame, row, line, high)
        return bottom + (np.clip(values, low, high) - low) / (high - low) * (top - bottom)

    def _paint_row(self, frame: Frame, row: int, line: Line) -> None:
        ink, box, colour = frame.ink, self._row(frame, row), frame.ink.series(row)
        if row:
            ink.horizontal(frame.painter, frame.plot.left(), frame.rect.right(), box.top(), ink.colour("grid"))
        frame.row_label(line.label, box.center().y() - 6, left=64)
        frame.row_label(_extremes(line), box.center().y() + 7, left=16, tiny=True)
        with frame.clipped():
            self._paint_forecast(frame, row, line)
            for centre in paint_trace(frame, line, partial(self._ys, frame, row, line), colour):
                ink.marker(frame.painter, MARKERS[row % len(MARKERS)], centre, colour, _RADIUS)

    def _paint_forecast(self, frame: Frame, row: int, line: Line) -> None:
        path = line.forecast
        if path is None:
            return

        def points(values: list[float]) -> list[QPointF]:
            days = path.days.tolist()
            return [QPointF(frame.x(d), self._y(frame, row, line, v)) for d, v in zip(days, values, strict=True)]

        for (lower, upper), alpha in ((path.outer, OUTER_BAND), (path.inner, INNER_BAND)):
            edges = points(lower.tolist()), points(upper.tolist())
            frame.ink.band(frame.painter, *edges, frame.ink.series(row, alpha))
        frame.ink.polyline(frame.painter, points(path.median.tolist()), frame.ink.series(row), FORECAST_DASH)


def _range(line: Line) -> tuple[float, float]:
    low, high = line.bottom(), line.top()
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _extremes(line: Line) -> str:
    """Lowest and highest recorded value with the unit."""
    if not len(line.observed):
        return line.unit
    low, high = line.extremes
    text = f"{low:.3g}" if low == high else f"{low:.3g}–{high:.3g}"
    return f"{text} {line.unit}".strip()
