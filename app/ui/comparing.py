"""The comparison page and the session: whose visits it shows, and who else is looked at for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from app.domain.records import Case
from app.store.roles import Permission
from app.ui.dialog_shelf import DialogShelf
from app.ui.notifications import NoticeBar
from app.ui.pages.compare import ComparePage
from app.ui.pages.patient_model import PatientLike
from app.ui.part import Part
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.clinic import Clinic


class Comparing(Part):
    """The other patient is read in a thread; the audit log is told, as it is of everyone who is looked at."""

    def __init__(
        self, window: QMainWindow, session: Session, notices: NoticeBar, dialogs: DialogShelf, page: ComparePage
    ) -> None:
        super().__init__(window, session, notices, dialogs)
        self._page = page
        self._wanted = ""  # who is being read
        session.selected.connect(page.show_case)
        session.opened.connect(self._begin)
        session.changed.connect(self._read_again)
        session.was_unlocked.connect(self._allow)
        session.closing.connect(self._seal)
        page.other_wanted.connect(self.look_at)
        page.copied.connect(self._copy)
        page.history_wanted.connect(self.show_field_history)

    def look_at(self, code: str) -> None:
        clinic = self._session.clinic
        if clinic is not None:
            self._wanted = code
            self._session.errands.run(partial(_opened, clinic, code), partial(self._show, code), self._notices.tell)

    def show_field_history(self) -> None:
        """Who changed the chosen row, and when."""
        chosen = self._page.field_chosen()
        if chosen is None:
            self._notices.info(self.tr("Choose a row of the comparison first."))
            return
        from app.ui.pages.field_history import FieldHistoryDialog

        row, visits = chosen
        dialog = FieldHistoryDialog(self._session, row, visits, self._notices.tell, self._window)
        self._dialogs.keep("field_history", dialog)

    def _read_again(self) -> None:
        """Somebody wrote: what is shown of the other patient may have changed. That is no new look."""
        self._allow()
        clinic, code = self._session.clinic, self._page.other_code
        if clinic is not None and code and self._session.may(Permission.PATIENTS_READ):
            self._wanted = code
            self._session.errands.run(partial(clinic.queries.case, code), partial(self._show, code), self._gone)

    def _show(self, code: str, case: Case) -> None:
        if not self._session.locked and code == self._wanted:
            self._page.show_other(case)

    def _gone(self, error: BaseException) -> None:
        """The other patient was taken out meanwhile."""
        self._page.show_other(None)
        self._notices.tell(error)

    def _begin(self) -> None:
        self._seal()
        self._allow()

    def _allow(self) -> None:
        self._page.show_search(self._search if self._session.may(Permission.PATIENTS_READ) else None)

    def _search(self, text: str, limit: int, offset: int) -> list[PatientLike]:
        assert self._session.clinic is not None
        return list(self._session.clinic.queries.search(text, limit=limit, offset=offset))

    def _seal(self) -> None:
        self._wanted = ""
        self._page.empty_all()

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._notices.info(self.tr("The table is on the clipboard."))


def _opened(clinic: Clinic, code: str) -> Case:
    return clinic.patients.open(code).case
