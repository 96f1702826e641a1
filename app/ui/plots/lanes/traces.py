"""A quantity as a line: broken where nothing was recorded, dotted over an absence, an envelope where it is dense."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.ui.plots.decimate import Array, joined
from app.ui.plots.lanes.base import Frame
from app.ui.plots.sheet import Line

_DENSE = 2.0  # points a pixel from which single ones cannot be told apart
_MARKED = 6.0  # pixels a point needs to get a marker
_BRIDGE = (1.0, 3.0)  # dots over an absence: clearly no line

Height = Callable[[Array], Array]


def paint_trace(
    frame: Frame, line: Line, height: Height, colour: QColor, dash: Iterable[float] = (), *, steps: bool = False
) -> list[QPointF]:
    """Draw the part in view. height: y of values; steps: a value holds until the next one.

    Returns where markers stand; none where the points are too close for any.
    """
    start, stop = line.pyramid.between(frame.scale.day(frame.plot.left()), frame.scale.day(frame.rect.right()))
    start, stop = max(start - 1, 0), min(stop + 1, len(line.days))  # the neighbours outside: lines run on
    if stop - start > _DENSE * frame.scale.width:
        _paint_envelope(frame, line, height, colour)
        return []
    days, values = line.days[start:stop], line.values[start:stop]
    xs, ys = frame.scale.xs(days).tolist(), height(values).tolist()
    points = [None if math.isnan(y) else QPointF(x, y) for x, y in zip(xs, ys, strict=True)]
    cut = _at_absences(frame, days.tolist(), points)
    for run in runs(cut):
        frame.ink.polyline(frame.painter, stepped(run) if steps else run, colour, dash)
    _bridge(frame, days.tolist(), points, colour)
    spaced = stop - start <= max(frame.scale.width / _MARKED, len(frame.sheet.visits))
    return [point for point in points if point is not None] if spaced else []


def runs(points: list[QPointF | None]) -> list[list[QPointF]]:
    """Stretches without a gap: a value that was not recorded breaks the line."""
    out: list[list[QPointF]] = []
    current: list[QPointF] = []
    for item in points:
        if item is None:
            out.append(current)
            current = []
        else:
            current.append(item)
    out.append(current)
    return [run for run in out if run]


def stepped(run: list[QPointF]) -> list[QPointF]:
    """The same points with a corner before each: ordinal scores do not pass through what lies between."""
    out = run[:1]
    for before, after in pairwise(run):
        out += [QPointF(after.x(), before.y()), after]
    return out


def _absent(frame: Frame, before: float, after: float) -> bool:
    return any(before <= start and end <= after for start, end in frame.sheet.absences)


def _at_absences(frame: Frame, days: list[float], points: list[QPointF | None]) -> list[QPointF | None]:
    """The points with a gap put in wherever nobody was seen for long."""
    if not frame.sheet.absences:
        return points
    out = points[:1]
    for (before, after), point in zip(pairwise(days), points[1:], strict=True):
        out += [None, point] if _absent(frame, before, after) else [point]
    return out


def _bridge(frame: Frame, days: list[float], points: list[QPointF | None], colour: QColor) -> None:
    for (before, after), (left, right) in zip(pairwise(days), pairwise(points), strict=True):
        if left is not None and right is not None and _absent(frame, before, after):
            pen = QPen(colour, 1.2)
            pen.setDashPattern(list(_BRIDGE))
            frame.painter.setPen(pen)
            frame.painter.drawLine(left, right)


def _paint_envelope(frame: Frame, line: Line, height: Height, colour: QColor) -> None:
    """Lowest to highest of every pixel column, as if each of the points were drawn."""
    left, right = math.floor(frame.plot.left()), math.ceil(frame.rect.right())
    low, high = line.pyramid.envelope(_edges(frame, left, right))
    low, high = joined(low, high)
    columns = np.flatnonzero(~np.isnan(low))
    tops, bottoms = height(high[columns]), height(low[columns])
    xs = (columns + left + 0.5).tolist()
    painter = frame.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    pen = QPen(colour, 1)
    pen.setCapStyle(Qt.PenCapStyle.SquareCap)
    painter.setPen(pen)
    painter.drawLines([QLineF(x, a, x, b) for x, a, b in zip(xs, tops.tolist(), bottoms.tolist(), strict=True)])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _edges(frame: Frame, left: int, right: int) -> Array:
    """Days at the left of every pixel column and at the right of the last."""
    return frame.scale.days(np.arange(left, right + 1, dtype=np.float64))
