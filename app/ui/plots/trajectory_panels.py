"""Painting of neuron series: rows of heat or lines, linear for states, logarithmic for time constants."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.ui import theme
from app.ui.plots.ink import Ink
from app.ui.plots.lanes.base import Frame
from app.ui.plots.scale import TimeScale
from models.forecast import Neuron, Trajectory

Array = NDArray[np.float64]
KINDS = ("motor", "command", "inter")
KIND_TOKENS = {"motor": "red", "command": "accent", "inter": "gold"}
_GROUP_GAP = 5.0
_NAMED_ROW = 11.0  # rows at least this high carry the neuron's name
_HEAT_STEPS = 128


@dataclass(frozen=True)
class Series:
    """What both panels draw: neurons ordered by kind. state, tau: (T, N) in that order; peak: largest |state|."""

    times: Array
    state: Array
    tau: Array
    neurons: tuple[Neuron, ...]
    observed_until: float
    peak: float

    @classmethod
    def of(cls, trajectory: Trajectory) -> Series:
        order = sorted(range(len(trajectory.neurons)), key=lambda i: (KINDS.index(trajectory.neurons[i].kind), i))
        peak = float(np.nanmax(np.abs(trajectory.state))) if trajectory.state.size else 1.0
        return cls(
            trajectory.times,
            trajectory.state[:, order],
            np.maximum(trajectory.tau[:, order], 1e-6),
            tuple(trajectory.neurons[i] for i in order),
            trajectory.observed_until,
            peak or 1.0,
        )

    def at(self, values: Array, index: int, day: float) -> float:
        return float(np.interp(day, self.times, values[:, index]))


def kind_name(kind: str) -> str:
    return {
        "motor": QCoreApplication.translate("TrajectoryView", "motor"),
        "command": QCoreApplication.translate("TrajectoryView", "command"),
        "inter": QCoreApplication.translate("TrajectoryView", "inter"),
    }[kind]


def row_rects(rect: QRectF, neurons: tuple[Neuron, ...]) -> list[QRectF]:
    """One row a neuron, kinds a small gap apart."""
    if not neurons:
        return []
    breaks = sum(a.kind != b.kind for a, b in pairwise(neurons))
    pitch = (rect.height() - breaks * _GROUP_GAP) / len(neurons)
    out, y = [], rect.top()
    for index, neuron in enumerate(neurons):
        if index and neurons[index - 1].kind != neuron.kind:
            y += _GROUP_GAP
        out.append(QRectF(rect.left(), y, rect.width(), pitch))
        y += pitch
    return out


def paint_heat(frame: Frame, series: Series, shares: Array, table: NDArray[np.uint32], chosen: int | None) -> None:
    """Rows of heat. shares: (T, N) in 0..1, looked up in the colour table; resampled to the pixels in view."""
    rows = row_rects(frame.rect, series.neurons)
    scale, painter = frame.scale, frame.painter
    left, right = scale.x(max(scale.low, series.times[0])), scale.x(min(scale.high, series.times[-1]))
    width = max(int(right - left), 1)
    days = np.array([scale.day(left + (i + 0.5) * (right - left) / width) for i in (0, width - 1)])
    days = np.linspace(days[0], days[-1], width)
    for index, row in enumerate(rows):
        share = np.clip(np.interp(days, series.times, shares[:, index]), 0.0, 1.0)
        pixels = np.ascontiguousarray(table[np.rint(share * (len(table) - 1)).astype(np.intp)])
        image = QImage(pixels.tobytes(), width, 1, width * 4, QImage.Format.Format_RGB32)
        gap = 1.0 if row.height() >= 5 else 0.0
        painter.drawImage(QRectF(left, row.top(), right - left, row.height() - gap), image)
    _paint_names(frame, series, rows)
    if chosen is not None:
        painter.setPen(QPen(frame.ink.colour("text"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = rows[chosen]
        painter.drawRect(QRectF(left, box.top() - 0.5, right - left, box.height()))


def _paint_names(frame: Frame, series: Series, rows: list[QRectF]) -> None:
    """Kind beside its group in its colour, names of neurons where rows are high enough."""
    ink = frame.ink
    for kind in KINDS:
        members = [row for row, neuron in zip(rows, series.neurons, strict=True) if neuron.kind == kind]
        if members:
            middle = (members[0].top() + members[-1].bottom()) / 2
            rect = QRectF(frame.rect.left() + 16, middle - 9, 90, 18)
            ink.text(frame.painter, rect, kind_name(kind), ink.colour(KIND_TOKENS[kind]))
    for row, neuron in zip(rows, series.neurons, strict=True):
        if row.height() >= _NAMED_ROW:
            frame.row_label(neuron.name, row.center().y(), tiny=True, token=KIND_TOKENS[neuron.kind])


def paint_lines(frame: Frame, series: Series, values: Array, low: float, high: float, chosen: int | None) -> None:
    """Thin lines of all neurons, the chosen one firm on top. values: (T, N); low..high: range of the axis."""
    painter, ink = frame.painter, frame.ink
    xs = np.array([frame.scale.x(float(d)) for d in series.times])
    box = frame.rect
    ys = box.bottom() - (values - low) / (high - low) * box.height()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.save()
    painter.setClipRect(QRectF(frame.plot.left(), box.top() - 2, frame.plot.width(), box.height() + 4))
    order = [i for i in range(len(series.neurons)) if i != chosen] + ([chosen] if chosen is not None else [])
    for index in order:
        points = QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys[:, index].tolist(), strict=True)])
        token = KIND_TOKENS[series.neurons[index].kind]
        if index == chosen:
            painter.setPen(QPen(ink.colour(token), 2.5))
        else:
            painter.setPen(QPen(ink.colour(token, 0.30 if chosen is not None else 0.55), 1))
        painter.drawPolyline(points)
    painter.restore()


def paint_ticks(frame: Frame, ticks: list[tuple[float, str]], low: float, high: float) -> None:
    """Horizontal grid lines with their labels. ticks: (value, label) on the same scale as low..high."""
    box = frame.rect
    for value, label in ticks:
        y = box.bottom() - (value - low) / (high - low) * box.height()
        frame.ink.horizontal(frame.painter, frame.plot.left(), box.right(), y, frame.ink.colour("grid"))
        frame.row_label(label, y)


def log_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Ticks 1, 2, 5 a decade between 10**low and 10**high as (log10, label); only decades where there are many."""
    factors = (1, 2, 5) if high - low < 2.2 else (1, 3) if high - low < 3.2 else (1,)
    out = []
    for power in range(math.floor(low), math.ceil(high) + 1):
        for factor in factors:
            value = factor * 10.0**power
            if low - 1e-9 <= math.log10(value) <= high + 1e-9:
                out.append((math.log10(value), f"{value:g}"))
    return out


