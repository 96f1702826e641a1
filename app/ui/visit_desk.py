"""Entering and correcting visits: the editor beside the course, drafts in the clinic, the forecast after saving."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow

from app.domain.errors import KnownError
from app.domain.records import Case
from app.domain.visit_form import numbered
from app.domain.visit_making import signatures_of, to_visit
from app.store.roles import Permission
from app.ui.dialog_shelf import DialogShelf
from app.ui.editor.beside import Beside, base_of, beside, theirs
from app.ui.editor.draft import Draft
from app.ui.editor.draft_keeping import DraftKeeping
from app.ui.forecasting import Forecaster, Outlook
from app.ui.notifications import NoticeBar
from app.ui.session import Session

if TYPE_CHECKING:
    from PySide6.QtWidgets import QBoxLayout

    from app.store.clinic import Clinic
    from app.store.visit_drafts import Begun
    from app.ui.editor.editor import VisitEditor

MANY = 5  # patients named in a notice
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Saving:
    """What is on its way to the clinic. number: of the visit that is corrected, 0 for a new one; draft: its number."""

    clinic: Clinic
    patient: str
    number: int
    draft: int
    printing: bool
    content: dict[str, Any]  # what was typed, should it be refused


class VisitDesk(QObject):
    """shown: the editor opened or closed; print_wanted: patient and number of a visit."""

    shown = Signal(bool)
    print_wanted = Signal(str, int)

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
        self.room: QBoxLayout | None = None  # where the editor goes
        self._editor: VisitEditor | None = None
        self._outlook: Outlook | None = None
        self._earlier: Outlook | None = None  # the last one that cannot know of what was written
        self._drafts = DraftKeeping()
        self._saving: _Saving | None = None
        self._saved_as = ("", 0)  # patient and number of the visit that was saved last
        self._version = 0  # of the visit that is corrected, as it was when the form was made
        self._over = 0  # the version whose differences were shown: saving again puts the form over that one
        session.opened.connect(self._look_for_begun)
        session.selected.connect(self._follow)
        session.rewritten.connect(self._ask_early)
        session.leaving.connect(self._leave)
        session.closing.connect(self._seal)

    @property
    def editor(self) -> VisitEditor:
        """Made where it is first wanted: the start of the window does not wait for it."""
        if self._editor is None:
            from app.ui.editor.editor import VisitEditor

            made = self._editor = VisitEditor()
            made.hide()
            if self.room is not None:
                self.room.addWidget(made)
            made.photos.run = self._session.errands.run
            made.kept.connect(self._keep)
            made.save_wanted.connect(self._save)
            made.close_wanted.connect(self.close)
            made.print_wanted.connect(self._print)
            made.trouble.connect(self._notices.tell)
            made.photos.removed.connect(self._remove_picture)
        return self._editor

    @property
    def is_open(self) -> bool:
        return self._editor is not None and not self._editor.isHidden()

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
        """Put the editor away; what was typed is a draft, and is told of. While a visit is being saved it stays."""
        if not self.is_open or self._saving is not None:
            return
        editor = self.editor
        if editor.entering and editor.touched:
            self._keep()
            self._notices.info(self.tr("The visit is kept as a draft; a new visit goes on with it."))
        self._put_away()

    def discard(self) -> None:
        """Give up what was typed, and the draft."""
        editor, clinic = self.editor, self._session.clinic
        if editor.case is None or clinic is None or self._saving is not None:
            return
        work = partial(self._drafts.drop, clinic, editor.case.patient.code, editor.number, self._drafts.number())
        self._put_away()
        self._session.errands.run(work, self._discarded, self._notices.tell)

    def show_pictures(self) -> None:
        from app.ui.pages.tongue_pictures import TonguePictures

        if self._session.case is not None:
            dialog = TonguePictures(self._session, self._session.case, self._notices.tell, self._window)
            self._dialogs.keep("tongue", dialog)

    # -- opening

    def _look_for_begun(self) -> None:
        """Visits that this person began and never saved: after a crash they must not be forgotten."""
        session = self._session
        if session.clinic is not None and session.may(Permission.PATIENTS_WRITE):
            session.errands.run(session.clinic.visit_drafts.list, self._tell_begun, self._notices.tell)

    def _tell_begun(self, begun: list[Begun]) -> None:
        if begun and not self._session.locked:
            codes = ", ".join(dict.fromkeys(one.patient for one in begun[:MANY])) + (" …" if len(begun) > MANY else "")
            self._notices.info(self.tr("Begun and not saved: visits of {patients}.").format(patients=codes))

    def _open(self, number: int) -> None:
        session, editor = self._session, self.editor
        if session.case is None or session.clinic is None or not session.may(Permission.PATIENTS_WRITE):
            return
        if self._saving is not None:
            self._notices.info(self.tr("A visit is being saved; one moment."))
            return
        code = session.case.patient.code
        if editor.entering and editor.case is not None and (editor.case.patient.code, editor.number) == (code, number):
            editor.enter()
            return
        self.close()
        try:
            self._version, self._over = (session.clinic.visits.version(code, number) if number else 0), 0
            draft = self._draft(session.clinic, code, number)
            if number:
                editor.show_visit(session.case, number, draft)
            else:
                editor.show_new(session.case, draft)
        except KnownError as error:
            self._notices.tell(error)
            return
        if draft is not None and draft.base != base_of(session.case, number):
            editor.tell_state("changed")
        self.shown.emit(True)  # first: what gives it room must not be in its way, or the window grows
        editor.show()
        editor.enter()
        if number:
            read = partial(beside, session.clinic, session.case, number)
            session.errands.run(read, partial(self._show_beside, code, number), self._notices.tell)

    def _draft(self, clinic: Clinic, code: str, number: int) -> Draft | None:
        content = clinic.visit_drafts.get(code, number)
        if content is None:
            return None
        try:
            draft = Draft.from_json(content)
        except (KeyError, TypeError, ValueError, KnownError):  # of another version of the program
            return None
        self._version = draft.version
        return draft

    def _show_beside(self, code: str, number: int, found: Beside) -> None:
        """Unless another visit is being entered by now."""
        editor = self.editor
        if editor.entering and editor.case is not None and (editor.case.patient.code, editor.number) == (code, number):
            editor.photos.show_stored(found.pictures)
            editor.formula.offer_reasons(found.reasons)

    def _remove_picture(self, key: int) -> None:
        editor, clinic = self.editor, self._session.clinic
        if editor.case is not None and clinic is not None:
            work = partial(clinic.photos.remove, editor.case.patient.code, key)
            self._session.errands.run(work, self._picture_removed, self._notices.tell)

    def _picture_removed(self, _: object) -> None:
        self._notices.info(self.tr("The picture is taken out; undo brings it back."))

    # -- while one types

    def _work_of_draft(self) -> Callable[[], bool] | None:
        """What writes down the form as it stands; None where there is nothing to be written."""
        editor, clinic = self.editor, self._session.clinic
        if not editor.entering or editor.case is None or clinic is None or self._saving is not None:
            return None
        draft = self._content(editor.case)
        return partial(self._drafts.keep, clinic, editor.case.patient.code, editor.number, draft, self._drafts.number())

    def _content(self, case: Case) -> dict[str, Any]:
        """What was typed, with the version it was made from: a conflict is told again to who comes back to it."""
        editor = self.editor
        base = base_of(case, editor.number)
        return Draft(editor.form(), self._version, tuple(editor.photos.photos), base).to_json()

    def _keep(self) -> None:
        work = self._work_of_draft()
        if work is not None and not self._session.locked:
            self._session.errands.run(work, self._kept, self._notices.tell)

    def _kept(self, done: bool) -> None:
        if done and self.editor.entering and self._saving is None and not self._over:
            self.editor.tell_kept()

    def _follow(self, case: Case | None) -> None:
        """Another patient: the editor goes. The same one, changed by somebody: what was typed stays."""
        editor = self._editor
        if editor is None or editor.isHidden() or editor.case is None:
            return
        if case is None or case.patient.code != editor.case.patient.code:
            self._outlook = None
            if self._saving is not None:
                self._put_away()
            else:
                self.close()
        elif editor.entering and self._saving is None:
            editor.follow(case)

    def _leave(self) -> None:
        """The clinic is about to be closed: what was typed is written down before."""
        self._keep_now()
        self._put_away()

    def _seal(self) -> None:
        """About to lock. The key is still held: the draft is written, and nothing stays on screen."""
        self._keep_now()
        self._put_away()

    def _keep_now(self) -> None:
        work = self._work_of_draft() if self._editor is not None and self._editor.touched else None
        try:
            if work is not None:
                work()
        except Exception as error:  # the lock must not fail for a draft
            log.exception("a draft could not be kept")
            if isinstance(error, KnownError):
                self._notices.tell(error)

    def _put_away(self) -> None:
        """Nothing of a record stays in the editor."""
        self._outlook = None
        if self._editor is None:
            return
        self._editor.clear()
        if self.is_open:
            self._editor.hide()
            self.shown.emit(False)

    # -- saving

    def _save(self, printing: bool) -> None:
        from app.store.visits import Enclosed

        editor, clinic = self.editor, self._session.clinic
        if editor.case is None or clinic is None or self._saving is not None:
            return
        case, form = editor.case, editor.form()
        visit = to_visit(form, case)
        enclosed = Enclosed(tuple(signatures_of(form, case)), tuple(editor.photos.photos))
        saving = _Saving(clinic, case.patient.code, form.number, self._drafts.number(), printing, self._content(case))
        self._saving = saving
        editor.set_busy(True)
        editor.card.keep(self._outlook)
        self._forecaster.hurry()
        if form.number:
            change = clinic.visits.change_visit
            work = partial(change, saving.patient, form.number, visit, enclosed, version=self._over or self._version)
        else:
            work = partial(clinic.visits.add_visit, saving.patient, visit, enclosed)
        self._session.errands.run(
            partial(self._drafts.end, work, saving.draft), partial(self._saved, saving), partial(self._refused, saving)
        )

    def _ask_early(self, code: str) -> None:
        self._earlier = self._outlook
        self._forecaster.ask_early(self._session.model, code)

    def _saved(self, saving: _Saving, number: int) -> None:
        self._saving = None
        self._saved_as = (saving.patient, number)
        self.editor.set_busy(False)
        if self._session.locked or self._session.clinic is not saving.clinic:
            return
        self._notices.info(
            self.tr("Visit {number} of {patient} is saved; undo takes it back.").format(
                number=number, patient=saving.patient
            )
        )
        if self._shows(saving.patient):
            self.editor.show_saved(number)
            if self._outlook is not self._earlier:  # the forecast was quicker than the last of the store's work
                self.show_outlook(self._outlook)
        if saving.printing:
            self.print_wanted.emit(saving.patient, number)

    def _refused(self, saving: _Saving, error: BaseException) -> None:
        from app.store.conflicts import ConflictError

        self._saving = None
        self.editor.set_busy(False)
        if self._session.locked:
            return
        self._notices.tell(error)
        if self._session.clinic is not saving.clinic:
            return
        keep = partial(self._drafts.keep, saving.clinic, saving.patient, saving.number, saving.content, saving.draft)
        self._session.errands.run(keep, self._kept, self._notices.tell)
        if isinstance(error, ConflictError) and saving.number and self._shows(saving.patient):
            read = partial(theirs, saving.clinic, saving.patient, saving.number)
            self._session.errands.run(read, partial(self._show_conflict, saving), self._notices.tell)

    def _show_conflict(self, saving: _Saving, found: tuple[Case, int]) -> None:
        """What the record says by now beside what stands in the fields, unless another visit is entered by now."""
        from app.version_words import differences

        editor, (case, version) = self.editor, found
        if not self._shows(saving.patient) or not editor.entering or editor.number != saving.number:
            return
        self._over = version
        editor.follow(case)
        editor.tell_state("meanwhile")
        editor.show_differences(differences(numbered(case, saving.number), to_visit(editor.form(), case)))

    def _shows(self, patient: str) -> bool:
        case = self.editor.case
        return self.is_open and case is not None and case.patient.code == patient

    def _print(self) -> None:
        if self._saved_as[1]:
            self.print_wanted.emit(*self._saved_as)

    def show_outlook(self, outlook: Outlook | None) -> None:
        """The forecast on screen, None while there is none: the one with the visit stands beside the one before."""
        if outlook is None:
            return
        self._outlook = outlook
        if self.is_open and self.editor.card.waits:
            self.editor.card.show_outlook(outlook)

    def _discarded(self, _: object) -> None:
        self._notices.info(self.tr("The draft is gone."))
