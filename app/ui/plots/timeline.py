"""The timeline page's plot: one patient's whole course on one time axis, lane under lane."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import i18n
from app.domain.records import Case
from app.ui import theme
from app.ui.plots.axis import TimeAxis
from app.ui.plots.canvas import TimelineCanvas
from app.ui.plots.ink import Ink
from app.ui.plots.overview import OverviewBar
from app.ui.plots.reading import read
from app.ui.plots.reading.words import Vocabulary
from app.ui.plots.readout import ReadOut, read_out
from app.ui.plots.scale import TimeScale
from app.ui.plots.sheet import Sheet
from app.ui.theme import Theme
from models.course import Course
from models.forecast import Forecast

_ZOOM_STEP = 1.5
_DOSES = 30.0  # days of a last prescription shown at most
_SHORTEST = 7.0  # days shown at least: a single visit stands at the start of a week
_AHEAD = 1.5  # lengths of the course shown of its forecast at first: thirty days would squeeze two into a corner


class TimelineView(QWidget):
    """Wheel zooms in time, drag shifts, double click shows all; arrow keys go from visit to visit.

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
        self._axis = TimeAxis()
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
    ) -> None:
        """Show a course whole. today: days since the first visit; a forecast without it starts at the last visit."""
        self._shown = (case, vocabulary, forecast, today, course)
        self._read()
        self._fit_extent()
        self._paint()

    def clear(self) -> None:
        """No patient: say what to do next."""
        self._shown = self._sheet = None
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
        self._sheet = read(case, vocabulary, language, forecast=forecast, course=course, today=today)
        self._axis = TimeAxis(case.visits, language)

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
