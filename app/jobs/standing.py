"""How every patient of a clinic stands with a model: was the last visit to be expected, is an event to be feared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from app.analysis import series
from app.domain.records import Case
from app.i18n import t
from app.jobs import forecasting, surprising, worker
from app.store.clinic import Clinic, Credentials

if TYPE_CHECKING:
    from models.forecaster import LiquidForecaster

TOGETHER = 64  # patients forecast together
HORIZON_DAYS = forecasting.HORIZON_DAYS


def look(reporter: worker.Reporter, *, db: str, model: str, access: dict[str, Any] | None = None) -> dict[str, Any]:
    """All patients with a visit. Every progress carries ``numbers`` of the patients since the last one: by number
    [chance of an event within HORIZON_DAYS, chance of a last visit as far from what was expected]; None: not known.

    Nothing is written. Raises KnownError for a model that cannot be used, StoppedEarly.
    """
    import torch

    torch.set_num_threads(1)  # beside the window
    with Clinic.open(db, create=False, credentials=Credentials.of(access)) as clinic:
        forecaster = forecasting.load(clinic, model)
        total, done = clinic.queries.counts()["patients"], 0
        for cases in _parts(clinic.queries.cases()):
            if reporter.cancelled():
                raise worker.StoppedEarly({"patients": done})
            done += len(cases)
            text = t("{done} of {total} patients", done=done, total=total)
            reporter.progress(done, total, text, numbers={k: list(v) for k, v in numbers(forecaster, cases).items()})
    return {"model": model, "patients": done}


def numbers(forecaster: LiquidForecaster, cases: Iterable[Case]) -> Mapping[str, tuple[float | None, float | None]]:
    """By patient: (risk, chance) as ``look`` tells them; who has no visit is left out."""
    seen = [case for case in cases if case.visits]
    beyond = surprising.beyond(forecaster, seen)
    risks = _risks(forecaster, seen)
    return {
        code: (risks.get(code), 1.0 - beyond[code] if code in beyond else None)
        for code in (case.patient.code for case in seen)
    }


def _risks(forecaster: LiquidForecaster, cases: list[Case]) -> dict[str, float]:
    """Of the likeliest event, for whoever still waits for the first; empty where the model knows of none."""
    if not cases or not forecaster.card.get("events"):
        return {}
    plan = series.SeriesPlan.from_dict(forecaster.card["series"])
    courses = [course for case in cases if not (course := series.course(case, plan)).events]
    found = forecaster.predict_many(courses, [[float(course.times[-1]) + HORIZON_DAYS] for course in courses])
    return {
        course.patient: max(1.0 - float(chance[0]) for chance in one.survival.values())
        for course, one in zip(courses, found, strict=True)
        if one.survival
    }


def _parts(cases: Iterator[Case]) -> Iterator[list[Case]]:
    while part := list(islice(cases, TOGETHER)):
        yield part
