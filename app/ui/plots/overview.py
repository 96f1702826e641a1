"""The bar below: the whole course in small, and the part in view as a handle to drag or stretch."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.ui import theme
from app.ui.plots import magnified
from app.ui.plots.ink import Ink
from app.ui.plots.magnified import at, room
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Line, Sheet

HEIGHT = 40
_EDGE = 6.0  # pixels beside an edge that still take hold of it
_NARROWEST = 10.0
_POINTS = 1200  # of the trace at most


class OverviewBar(QWidget):
    """scale: the view's own; the bar moves it and says so by ``moved``."""

    moved = Signal()

    def __init__(self, scale: TimeScale, ink: Ink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale, self._ink = scale, ink
        self._sheet: Sheet | None = None
        self._grip = ""
        self._grip_offset = 0.0
        self._drawn: QPixmap | None = None
        self._made_of: tuple[object, ...] = ()
        self.setFixedHeight(round(HEIGHT * ink.zoom))
        self.setMouseTracking(True)
        self._name()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._name()
        super().changeEvent(event)

    def _name(self) -> None:
        self.setAccessibleName(self.tr("Whole course, with the part in view"))

    def show_sheet(self, sheet: Sheet | None) -> None:
        self._sheet, self._drawn = sheet, None
        self.update()

    def set_ink(self, ink: Ink) -> None:
        self._ink = ink
        self.setFixedHeight(round(HEIGHT * ink.zoom))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, round(HEIGHT * self._ink.zoom))

    def place(self, day: float) -> float:
        left, width = self._span()
        return left + self._scale.share(day) * width

    def day_at(self, x: float) -> float:
        left, width = self._span()
        return self._scale.day_at_share((x - left) / width)

    def handle(self) -> QRectF:
        """The part in view; never too narrow to take hold of."""
        left, right = self.place(self._scale.low), self.place(self._scale.high)
        spare = max(_NARROWEST - (right - left), 0.0) / 2
        return QRectF(left - spare - 6, 4, right - left + 2 * spare + 12, HEIGHT - 8)

    def _span(self) -> tuple[float, float]:
        return 16.0, max(room(self, self._ink.zoom).width() - 32.0, 1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = magnified.painter(self, self._ink.zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._ink
        area = room(self, ink.zoom)
        ink.box(painter, area, ink.colour("surface"), ink.colour("line"), theme.PANEL_RADIUS)
        if self._sheet is None or not self._sheet.visits:
            return
        ink.box(painter, self.handle(), ink.colour("accent", 0.09), ink.colour("accent"), 4)
        if self._sheet.today is not None:
            ink.vertical(painter, self.place(self._sheet.today), 6, HEIGHT - 6, ink.colour("accent"))
        painter.drawPixmap(0, 0, self._course())

    def _course(self) -> QPixmap:
        """Visits and trace: the same however the view is shifted, so drawn once."""
        ratio, scale = self.devicePixelRatioF(), self._scale
        made_of = (self._ink, self.width(), ratio, scale.first, scale.last, scale.steps)
        if self._drawn is None or made_of != self._made_of:
            drawn = magnified.paper(self, self._ink.zoom)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for visit in self._sheet.visits if self._sheet is not None else ():
                x = self.place(visit.day)
                self._ink.vertical(painter, x, HEIGHT - 12, HEIGHT - 7, self._ink.colour("muted"))
            self._paint_course(painter)
            painter.end()
            self._drawn, self._made_of = drawn, made_of
        return self._drawn

    def _paint_course(self, painter: QPainter) -> None:
        """The total, or the first line there is, as a thin trace."""
        assert self._sheet is not None
        lines = [x for x in (self._sheet.total, *self._sheet.scores, *self._sheet.labs) if x is not None]
        if not lines or not len(lines[0].observed):
            return
        line = lines[0]
        low, high = min(line.extremes[0], 0.0), line.extremes[1]
        top, bottom = 9.0, HEIGHT - 15.0
        points = [
            QPointF(self.place(d), bottom - (bottom - top) * (v - low) / max(high - low, 1e-9))
            for d, v in self._samples(line)
            if not math.isnan(v)
        ]
        painter.setPen(QPen(self._ink.colour("muted"), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(points)

    def _samples(self, line: Line) -> list[tuple[float, float]]:
        """(day, value) of every point; of many, the lowest and highest of every column."""
        if len(line.days) <= _POINTS:
            return list(zip(line.days.tolist(), line.values.tolist(), strict=True))
        edges = np.linspace(self._scale.first, self._scale.last, _POINTS // 2 + 1)
        low, high = line.pyramid.envelope(edges)
        pairs = zip(np.repeat(edges[:-1], 2).tolist(), np.stack([low, high], 1).ravel().tolist(), strict=True)
        return list(pairs)

    def _grip_at(self, x: float) -> str:
        handle = self.handle()
        if abs(x - handle.left()) <= _EDGE:
            return "left"
        if abs(x - handle.right()) <= _EDGE:
            return "right"
        return "middle" if handle.left() < x < handle.right() else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = at(event, self._ink.zoom).x()
        self._grip = self._grip_at(x)
        if not self._grip:  # a click beside the handle brings the view there
            self._scale.centre(self.day_at(x))
            self._grip = "middle"
            self._changed()
        self._grip_offset = x - self.place(self._scale.low)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = at(event, self._ink.zoom).x()
        if not event.buttons() & Qt.MouseButton.LeftButton:
            edge = self._grip_at(x) in ("left", "right")
            self.setCursor(Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.ArrowCursor)
            return
        day, scale = self.day_at(x), self._scale
        if self._grip == "left":
            scale.show(min(day, scale.high - scale.span * 0.02), scale.high)
        elif self._grip == "right":
            scale.show(scale.low, max(day, scale.low + scale.span * 0.02))
        elif self._grip == "middle":
            width = self.place(scale.high) - self.place(scale.low)
            left = min(max(x - self._grip_offset, self.place(scale.first)), self.place(scale.last) - width)
            scale.show(self.day_at(left), self.day_at(left + width))
        self._changed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = ""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._scale.fit()
        self._changed()

    def _changed(self) -> None:
        self.update()
        self.moved.emit()
