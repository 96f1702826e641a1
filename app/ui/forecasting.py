"""Asks a worker that stays for the forecast of the patient on screen; the window polls it and never waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.jobs.events import Event, Failed, Finished
from app.ui.insight import Alike, Grounds
from models.forecast import Forecast, Trajectory
from models.surprise import Surprise

POLL_MS = 50
HURRY_MS = 10  # between polls where somebody waits for the answer
BEHIND = ("grounds", "alike")  # asked once the forecast is there, in this order
SETTLE_MS = 200  # going through patients with the arrow keys asks only for the one where it stops


class Service(Protocol):
    """What is needed of app.jobs.forecasting.ForecastService."""

    def request(self, model: str, patient: str, at: list[float] | None = None) -> int: ...

    def explain(self, model: str, patient: str, ask: str) -> int: ...

    def poll(self) -> list[Event]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Outlook:
    """forecast at the days of the table (+7, +30), curve day by day for the plots, and the state's trajectory.

    surprises: the last visit beside what was expected of it, the least expected first
    """

    patient: str
    model: str
    course_end: float
    forecast: Forecast
    curve: Forecast
    trajectory: Trajectory
    surprises: tuple[Surprise, ...] = ()

    @classmethod
    def from_result(cls, result: dict[str, Any]) -> Outlook:
        return cls(
            patient=result["patient"],
            model=result["model"],
            course_end=float(result["course_end"]),
            forecast=Forecast.from_dict(result["forecast"]),
            curve=Forecast.from_dict(result["curve"]),
            trajectory=Trajectory.from_dict(result["trajectory"]),
            surprises=tuple(Surprise.from_dict(one) for one in result.get("surprises", ())),
        )


Maker = Callable[[dict[str, Any]], Service]  # of a session's order


def start_service(order: dict[str, Any]) -> Service:
    from app.jobs.forecasting import ForecastService

    return ForecastService(**order)


class Forecaster(QObject):
    """One outlook at a time, then what stands behind it: a newer question makes the answer to an older one void."""

    asked = Signal()
    ready = Signal(object)  # Outlook
    failed = Signal(object)  # Failed
    explained = Signal(object)  # Grounds
    compared = Signal(object)  # Alike
    unexplained = Signal(str, object)  # "grounds" or "alike", and why: Failed

    def __init__(self, make: Maker = start_service, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._service: Service | None = None
        self._wanted: tuple[str, str] | None = None
        self._number = 0
        self._hurried = False
        self._behind: dict[int, str] = {}  # asked after the forecast: by number what
        self._early = False  # what is wanted was asked before the window came to it
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._ask_now)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.poll)

    @property
    def waiting(self) -> bool:
        return self._settle.isActive() or self._timer.isActive()

    def connect_to(self, order: dict[str, Any] | None) -> None:
        """Forecasts of this clinic file from now on; None for none."""
        self.close()
        self._service = None if order is None else self._make(order)

    def ask(self, model: str, patient: str) -> None:
        if self._service is None:
            return
        early, self._early = self._early, False
        if not early or self._wanted != (model, patient):
            self._wanted = (model, patient)
            self._timer.stop()
            self._settle.start()
        self.asked.emit()

    def hurry(self) -> None:
        """Somebody saves a visit and looks for what it changes: see ``ask_early``."""
        self._hurried = True

    def ask_early(self, model: str, patient: str) -> None:
        """The patient was written anew, and the window is about to read and ask: where somebody waits for that, the
        worker begins while the window still reads, and the window's own question is this one."""
        hurried, self._hurried = self._hurried, False
        if hurried and model and self._service is not None:
            self._wanted, self._early = (model, patient), True
            self._settle.stop()
            self._send(HURRY_MS)

    def forget(self) -> None:
        """Whatever was asked is no longer wanted."""
        self._wanted, self._early = None, False
        self._behind.clear()
        self._settle.stop()
        self._timer.stop()

    def close(self) -> None:
        self.forget()
        service, self._service = self._service, None
        if service is not None:
            service.close()

    def poll(self) -> None:
        if self._service is None:
            return
        for event in self._service.poll():
            if event.request in self._behind:
                self._tell_behind(self._behind.pop(event.request), event)
            elif event.request not in (0, self._number):
                continue
            elif isinstance(event, Finished) and event.result:
                self._ask_behind()
                self.ready.emit(Outlook.from_result(event.result))
            elif isinstance(event, Failed):
                self._behind.clear()
                self._timer.stop()
                self.failed.emit(event)

    def _ask_now(self) -> None:
        self._send()

    def _send(self, poll: int = POLL_MS) -> None:
        if self._service is not None and self._wanted is not None:
            self._behind.clear()
            self._number = self._service.request(*self._wanted)
            self._timer.start(poll)

    def _ask_behind(self) -> None:
        """The forecast is there; the rest may take its time."""
        if self._service is not None and self._wanted is not None:
            self._behind = {self._service.explain(*self._wanted, ask): ask for ask in BEHIND}
            self._timer.start(POLL_MS)

    def _tell_behind(self, ask: str, event: Event) -> None:
        if not self._behind:
            self._timer.stop()
        if isinstance(event, Failed):
            self.unexplained.emit(ask, event)
        elif isinstance(event, Finished) and ask == "grounds":
            self.explained.emit(Grounds.from_result(event.result))
        elif isinstance(event, Finished):
            self.compared.emit(Alike.from_result(event.result))
