"""The palette's command: asks the table and the clinic what there is, and does what was chosen."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from app.domain.errors import KnownError
from app.store.roles import Permission
from app.ui.action_table import ActionTable
from app.ui.commands import COMMANDS, CONTEXT
from app.ui.errands import Errands
from app.ui.pages.patient_model import PatientLike
from app.ui.palette import entries
from app.ui.palette.entries import MOST_PATIENTS, Entry, Found, Sounds
from app.ui.palette.panel import PalettePanel
from app.ui.session import Session
from app.ui.settings import RECENT_COMMANDS, Settings
from app.ui.translation import in_chinese
from app.ui.words import person

log = logging.getLogger(__name__)


class Finder(QObject):
    """patient_wanted carries a patient's number; used: the list of what was used lately has changed."""

    patient_wanted = Signal(str)
    used = Signal()

    def __init__(self, window: QMainWindow, session: Session, settings: Settings) -> None:
        super().__init__(window)
        self._session, self._settings = session, settings
        self._table: ActionTable | None = None
        self._before: QWidget | None = None
        self._offered: list[Entry] = []
        self._sounds: Sounds | None = None  # the dictionary is read in a thread, when it is first wanted
        self._asked = False
        self._errands = Errands(self)
        self.panel = PalettePanel(window)
        self.panel.typed.connect(self._find)
        self.panel.chosen.connect(self._do)
        self.panel.left.connect(self._leave)
        for signal in (session.closing, session.leaving):
            signal.connect(self.panel.shut)

    def follow(self, table: ActionTable) -> None:
        self._table = table

    def show_palette(self) -> None:
        """Open it, or close it where it is open."""
        if self._table is None or self.panel.isVisible():
            self._leave()
            return
        if not self._asked:
            self._asked = True
            self._errands.run(_learn, self._learnt, self._not_learnt)
        self._before = QApplication.focusWidget()
        self._offered = entries.commands(self._table)
        self.panel.open()
        self._find("")

    def end(self) -> None:
        self._errands.wait()

    def _learnt(self, sounds: Sounds) -> None:
        self._sounds = sounds
        if self.panel.isVisible():
            self._find(self.panel.field.text())

    def _not_learnt(self, error: BaseException) -> None:
        log.warning("commands are not found by pinyin: %s", error)

    def _find(self, text: str) -> None:
        if self._table is None:
            return
        offered = [*self._offered, *entries.patients(self._search(text), _about)]
        self.panel.show_found(entries.ranked(text, offered, self._sounds, self._settings.recent_commands))

    def _search(self, text: str) -> list[PatientLike]:
        clinic = self._session.clinic
        if not text.strip() or clinic is None or not self._session.may(Permission.PATIENTS_READ):
            return []
        try:
            return list(clinic.queries.search(text, limit=MOST_PATIENTS, offset=0))
        except KnownError as error:  # commands are found all the same
            self._session.trouble.emit(error)
            return []

    def _do(self, found: Found) -> None:
        table, entry = self._table, found.entry
        self._leave()
        if entry.kind == entries.PATIENT:
            self.patient_wanted.emit(entry.key)
        elif table is not None:
            recent = [entry.key, *(key for key in self._settings.recent_commands if key != entry.key)]
            self._settings.recent_commands = recent[:RECENT_COMMANDS]
            self.used.emit()
            table[entry.key].trigger()

    def _leave(self) -> None:
        """The focus goes back to where it was, unless the person has taken it elsewhere."""
        focus = QApplication.focusWidget()
        inside = focus is None or self.panel.isAncestorOf(focus)
        before, self._before = self._before, None
        self.panel.shut()
        if inside and before is not None and before.isVisible():
            before.setFocus()


def _about(row: PatientLike) -> str:
    return person(row.sex, row.age)


def _learn() -> Callable[[str], tuple[str, ...]]:
    """In a thread: how every command is read, in Chinese; from then on that is only looked up."""
    for command in COMMANDS:
        entries.spoken(in_chinese(CONTEXT, command.text))
    return entries.spoken
