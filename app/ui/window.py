"""The window: rail, patient list, header, pages and the notice bar, put together and wired to one session.

The parts know nothing of each other; every command of ``commands`` is a method here or of a part.
"""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.domain.errors import KnownError
from app.domain.records import Case
from app.jobs.worker import start as start_job
from app.store.roles import Permission
from app.ui import settings as memory
from app.ui import translation
from app.ui.action_table import ActionTable
from app.ui.allowance import Allowance
from app.ui.appearance import Appearance
from app.ui.chores import Chores
from app.ui.comparing import Comparing
from app.ui.dialog_shelf import DialogShelf
from app.ui.dropping import Dropping
from app.ui.entry import Entry, Face
from app.ui.everywhere import Everywhere, only_this_counts
from app.ui.forecast_desk import ForecastDesk
from app.ui.forecasting import Forecaster, Maker, Outlook, start_service
from app.ui.idle_lock import IdleLock
from app.ui.jobs_bridge import Starter
from app.ui.list_place import ListPlace
from app.ui.model_choice import ModelChoice
from app.ui.notifications import NoticeBar
from app.ui.office import Office
from app.ui.pages.compare import OTHER, ComparePage
from app.ui.pages.forecast import ForecastPage
from app.ui.pages.header import CaseHeader
from app.ui.pages.patients import PatientPanel
from app.ui.pages.timeline import TimelinePage
from app.ui.pages.training import TrainingPage
from app.ui.pages.trajectory import TrajectoryPage
from app.ui.patient_desk import PatientDesk
from app.ui.patient_entry import PatientEntry
from app.ui.printing import Printing
from app.ui.rail import Rail
from app.ui.records import Records
from app.ui.session import Session
from app.ui.settings import Settings
from app.ui.timeline_desk import TimelineDesk
from app.ui.visit_desk import VisitDesk

PAGES = ("page_timeline", "page_trajectory", "page_forecast", "page_training", "page_compare")
SIZE = (1280, 800)
log = logging.getLogger(__name__)


