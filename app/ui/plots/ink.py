"""Drawing tools every lane shares: theme, fonts with their metrics, crisp lines, markers, elided plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from app.ui import theme
from app.ui.theme import Theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
POINT, POINT_HOVER = 3.5, 5.0  # radii in pixels
LINE_WIDTH = 2.0
OUTER_BAND, INNER_BAND = 0.15, 0.30  # alpha of the 90 % and the 50 % interval

# Dash patterns in units of the line width: series differ by these and by marker, never by colour alone.
DASHES: tuple[tuple[float, ...], ...] = ((), (7, 2), (3.5, 2), (1, 1.6), (7, 2, 1, 2), (2, 2))
FORECAST_DASH = (2.5, 2.0)
MARKERS = ("circle", "square", "triangle", "diamond", "down", "hexagon")


def marker_path(kind: str, centre: QPointF, radius: float) -> QPainterPath:
    """Outline of a marker of about equal area for every kind. Raises ValueError for an unknown kind."""
    path = QPainterPath()
    x, y, r = centre.x(), centre.y(), radius
    if kind == "circle":
        path.addEllipse(centre, r, r)
        return path
    corners = {
        "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        "triangle": [(0, -1.2), (1.15, 0.85), (-1.15, 0.85)],
        "diamond": [(0, -1.3), (1.2, 0), (0, 1.3), (-1.2, 0)],
        "down": [(0, 1.2), (1.15, -0.85), (-1.15, -0.85)],
        "hexagon": [(-0.6, -1), (0.6, -1), (1.15, 0), (0.6, 1), (-0.6, 1), (-1.15, 0)],
    }
    if kind not in corners:
        raise ValueError(f"unknown marker {kind!r}; there are {', '.join(MARKERS)}")
    path.addPolygon(QPolygonF([QPointF(x + dx * r, y + dy * r) for dx, dy in corners[kind]]))
    path.closeSubpath()
    return path


class Ink:
    """A painter's box: one for a theme, kept by a view and handed to its lanes."""

    def __init__(self, colours: Theme, zoom: float | None = None) -> None:
        """zoom: how much larger than drawn the whole is shown (see ``magnified``), with fonts as drawn.

        None: nothing is magnified; fonts are of the chosen size, and whoever paints goes by their metrics.
        """
        self.theme, self.zoom = colours, zoom if zoom is not None else 1.0
        font = theme.font if zoom is None else theme.drawn_font
        self.base = font(theme.BASE)
        self.bold = font(theme.BASE, bold=True)
        self.bold.setWeight(QFont.Weight.Bold)  # one weight is shipped: Qt thickens it from Bold on only
        self.small = font(theme.SMALL)
        self.tiny = font(theme.SMALL - 1)
        self._metrics: dict[int, QFontMetricsF] = {}
        self._readable: dict[str, str] = {}

    def colour(self, token: str, alpha: float = 1.0) -> QColor:
        return self.theme.color(token, alpha)

    def readable_on(self, token: str, alpha: float) -> QColor:
        """Of the two text colours, the one that stands out more on a token laid over the surface with alpha."""
        over, under = self.colour(token), self.colour("surface")
        mixed = QColor(
            *(
                round(b + (a - b) * alpha)
                for a, b in zip(over.getRgb()[:3], under.getRgb()[:3], strict=True)  # type: ignore[index]
            )
        ).name()
        found = self._readable.get(mixed)
        if found is None:
            pair = (self.theme.text, self.theme.on_accent)
            found = self._readable[mixed] = max(pair, key=lambda c: theme.contrast(c, mixed))
        return QColor(found)

    def series(self, index: int, alpha: float = 1.0) -> QColor:
        return theme.shade(self.theme.series[index % len(self.theme.series)], alpha)

    def metrics(self, font: QFont) -> QFontMetricsF:
        found = self._metrics.get(id(font))
        if found is None:
            found = self._metrics[id(font)] = QFontMetricsF(font)
        return found

    def width(self, text: str, font: QFont) -> float:
        return self.metrics(font).horizontalAdvance(text)

    def text(
        self,
        painter: QPainter,
        rect: QRectF,
        text: str,
        colour: QColor,
        *,
        font: QFont | None = None,
        align: Qt.AlignmentFlag = LEFT,
        elide: bool = True,
    ) -> None:
        """Plain text on one line, shortened with an ellipsis where it does not fit."""
        font = font or self.small
        line = " ".join(text.split())
        if elide and self.width(line, font) > rect.width():
            line = self.metrics(font).elidedText(line, Qt.TextElideMode.ElideRight, rect.width())
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(rect, int(align) | int(Qt.TextFlag.TextDontClip), line)

    def vertical(
        self, painter: QPainter, x: float, top: float, bottom: float, colour: QColor, width: float = 1
    ) -> None:
        """A crisp vertical line: filled, so that no half pixel is smeared."""
        painter.fillRect(QRectF(round(x - width / 2), top, width, bottom - top), colour)

    def horizontal(self, painter: QPainter, left: float, right: float, y: float, colour: QColor) -> None:
        painter.fillRect(QRectF(left, round(y), right - left, 1), colour)

    def polyline(
        self, painter: QPainter, points: Sequence[QPointF], colour: QColor, dash: Iterable[float] = ()
    ) -> None:
        if len(points) < 2:
            return
        pen = QPen(colour, LINE_WIDTH)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pattern = list(dash)
        if pattern:
            pen.setDashPattern(pattern)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))

    def marker(self, painter: QPainter, kind: str, centre: QPointF, colour: QColor, radius: float = POINT) -> None:
        """A filled marker with a hair of surface around it, so that it reads on its own line and on others."""
        painter.setPen(QPen(self.colour("surface"), 1))
        painter.setBrush(QBrush(colour))
        painter.drawPath(marker_path(kind, centre, radius))

    def box(
        self, painter: QPainter, rect: QRectF, fill: QColor, border: QColor | None = None, radius: float = 3
    ) -> None:
        painter.setPen(QPen(border, 1) if border is not None else Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(fill))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5) if border is not None else rect, radius, radius)

    def frame(self, painter: QPainter, rect: QRectF, colour: QColor, radius: float = 3) -> None:
        """An outline without a filling."""
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)

    def band(self, painter: QPainter, lower: Sequence[QPointF], upper: Sequence[QPointF], fill: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(fill))
        painter.drawPolygon(QPolygonF([*lower, *reversed(upper)]))


def spread(wanted: Sequence[tuple[float, float, float]], gap: float = 8.0) -> list[int]:
    """Which labels may stand without touching: (left, right, importance) each; the more important first."""
    kept: list[int] = []
    for index in sorted(range(len(wanted)), key=lambda i: (-wanted[i][2], wanted[i][0])):
        left, right, _ = wanted[index]
        if all(right + gap <= wanted[other][0] or left >= wanted[other][1] + gap for other in kept):
            kept.append(index)
    return sorted(kept)
