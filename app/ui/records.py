"""Commands over the records as a whole: undo and redo, the history of a patient, the imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMainWindow

from app.domain.errors import KnownError
from app.store.roles import Permission
from app.ui.dialog_shelf import DialogShelf
from app.ui.notifications import NoticeBar
from app.ui.part import Part
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.clinic import Clinic
    from app.store.undoing import Done


class Records(Part):
    def __init__(self, window: QMainWindow, session: Session, notices: NoticeBar, dialogs: DialogShelf) -> None:
        super().__init__(window, session, notices, dialogs)
        self._names: tuple[str | None, str | None] | None = None  # asked at each step through the list
        for signal in (session.opened, session.changed, session.was_unlocked):
            signal.connect(self._forget)

    def names(self) -> tuple[str | None, str | None]:
        """What undo and redo would do, in words for the menu; None where there is nothing."""
        clinic = self._session.clinic
        if clinic is None or not self._session.may(Permission.PATIENTS_WRITE):
            return None, None
        if self._names is None:
            try:
                self._names = clinic.undoing.next_undo(), clinic.undoing.next_redo()
            except KnownError:  # the clinic cannot be reached just now; the command itself will say so
                return None, None
        return self._names

    def _forget(self) -> None:
        self._names = None

    def undo(self) -> None:
        """Take back the person's last act. A whole import is asked about first: it may be thousands of visits."""
        clinic = self._session.clinic
        if clinic is None:
            return
        newest = _newest(clinic)
        if newest is not None and newest.kind == "import":
            self._ask_about(newest)
        else:
            self._undo()

    def redo(self) -> None:
        clinic = self._session.clinic
        if clinic is not None:
            self._session.errands.run(clinic.undoing.redo, self._redone, self._notices.tell)

    def show_history(self) -> None:
        from app.ui.pages.history import HistoryDialog

        if self._session.case is not None:
            dialog = HistoryDialog(self._session, self._session.case, self._notices.tell, self._window)
            self._dialogs.keep("history", dialog)

    def show_imports(self) -> None:
        from app.ui.pages.imports import ImportsDialog

        self._show_once("imports", ImportsDialog)

    def show_review(self) -> None:
        from app.ui.pages.review import ReviewDialog

        self._show_once("review", ReviewDialog)

    def show_lookalikes(self) -> None:
        from app.ui.pages.lookalikes import LookalikesDialog

        self._show_once("lookalikes", LookalikesDialog)

    def show_vocabulary(self) -> None:
        from app.ui.pages.vocabulary import VocabularyDialog

        self._show_once("vocabulary", VocabularyDialog)

    def _ask_about(self, newest: Done) -> None:
        from app.ui.pages.confirm import ConfirmDialog

        dialog = ConfirmDialog(
            self.tr("Take back: {what}?").format(what=newest.label),
            self.tr("All that came with this import goes out again. To have it back, import the files again."),
            self.tr("Take it back"),
            self._window,
        )
        dialog.accepted.connect(self._undo)
        self._dialogs.keep("confirm", dialog)

    def _undo(self) -> None:
        clinic = self._session.clinic
        if clinic is not None:
            self._session.errands.run(clinic.undoing.undo, self._undone, self._notices.tell)

    def _undone(self, what: str) -> None:
        self._notices.info(self.tr("Taken back: {what}").format(what=what))

    def _redone(self, what: str) -> None:
        self._notices.info(self.tr("Done again: {what}").format(what=what))


def _newest(clinic: Clinic) -> Done | None:
    """The act that undo would take back."""
    aside = ("undo", "withdraw")
    mine = (one for one in clinic.undoing.operations() if one.who == clinic.actor.name)
    return next((one for one in mine if not one.undone and one.kind not in aside), None)
