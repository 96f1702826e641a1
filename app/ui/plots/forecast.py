"""Forecasts as small multiples: what was seen, the median ahead with its intervals, and the last value to beat."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.figures import figure_texts, likelihood, percent_text
from app.ui.plots import magnified
from app.ui.plots.ink import DASHES, FORECAST_DASH, INNER_BAND, LEFT, OUTER_BAND, RIGHT, Ink
from app.ui.plots.lanes.scores import runs
from app.ui.plots.reading.scores import forecast_path
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Line
from app.ui.theme import Theme
from app.wording import chance_text, variable_label
from models.course import Course, Variable
from models.forecast import Forecast

_NARROWEST, _LOWEST = 300.0, 150.0  # pixels of a panel, at least
_GAP = 8.0
_CAPTION = 44.0
_MOST_COLUMNS = 4
_SHAPE = 1.8  # width to height of a panel
_HISTORY = 4.0  # horizons of history shown at most
_NEAR_ZERO = 1e-9


class ForecastView(QWidget):
    """One panel a variable; scrolls where there are many. colours: a fixed theme for pictures, None follows."""

    def __init__(self, parent: QWidget | None = None, *, colours: Theme | None = None) -> None:
        super().__init__(parent)
        self._grid = _Grid(colours)
        self._scroll = scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._grid)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        scroll.installEventFilter(self)
        scroll.verticalScrollBar().valueChanged.connect(self._grid.update)
        self._name()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever works by keyboard sees where the arrow keys scroll."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._grid.mark_focus(event.type() == QEvent.Type.FocusIn)
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._name()
        super().changeEvent(event)

    def _name(self) -> None:
        self._scroll.setAccessibleName(self.tr("Forecast of each variable"))

    def show_forecast(self, course: Course, forecast: Forecast) -> None:
        """course: the history; forecast: of the same patient, its days on the course's clock."""
        self._grid.show_forecast(course, forecast)

    def clear(self) -> None:
        self._grid.show_forecast(None, None)

    def hide_controls(self) -> None:
        """For pictures: nothing that can be pressed or scrolled."""
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def content_height(self, width: int) -> int:
        """Height at which nothing needs to scroll."""
        return self._grid.needed(width)

    def caption(self) -> str:
        """What the forecast rests on, in words."""
        return self._grid.caption()


