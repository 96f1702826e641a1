"""The patient list at work: finds and reads for it, pins and tags, opens the filters, shows the saved ones."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QMainWindow

from app.domain.errors import KnownError
from app.domain.patient_filter import PatientFilter
from app.store.roles import Permission
from app.ui.dialog_shelf import DialogShelf
from app.ui.jobs_bridge import Starter
from app.ui.notifications import NoticeBar
from app.ui.pages.patient_model import PatientLike
from app.ui.pages.patients import FoundLike, PatientPanel
from app.ui.part import Part
from app.ui.session import Session
from app.ui.standing import Standing

if TYPE_CHECKING:
    from app.store.clinic import Clinic
    from app.ui.pages.filter_dialog import FilterDialog
    from app.ui.pages.suggester import Option

AT_ONCE = 2000  # patients of a clinic in which every filter answers within a frame or two


class PatientDesk(Part):
    """The source of the panel (see ``patients.Source``), and the commands about the list."""

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        notices: NoticeBar,
        dialogs: DialogShelf,
        panel: PatientPanel,
        start: Starter,
    ) -> None:
        super().__init__(window, session, notices, dialogs)
        self._panel = panel
        self.standing = Standing(session, notices, start, self)
        self.standing.changed.connect(self._search_again)
        self.standing.told.connect(panel.tell_work)
        panel.stop.clicked.connect(self.look)
        panel.filters.clicked.connect(self.show_filters)
        panel.narrowed.connect(self._narrowed)
        panel.list.pin_wanted.connect(self.pin)
        panel.list.tag_wanted.connect(self.tag)
        panel.list.untag_wanted.connect(self.untag)
        panel.tags.added.connect(self._add_tag)
        panel.tags.removed.connect(self.untag)
        session.opened.connect(self._leave)
        session.closing.connect(self._leave)
        session.changed.connect(self._refresh)
        session.was_unlocked.connect(self._refresh)
        session.selected.connect(self._show_tags)

    # -- the source

    def ask(self, asked: PatientFilter, told: Callable[[FoundLike], None]) -> None:
        clinic = self._clinic
        if clinic is None:
            return
        work = partial(clinic.queries.find, asked, self.standing.ranked)
        if self._session.counts().get("patients", 0) > AT_ONCE:
            self._session.errands.run(work, partial(self._answer, clinic, told), self._notices.tell)
            return
        try:
            found = work()
        except KnownError as error:
            self._notices.tell(error)
        else:
            told(found)

    def rows(self, ids: Sequence[int]) -> Mapping[int, PatientLike]:
        try:
            return self._clinic.queries.rows(ids) if self._clinic is not None else {}
        except KnownError as error:  # out of reach just now: the lines stay empty until the list is read anew
            self._notices.tell(error)
            return {}

    def row_of(self, code: str) -> int | None:
        try:
            return self._clinic.queries.row_of(code) if self._clinic is not None else None
        except KnownError:
            return None

    @property
    def _clinic(self) -> Clinic | None:
        session = self._session
        return session.clinic if session.clinic is not None and not session.locked else None

    def _answer(self, clinic: Clinic, told: Callable[[FoundLike], None], found: FoundLike) -> None:
        if self._clinic is clinic:
            told(found)

    # -- commands

    def show_filters(self, *_: object) -> None:
        from app.ui.pages.filter_dialog import FilterDialog

        self._panel.filters.setChecked(self._panel.asked.asks)
        if self._clinic is None or self._dialogs.front("filters"):
            return
        dialog = FilterDialog(self._session, self._notices.tell, self._window)
        dialog.show_filter(self._panel.asked)
        dialog.changed.connect(self._panel.narrow)
        self._dialogs.keep("filters", dialog)

    def pin(self) -> None:
        """The patient at the top of the list, or there no longer."""
        code, clinic = self._code, self._clinic
        if clinic is None or not code:
            return
        line = self._panel.model.line(self._panel.model.row_of(code))
        change = clinic.marks.unpin if line is not None and line.pinned else clinic.marks.pin
        self._session.errands.run(partial(change, code), _done, self._notices.tell)

    def tag(self) -> None:
        """Open the strip of the patient's tags."""
        if self._clinic is not None and self._code and self._session.may(Permission.PATIENTS_WRITE):
            self._panel.tags.begin()
            self._show_tags()
            self._session.errands.run(partial(_tag_options, self._clinic), self._show_options, self._notices.tell)

    def look(self, *_: object) -> None:
        """Look for patients beyond the model's expectation; where that is under way, stop."""
        self.standing.look()

    def _search_again(self) -> None:
        asked = self._panel.asked
        if self._clinic is not None and (asked.beyond or asked.at_risk):
            self._panel.search_now()

    def untag(self, name: str) -> None:
        if self._clinic is not None and self._code:
            self._session.errands.run(
                partial(self._clinic.marks.remove_tag, self._code, name), _done, self._notices.tell
            )

    def _add_tag(self, name: str) -> None:
        if self._clinic is not None and self._code:
            self._session.errands.run(partial(self._clinic.marks.add_tag, self._code, name), _done, self._notices.tell)

    # -- what is shown

    @property
    def _code(self) -> str:
        return self._session.case.patient.code if self._session.case is not None else ""

    def _leave(self) -> None:
        """Another clinic, or the lock: nothing of a record stays."""
        self._panel.reset()
        self._refresh()

    def _refresh(self) -> None:
        """Somebody wrote."""
        clinic = self._clinic
        kept: list[Any] = []
        if clinic is not None and self._session.may(Permission.PATIENTS_READ):
            with contextlib.suppress(KnownError):  # out of reach just now: the list itself says so
                kept = [(one.name, one.filter) for one in clinic.filters.list() if one.filter is not None]
        self._panel.bar.show_saved(kept)
        self._show_tags()

    def _show_tags(self, *_: object) -> None:
        strip, case, clinic = self._panel.tags, self._session.case, self._clinic
        if case is None or clinic is None:
            strip.clear()
        if case is None or clinic is None or strip.isHidden():
            return
        try:
            tags = clinic.marks.tags(case.patient.code)
        except KnownError:  # taken out a moment ago
            tags = []
        strip.show_tags(case.patient.name or case.patient.code, tags)

    def _show_options(self, options: list[Option]) -> None:
        if self._clinic is not None:
            self._panel.tags.set_options(options)

    def _narrowed(self, asked: PatientFilter) -> None:
        """The open filters follow; what only a model knows is looked for, where nobody has yet."""
        from app.ui.pages.filter_dialog import FilterDialog

        dialog: FilterDialog | Any = self._dialogs["filters"]
        if isinstance(dialog, FilterDialog):
            dialog.show_filter(asked)
        known = self.standing.running or self.standing.numbers
        if (asked.beyond or asked.at_risk) and not known and self._clinic is not None:
            self.standing.look()


def _tag_options(clinic: Clinic) -> list[Option]:
    from app.ui.pages.filter_dialog import choices

    return choices(clinic, "tags")


def _done(_: object) -> None:
    """The list hears of it from the clinic itself."""
