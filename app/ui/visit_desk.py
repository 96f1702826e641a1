"""Entering and correcting visits: the editor beside the course, drafts in the clinic, the forecast after saving."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow

from app.domain.errors import KnownError
from app.domain.records import Case
from app.domain.visit_making import signatures_of, to_visit
from app.store.roles import Permission
from app.ui.dialog_shelf import DialogShelf
from app.ui.editor.draft import Draft
from app.ui.editor.editor import VisitEditor
from app.ui.forecasting import Forecaster, Outlook
from app.ui.notifications import NoticeBar
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.clinic import Clinic


class VisitDesk(QObject):
    """shown: the editor opened or closed; print_wanted: of the visit of this number of the patient on screen."""

    shown = Signal(bool)
    print_wanted = Signal(int)

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        notices: NoticeBar,
        dialogs: DialogShelf,
        forecaster: Forecaster,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._notices = window, session, notices
        self._dialogs, self._forecaster = dialogs, forecaster
        self.editor = VisitEditor()
        self.editor.hide()
        self._outlook: Outlook | None = None
        self._number = 0  # of the visit that was saved last
        self._version = 0  # of the visit that is corrected, as it was when the form was made
        self._printing = False
        self.editor.photos.run = session.errands.run
        self.editor.kept.connect(self._keep)
        self.editor.save_wanted.connect(self._save)
        self.editor.close_wanted.connect(self.close)
        self.editor.print_wanted.connect(self._print)
        self.editor.trouble.connect(notices.tell)
        self.editor.photos.removed.connect(self._remove_picture)
        session.selected.connect(self._follow)
        session.leaving.connect(self._leave)
        session.closing.connect(self._seal)

    # -- commands

    def new_visit(self) -> None:
        """The next visit of the patient on screen, copied forward; a draft there is goes on."""
        self._open(0)

    def correct_visit(self, number: int = 0) -> None:
        """A visit entered before; 0: the last one."""
        case = self._session.case
        if case is not None and case.visits:
            self._open(number or case.visits[-1].number)

    def close(self) -> None:
        """Put the editor away; what was typed is a draft, and is told of."""
        editor = self.editor
        if editor.isHidden():
            return
        if editor.entering and editor.touched and editor.case is not None:
            self._keep()
            self._notices.info(self.tr("The visit is kept as a draft; a new visit goes on with it."))
        editor.clear()
        editor.hide()
        self.shown.emit(False)

    def discard(self) -> None:
        """Give up what was typed, and the draft."""
        editor, clinic = self.editor, self._session.clinic
        if editor.case is None or clinic is None:
            return
        code, number = editor.case.patient.code, editor.number
        editor.clear()
        editor.hide()
        self.shown.emit(False)
        drop = partial(clinic.visit_drafts.drop, code, number)
        self._session.errands.run(drop, self._discarded, self._notices.tell)

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
        self.new_visit()

    def _select(self, code: str) -> None:
        try:
            self._session.select(code)
        except KnownError as error:
            self._notices.tell(error)

    def show_pictures(self) -> None:
        from app.ui.pages.tongue_pictures import TonguePictures

        if self._session.case is not None:
            dialog = TonguePictures(self._session, self._session.case, self._notices.tell, self._window)
            self._dialogs.keep("tongue", dialog)

    # -- opening

    def _open(self, number: int) -> None:
        session, editor = self._session, self.editor
        if session.case is None or session.clinic is None or not session.may(Permission.PATIENTS_WRITE):
            return
        code = session.case.patient.code
        if editor.entering and editor.case is not None and editor.case.patient.code == code and editor.number == number:
            editor.enter()
            return
        self.close()
        try:
            self._version = session.clinic.visits.version(code, number) if number else 0
            draft = self._draft(session.clinic, code, number)
            if number:
                editor.show_visit(session.case, number, draft)
            else:
                editor.show_new(session.case, draft)
        except KnownError as error:
            self._notices.tell(error)
            return
        editor.show()
        self.shown.emit(True)
        editor.enter()
        if number:
            read = partial(_pictures, session.clinic, code, number)
            session.errands.run(read, partial(self._show_pictures, code, number), self._notices.tell)

    def _show_pictures(self, code: str, number: int, found: list[tuple[int, str, bytes]]) -> None:
        """Unless another visit is being entered by now."""
        editor = self.editor
        if editor.entering and editor.case is not None and (editor.case.patient.code, editor.number) == (code, number):
            editor.photos.show_stored(found)

    def _remove_picture(self, key: int) -> None:
        editor, clinic = self.editor, self._session.clinic
        if editor.case is not None and clinic is not None:
            work = partial(clinic.photos.remove, editor.case.patient.code, key)
            self._session.errands.run(work, self._picture_removed, self._notices.tell)

    def _picture_removed(self, _: object) -> None:
        self._notices.info(self.tr("The picture is taken out; undo brings it back."))

    def _draft(self, clinic: Clinic, code: str, number: int) -> Draft | None:
        content = clinic.visit_drafts.get(code, number)
        if content is None:
            return None
        try:
            draft = Draft.from_json(content)
        except (
            KeyError,
            TypeError,
            ValueError,
            KnownError,
        ):  # of another version of the program
            return None
        self._version = draft.version
        return draft

    def _now(self) -> Draft:
        return Draft(self.editor.form(), self._version, tuple(self.editor.photos.photos))

    # -- while one types

    def _keep(self) -> None:
        editor, clinic = self.editor, self._session.clinic
        if editor.case is None or clinic is None or self._session.locked:
            return
        work = partial(clinic.visit_drafts.keep, editor.case.patient.code, self._now().to_json(), editor.number)
        self._session.errands.run(work, self._kept, self._notices.tell)

    def _kept(self, _: object) -> None:
        if self.editor.entering:
            self.editor.tell_kept()

    def _follow(self, case: Case | None) -> None:
        """Another patient: the editor goes. The same one, changed by somebody: what was typed stays."""
        editor = self.editor
        if editor.isHidden() or editor.case is None:
            return
        if case is None or case.patient.code != editor.case.patient.code:
            self.close()
        elif editor.entering:
            editor.follow(case)

    def _leave(self) -> None:
        """The clinic is about to be closed: what was typed is written down before."""
        self._keep_now()
        self.editor.clear()
        self.editor.hide()

    def _seal(self) -> None:
        """About to lock. The key is still held: the draft is written, and nothing stays on screen."""
        self._keep_now()
        self.editor.clear()
        if not self.editor.isHidden():
            self.editor.hide()
            self.shown.emit(False)

    def _keep_now(self) -> None:
        editor, clinic = self.editor, self._session.clinic
        if editor.entering and editor.touched and editor.case is not None and clinic is not None:
            try:
                clinic.visit_drafts.keep(editor.case.patient.code, self._now().to_json(), editor.number)
            except KnownError as error:
                self._notices.tell(error)

    # -- saving

    def _save(self, printing: bool) -> None:
        from app.store.visits import Enclosed

        editor, clinic = self.editor, self._session.clinic
        if editor.case is None or clinic is None:
            return
        case, form = editor.case, editor.form()
        visit = to_visit(form, case)
        enclosed = Enclosed(tuple(signatures_of(form, case)), tuple(editor.photos.photos))
        editor.set_busy(True)
        editor.card.keep(self._outlook)
        self._printing = printing
        self._forecaster.hurry()
        code = case.patient.code
        if form.number:
            change = clinic.visits.change_visit
            work = partial(change, code, form.number, visit, enclosed, version=self._version)
        else:
            work = partial(clinic.visits.add_visit, code, visit, enclosed)
        self._session.errands.run(work, self._saved, self._refused)

    def _saved(self, number: int) -> None:
        self._number = number
        self.editor.set_busy(False)
        self.editor.show_saved(number)
        self._notices.info(self.tr("Visit {number} is saved; undo takes it back.").format(number=number))
        if self._printing:
            self._print()

    def _refused(self, error: BaseException) -> None:
        self.editor.set_busy(False)
        self._notices.tell(error)

    def _print(self) -> None:
        if self._number:
            self.print_wanted.emit(self._number)

    def show_outlook(self, outlook: Outlook | None) -> None:
        """The forecast on screen, None while there is none: the one with the visit stands beside the one before."""
        if outlook is None:
            return
        self._outlook = outlook
        if not self.editor.isHidden() and self.editor.card.waits:
            self.editor.card.show_outlook(outlook)

    def _discarded(self, _: object) -> None:
        self._notices.info(self.tr("The draft is gone."))


def _pictures(clinic: Clinic, code: str, number: int) -> list[tuple[int, str, bytes]]:
    return [
        (one.id, one.name, clinic.photos.content(one.id)) for one in clinic.photos.list(code) if one.visit == number
    ]
