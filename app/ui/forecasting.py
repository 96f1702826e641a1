"""Asks a worker that stays for the forecast of the patient on screen; the window polls it and never waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.jobs.events import Event, Failed, Finished
from models.forecast import Forecast, Trajectory

POLL_MS = 50
HURRY_MS = 10  # between polls where somebody waits for the answer
SETTLE_MS = 200  # going through patients with the arrow keys asks only for the one where it stops


class Service(Protocol):
    """What is needed of app.jobs.forecasting.ForecastService."""

    def request(self, model: str, patient: str, at: list[float] | None = None) -> int: ...

    def poll(self) -> list[Event]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Outlook:
    """forecast at the days of the table (+7, +30), curve day by day for the plots, and the state's trajectory."""

    patient: str
    model: str
    course_end: float
    forecast: Forecast
    curve: Forecast
    trajectory: Trajectory

    @classmethod
    def from_result(cls, result: dict[str, Any]) -> Outlook:
        return cls(
            patient=result["patient"],
            model=result["model"],
            course_end=float(result["course_end"]),
            forecast=Forecast.from_dict(result["forecast"]),
            curve=Forecast.from_dict(result["curve"]),
            trajectory=Trajectory.from_dict(result["trajectory"]),
        )


Maker = Callable[[dict[str, Any]], Service]  # of a session's order


def start_service(order: dict[str, Any]) -> Service:
    from app.jobs.forecasting import ForecastService

    return ForecastService(**order)


class Forecaster(QObject):
    """One outlook at a time: a newer question makes the answer to an older one void."""

    asked = Signal()
    ready = Signal(object)  # Outlook
    failed = Signal(object)  # Failed

    def __init__(self, make: Maker = start_service, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._service: Service | None = None
        self._wanted: tuple[str, str] | None = None
        self._number = 0
        self._hurried = False
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
        self._wanted = (model, patient)
        self._timer.stop()
        if self._hurried:
            self._hurried = False
            self._settle.stop()
            self._send(HURRY_MS)
        else:
            self._settle.start()
        self.asked.emit()

    def hurry(self) -> None:
        """Somebody saves a visit and looks for what it changes: the next question does not wait."""
        self._hurried = True

    def forget(self) -> None:
        """Whatever was asked is no longer wanted."""
        self._wanted = None
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
            if getattr(event, "request", 0) not in (0, self._number):
                continue
            if isinstance(event, Finished) and event.result:
                self._timer.stop()
                self.ready.emit(Outlook.from_result(event.result))
            elif isinstance(event, Failed):
                self._timer.stop()
                self.failed.emit(event)

    def _ask_now(self) -> None:
        self._send()

    def _send(self, poll: int = POLL_MS) -> None:
        if self._service is not None and self._wanted is not None:
            self._number = self._service.request(*self._wanted)
            self._timer.start(poll)