def diverging(ink: Ink) -> NDArray[np.uint32]:
    """Colours from red (negative) over the surface (0) to the accent (positive)."""
    half = _HEAT_STEPS // 2
    surface = ink.colour("surface")
    down = [_mix(surface, ink.colour("red"), 0.95 * (half - i) / half) for i in range(half)]
    up = [_mix(surface, ink.colour("accent"), 0.95 * i / half) for i in range(half + 1)]
    return np.array([*down, *up], dtype=np.uint32)


def sequential(ink: Ink) -> NDArray[np.uint32]:
    """Colours from nearly the surface (fast) to blue (slow)."""
    surface, deep = ink.colour("surface"), ink.colour("blue")
    return np.array(
        [_mix(surface, deep, 0.06 + 0.9 * i / _HEAT_STEPS) for i in range(_HEAT_STEPS + 1)], dtype=np.uint32
    )


def _mix(first: QColor, second: QColor, share: float) -> int:
    parts = [
        round(a + (b - a) * share)
        for a, b in (
            (first.red(), second.red()),
            (first.green(), second.green()),
            (first.blue(), second.blue()),
        )
    ]
    return 0xFF000000 | parts[0] << 16 | parts[1] << 8 | parts[2]


def paint_heading(painter: QPainter, ink: Ink, rect: QRectF, title: str, subtitle: str) -> None:
    ink.text(painter, QRectF(rect.left() + 16, rect.top() + 8, 300, 18), title, ink.colour("text"), font=ink.bold)
    left = rect.left() + 16 + ink.width(title, ink.bold) + 10
    ink.text(
        painter, QRectF(left, rect.top() + 8, max(rect.right() - left - 120, 10), 18), subtitle, ink.colour("muted")
    )


def plot_left(scale: TimeScale, width: float) -> None:
    """The same column as the timeline's, so that days stand under days from page to page."""
    scale.set_pixels(theme.LABEL_COLUMN + 14, width - theme.LABEL_COLUMN - 14 - 36)
