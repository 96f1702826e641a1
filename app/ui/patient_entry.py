"""Entering a patient by hand, and correcting the patient's own data."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMainWindow

from app.domain.errors import KnownError
from app.ui.dialog_shelf import DialogShelf
from app.ui.notifications import NoticeBar
from app.ui.part import Part
from app.ui.session import Session


class PatientEntry(Part):
    """begin: opens the editor on the first visit of the patient on screen."""

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        notices: NoticeBar,
        dialogs: DialogShelf,
        begin: Callable[[], None],
    ) -> None:
        super().__init__(window, session, notices, dialogs)
        self._begin_visit = begin

    def new_patient(self) -> None:
        """Who comes for the first time; saved, the editor opens on the first visit."""
        from app.ui.pages.patient_form import PatientForm

        if self._session.clinic is not None and not self._dialogs.front("patient"):
            form = PatientForm(self._session, parent=self._window)
            form.done_well.connect(self._begin)
            self._dialogs.keep("patient", form)

    def correct_patient(self) -> None:
        from app.ui.pages.patient_form import PatientForm

        case, clinic = self._session.case, self._session.clinic
        if case is None or clinic is None or self._dialogs.front("patient"):
            return
        try:
            version = clinic.patients.version(case.patient.code)
        except KnownError as error:
            self._notices.tell(error)
            return
        form = PatientForm(self._session, case.patient, version, parent=self._window)
        form.done_well.connect(self._select)
        self._dialogs.keep("patient", form)

    def _begin(self, code: str) -> None:
        self._select(code)
        self._begin_visit()

    def _select(self, code: str) -> None:
        try:
            self._session.select(code)
        except KnownError as error:
            self._notices.tell(error)
