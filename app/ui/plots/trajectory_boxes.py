"""Where the panels of the neurons lie, what their vertical axes hold, and which neuron a point in them means."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from app.ui import theme
from app.ui.plots.header import HEIGHT as HEADER
from app.ui.plots.trajectory_panels import Series, row_rects

HEADING = 34.0
_STATE_SHARE = 0.56  # of the height, axis row included
_NEAR = 12.0  # pixels from a line that still mean it

Reach = tuple[NDArray[np.float64], float, float]  # values (times, neurons), and the lowest and highest of the axis


def panel_boxes(width: float, height: float) -> dict[str, QRectF]:
    """Outer boxes of "state" and "tau"; the axis row is the top of the first."""
    upper = round((height - theme.GAP) * _STATE_SHARE)
    return {
        "state": QRectF(0, 0, width, upper),
        "tau": QRectF(0, upper + theme.GAP, width, height - upper - theme.GAP),
    }


def plot_boxes(panels: dict[str, QRectF]) -> dict[str, QRectF]:
    """The part of each panel that holds rows or lines, label column included."""
    return {
        name: box.adjusted(0, HEADER + HEADING if name == "state" else HEADING + 6, -1, -12)
        for name, box in panels.items()
    }


def state_reach(series: Series) -> Reach:
    """As far below zero as above it."""
    return series.state, -series.peak, series.peak


def tau_reach(series: Series) -> Reach:
    """Decimal logarithms of the time constants in days."""
    logs = np.log10(series.tau)
    low, high = float(logs.min()), float(logs.max())
    return (logs, low - 0.05, high + 0.05) if high - low > 0.2 else (logs, low - 0.25, high + 0.25)


def row_at(box: QRectF, series: Series, y: float) -> int | None:
    """Index of the neuron whose row of a heat map is at this height."""
    rows = row_rects(box, series.neurons)
    return next((i for i, row in enumerate(rows) if row.top() <= y < row.bottom()), None)


def nearest_line(box: QRectF, series: Series, reach: Reach, day: float, y: float) -> int | None:
    """Index of the neuron whose line passes nearest to a point; None where none passes near it."""
    values, low, high = reach
    found = np.array([series.at(values, i, day) for i in range(len(series.neurons))])
    away = np.abs(box.bottom() - (found - low) / (high - low) * box.height() - y)
    nearest = int(np.argmin(away))
    return nearest if away[nearest] <= _NEAR and math.isfinite(away[nearest]) else None
