"""What the window is looking at: one clinic, one patient, one model. Widgets hear of changes by signal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.domain import scope, standing
from app.domain.errors import KnownError
from app.store.observer import Change, ChangeKind
from app.store.roles import Permission
from app.ui.errands import Errands

if TYPE_CHECKING:
    from app.domain.records import Case
    from app.store.clinic import Clinic, Credentials

SETTLE_MS = 300  # walking through patients writes down who was seen when it comes to rest
MANY = 8  # or before, when so many were seen
RETRY_MS = 500  # until a lock that could not be written down is tried again
log = logging.getLogger(__name__)


class Session(QObject):
    """Owns the open clinic. ``case`` is the selected patient's, ``model`` the name of the model that forecasts.

    accounts: names of the clinic's users, none where everyone may do everything
    locked: no key is held, and whatever is shown of records must be gone
    """

    opened = Signal()  # another clinic
    changed = Signal()  # something in it was committed
    selected = Signal(object)  # Case, or None
    rewritten = Signal(str)  # the patient on screen was written anew: read again a moment later
    models_changed = Signal()
    committed = Signal(object)  # Change: a service of this process committed, in whichever thread
    annotated = Signal(str)  # the annotations of this patient changed, and nothing else
    model_changed = Signal()  # another model forecasts, or none does
    followed = Signal(str)  # another model forecasts, and nobody here wished so: its name
    leaving = Signal()  # the clinic is about to be closed, and another may come: write down what is of it
    closing = Signal()  # about to lock: end what has access, forget what is shown
    was_unlocked = Signal()
    trouble = Signal(object)  # an error of work that nobody waits for

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clinic: Clinic | None = None
        self.case: Case | None = None
        self.model = ""
        self._looked_through = ""  # the model somebody here chose in place of the one in use
        self.accounts: tuple[str, ...] = ()
        self.locked = False
        self.errands = Errands(self)
        self._unsubscribe: Callable[[], None] | None = None
        self._counts: dict[str, int] | None = None  # asked many times between two changes
        self._models: list[Any] | None = None
        self._seen = ""  # who was chosen last, so that showing them again is not another look
        self._looked_at: list[str] = []  # still to be written down
        self._kept = ("", "")  # who locked, and the patient on screen then
        self._settle = _timer(self, SETTLE_MS, self._write_down)
        self._again = _timer(self, RETRY_MS, self._drop_key)
        self.committed.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    @property
    def path(self) -> Path | None:
        """Of a clinic file; None for a clinic on a server, too."""
        from app.store import postgres

        return None if self.clinic is None or postgres.is_url(self.clinic.label) else Path(self.clinic.path)

    @property
    def users(self) -> bool:
        return bool(self.accounts)

    @property
    def guarded(self) -> bool:
        """Whoever comes needs a passphrase: then the lock means something."""
        return self.clinic is not None and (self.clinic.encrypted or self.users)

    def may(self, permission: Permission) -> bool:
        return self.clinic is not None and not self.locked and self.clinic.actor.may(permission)

    def order(self) -> dict[str, Any]:
        """What a job of this clinic is started with: where it lies, and that this window is in."""
        if self.clinic is None or self.locked:
            return {}
        return {"db": self.clinic.place, "access": self.clinic.hand_over().to_json()}

    def open(self, place: Path | str, credentials: Credentials | None = None) -> None:
        """Open a clinic in this thread; the one before is closed. Raises KnownError where it cannot be opened."""
        from app.store.clinic import Clinic

        self.adopt(Clinic.open(place, create=False, credentials=credentials))

    def adopt(self, clinic: Clinic) -> None:
        """Show an open clinic; the session closes it."""
        before = self._leave()
        if before is not None:  # the backup of what was changed in it takes its time
            self.errands.run(before.close, _done, self.trouble.emit)
        self.clinic = clinic
        self.locked = False
        self._unsubscribe = clinic.changed.subscribe(self.committed.emit)
        clinic.watch()  # other windows and workstations write, too
        clinic.back_up_automatically(self.trouble.emit)
        self._speak_as_clinic()
        self.look_again()
        self._pick_model("")
        self.opened.emit()
        self.models_changed.emit()

    def close(self) -> None:
        """Leaves the clinic, with the backup that is due: waits for it."""
        clinic = self._leave()
        if clinic is not None:
            clinic.close()

    def _leave(self) -> Clinic | None:
        """The clinic there was, still to be closed."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._again.stop()
        self.leaving.emit()
        self._write_down_now()
        self.errands.wait()
        self._forget()
        clinic, self.clinic, self.case, self._seen = self.clinic, None, None, ""
        scope.holding.set(scope.NOTHING)
        return clinic

    def look_again(self) -> None:
        """Who may do what can have changed."""
        self._forget()
        self.accounts = () if self.clinic is None else tuple(one.name for one in self.clinic.accounts.list())

    def _speak_as_clinic(self) -> None:
        """The clinic's own terms hold in this window, and in the errands it sends out."""
        if self.clinic is not None:
            scope.holding.set(self.clinic.terms.local())

    # -- the lock

    def lock(self) -> None:
        """Forget all that is shown, end what has access, drop the key."""
        if self.clinic is None or self.locked:
            return
        self._kept = (self.clinic.actor.name, self.case.patient.code if self.case is not None else "")
        self._write_down_now()
        self.locked = True
        self.case, self._seen = None, ""
        self._forget()
        self.closing.emit()  # first: an import under way would keep the log from being written
        self._drop_key()

    def _drop_key(self) -> None:
        if self.clinic is None or not self.locked:
            return
        try:
            self.clinic.lock()
        except KnownError as error:  # another program is writing: the log could not tell of the lock
            log.warning("the lock is tried again: %s", error)
            self._again.start()

    def let_in(self) -> bool:
        """After the clinic was unlocked: show what was shown; True where it is the same person again."""
        if self.clinic is None:
            return False
        self._again.stop()
        self.locked = False
        who, code = self._kept
        same = who == self.clinic.actor.name
        self.look_again()
        self._pick_model(self._looked_through if same else "")
        if same and code and self.may(Permission.PATIENTS_READ):
            try:
                self.select(code)
            except KnownError as error:  # taken out meanwhile, elsewhere
                self.trouble.emit(error)
        self.was_unlocked.emit()
        self.models_changed.emit()
        return same

    # -- the patient

    def select(self, code: str) -> None:
        """Show a patient, as a person wished; "" for none. Raises KnownError for an unknown code.

        The audit log is told who was looked at, after a moment and in a thread: walking the list waits for no disk.
        """
        self._show(code)
        if self.case is not None and self.case.patient.code != self._seen:
            self._seen = self.case.patient.code
            self._looked_at.append(self._seen)
            self._settle.start()
            if len(self._looked_at) >= MANY:
                self._write_down()

    def reload(self, touched: Collection[str] = ()) -> None:
        """Something was committed: read again what is shown. touched: patients it was about, () where not known."""
        if self.clinic is None or self.locked:
            return
        self._forget()
        code = self.case.patient.code if self.case is not None else ""
        before = self.model
        self._pick_model(self._looked_through)
        concerned = bool(code) and (not touched or code in touched)
        if concerned:
            self.rewritten.emit(code)
        self.changed.emit()
        self.models_changed.emit()
        if self.model != before:
            self.model_changed.emit()
            if before and self.model:
                self.followed.emit(self.model)
        if not concerned:
            return
        try:
            self._show(code)
        except KnownError:  # the patient was taken out
            self._show("")

    def _show(self, code: str) -> None:
        self.case = self.clinic.queries.case(code) if self.clinic is not None and code and not self.locked else None
        self.selected.emit(self.case)

    def _write_down(self) -> None:
        if self.clinic is not None and self._looked_at:
            codes, self._looked_at = self._looked_at, []
            self.errands.run(partial(_look_at, self.clinic, codes), _done, self.trouble.emit)

    def _write_down_now(self) -> None:
        self._settle.stop()
        codes, self._looked_at = self._looked_at, []
        if self.clinic is not None and codes:
            try:
                _look_at(self.clinic, codes)
            except KnownError as error:
                log.warning("the audit log was not told of %d patients looked at: %s", len(codes), error)

    # -- counts and models

    def counts(self) -> dict[str, int]:
        if self._counts is None:
            self._counts = {} if self.clinic is None or self.locked else dict(self.clinic.queries.counts())
        return dict(self._counts)

    def models(self) -> list[Any]:
        """Registered models, the newest first."""
        if self._models is None:
            found = self.clinic.models.list() if self.clinic is not None and self.may(Permission.MODELS_READ) else []
            self._models = sorted(found, key=lambda m: str(m.created), reverse=True)
        return list(self._models)

    def card(self) -> dict[str, Any]:
        """Card of the chosen model, {} where there is none."""
        for model in self.models():
            if model.name == self.model:
                return dict(model.card)
        return {}

    def use_model(self, name: str) -> None:
        """Look through this one until the clinic is opened again; "": whichever is in use."""
        before = self.model
        self._pick_model(name)
        self.models_changed.emit()
        if self.model != before:
            self.model_changed.emit()

    def prefer_model(self, name: str, told: Callable[[Any], None]) -> None:
        """It is in use from now on: for everyone where this user may say so, else until the clinic is opened again.

        told: called with the entry once everyone's choice is stored, unless the clinic was left or locked meanwhile
        """
        self.use_model(name)
        if self.clinic is not None and self.may(Permission.MODELS_WRITE) and not self.card().get(standing.PREFERRED):
            self._choose(partial(self.clinic.models.prefer, name), told)

    def stop_preferring(self, name: str, told: Callable[[Any], None]) -> None:
        """For everyone results choose the model from now on. told: as above, with the one they choose, None: none."""
        if self.clinic is not None:
            self._choose(partial(self.clinic.models.prefer_none, name), told)

    def _choose(self, work: Callable[[], Any], told: Callable[[Any], None]) -> None:
        self.errands.run(work, partial(self._chosen, self.clinic, told), self.trouble.emit)

    def _chosen(self, clinic: Clinic | None, told: Callable[[Any], None], found: Any) -> None:
        if self.clinic is clinic and not self.locked:
            told(found)

    def _hear(self, change: Change) -> None:
        if change.kind is ChangeKind.ANNOTATION:  # nothing the forecast or the list would have to be asked anew for
            self._forget()
            self.changed.emit()
            for code in change.ids:
                self.annotated.emit(code)
        elif change.kind is not ChangeKind.LOCK:
            if not self.locked and change.kind in (ChangeKind.VOCABULARY, ChangeKind.ELSEWHERE):
                self._speak_as_clinic()
            if change.kind is ChangeKind.MARK:
                if self.clinic is not None and not self.locked:
                    self.changed.emit()
                return
            about_patients = change.kind not in (ChangeKind.MODEL, ChangeKind.VOCABULARY)
            self.reload(change.ids if about_patients else ())

    def _forget(self) -> None:
        """What was read of the clinic may no longer be so."""
        self._counts = self._models = None

    def _pick_model(self, wanted: str) -> None:
        """What is in use is not looked through: the window goes with it when it changes."""
        known = self.models()
        found = standing.in_use(known)
        used = found.name if found is not None else ""
        self._looked_through = wanted if wanted != used and wanted in [model.name for model in known] else ""
        self.model = self._looked_through or used


def _look_at(clinic: Clinic, codes: list[str]) -> None:
    for code in codes:
        clinic.patients.open(code)


def _done(_: object) -> None:
    """Nobody waits for it."""


def _timer(owner: QObject, wait: int, slot: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(wait)
    timer.timeout.connect(slot)
    return timer
