"""Forecast one patient with a saved model: once (command line) or again and again in a worker that stays."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.analysis import series
from app.domain.errors import KnownError
from app.i18n import t
from app.jobs import refusals, surprising, worker
from app.jobs.events import Event
from app.store.clinic import Clinic, Credentials
from app.wording import best_simple, chance_text, event_label, variable_label
from models.forecast import Forecast
from models.surprise import Surprise, surprises

if TYPE_CHECKING:
    from app.domain.records import Case
    from models.course import Course
    from models.forecaster import LiquidForecaster

HORIZON_DAYS = 30.0
PATIENCE = 0.3  # seconds a worker that stays has to end by itself: it holds nothing that is to be saved
CURVE_POINTS = 30  # a forecast drawn as a line: from the next day on, one point a day over the usual horizon


def load(clinic: Clinic, model: str) -> LiquidForecaster:
    """The saved forecaster. Raises KnownError for an unknown, damaged or foreign model file."""
    from app.jobs import cards  # not in the window's own process
    from models.errors import ModelError
    from models.forecaster import LiquidForecaster

    clinic.models.get(model)  # an unknown name is told of with the names there are
    try:
        forecaster = LiquidForecaster.load(clinic.models_folder, model)
    except ModelError as error:
        raise KnownError(
            "Model {name} cannot be used: {reason}", name=model, reason=refusals.in_words(error)
        ) from error
    if not cards.usable(forecaster.card):
        raise KnownError("The card of model {name} is incomplete. Train it again.", name=model)
    return forecaster


def case_of(clinic: Clinic, patient: str) -> Case:
    """Raises KnownError for an unknown patient, or one without a visit."""
    case = clinic.queries.case(patient)
    if not case.visits:
        raise KnownError("Patient {patient} has no visits yet; a forecast needs at least one.", patient=patient)
    return case


def course_of(clinic: Clinic, forecaster: LiquidForecaster, patient: str) -> Course:
    """A patient as the forecaster reads one. Raises what ``case_of`` does."""
    return series.course(case_of(clinic, patient), series.SeriesPlan.from_dict(forecaster.card["series"]))


def predict(
    clinic: Clinic, forecaster: LiquidForecaster, patient: str, at: list[float] | None = None
) -> dict[str, Any]:
    """Forecast, curve and state trajectory of one patient as JSON can carry them.

    at: days after the last visit, (H,); None for +7 and +30
    Returns forecast (at the asked days), curve (CURVE_POINTS days up to the horizon: the farthest day asked for, 30 at
    least), trajectory, course_end (day of the last visit), surprises (what came at the last visit beside what the
    visits before it let expect, see ``models.surprise``; none after a first visit).
    """
    case, plan = case_of(clinic, patient), series.SeriesPlan.from_dict(forecaster.card["series"])
    course, earlier = series.course(case, plan), surprising.before_last(case)
    end = float(course.times[-1])
    ahead = at or [7.0, 30.0]
    horizon = max(HORIZON_DAYS, *ahead)
    days = [end + (step + 1) * horizon / CURVE_POINTS for step in range(CURVE_POINTS)]
    courses, asked = [course], [[*(end + step for step in ahead), *days]]
    if earlier is not None:
        courses.append(surprising.earlier_course(course, earlier, plan))
        asked.append([end])
    found, *before = forecaster.predict_many(courses, asked)  # all at once: a pass of the networks has its price
    if course.events:  # a model waits for the first: of what may come after it, it has learnt nothing
        found = replace(found, survival={})
    observed = surprising.observed_last(course)
    return {
        "patient": patient,
        "model": forecaster.card["name"],
        "course_end": end,
        "forecast": _told(forecaster, found.on(slice(len(ahead)))),
        "curve": _told(forecaster, found.on(slice(len(ahead), None))),
        "trajectory": forecaster.trajectory(course, until=end + horizon).to_dict(),
        "surprises": [one.to_dict() for one in surprises(before[0], observed)] if before else [],
    }


def plain(value: Any) -> Any:
    """The same as strict JSON can hold it: NaN and infinity become None."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def document(result: dict[str, Any], card: dict[str, Any]) -> dict[str, Any]:
    """forecast.json: model, patient, at (days after the last visit), variables (of classes the chance of each, too),
    survival (the chance that an event has not come by then; only of whoever still waits for the first), last_visit
    (what came at it beside what was expected: ``models.surprise``) and what they rest on."""
    found = Forecast.from_dict(result["forecast"])
    variables = {
        v.name: {
            "label": variable_label(v),
            "unit": v.unit,
            "kind": v.kind,
            "last_value": found.last_value.get(v.name),
            "median": found.median[v.name].tolist(),
            "quantiles": {f"{level:g}": found.quantile(level)[v.name].tolist() for level in found.quantile_levels},
            **_chances(found, v.name),
        }
        for v in found.variables
    }
    training, score = card["training"], card["score"]
    return plain(
        {
            "model": card["name"],
            "patient": result["patient"],
            "at": (found.at - result["course_end"]).tolist(),
            "variables": variables,
            "survival": {event: chance.tolist() for event, chance in found.survival.items()},
            "last_visit": result["surprises"],
            "basis": {
                "patients": training["patients"],
                "visits": training["visits"],
                "span": training["span_days"],
                "static_only": bool(found.basis.get("static_only")),
                "score": score,
                "coverage90": card.get("coverage90"),
                "better_than_last_value": bool(score["beats_last_value"]),
            },
        }
    )


