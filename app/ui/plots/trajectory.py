"""The network's inner life along the course: states of all neurons, and how slow each one is at the time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QPushButton, QWidget

from app import i18n
from app.domain.records import Case, Patient
from app.ui import theme
from app.ui.plots import magnified
from app.ui.plots.axis import TimeAxis
from app.ui.plots.header import HEIGHT as HEADER
from app.ui.plots.header import paint_header
from app.ui.plots.ink import Ink
from app.ui.plots.lanes.base import Frame
from app.ui.plots.magnified import at, room
from app.ui.plots.readout import ReadOut, Row, paint_read_out
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Sheet
from app.ui.plots.trajectory_boxes import (
    HEADING,
    nearest_line,
    panel_boxes,
    plot_boxes,
    row_at,
    state_reach,
    tau_reach,
)
from app.ui.plots.trajectory_panels import (
    Series,
    diverging,
    kind_name,
    log_ticks,
    paint_heading,
    paint_heat,
    paint_lines,
    paint_ticks,
    plot_left,
    sequential,
)
from app.ui.theme import Theme
from models.forecast import Trajectory

_WHEEL = 1.0015
_SAME_DAY = 0.5
_CLICK = 4.0  # pixels the mouse may move in a click


class TrajectoryView(QWidget):
    """Two panels on one time axis; a neuron under the cursor is marked in both and named with its figures.

    colours: a fixed theme, for pictures; None follows the application's
    """

    hovered = Signal(str)  # name of the neuron under the cursor, "" where none
    picked = Signal(str)  # a neuron was clicked
    pointed = Signal(float)  # day under the mouse

    def __init__(self, parent: QWidget | None = None, *, colours: Theme | None = None) -> None:
        super().__init__(parent)
        self._fixed = colours is not None
        self._ink = Ink(colours or theme.current(), 1.0 if self._fixed else theme.text_size())
        self.scale = TimeScale()
        self._series: Series | None = None
        self._case: Case | None = None
        self._axis = TimeAxis()
        self._drawn: QPixmap | None = None
        self._chosen: int | None = None
        self._kept: int | None = None  # chosen until another is, whatever is pointed at
        self._cursor: QPointF | None = None
        self._day: float | None = None
        self._drag: QPointF | None = None
        self._pressed: QPointF | None = None
        self.state_as_lines = False
        self.tau_as_heat = False
        self._state_button = QPushButton(self)
        self._tau_button = QPushButton(self)
        self._state_button.clicked.connect(self.toggle_state)
        self._tau_button.clicked.connect(self.toggle_tau)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.notifier.changed.connect(self._dress)
        self._retranslate()

    def show_trajectory(self, trajectory: Trajectory, case: Case | None = None) -> None:
        """Show the states and time constants. case: gives the visits and dates of the axis."""
        self._series = Series.of(trajectory)
        self._case = case
        self._chosen = self._kept = self._day = None
        times = self._series.times
        if len(times):
            self.scale.set_extent(float(times[0]), float(times[-1]))
        self._axis = TimeAxis(case.visits if case is not None else (), i18n.language())
        self._retranslate()
        self._redraw()

    def clear(self) -> None:
        self._series = self._case = self._chosen = self._kept = self._day = None
        self._retranslate()
        self._redraw()

    def toggle_state(self) -> None:
        """States as lines, or as heat."""
        self.state_as_lines = not self.state_as_lines
        self._retranslate()
        self._redraw()

    def toggle_tau(self) -> None:
        """Time constants as heat, or as lines."""
        self.tau_as_heat = not self.tau_as_heat
        self._retranslate()
        self._redraw()

    def hide_controls(self) -> None:
        """For pictures: nothing that can be pressed."""
        self._state_button.hide()
        self._tau_button.hide()

    def fit(self) -> None:
        self.scale.fit()
        self._redraw()

    def choose(self, name: str) -> None:
        """Mark a neuron in all panels; "" marks none. Raises KeyError for an unknown name."""
        names = self.names
        if name and name not in names:
            raise KeyError(f"no neuron {name!r}; there are {', '.join(names)}")
        self._kept = names.index(name) if name else None
        self._choose(self._kept)

    @property
    def names(self) -> list[str]:
        """Of the neurons from top to bottom."""
        return [n.name for n in self._series.neurons] if self._series is not None else []

    @property
    def chosen(self) -> str:
        """The neuron chosen, "" where none is."""
        return self.names[self._kept] if self._kept is not None else ""

    def point_at(self, day: float) -> None:
        """Put the cursor on a day."""
        self._day = day
        self.update()

    def readout_at(self, day: float) -> ReadOut | None:
        """Name, kind, state and time constant of the marked neuron on a day; None where none is marked."""
        series = self._series
        if series is None or self._chosen is None:
            return None
        neuron = series.neurons[self._chosen]
        place = self._axis.place(day)
        title = f"{neuron.name} · {kind_name(neuron.kind)}"
        rows = [
            Row(self.tr("State"), f"{series.at(series.state, self._chosen, day):+.2f}"),
            Row(self.tr("Time constant τ"), self.tr("{n} days").format(n=f"{self._tau(day):.3g}")),
        ]
        if place:
            rows.append(Row(self.tr("Time"), place))
        return ReadOut(title, tuple(rows), day, None)

    def _tau(self, day: float) -> float:
        assert self._series is not None
        assert self._chosen is not None
        return self._series.at(self._series.tau, self._chosen, day)

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        plot_left(self.scale, self._room.width())
        self._place_buttons()
        self._redraw()

    @property
    def _room(self) -> QRectF:
        return room(self, self._ink.zoom)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._axis = TimeAxis(self._case.visits if self._case is not None else (), i18n.language())
            self._retranslate()
            self._redraw()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._drawn is None:
            self._drawn = self._draw()
        painter = magnified.painter(self, self._ink.zoom)
        painter.drawPixmap(0, 0, self._drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._series is not None:
            self._paint_cursor(painter)
        if self.hasFocus():
            self._ink.frame(painter, QRectF(self.rect()), self._ink.colour("accent"), theme.PANEL_RADIUS)

    def panels(self) -> dict[str, QRectF]:
        """Outer boxes of "state" and "tau"; the axis row is the top of the first."""
        return panel_boxes(self._room.width(), self._room.height())

    def plot_box(self, panel: str) -> QRectF:
        """The part of a panel that holds rows or lines, label column included."""
        return plot_boxes(self.panels())[panel]

    def _draw(self) -> QPixmap:
        pixmap = magnified.paper(self, self._ink.zoom)
        pixmap.fill(self._ink.colour("bg"))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._ink
        for box in self.panels().values():
            ink.box(painter, box, ink.colour("surface"), ink.colour("line"), theme.PANEL_RADIUS)
        if self._series is None or len(self._series.times) < 2:
            words = self.tr("No trajectory yet. Train a model, then choose a patient.")
            box = self.panels()["state"]
            ink.text(painter, box, words, ink.colour("muted"), font=ink.base, align=Qt.AlignmentFlag.AlignCenter)
        else:
            self._draw_panels(painter, self._series)
        painter.end()
        return pixmap

    def _draw_panels(self, painter: QPainter, series: Series) -> None:
        ink, scale, panels = self._ink, self.scale, self.panels()
        for box in panels.values():
            left = min(max(scale.x(series.observed_until), theme.LABEL_COLUMN), box.right())
            shaded = QRectF(left, box.top() + 1, box.right() - 1 - left, box.height() - 2)
            painter.fillRect(shaded, ink.colour("accent", 0.07))
        sheet = self._axis_sheet(series)
        paint_header(painter, QRectF(0, 0, self._room.width(), HEADER), sheet, self._axis, scale, ink)
        ink.horizontal(painter, 0, self._room.width(), HEADER - 1, ink.colour("line"))
        subtitle = self.tr("{n} neurons, ordered by kind").format(n=len(series.neurons))
        paint_heading(painter, ink, panels["state"].translated(0, HEADER), self.tr("Neuron states"), subtitle)
        subtitle = self.tr("days, logarithmic; the system's own, input included")
        paint_heading(painter, ink, panels["tau"], self.tr("Liquid time constant τ"), subtitle)
        self._draw_state(Frame(painter, self.plot_box("state"), sheet, scale, ink), series)
        self._draw_tau(Frame(painter, self.plot_box("tau"), sheet, scale, ink), series)
        if scale.sees(series.observed_until):
            x = scale.x(series.observed_until)
            ink.vertical(painter, x, 22, HEADER, ink.colour("accent"), 2)
            for panel, box in panels.items():  # not through the headings
                ink.vertical(painter, x, self.plot_box(panel).top() - 2, box.bottom() - 1, ink.colour("accent"), 2)

    def _draw_state(self, frame: Frame, series: Series) -> None:
        _, low, high = state_reach(series)
        if self.state_as_lines:
            ticks = [(v * high, f"{v * high:+.2g}" if v else "0") for v in (-1.0, -0.5, 0.0, 0.5, 1.0)]
            paint_ticks(frame, ticks, low, high)
            paint_lines(frame, series, series.state, low, high, self._chosen)
        else:
            paint_heat(frame, series, series.state / high / 2 + 0.5, diverging(self._ink), self._chosen)

    def _draw_tau(self, frame: Frame, series: Series) -> None:
        logs, low, high = tau_reach(series)
        if self.tau_as_heat:
            paint_heat(frame, series, (logs - low) / (high - low), sequential(self._ink), self._chosen)
        else:
            paint_ticks(frame, log_ticks(low, high), low, high)
            paint_lines(frame, series, logs, low, high, self._chosen)

    def _axis_sheet(self, series: Series) -> Sheet:
        case = self._case if self._case is not None else Case(Patient(""), ())
        until = series.observed_until
        at_visit = not case.visits or abs(case.visits[-1].day - until) < _SAME_DAY
        last = float(series.times[-1])
        return Sheet(case, i18n.language(), today=until, today_is_last_visit=at_visit, forecast_until=last)

    def _paint_cursor(self, painter: QPainter) -> None:
        """The day of all panels; what the neuron under the mouse had then, where the mouse is here."""
        if self._day is None or not self.scale.sees(self._day):
            return
        x, cursor = self.scale.x(self._day), self._cursor
        for box in self.panels().values():
            self._ink.vertical(painter, x, box.top() + 1, box.bottom() - 1, self._ink.colour("muted", 0.6))
        out = self.readout_at(self._day)
        if out is not None and cursor is not None:
            inside = QRectF(theme.LABEL_COLUMN, 0, self._room.width() - theme.LABEL_COLUMN - 4, self._room.height())
            paint_read_out(painter, self._ink, out, cursor, inside)

    def neuron_at(self, place: QPointF) -> int | None:
        """Index of the neuron a point means: the row it is in, or the nearest line."""
        series = self._series
        if series is None:
            return None
        for panel, lines in (("state", self.state_as_lines), ("tau", not self.tau_as_heat)):
            box = self.plot_box(panel)
            if not box.contains(place):
                continue
            if not lines:
                return row_at(box, series, place.y())
            if place.x() < theme.LABEL_COLUMN:
                return None
            reach = state_reach(series) if panel == "state" else tau_reach(series)
            return nearest_line(box, series, reach, self.scale.day(place.x()), place.y())
        return None

    def _choose(self, index: int | None) -> None:
        if index != self._chosen:
            self._chosen = index
            self._redraw()
            series = self._series
            self.hovered.emit(series.neurons[index].name if series is not None and index is not None else "")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = at(event, self._ink.zoom)
        if self._drag is not None:
            self.scale.pan(self._drag.x() - place.x())
            self._drag = place
            self._redraw()
        self._cursor = place if place.x() >= theme.LABEL_COLUMN else None
        under = self.neuron_at(place)
        self._choose(self._kept if under is None else under)
        if self._cursor is not None and self._series is not None:
            self._day = min(max(self.scale.day(place.x()), self.scale.low), self.scale.high)
            self.pointed.emit(self._day)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = self._pressed = at(event, self._ink.zoom)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        under = self.neuron_at(at(event, self._ink.zoom))
        still = self._pressed is not None and (at(event, self._ink.zoom) - self._pressed).manhattanLength() <= _CLICK
        if still and under is not None:
            self.picked.emit(self.names[under])
        self._drag = self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the cursor; over the label column or with Shift the page scrolls, as the timeline does."""
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or at(event, self._ink.zoom).x() < theme.LABEL_COLUMN:
            event.ignore()
            return
        delta = event.angleDelta()
        if abs(delta.x()) > abs(delta.y()):
            self.scale.pan(-delta.x() / 2)
        else:
            self.scale.zoom(_WHEEL ** delta.y(), self.scale.day(at(event, self._ink.zoom).x()))
        self._redraw()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._cursor = None
        self._choose(self._kept)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    def _redraw(self) -> None:
        self._drawn = None
        self.update()

    def _retranslate(self) -> None:
        self._state_button.setText(self.tr("Heat map") if self.state_as_lines else self.tr("Lines"))
        self._tau_button.setText(self.tr("Lines") if self.tau_as_heat else self.tr("Heat map"))
        self._state_button.setAccessibleName(self.tr("Neuron states: another way to draw them"))
        self._tau_button.setAccessibleName(self.tr("Time constants: another way to draw them"))
        for button in (self._state_button, self._tau_button):
            button.setEnabled(self._series is not None)
        self.setAccessibleName(self.tr("State trajectory"))
        self._place_buttons()

    def _place_buttons(self) -> None:
        panels, zoom = self.panels(), self._ink.zoom
        for button, top in ((self._state_button, HEADER + 2), (self._tau_button, panels["tau"].top() + 2)):
            size = button.sizeHint()
            height = min(size.height(), int((HEADING - 2) * zoom))
            left = self.width() - size.width() - round(10 * zoom)
            button.setGeometry(left, round(top * zoom), size.width(), height)

    def _dress(self, colours: Theme) -> None:
        if not self._fixed:
            self._ink = Ink(colours, theme.text_size())
            self._arrange()
