"""The worker that stays, from inside: what the window asks about the patient on screen, the forecast before the rest.

    {"request": n, "model", "patient", "at"}             the forecast (``forecasting.predict``)
    {"request": n, "ask": "grounds", "model", "patient"} what it rests on (``insight.grounds``)
    {"request": n, "ask": "alike", "model", "patient"}   the courses most like it (``insight.Crowd``)

The last needs the states of many courses. They are worked out a few at a time, only while nothing else is asked.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app import i18n
from app.domain.errors import KnownError
from app.jobs import forecasting, insight
from app.jobs.events import Event, Failed, Finished
from app.store.clinic import Clinic

if TYPE_CHECKING:
    from models.forecaster import LiquidForecaster

Request = dict[str, Any]


class Answerer:
    """Keeps each model loaded, and the crowd of past courses as that model sees them."""

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._loaded: dict[str, tuple[str, LiquidForecaster, insight.Crowd]] = {}
        self._comparing: Request | None = None  # only the last one asked: nobody looks at the patients before

    def busy(self) -> bool:
        return self._comparing is not None

    def turn(self, request: Request) -> list[Event]:
        """The answers there are now. request: {} where nothing was asked."""
        if request.get("ask") == "alike":
            self._comparing = request
            return []
        if request:
            return _guarded(request, self._answer)
        return _guarded(self._comparing, self._compare) if self._comparing is not None else []

    def _answer(self, request: Request) -> dict[str, Any]:
        forecaster, _ = self._load(request["model"])
        if request.get("ask") == "grounds":
            return insight.grounds(self._clinic, forecaster, request["patient"])
        return forecasting.predict(self._clinic, forecaster, request["patient"], request.get("at"))

    def _compare(self, request: Request) -> dict[str, Any] | None:
        try:
            _, crowd = self._load(request["model"])
            if crowd.step():
                return None
            found = crowd.around(request["patient"])
        except Exception:
            self._comparing = None
            raise
        self._comparing = None
        return found

    def _load(self, name: str) -> tuple[LiquidForecaster, insight.Crowd]:
        version = str(self._clinic.models.get(name).created)  # trained again under the same name: load again
        if name not in self._loaded or self._loaded[name][0] != version:
            forecaster = forecasting.load(self._clinic, name)
            self._loaded[name] = version, forecaster, insight.Crowd(self._clinic, forecaster)
        return self._loaded[name][1:]


def _guarded(request: Request, work: Callable[[Request], dict[str, Any] | None]) -> list[Event]:
    """One bad request must not end the service; nothing where the work goes on."""
    number = int(request["request"])
    try:
        result = work(request)
    except KnownError as error:
        return [Failed(i18n.explain(error), is_known=True, request=number)]
    except Exception as error:  # noqa: BLE001 - as said above
        return [Failed(f"{type(error).__name__}: {error}", detail=traceback.format_exc(), request=number)]
    return [] if result is None else [Finished(result, number)]
