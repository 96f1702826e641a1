"""The way of the state on a plane: this patient's from visit to visit, those of similar courses faint behind it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.ui.figures import percent_text
from app.ui.insight import Alike, Way
from app.ui.plots.card import Card
from app.ui.theme import Theme

_ROOM = 0.09  # of the drawing's size, left free on each side


class PathView(Card):
    """``point_at`` shows where the patient was on a day."""

    def __init__(self, parent: QWidget | None = None, *, colours: Theme | None = None) -> None:
        super().__init__(parent, colours=colours)
        self._alike: Alike | None = None
        self._low, self._high = np.zeros(2), np.ones(2)
        self._day: float | None = None

    def show_alike(self, alike: Alike | None) -> None:
        self._alike = alike
        if alike is not None and alike.own is not None and len(alike.own.points):
            points = np.concatenate([alike.own.points, *(one.way.points for one in alike.neighbours)])
            self._low, self._high = points.min(0), points.max(0)
        self.update()

    def point_at(self, day: float | None) -> None:
        self._day = day
        self.update()

    def heading(self) -> tuple[str, str]:
        subtitle = self.tr("two main directions; faint: similar courses")
        share = self._alike.share if self._alike is not None else None
        if share is not None:
            subtitle = self.tr("{share} of the variation; faint: similar courses").format(share=percent_text(share))
        return self.tr("Path of the state"), subtitle

    def sizeHint(self) -> QSize:
        return self.sized(340, 300)

    def place(self, x: float, y: float) -> QPointF:
        """Where a point of the plane is drawn: both directions on one scale, everything inside the panel."""
        box, room = self.inside(), 1 - 2 * _ROOM
        reach = np.maximum(self._high - self._low, 1e-9)
        scale = float(min(box.width() * room / reach[0], box.height() * room / reach[1]))
        middle = (self._low + self._high) / 2
        return QPointF(
            box.center().x() + (x - float(middle[0])) * scale, box.center().y() - (y - float(middle[1])) * scale
        )

    def _line(self, way: Way) -> list[QPointF]:
        return [self.place(x, y) for x, y in way.points.tolist()]

    def paint_inside(self, painter: QPainter, box: QRectF) -> None:
        alike = self._alike
        if alike is None or alike.own is None or not len(alike.own.points):
            return
        ink, own = self.ink, alike.own
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for one in alike.neighbours:
            painter.setPen(QPen(ink.colour("muted", 0.45), 1))
            painter.drawPolyline(self._line(one.way))
        points = self._line(own)
        ink.polyline(painter, points, ink.colour("accent"))
        painter.setPen(QPen(ink.colour("accent"), 1.5))
        painter.setBrush(ink.colour("surface"))
        for point in points[:-1]:
            painter.drawEllipse(point, 3.5, 3.5)
        painter.setBrush(ink.colour("accent"))
        painter.drawEllipse(points[-1], 6, 6)
        below, above = QPointF(0, 15), QPointF(0, -16)
        first_is_low = points[0].y() >= points[-1].y()
        if len(points) > 1:
            place = points[0] + (below if first_is_low else above)
            self.name(painter, place, self.tr("first visit"), "muted", Qt.AlignmentFlag.AlignCenter)
        place = points[-1] + (above if first_is_low else below)
        self.name(painter, place, self.tr("last visit"), "accent", Qt.AlignmentFlag.AlignCenter)
        if self._day is not None:
            painter.setPen(QPen(ink.colour("text"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self.place(*own.at(self._day)), 8, 8)