class _Grid(QWidget):
    def __init__(self, colours: Theme | None) -> None:
        super().__init__()
        self._fixed = colours is not None
        self._ink = Ink(colours or theme.current(), 1.0 if self._fixed else theme.text_size())
        self._course: Course | None = None
        self._forecast: Forecast | None = None
        self._focus = False
        theme.notifier.changed.connect(self._dress)

    def show_forecast(self, course: Course | None, forecast: Forecast | None) -> None:
        self._course, self._forecast = course, forecast
        self._stand()
        self.update()

    def mark_focus(self, there: bool) -> None:
        self._focus = there
        self.update()

    def _stand(self) -> None:
        self.setMinimumHeight(self.needed(self.width()) if self._forecast is not None else 0)

    def needed(self, width: int) -> int:
        """Pixels of the screen, both."""
        count = len(self._forecast.variables) if self._forecast is not None else 0
        rows = math.ceil(count / self._columns(width / self._ink.zoom)) if count else 1
        return round((rows * (_LOWEST + _GAP) + _CAPTION) * self._ink.zoom)

    def _columns(self, width: float, height: float | None = None) -> int:
        """As many columns as fit, or those that give panels the best shape in a height."""
        count = len(self._forecast.variables) if self._forecast is not None else 1
        most = max(1, min(int(width // _NARROWEST), count, _MOST_COLUMNS))
        if height is None:
            return most
        room = height - _CAPTION

        def misfit(columns: int) -> float:
            panel = room / math.ceil(count / columns) - _GAP
            return abs(math.log(width / columns / max(panel, 1.0) / _SHAPE)) if panel >= _LOWEST else math.inf

        return min(range(most, 0, -1), key=misfit)

    def sizeHint(self) -> QSize:
        return QSize(640, self.needed(640))

    def resizeEvent(self, event: QEvent) -> None:
        self._stand()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.update()
        super().changeEvent(event)

    def caption(self) -> str:
        if self._forecast is None:
            return ""
        basis = self._forecast.basis
        parts = []
        if basis.get("patients"):
            text = self.tr("learned from {patients} patients, {visits} visits")
            parts.append(text.format(patients=f"{basis['patients']:,}", visits=f"{basis.get('visits', 0):,}"))
        if basis.get("history"):
            parts.append(self.tr("{n} records of this patient").format(n=basis["history"]))
        elif basis.get("static_only"):
            parts.append(self.tr("no record of this patient yet: what is usual for such a patient"))
        score = basis.get("score") or {}
        if score.get("model") and score.get("last_value"):
            gain = 1.0 - score["model"] / score["last_value"]
            worse = self.tr("error {percent}% above the last value: no better than repeating it")
            text = self.tr("error {percent}% below the last value") if gain > 0 else worse
            parts.append(text.format(percent=f"{abs(gain) * 100:.0f}"))
        parts.append(self.tr("for reference, does not replace the physician's diagnosis"))
        return " · ".join(parts)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = magnified.painter(self, self._ink.zoom)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink, area = self._ink, magnified.room(self, self._ink.zoom)
        painter.fillRect(area, ink.colour("bg"))
        course, forecast = self._course, self._forecast
        if course is None or forecast is None or not forecast.variables:
            text = self.tr("No forecast yet. Train a model, then choose a patient.")
            ink.text(painter, area, text, ink.colour("muted"), font=ink.base, align=Qt.AlignmentFlag.AlignCenter)
            return
        columns = self._columns(area.width(), area.height())
        rows = math.ceil(len(forecast.variables) / columns)
        width = (area.width() - _GAP * (columns - 1)) / columns
        height = (area.height() - _CAPTION - _GAP * (rows - 1)) / rows
        for index, variable in enumerate(forecast.variables):
            left, top = (index % columns) * (width + _GAP), (index // columns) * (height + _GAP)
            _Panel(painter, QRectF(left, top, width, height), ink, course, forecast, variable).paint()
        key = self.tr("dashed: median · dark band: 50% · light band: 90% interval · dotted: last value")
        for line, text in enumerate((key, self.caption())):
            rect = QRectF(4, area.bottom() - _CAPTION + 6 + line * 18, area.width() - 8, 18)
            ink.text(painter, rect, text, ink.colour("muted"))
        if self._focus:
            seen = self.visibleRegion().boundingRect()
            frame = QRectF(*(side / ink.zoom for side in (seen.x(), seen.y(), seen.width(), seen.height())))
            ink.frame(painter, frame, ink.colour("accent"), theme.PANEL_RADIUS)

    def _dress(self, colours: Theme) -> None:
        if not self._fixed:
            self._ink = Ink(colours, theme.text_size())
            self._stand()
            self.update()


class _Panel:
    """One variable: paints itself into a box."""

    def __init__(
        self, painter: QPainter, box: QRectF, ink: Ink, course: Course, forecast: Forecast, variable: Variable
    ) -> None:
        self._painter, self._box, self._ink = painter, box, ink
        self._variable = variable
        self._origin = float(course.times[-1]) if len(course) else 0.0
        known = variable.name in course.names
        values = course.column(variable.name) if known else np.full(len(course), np.nan)
        line = Line(variable.name, variable_label(variable), course.times, values, variable.unit)
        self._line = line
        self._path = forecast_path(forecast, line, self._origin)
        seen = values[~np.isnan(values)]
        self._last = float(seen[-1]) if len(seen) else math.nan
        self._end = float(forecast.at.max()) if len(forecast.at) else self._origin + 1.0
        self._plot = box.adjusted(44, 36, -14, -24)
        first = float(course.times[0]) if len(course) else self._origin
        horizon = max(self._end - self._origin, 1.0)
        self._scale = TimeScale(max(first, self._origin - _HISTORY * horizon), self._end)
        self._scale.set_pixels(self._plot.left(), self._plot.width())
        self._low, self._high = self._range()

    def _range(self) -> tuple[float, float]:
        """The whole scale where there is one: a change of a tenth of a point must not look like a cliff."""
        if self._variable.lower is not None and self._variable.upper is not None:
            return self._variable.lower, self._variable.upper
        visible = self._line.values[self._line.days >= self._scale.first - _NEAR_ZERO]
        values = [*visible[~np.isnan(visible)].tolist()]
        if self._path is not None:
            values += [*self._path.outer[0].tolist(), *self._path.outer[1].tolist()]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        if self._variable.lower is not None and low - self._variable.lower < 0.5 * max(high - low, 1.0):
            low = self._variable.lower
        return (low, high) if high - low > _NEAR_ZERO else (low - 0.5, high + 0.5)

    def paint(self) -> None:
        ink, painter = self._ink, self._painter
        ink.box(painter, self._box, ink.colour("surface"), ink.colour("line"), theme.PANEL_RADIUS)
        left = self._scale.x(self._origin)
        future = QRectF(left, self._plot.top() - 4, self._box.right() - 1 - left, self._plot.height() + 8)
        painter.fillRect(future, ink.colour("accent", 0.07))
        self._paint_heading()
        self._paint_axes()
        painter.save()
        painter.setClipRect(self._plot.adjusted(-6, -6, 8, 6))
        self._paint_forecast()
        self._paint_history()
        painter.restore()
        ink.vertical(painter, left, self._plot.top() - 4, self._plot.bottom() + 4, ink.colour("accent"), 2)

    def _y(self, value: float) -> float:
        return self._plot.bottom() - (value - self._low) / (self._high - self._low) * self._plot.height()

    def _points(self, days: np.ndarray, values: np.ndarray) -> list[QPointF]:
        return [QPointF(self._scale.x(d), self._y(v)) for d, v in zip(days.tolist(), values.tolist(), strict=True)]

    def _paint_heading(self) -> None:
        ink, box = self._ink, self._box
        unit = f" ({self._variable.unit})" if self._variable.unit else ""
        figures = ""
        if self._path is not None:
            path = self._path
            low, middle, high = (float(row[-1]) for row in (path.outer[0], path.median, path.outer[1]))
            if path.chance:
                figures = f"{chance_text(middle)} {likelihood(middle)}"
            else:
                median, interval = figure_texts(middle, low, high, 1 if self._variable.kind == "ordinal" else 2)
                figures = f"{median} ({interval})"
        width = ink.width(figures, ink.small) + 4
        title = QRectF(box.left() + 14, box.top() + 8, box.width() - width - 34, 18)
        ink.text(self._painter, title, self._line.label + unit, ink.colour("text"), font=ink.bold)
        rect = QRectF(box.right() - 12 - width, box.top() + 8, width, 18)
        ink.text(self._painter, rect, figures, ink.colour("accent"), align=RIGHT, elide=False)

    def _paint_axes(self) -> None:
        ink = self._ink
        for value in even_ticks(self._low, self._high):
            y = self._y(value)
            ink.horizontal(self._painter, self._plot.left() - 4, self._box.right() - 1, y, ink.colour("grid"))
            rect = QRectF(self._box.left() + 2, y - 8, 36, 16)
            text = percent_text(value) if self._variable.kind == "binary" else f"{value:g}".replace("-", "−")
            ink.text(self._painter, rect, text, ink.colour("muted"), font=ink.tiny, align=RIGHT, elide=False)
        y = self._plot.bottom() + 5
        begin, end = self._scale.first - self._origin, self._end - self._origin
        days = QCoreApplication.translate("ForecastView", "{n} days")
        ahead, back = days.format(n=f"+{end:.0f}"), days.format(n=f"−{-begin:.0f}")
        marks = [(self._scale.first, back, LEFT), (self._origin, "0", LEFT), (self._end, ahead, RIGHT)]
        for day, text, align in marks:
            x = self._scale.x(day)
            width = ink.width(text, ink.tiny) + 6
            if day == self._origin and (x - self._plot.left() < 40):
                continue
            rect = QRectF(x - (width if align is RIGHT else 3), y, width, 15)
            ink.text(self._painter, rect, text, ink.colour("muted"), font=ink.tiny, align=align, elide=False)

    def _paint_history(self) -> None:
        pairs = zip(self._line.days.tolist(), self._line.values.tolist(), strict=True)
        points = [None if math.isnan(v) else QPointF(self._scale.x(d), self._y(v)) for d, v in pairs]
        colour = self._ink.colour("text")
        for run in runs(points):
            self._painter.setPen(QPen(self._ink.colour("muted"), 1.4))
            self._painter.drawPolyline(run)
        for place in points:
            if place is not None:
                self._ink.marker(self._painter, "circle", place, colour, 3.0)

    def _paint_forecast(self) -> None:
        path, ink = self._path, self._ink
        if path is None:
            return
        for (lower, upper), alpha in ((path.outer, OUTER_BAND), (path.inner, INNER_BAND)):
            edges = self._points(path.days, lower), self._points(path.days, upper)
            ink.band(self._painter, *edges, ink.colour("accent", alpha))
        if not math.isnan(self._last):
            pen = QPen(ink.colour("muted"), 1)
            pen.setDashPattern(list(DASHES[3]))
            self._painter.setPen(pen)
            y = self._y(self._last)
            self._painter.drawLine(QPointF(self._scale.x(self._origin), y), QPointF(self._scale.x(self._end), y))
        ink.polyline(self._painter, self._points(path.days, path.median), ink.colour("accent"), FORECAST_DASH)


def even_ticks(low: float, high: float, count: int = 3) -> list[float]:
    """About ``count`` even values inside low..high."""
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= raw * 0.999)
    start = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(start, math.floor(high / step + 1e-9) + 1)]
