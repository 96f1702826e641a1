"""What a person arranges on the timeline and is remembered: axis, lanes, layouts; and the annotations of the course."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtWidgets import QMainWindow

from app.store.roles import Permission
from app.ui.action_table import ActionTable
from app.ui.dialog_shelf import DialogShelf
from app.ui.lane_menu import LaneMenu
from app.ui.notifications import NoticeBar
from app.ui.part import Part
from app.ui.plots.axis import AxisMode
from app.ui.plots.layout import LaneLayout
from app.ui.plots.sheet import Flag
from app.ui.plots.timeline import TimelineView
from app.ui.session import Session
from app.ui.settings import Settings

if TYPE_CHECKING:
    from app.store.annotations import Annotation
    from app.store.clinic import Clinic

SETTLE_MS = 60  # walking through patients reads annotations where it comes to rest


class TimelineDesk(Part):
    """kept: something of the settings has changed; page_wanted: what was asked for shows on the timeline page."""

    kept = Signal()
    page_wanted = Signal()

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        notices: NoticeBar,
        dialogs: DialogShelf,
        settings: Settings,
        view: TimelineView,
    ) -> None:
        super().__init__(window, session, notices, dialogs)
        self._settings, self._view = settings, view
        self._table: ActionTable | None = None
        self.menu: LaneMenu | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._read)
        view.set_axis_mode(AxisMode(settings.axis))
        view.canvas.set_layout(LaneLayout.of_json(settings.lanes) or LaneLayout())
        canvas = view.canvas
        canvas.arranged.connect(self._keep_lanes)
        canvas.menu_wanted.connect(self._show_menu)
        canvas.flag_written.connect(self._write)
        canvas.flag_dropped.connect(self._take_out)
        session.selected.connect(self._look)
        session.annotated.connect(self._look_again)

    def show_on(self, table: ActionTable) -> None:
        """Mark in the menus what the axis counts, from now on."""
        self._table = table
        self._mark()

    # -- the axis

    def count_dates(self) -> None:
        self._count(AxisMode.CALENDAR)

    def count_days(self) -> None:
        self._count(AxisMode.DAYS)

    def count_visits(self) -> None:
        self._count(AxisMode.VISITS)

    def _count(self, mode: AxisMode) -> None:
        self._view.set_axis_mode(mode)
        self._settings.axis = str(mode)
        self._mark()
        self.kept.emit()

    def _mark(self) -> None:
        if self._table is not None:
            self._table[f"axis_{self._view.axis_mode}"].setChecked(True)

    # -- lanes and layouts

    def show_lanes(self) -> None:
        """The menu of the lanes, by key: beside the lane that is chosen, else at the top."""
        self.page_wanted.emit()
        canvas = self._view.canvas
        place = canvas.lane_rects().get(canvas.chosen)
        corner = QPoint(16, round(place.top()) + 24 if place is not None else 40)
        self._show_menu(canvas.viewport().mapToGlobal(corner), None, canvas.chosen)

    def layouts(self) -> dict[str, LaneLayout]:
        """Arrangements kept, by name."""
        found = {name: LaneLayout.of_json(content) for name, content in self._settings.layouts.items()}
        return {name: layout for name, layout in sorted(found.items()) if layout is not None}

    def ask_for_name(self) -> None:
        from app.ui.pages.layout_dialog import LayoutDialog

        dialog = LayoutDialog(tuple(self.layouts()), self._window)
        dialog.named.connect(self.keep_layout)
        self._dialogs.keep("layout", dialog)

    def keep_layout(self, name: str) -> None:
        """Keep the lanes as they are under a name."""
        self._settings.layouts[name] = self._view.canvas.layout_of_lanes.to_json()
        self._notices.info(self.tr("Layout kept: {name}").format(name=name))
        self.kept.emit()

    def take_layout(self, name: str) -> None:
        self._view.canvas.arrange(self.layouts()[name])

    def forget_layout(self, name: str) -> None:
        self._settings.layouts.pop(name, None)
        self.kept.emit()

    def reset_lanes(self) -> None:
        """As they come with the program."""
        self._view.canvas.arrange(LaneLayout())

    def _keep_lanes(self, layout: LaneLayout) -> None:
        self._settings.lanes = layout.to_json()
        self.kept.emit()

    def _show_menu(self, place: QPoint, day: float | None, lane: str) -> None:
        self.menu = LaneMenu(self, self._view.canvas, day, lane)
        self.menu.popup(place)

    # -- measure and annotations

    def measure(self) -> None:
        self.page_wanted.emit()
        self._view.canvas.setFocus()
        self._view.canvas.start_measure()

    def annotate(self) -> None:
        self.page_wanted.emit()
        self._view.canvas.annotate()

    def _look(self, _: object = None) -> None:
        """Another course is shown, or the same anew."""
        self._view.canvas.may_annotate = self._session.may(Permission.PATIENTS_WRITE)
        self._settle.start()

    def _look_again(self, code: str) -> None:
        if self._session.case is not None and self._session.case.patient.code == code:
            self._read()

    def _read(self) -> None:
        """Ask for the annotations elsewhere: the course is there without waiting for them."""
        clinic, case = self._session.clinic, self._session.case
        if clinic is not None and case is not None and self._session.may(Permission.PATIENTS_READ):
            code = case.patient.code
            work = partial(clinic.annotations.list, code)
            self._session.errands.run(work, partial(self._show, clinic, code), self._session.trouble.emit)

    def _show(self, clinic: Clinic, code: str, found: Sequence[Annotation]) -> None:
        session, case = self._session, self._session.case
        there = session.clinic is clinic and not session.locked
        if there and case is not None and case.patient.code == code:
            self._view.show_flags([Flag(one.id, one.day, one.text, one.until, one.version) for one in found])

    def _write(self, flag: Flag, words: str) -> None:
        clinic, case = self._session.clinic, self._session.case
        if clinic is None or case is None or self._session.locked:
            return
        service, code = clinic.annotations, case.patient.code
        if flag.key:
            work = partial(service.change, code, flag.key, words, flag.day, flag.until, version=flag.version)
        else:
            work = partial(service.add, code, flag.day, words, flag.until)
        self._session.errands.run(work, _done, self._notices.tell)

    def _take_out(self, flag: Flag) -> None:
        clinic, case = self._session.clinic, self._session.case
        if clinic is not None and case is not None and not self._session.locked:
            work = partial(clinic.annotations.remove, case.patient.code, flag.key, version=flag.version)
            self._session.errands.run(work, _done, self._notices.tell)


def _done(_: object) -> None:
    """What was stored is shown when the store tells of it."""
