"""The timeline page's plot: one patient's whole course on one time axis, lane under lane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import i18n
from app.domain.records import Case
from app.ui import theme
from app.ui.plots.axis import AxisMode, TimeAxis
from app.ui.plots.canvas import TimelineCanvas
from app.ui.plots.ink import Ink
from app.ui.plots.overview import OverviewBar
from app.ui.plots.reading import read
from app.ui.plots.reading.words import Vocabulary
from app.ui.plots.readout import ReadOut, read_out
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Flag, Sheet
from app.ui.theme import Theme
from models.course import Course
from models.forecast import Forecast
from models.surprise import Surprise

_ZOOM_STEP = 1.5
_DOSES = 30.0  # days of a last prescription shown at most
_SHORTEST = 7.0  # days shown at least: a single visit stands at the start of a week
_AHEAD = 1.5  # lengths of the course shown of its forecast at first: thirty days would squeeze two into a corner


class TimelineView(QWidget):
    """Wheel zooms in time, drag shifts, double click shows all; the canvas tells of the keys.

    colours: a fixed theme, for pictures; None follows the application's
    """

    hovered = Signal(float)  # day under the cursor

    def __init__(self, parent: QWidget | None = None, *, colours: Theme | None = None) -> None:
        super().__init__(parent)
        self._fixed = colours is not None
        self._ink = Ink(colours or theme.current(), 1.0 if self._fixed else theme.text_size())
        self.scale = TimeScale()
        self._shown: tuple[Case, Vocabulary | None, Forecast | None, float | None, Course | None] | None = None
        self._sheet: Sheet | None = None
        self._surprises: tuple[Surprise, ...] = ()
        self._flags: tuple[Flag, ...] = ()
        self._fitted = (0.0, 0.0)  # what was in view when the course was shown
        self._axis = TimeAxis()
        self._mode = AxisMode.CALENDAR
        self.canvas = TimelineCanvas(self.scale, self._ink, self)
        self.overview = OverviewBar(self.scale, self._ink, self)
        self.setFocusProxy(self.canvas)
        if self._fixed:  # the gaps between the panels belong to the picture too
            self.setPalette(theme.palette(self._ink.theme))
            self.setAutoFillBackground(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.overview)
        self.canvas.hovered.connect(self.hovered)
        self.canvas.moved.connect(self.overview.update)
        self.overview.moved.connect(self.canvas.redraw)
        theme.notifier.changed.connect(self._dress)
        self.clear()

    @property
    def sheet(self) -> Sheet | None:
        return self._sheet

    def show_case(
        self,
        case: Case,
        vocabulary: Vocabulary | None,
        forecast: Forecast | None = None,
        today: float | None = None,
        course: Course | None = None,
        *,
        surprises: Sequence[Surprise] = (),
    ) -> None:
        """Show a course whole; one that is shown already keeps its zoom and its annotations.

        today: days since the first visit; a forecast without it starts at the last visit
        surprises: those outside the forecast made before them are ringed
        """
        same = self._shown is not None and self._shown[0].patient.code == case.patient.code
        view = (self.scale.low, self.scale.high)
        moved = same and view != self._fitted
        if not same:
            self._flags = ()
        self._shown = (case, vocabulary, forecast, today, course)
        self._surprises = tuple(one for one in surprises if one.outside)
        self._read()
        self._fit_extent()
        if moved:
            self.scale.show(*view)
        self._paint()

    def show_flags(self, flags: Sequence[Flag]) -> None:
        """The annotations of the course that is shown."""
        self._flags = tuple(flags)
        if self._sheet is not None:
            self._sheet = replace(self._sheet, flags=self._flags)
            self.canvas.show_flags(self._sheet)

    @property
    def axis_mode(self) -> AxisMode:
        return self._mode

    def set_axis_mode(self, mode: AxisMode) -> None:
        """Dates, days or visit numbers along the axis; what was in view stays in view."""
        if mode is self._mode:
            return
        self._mode = mode
        self._read()
        self._paint()

    def clear(self) -> None:
        """No patient: say what to do next."""
        self._shown = self._sheet = None
        self._flags = ()
        self._axis = TimeAxis()
        self._paint()

    def zoom_in(self) -> None:
        self._zoom(_ZOOM_STEP)

    def zoom_out(self) -> None:
        self._zoom(1 / _ZOOM_STEP)

    def fit(self) -> None:
        self.scale.fit()
        self._moved()

    def readout_at(self, day: float) -> ReadOut | None:
        """What the crosshair says on a day."""
        return None if self._sheet is None else read_out(self._sheet, self._axis, day)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._read()
            self._paint()
        super().changeEvent(event)

    def _read(self) -> None:
        if self._shown is None:
            return
        case, vocabulary, forecast, today, course = self._shown
        language = i18n.language()
        sheet = read(case, vocabulary, language, forecast=forecast, course=course, today=today)
        self._sheet = replace(sheet, surprises=self._surprises, flags=self._flags)
        self._axis = TimeAxis(case.visits, language, self._mode)
        self.scale.steps = self._axis.steps()

    def _fit_extent(self) -> None:
        """From the first visit to the last, today, or the end of the forecast, with a little room after it."""
        sheet = self._sheet
        if sheet is None or not sheet.visits:
            return
        first = sheet.visits[0].day
        last = max(sheet.last_day, sheet.today or sheet.last_day, sheet.forecast_until or sheet.last_day)
        ends = [b.end for bands in (sheet.remedies.formulas, sheet.tongue) for b in bands]
        room = max((last - first) * 0.05, 1.0)
        most = max(room, min(_DOSES, 0.4 * (last - first)))
        last = max(last, min(max(ends, default=last), last + most))
        history = sheet.last_day - first
        self.scale.set_extent(first, max(last, first + (0.0 if history else _SHORTEST)))
        today = max(sheet.today or sheet.last_day, sheet.last_day)
        near = today + max(_AHEAD * (today - first), _SHORTEST)
        if near < last:  # the rest is a shift or Ctrl+0 away
            self.scale.show(first, near)
        self._fitted = (self.scale.low, self.scale.high)

    def _paint(self) -> None:
        empty = self.tr("Choose a patient at the left, or import records, to see the course here.")
        if self._shown is not None and not self._shown[0].visits:
            empty = self.tr("No visit yet. Add the first one to start the course.")
        self.canvas.show_sheet(self._sheet, self._axis, empty)
        self.overview.show_sheet(self._sheet)
        name = self._shown[0].patient.code if self._shown is not None else ""
        self.canvas.setAccessibleName(self.tr("Timeline {patient}").format(patient=name).strip())

    def _zoom(self, factor: float) -> None:
        self.scale.zoom(factor)
        self._moved()

    def _moved(self) -> None:
        self.canvas.redraw()
        self.overview.update()

    def _dress(self, colours: Theme) -> None:
        if self._fixed:
            return
        self._ink = Ink(colours, theme.text_size())
        self.canvas.set_ink(self._ink)
        self.overview.set_ink(self._ink)
