"""The way in and out: opening, making, locking and unlocking a clinic, and which face the window shows meanwhile."""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMainWindow

from app import paths
from app.domain.errors import KnownError
from app.i18n import explain
from app.ui.dialog_shelf import DialogShelf
from app.ui.errands import Errands
from app.ui.notifications import NoticeBar
from app.ui.opening import Given, Wanted, asks_for_a_key, open_clinic, wanted
from app.ui.pages.gate import GatePage
from app.ui.pages.welcome import WelcomePage
from app.ui.part import Part
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.clinic import Clinic


class Face(IntEnum):
    """What fills the window; the order of the pages in its stack."""

    WORK, WELCOME, GATE = 0, 1, 2


class Entry(Part):
    """face carries the Face to show; over: a try to open ended."""

    face = Signal(int)
    over = Signal()

    def __init__(self, window: QMainWindow, session: Session, notices: NoticeBar, dialogs: DialogShelf) -> None:
        super().__init__(window, session, notices, dialogs)
        self.errands = Errands(self)
        self._arrived: list[Clinic] = []  # opened in a thread and not yet shown
        self._place = ""  # being opened; "" for none
        self._later = ""  # to be opened when the lock is off
        self.folder = ""  # where the last file was chosen
        self.welcome, self.gate = WelcomePage(), GatePage()
        self.welcome.new_wanted.connect(self.ask_for_new)
        self.welcome.open_wanted.connect(self.ask_for_clinic)
        self.gate.given.connect(self._try)
        self.gate.left.connect(self.step_back)
        session.opened.connect(self._show_work)

    def end(self) -> None:
        """The window closes: a clinic that has just been opened is closed again."""
        self.errands.wait()
        for clinic in self._arrived:
            clinic.close()
        self._arrived.clear()

    # -- opening and making

    def start(self, place: str) -> None:
        """The first clinic of this start; "" where there is none yet."""
        if not place:
            self.face.emit(Face.WELCOME)
        elif "://" not in place and not Path(place).exists():
            self.face.emit(Face.WELCOME)
            self.ask_for_new(Path(place))
        else:
            self.open(place)

    def open(self, place: str) -> None:
        """A path, or the address of a clinic on a server; the clinic before stays until that is open."""
        self._place = place
        if self._session.clinic is None:
            self.welcome.show_opening(place.rpartition("/")[2])
            self.face.emit(Face.WELCOME)
        self._send(place, None)

    def open_when_unlocked(self, place: str) -> None:
        """As ``open``, for what nobody waits for at the lock."""
        if self._session.locked:
            self._later = place
        else:
            self.open(place)

    def ask_for_clinic(self) -> None:
        from app.ui.pages.open_dialog import OpenDialog

        dialog = OpenDialog("", self.folder or str(paths.data_place()), self._window)
        dialog.chosen.connect(self.open)
        self._dialogs.keep("open", dialog)

    def ask_for_new(self, path: Path | None = None) -> None:
        from app.ui.pages.new_clinic import NewClinicDialog

        if self._dialogs.front("new"):  # a recovery code may be on it
            return
        dialog = NewClinicDialog(path if isinstance(path, Path) else free_place(), self.errands, self._window)
        dialog.made.connect(self._enter)
        self._dialogs.keep("new", dialog)

    # -- the lock

    def lock(self) -> None:
        if self._session.clinic is None or self._session.locked:
            return
        self._place = ""  # what is being opened is given up
        self._ask_at_lock()  # in sight of nobody from now on
        self.gate.repaint()
        self._session.lock()

    def step_back(self) -> None:
        """Nothing more is being opened: back to the clinic there is, or to the choice of one."""
        self._place = ""
        self.gate.clear()
        self.welcome.show_opening("")
        if self._session.locked:
            self._ask_at_lock()
        else:
            self.face.emit(Face.WORK if self._session.clinic is not None else Face.WELCOME)

    def _ask_at_lock(self) -> None:
        clinic, users = self._session.clinic, self._session.users
        assert clinic is not None
        asked = Wanted(clinic.name, users=users, passphrase=self._session.guarded)
        if clinic.encrypted and not users:
            asked = Wanted(clinic.name, recovery=True)
        self.gate.ask(
            asked,
            locked=True,
            user=clinic.actor.name if clinic.actor.name in self._session.accounts else "",
            can_leave=False,
        )
        self.face.emit(Face.GATE)

    # -- what the gate gave, and what came of it

    def _try(self, given: Given) -> None:
        clinic = self._session.clinic
        if self._place:
            self._send(self._place, given)
        elif clinic is not None:
            self.errands.run(partial(_unlock, clinic, given), self._unlocked, self._kept_out)

    def _send(self, place: str, given: Given | None) -> None:
        self.errands.run(partial(self._open, place, given), partial(self._opened, place), partial(self._refused, place))

    def _open(self, place: str, given: Given | None) -> Clinic | Wanted:
        """In a thread: the clinic, or what it asks for."""
        try:
            clinic = open_clinic(place, given)
        except KnownError as error:
            if given is None and asks_for_a_key(error):
                return wanted(place)
            raise
        self._arrived.append(clinic)
        return clinic

    def _opened(self, place: str, found: Clinic | Wanted) -> None:
        if isinstance(found, Wanted):
            if place == self._place:
                self.gate.ask(found, locked=False, can_leave=True)
                self.face.emit(Face.GATE)
        elif found in self._arrived:  # else it was closed with the window
            self._arrived.remove(found)
            if place == self._place:
                self._enter(found)
            else:  # given up meanwhile
                found.close()
        self.over.emit()

    def _enter(self, clinic: Clinic) -> None:
        self._place = ""
        self.welcome.show_opening("")
        self.gate.clear()
        self._session.adopt(clinic)

    def _refused(self, place: str, error: BaseException) -> None:
        if place == self._place and self.gate.working and isinstance(error, KnownError):
            self.gate.refuse(explain(error))
        else:
            self._notices.tell(error)
            if place == self._place:
                self.step_back()
        self.over.emit()

    def _unlocked(self, _: object) -> None:
        self.gate.clear()
        self.face.emit(Face.WORK)
        if self._session.let_in():
            self._dialogs.unseal()
        else:  # what another person had open is not for this one
            self._dialogs.end()
        later, self._later = self._later, ""
        if later:
            self.open(later)

    def _kept_out(self, error: BaseException) -> None:
        if isinstance(error, KnownError):
            self.gate.refuse(explain(error))
        else:
            self.gate.refuse("")
            self._notices.tell(error)

    def _show_work(self) -> None:
        self.face.emit(Face.WORK)


def _unlock(clinic: Clinic, given: Given) -> None:
    clinic.unlock(given.credentials())


def free_place() -> Path:
    """Where a new clinic file would lie: the user's own folder, under a name that is not taken."""
    first = paths.data_place() / paths.CLINIC
    numbered = (first.with_name(f"{first.stem}-{number}{first.suffix}") for number in range(2, 1000))
    return next((path for path in (first, *numbered) if not path.exists()), first)