def _chances(found: Forecast, name: str) -> dict[str, Any]:
    if name not in found.probabilities:
        return {}
    table = found.probabilities[name]
    return {"chances": {f"{value:g}": table[:, place].tolist() for place, value in enumerate(found.classes[name])}}


def describe(document: dict[str, Any]) -> list[str]:
    """The forecast as lines for a terminal."""
    lines = [t("Patient {patient}, model {model}", patient=document["patient"], model=document["model"])]
    for name, entry in document["variables"].items():
        cells = []
        for index, day in enumerate(document["at"]):
            low, middle, high = (entry["quantiles"][q][index] for q in ("0.05", "0.5", "0.95"))
            chance = entry["kind"] == "binary"  # present or not: an interval would say nothing
            cells.append(f"+{day:g}d " + (chance_text(middle) if chance else f"{middle:.2f} [{low:.2f}, {high:.2f}]"))
        lines.append(f"  {entry['label'] or name}: " + "   ".join(cells))
    for event, chance in document["survival"].items():
        cells = [f"+{day:g}d {chance_text(share)}" for day, share in zip(document["at"], chance, strict=True)]
        lines.append("  " + t("not come by then: {event}", event=event_label(event)) + ": " + "   ".join(cells))
    lines += _beyond(document)
    if document["basis"]["static_only"]:
        lines.append(t("Nothing the model uses is recorded of this patient: this is what is usual in such a one."))
    return [*lines, *rests_on(document["basis"])]


def _beyond(document: dict[str, Any]) -> list[str]:
    """The values of the last visit that lay outside the forecast made before it."""
    lines = []
    for one in map(Surprise.from_dict, document["last_visit"]):
        entry = document["variables"][one.name]
        if one.outside and entry["kind"] in ("binary", "categorical"):
            chance = chance_text((1.0 - one.beyond) / 2)
            lines.append(t("  {variable} had a chance of {chance}", variable=entry["label"] or one.name, chance=chance))
        elif one.outside:
            label, figures = entry["label"] or one.name, {"value": one.value, "low": one.low, "high": one.high}
            lines.append(t("  {variable} {value:g}, expected {low:.2f} to {high:.2f}", variable=label, **figures))
    return [t("Beyond expectation at the last visit:"), *lines] if lines else []


def rests_on(basis: dict[str, Any]) -> list[str]:
    """What a forecast rests on, always told beside it."""
    score = basis["score"]
    if score["model"] is None or score["last_value"] is None:
        few = t("Rests on {patients} patients, {visits} visits.", patients=basis["patients"], visits=basis["visits"])
        return [few, t("Too few patients to hold some out: how far off its forecasts are is not known.")]
    figures = {"patients": basis["patients"], "visits": basis["visits"], "held": score["patients"]}
    figures |= {"model": score["model"], "last": score["last_value"]}
    if score.get("scored_on") == "rolling":
        lines = [
            t(
                "Rests on {patients} patients, {visits} visits; error {model:.3f} against {last:.3f} of the last value "
                "({held} patients, forecast before they were learnt from).",
                **figures,
            )
        ]
    else:
        lines = [
            t(
                "Rests on {patients} patients, {visits} visits; error {model:.3f} against {last:.3f} of the last value "
                "(held-out patients: {held}).",
                **figures,
            )
        ]
    simple = best_simple(score)
    if simple is not None:
        lines.append(
            t("The best simple forecast ({name}) has an error of {error:.3f}.", name=simple.label, error=simple.error)
        )
        if not simple.beaten:
            lines.append(t("The network is no better than that."))
    if not basis["better_than_last_value"]:
        lines.append(t("This model does not beat repeating the last value."))
    return lines


def _told(forecaster: LiquidForecaster, found: Forecast) -> dict[str, Any]:
    """A forecast with the model's measured score in its basis, so that no picture of it is without."""
    return replace(found, basis={**found.basis, "score": plain(forecaster.card["score"])}).to_dict()


def serve(reporter: worker.Reporter, *, db: str, access: dict[str, Any] | None = None) -> dict[str, Any]:
    """Answer the requests of ``app.jobs.answering`` until told to stop; torch and models load once."""
    import torch

    from app.jobs.answering import Answerer

    torch.set_num_threads(1)
    with Clinic.open(db, create=False, credentials=Credentials.of(access)) as clinic:
        answerer = Answerer(clinic)
        for request in reporter.requests(answerer.busy):
            for event in answerer.turn(request):
                reporter.answer(event)
    return {}


class ForecastService:
    """The window's end: forecasts of one clinic from a worker that keeps torch and the model loaded.

    db: path or address of the clinic; access: of this process, which is in
    """

    def __init__(self, db: Path | str, access: dict[str, Any] | None = None) -> None:
        self._order = {"db": str(db), "access": access}
        self._job: worker.Job | None = None
        self._number = 0

    def request(self, model: str, patient: str, at: list[float] | None = None) -> int:
        """Ask; the answer comes through poll() with this number as its ``request``."""
        return self._send({"model": model, "patient": patient, "at": at})

    def explain(self, model: str, patient: str, ask: str) -> int:
        """The same of what stands behind a forecast, answered after it. ask: "grounds" or "alike"."""
        return self._send({"ask": ask, "model": model, "patient": patient})

    def _send(self, message: dict[str, Any]) -> int:
        if self._job is None or not self._job.alive:
            self._job = worker.start("app.jobs.forecasting:serve", self._order)
        self._number += 1
        self._job.send({"request": self._number, **message})
        return self._number

    def poll(self) -> list[Event]:
        return [] if self._job is None else self._job.poll()

    def close(self) -> None:
        if self._job is not None:
            self._job.close(PATIENCE)
            self._job = None
