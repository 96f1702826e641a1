"""The worker that stays, from inside: what the window asks about the patient on screen, the forecast before the rest.

    {"request": n, "model", "patient", "at"}             the forecast (``forecasting.predict``)
    {"request": n, "ask": "grounds", "model", "patient"} what it rests on (``insight.grounds``)
    {"request": n, "ask": "alike", "model", "patient"}   the courses most like it (``insight.Crowd``)

A forecast is answered at once. The rest is worked out a little at a time, only while nothing else is asked.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from app import i18n
from app.domain.errors import KnownError
from app.jobs import forecasting, insight
from app.jobs.events import Event, Failed, Finished
from app.store.clinic import Clinic

if TYPE_CHECKING:
    from models.forecaster import LiquidForecaster

Request = dict[str, Any]
Work = Generator[None, None, dict[str, Any]]


class Answerer:
    """Keeps each model loaded, and the crowd of past courses as that model sees them."""

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._loaded: dict[str, tuple[str, LiquidForecaster, insight.Crowd]] = {}
        # of each kind only the last one asked, the quicker kind first: nobody looks at the patients before
        self._works: dict[str, tuple[Request, Work] | None] = {"grounds": None, "alike": None}

    def busy(self) -> bool:
        return any(self._works.values())

    def turn(self, request: Request) -> list[Event]:
        """The answers there are now. request: {} where nothing was asked."""
        ask = request.get("ask")
        if ask is not None:
            self._works[ask] = request, self._work(request)
            return []
        if request:
            return _guarded(request, partial(self._forecast, request))
        for kind, under_way in self._works.items():
            if under_way is not None:
                asked, work = under_way
                events = _guarded(asked, partial(_step, work))
                if events:
                    self._works[kind] = None
                return events
        return []

    def _forecast(self, request: Request) -> dict[str, Any]:
        forecaster, _ = self._load(request["model"])
        return forecasting.predict(self._clinic, forecaster, request["patient"], request.get("at"))

    def _work(self, request: Request) -> Work:
        forecaster, crowd = self._load(request["model"])
        if request["ask"] == "grounds":
            return (yield from insight.grounds(self._clinic, forecaster, request["patient"]))
        return (yield from crowd.compare(request["patient"]))

    def _load(self, name: str) -> tuple[LiquidForecaster, insight.Crowd]:
        version = str(self._clinic.models.get(name).created)  # trained again under the same name: load again
        if name not in self._loaded or self._loaded[name][0] != version:
            forecaster = forecasting.load(self._clinic, name)
            self._loaded[name] = version, forecaster, insight.Crowd(self._clinic, forecaster)
        return self._loaded[name][1:]


def _step(work: Work) -> dict[str, Any] | None:
    """A little of the work; its result once it is done."""
    try:
        next(work)
    except StopIteration as end:
        return end.value
    return None


def _guarded(request: Request, work: Callable[[], dict[str, Any] | None]) -> list[Event]:
    """One bad request must not end the service; nothing where the work goes on."""
    number = int(request["request"])
    try:
        result = work()
    except KnownError as error:
        return [Failed(i18n.explain(error), is_known=True, request=number)]
    except Exception as error:  # noqa: BLE001 - as said above
        return [Failed(f"{type(error).__name__}: {error}", detail=traceback.format_exc(), request=number)]
    return [] if result is None else [Finished(result, number)]
