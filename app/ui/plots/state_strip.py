"""All neurons along time in a few lines: the state's heat map in small, for the forecast panel."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.plots.ink import Ink
from app.ui.plots.trajectory_panels import Series, diverging
from app.ui.theme import Theme
from models.forecast import Trajectory

HEIGHT = 112
_COLUMNS = 240  # places in time


class StateStrip(QWidget):
    """Rows by kind as on the state page; the line is the last visit. colours: a fixed theme, None follows."""

    def __init__(self, parent: QWidget | None = None, *, colours: Theme | None = None) -> None:
        super().__init__(parent)
        self._fixed = colours is not None
        self._ink = Ink(colours or theme.current())
        self._series: Series | None = None
        theme.follow(self, "setFixedHeight", HEIGHT)
        theme.notifier.changed.connect(self._dress)

    def show_trajectory(self, trajectory: Trajectory | None) -> None:
        self._series = Series.of(trajectory) if trajectory is not None and len(trajectory.times) > 1 else None
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(260), theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, ink, box = QPainter(self), self._ink, QRectF(self.rect())
        painter.fillRect(box, ink.colour("surface"))
        series = self._series
        if series is None:
            return
        first, last = float(series.times[0]), float(series.times[-1])
        days = np.linspace(first, last, _COLUMNS)
        table = diverging(ink)
        rows = len(series.neurons)
        pitch = box.height() / rows
        for row in range(rows):
            share = np.interp(days, series.times, series.state[:, row]) / series.peak / 2 + 0.5
            colours = table[np.rint(np.clip(share, 0.0, 1.0) * (len(table) - 1)).astype(np.intp)]
            pixels = np.ascontiguousarray(colours).tobytes()
            image = QImage(pixels, _COLUMNS, 1, _COLUMNS * 4, QImage.Format.Format_RGB32)
            gap = 1.0 if pitch >= 4 else 0.0
            painter.drawImage(QRectF(box.left(), box.top() + row * pitch, box.width(), pitch - gap), image)
        today = box.left() + box.width() * (series.observed_until - first) / max(last - first, 1e-9)
        ink.vertical(painter, min(today, box.right() - 1), box.top(), box.bottom(), ink.colour("text"), 1)

    def _dress(self, colours: Theme) -> None:
        if not self._fixed:
            self._ink = Ink(colours)
            self.update()
