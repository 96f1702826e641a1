"""What the window is looking at: one clinic file, one patient, one model. Widgets hear of changes by signal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from app.domain.records import Case
    from app.store.clinic import Clinic
    from app.store.observer import Change


class Session(QObject):
    """Owns the open clinic. ``case`` is the selected patient's, ``model`` the name of the model that forecasts."""

    opened = Signal()  # another clinic file
    changed = Signal()  # something in it was committed
    selected = Signal(object)  # Case, or None
    models_changed = Signal()
    committed = Signal()  # a service of this process committed, in whichever thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clinic: Clinic | None = None
        self.case: Case | None = None
        self.model = ""
        self._unsubscribe: Callable[[], None] | None = None
        self._counts: dict[str, int] | None = None  # asked many times between two changes
        self._models: list[Any] | None = None
        self.committed.connect(self.reload)

    @property
    def path(self) -> Path | None:
        return None if self.clinic is None else Path(self.clinic.path)

    def order(self) -> dict[str, Any]:
        """What a job of this clinic is started with: where it lies, and that this window is in."""
        if self.clinic is None:
            return {}
        return {"db": self.clinic.label, "access": self.clinic.hand_over().to_json()}

    def open(self, path: Path) -> None:
        """Open or make a clinic file; the one before is closed. Raises KnownError where it cannot be opened."""
        from app.store.clinic import Clinic

        self.adopt(Clinic.open(path, plain=not path.exists()))

    def adopt(self, clinic: Clinic) -> None:
        """Show an open clinic; the session closes it."""
        self.close()
        self.clinic = clinic
        self._forget()
        self._unsubscribe = clinic.changed.subscribe(self._heard)
        self._pick_model("")
        self.opened.emit()
        self.models_changed.emit()

    def close(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._forget()
        clinic, self.clinic, self.case = self.clinic, None, None
        if clinic is not None:
            clinic.close()

    def select(self, code: str) -> None:
        """Show a patient; "" for none. Raises KnownError for an unknown code."""
        self.case = self.clinic.queries.case(code) if self.clinic is not None and code else None
        self.selected.emit(self.case)

    def reload(self) -> None:
        """Something was committed by a worker: read again what is shown."""
        self._forget()
        code = self.case.patient.code if self.case is not None else ""
        self._pick_model(self.model)
        self.changed.emit()
        self.models_changed.emit()
        if code:
            self.select(code)

    def counts(self) -> dict[str, int]:
        if self._counts is None:
            self._counts = {} if self.clinic is None else dict(self.clinic.queries.counts())
        return dict(self._counts)

    def models(self) -> list[Any]:
        """Registered models, the newest first."""
        if self._models is None:
            found = [] if self.clinic is None else self.clinic.models.list()
            self._models = sorted(found, key=lambda m: str(m.created), reverse=True)
        return list(self._models)

    def card(self) -> dict[str, Any]:
        """Card of the chosen model, {} where there is none."""
        for model in self.models():
            if model.name == self.model:
                return dict(model.card)
        return {}

    def use_model(self, name: str) -> None:
        self._pick_model(name)
        self.models_changed.emit()

    def _heard(self, _: Change) -> None:
        self.committed.emit()

    def _forget(self) -> None:
        """What was read of the clinic may no longer be so."""
        self._counts = self._models = None

    def _pick_model(self, wanted: str) -> None:
        names = [model.name for model in self.models()]
        self.model = wanted if wanted in names else (names[0] if names else "")