class MainWindow(translation.Speaking, QMainWindow):
    """start and make_service begin workers; tests hand in their own."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        start: Starter = start_job,
        make_service: Maker = start_service,
    ) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.settings = settings if settings is not None else memory.load()
        self.session = Session(self)
        self.forecaster = Forecaster(make_service, self)
        self.notices = NoticeBar()
        parts = (self, self.session, self.notices)
        self.dialogs = DialogShelf(self)
        self.chores = Chores(*parts, self.dialogs, start)
        self.entry = Entry(*parts, self.dialogs)
        self.records = Records(*parts, self.dialogs)
        self.printing = Printing(*parts, self.dialogs)
        self.visits = VisitDesk(*parts, self.dialogs, self.forecaster)
        self.people = PatientEntry(*parts, self.dialogs, self.visits.new_visit)
        self.office = Office(*parts, self.dialogs)
        self.choice = ModelChoice(*parts)
        self.appearance = Appearance(self, self.settings)
        self.dropping = Dropping(self, self.session)
        self.idle = IdleLock(*parts, self.dialogs, self.settings)
        self.chores.folder = self.settings.last_folder if Path(self.settings.last_folder).is_dir() else ""
        self._build()
        self.desk = PatientDesk(*parts, self.dialogs, self.patients, start)
        pages = {"timeline": self.timeline, "state": self.trajectory, "page": self.forecast}
        self.forecasts = ForecastDesk(*parts, self.forecaster, visits=self.visits, **pages)
        self.course = TimelineDesk(*parts, self.dialogs, self.settings, self.timeline.view)
        place = {"entry": self.entry, "appearance": self.appearance, "settings": self.settings}
        self.everywhere = Everywhere(*parts, self.dialogs, **place)
        self.actions_table = ActionTable(self)
        self.actions_table.fill(self.menuBar())
        self.everywhere.follow(self.actions_table)
        self.allowance = Allowance(self.session, self.actions_table, self.header, self.records)
        self.rail.fill(self.actions_table)
        self._wire()
        self.resize(*SIZE)
        if self.settings.geometry:
            self.restoreGeometry(QByteArray.fromBase64(self.settings.geometry.encode()))
        self.retranslate()
        self.appearance.show_on(self.actions_table)
        self.course.show_on(self.actions_table)
        self._show_page(self.settings.last_page if self.settings.last_page in PAGES else PAGES[0])
        self._show_face(Face.WELCOME)

    # -- putting together

    def _build(self) -> None:
        self.rail = Rail()
        self.patients = PatientPanel()
        self.list_place = ListPlace(self, self.patients)
        self.header = CaseHeader()
        self.timeline, self.trajectory = TimelinePage(), TrajectoryPage()
        self.forecast, self.training = ForecastPage(), TrainingPage()
        self.compare = ComparePage()
        self.comparing = Comparing(self, self.session, self.notices, self.dialogs, self.compare)
        self.pages = QStackedWidget()
        for page in (self.timeline, self.trajectory, self.forecast, self.training, self.compare):
            self.pages.addWidget(page)
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.header)
        middle.addWidget(self.pages, 1)
        work = QWidget()
        upper = QHBoxLayout(work)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(0)
        upper.addWidget(self.rail)
        upper.addWidget(self.patients)
        upper.addLayout(middle, 1)
        self.visits.room = upper
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.front = QStackedWidget()  # in the order of Face
        for face in (work, self.entry.welcome, self.entry.gate):
            self.front.addWidget(face)
        column.addWidget(self.front, 1)
        column.addWidget(self.notices)
        self.setCentralWidget(central)

    def _wire(self) -> None:
        session, chores = self.session, self.chores
        self.patients.chosen.connect(self.choose)
        self.everywhere.finder.patient_wanted.connect(self.go_to)
        self.everywhere.guide.tour_wanted.connect(self.show_timeline)
        session.opened.connect(self._show_clinic)
        session.changed.connect(self._show_patients)
        session.models_changed.connect(self._show_models)
        session.selected.connect(self._show_case)
        session.closing.connect(self._seal)
        session.was_unlocked.connect(self._come_back)
        session.trouble.connect(self.notices.tell)
        self.header.visit_wanted.connect(self.visits.new_visit)
        self.visits.shown.connect(self.timeline.make_room)
        self.visits.shown.connect(self.list_place.make_room_for_editor)
        self.visits.print_wanted.connect(self.printing.preview_prescription)
        self.header.compare_wanted.connect(self.show_compare)
        self.header.other_wanted.connect(self.compare_with_another)
        self.header.figure_wanted.connect(self.save_picture)
        self.header.import_wanted.connect(chores.ask_for_import)
        self.header.training_wanted.connect(chores.show_training)
        self.header.report_wanted.connect(chores.ask_for_report)
        self.timeline.import_wanted.connect(chores.ask_for_import)
        self.timeline.demo_wanted.connect(chores.make_demo)
        self.timeline.panel.training_wanted.connect(chores.show_training)
        self.timeline.panel.model_chosen.connect(session.use_model)
        self.timeline.panel.patient_wanted.connect(self.choose)
        for page in (self.trajectory, self.forecast, self.training):
            page.training_wanted.connect(chores.show_training)
        self.training.model_chosen.connect(session.use_model)
        self.training.model_preferred.connect(self.choice.prefer)
        self.training.preference_ended.connect(self.choice.stop_preferring)
        self.entry.face.connect(self._show_face)
        self.entry.welcome.demo_wanted.connect(chores.make_demo)
        self.dropping.files.connect(chores.import_files)
        self.dropping.clinic.connect(self.entry.open)
        chores.review_wanted.connect(self.records.show_review)
        chores.clinic_wanted.connect(self.entry.open_when_unlocked)
        self.idle.watch.expired.connect(self.entry.lock)
        self.office.alone.connect(self._make_room)
        self.course.page_wanted.connect(self.show_timeline)
        self.course.kept.connect(self.everywhere.keeper.soon)

    # -- what is shown

    def choose(self, code: str) -> None:
        try:
            self.session.select(code)
        except KnownError as error:
            self.notices.tell(error)

    def go_to(self, code: str) -> None:
        """A patient, from a page that may be about none."""
        if not self.header.isVisible():
            self.show_timeline()
        self.choose(code)

    def _show_clinic(self) -> None:
        if self.session.clinic is not None:
            self.settings.last_file = self.session.clinic.label
        self.dialogs.leave_clinic()
        self.forecasts.follow_clinic()
        self._show_case(None)
        self._show_patients()
        self.patients.list.setFocus()
        self.retranslate()

    def _seal(self) -> None:
        """The clinic is being locked: no widget keeps anything of a record, and workers with access end."""
        self.patients.show_patients(None, 0)
        self._show_case(None)
        self.training.show_models([], "")
        self.notices.dismiss()
        self.dialogs.seal()
        self.forecaster.close()
        self.chores.seal()

    def _come_back(self) -> None:
        self.forecasts.follow_clinic()
        self._show_patients()
        if self.session.case is not None:
            self.patients.mark(self.session.case.patient.code)
        self.forecasts.refresh()

    def _make_room(self, alone: bool) -> None:
        """The clinic file is being written anew: the worker that has it open ends, and comes back with the new key."""
        self.forecaster.connect_to(None if alone else self.session.order() or None)
        if not alone:
            self.forecasts.refresh()

    def _show_patients(self) -> None:
        reads = self.session.may(Permission.PATIENTS_READ)
        self.patients.show_patients(self.desk if reads else None, self.session.counts().get("patients", 0))
        if self.session.case is None:
            self._show_case(None)
            if self.has_patients and not self.everywhere.returning.choose():
                self.patients.step(1)
        self._tell_next_step()

    @property
    def outlook(self) -> Outlook | None:
        """The forecast on screen."""
        return self.forecasts.outlook

    @property
    def has_patients(self) -> bool:
        """There are some, and they may be seen."""
        return self.session.may(Permission.PATIENTS_READ) and self.session.counts().get("patients", 0) > 0

    def _show_case(self, case: Case | None) -> None:
        self.forecasts.outlook = None
        self.header.show_case(case)
        closed = self.session.clinic is not None and not self.session.may(Permission.PATIENTS_READ)
        self.timeline.show_case(case, has_patients=self.has_patients, may_read=not closed)
        if case is not None:
            self.patients.mark(case.patient.code)
        self._tell_actions()
        self.forecasts.refresh()

    def _show_models(self) -> None:
        models = self.session.models()
        self.training.show_models(models, self.session.model, self.session.may(Permission.MODELS_WRITE))
        names = [model.name for model in models]
        self.timeline.panel.show_models(names, self.session.model, self.session.card())
        self._tell_next_step()

    def _tell_next_step(self) -> None:
        if not self.has_patients:
            self.header.set_next("import")
        elif not self.session.model:
            self.header.set_next("train")
        else:
            self.header.set_next("visit" if self.session.may(Permission.PATIENTS_WRITE) else "report")
        self._tell_actions()

    def _tell_actions(self) -> None:
        self.allowance.tell(
            at_work=self.front.currentIndex() == Face.WORK,
            has_patients=self.has_patients,
            zooms=self._page() is self.timeline,
        )
        self.idle.follow()

    def _show_face(self, face: int) -> None:
        self.front.setCurrentIndex(face)
        self._tell_actions()
        self.retranslate()
        if face == Face.GATE:
            self.entry.gate.focus()

    # -- commands

    def focus_search(self) -> None:
        if self.list_place.gives_way():
            self.visits.close()
        if not self.patients.isVisible():
            self.show_timeline()
        self.patients.focus_search()

    def next_patient(self) -> None:
        self.patients.step(1)

    def previous_patient(self) -> None:
        self.patients.step(-1)

    def copy_picture(self) -> None:
        QGuiApplication.clipboard().setPixmap(self._page().picture())
        self.notices.info(self.tr("The picture is on the clipboard."))

    def save_picture(self) -> None:
        self.chores.ask_for_picture(self._page().picture())

    def show_timeline(self) -> None:
        self._show_page("page_timeline")

    def show_trajectory(self) -> None:
        self._show_page("page_trajectory")

    def show_forecast(self) -> None:
        self._show_page("page_forecast")

    def show_models(self) -> None:
        self._show_page("page_training")

    def show_compare(self) -> None:
        self._show_page("page_compare")
        self.compare.focus()

    def compare_with_another(self) -> None:
        self._show_page("page_compare")
        self.compare.choose_mode(OTHER)

    # -- the window itself

    def retranslate(self) -> None:
        self.actions_table.retranslate()
        self.everywhere.recent.retranslate()
        clinic, title = self.session.clinic, self.tr("Mailiu")
        self.setWindowTitle(title if clinic is None else f"{clinic.name} — {title}")
        self.allowance.name_undo()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.list_place.share()
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.hide()  # workers may take a moment to end; nobody should look at that
        self.settings.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.settings.last_folder = self.chores.folder
        self.idle.end()
        self.everywhere.end()
        self.dialogs.end()
        self.chores.end()
        self.entry.end()
        self.forecaster.close()
        self.desk.standing.forget()
        self.session.close()
        try:
            self.everywhere.keeper.end()
        except OSError as error:  # the window closes all the same; only language, dress and place are forgotten
            log.warning("settings were not saved: %s", error)
        super().closeEvent(event)

    def _page(self) -> TimelinePage | TrajectoryPage | ForecastPage | TrainingPage | ComparePage:
        pages = (self.timeline, self.trajectory, self.forecast, self.training, self.compare)
        return pages[self.pages.currentIndex()]

    def _show_page(self, name: str) -> None:
        self.pages.setCurrentIndex(PAGES.index(name))
        only_this_counts(self.pages)
        self.settings.last_page = name
        self.everywhere.keeper.soon()
        self.actions_table[name].setChecked(True)
        self.header.setVisible(name != "page_training")
        self.header.show_for(about_state=name == "page_trajectory")
        self.list_place.show_for(name != "page_training")
        self._tell_actions()
