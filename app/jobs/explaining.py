"""What a forecast of one patient rests on, and the past patients who were most like this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.domain.errors import KnownError
from app.i18n import t
from app.jobs import cohort, forecasting, refusals
from app.store.clinic import Clinic
from app.wording import chance_text, concept_label, variable_label

if TYPE_CHECKING:
    from models.course import Variable
    from models.forecaster import LiquidForecaster

TOLD = 8  # contributions of a kind
SMALL = 0.005  # shown as nothing


def explain(
    clinic: Clinic, model: str, patient: str, variable: str | None = None, ahead: float = 30.0, alike: int = 5
) -> dict[str, Any]:
    """attribution (``models.explain.attribute``), alike (``models.explain.alike``), ahead: JSON-able.

    variable: code or name, None: the one expected to change most; ahead: days after the last visit
    Raises KnownError for an unknown patient, model or variable.
    """
    from models.errors import ModelError
    from models.explain import alike as nearest
    from models.explain import attribute

    forecaster = forecasting.load(clinic, model)
    course = forecasting.course_of(clinic, forecaster, patient)
    day = float(course.times[-1]) + ahead
    chosen = _chosen(forecaster, variable) if variable else _most_changed(forecaster, course, day)
    try:
        rests = attribute(forecaster, course, day, chosen.name, gradients=_has_gradients(forecaster))
        near = nearest(
            forecaster,
            course,
            cohort.courses_for(clinic, forecaster, named=True),
            k=alike,
            after=(ahead,),
            followed=ahead,
        )
    except ModelError as error:
        raise KnownError("Explaining {name}: {reason}", name=model, reason=refusals.in_words(error)) from error
    return {"model": model, "ahead": ahead, "attribution": rests.to_dict(), "alike": near.to_dict()}


def _has_gradients(forecaster: LiquidForecaster) -> bool:
    from models.errors import ModelError
    from models.explain.integrated import check_cell

    try:
        for network in forecaster.fitted_.networks:
            check_cell(network)
    except ModelError:
        return False
    return True


def _targets(forecaster: LiquidForecaster) -> list[Variable]:
    known = {v.name: v for v in forecaster.fitted_.encoder.variables}
    return [known[name] for name in forecaster.card["targets"]]


def _chosen(forecaster: LiquidForecaster, wanted: str) -> Variable:
    targets = _targets(forecaster)
    for one in targets:
        if wanted in (one.name, variable_label(one, "zh"), variable_label(one, "en")):
            return one
    known = ", ".join(variable_label(one) for one in targets)
    raise KnownError("The model does not forecast {variable}; it forecasts: {known}.", variable=wanted, known=known)


def _most_changed(forecaster: LiquidForecaster, course: Any, day: float) -> Variable:
    """In spreads of each variable."""
    found = forecaster.predict(course, [day])
    encoder = forecaster.fitted_.encoder
    scale = {encoder.variables[c.variable].name: float(s) for c, s in zip(encoder.columns, encoder.scale, strict=True)}

    def change(variable: Variable) -> float:
        last = found.last_value.get(variable.name)
        if last is None or last != last or variable.kind == "categorical":
            return 0.0
        return abs(float(found.mean[variable.name][0]) - last) / scale[variable.name]

    return max(_targets(forecaster), key=change)


def describe(document: dict[str, Any]) -> list[str]:
    """The same as lines for a terminal."""
    found, near = document["attribution"], document["alike"]
    names = [concept_label(name) for name in found["variables"]]
    told = [
        t(
            "{variable} of patient {patient} in {days:g} days: {value} on average; the simple forecasts say "
            "{simple}, the network {correction:+.2f}. Of a patient of whom nothing is known: {baseline}.",
            variable=concept_label(found["variable"]),
            patient=found["patient"],
            days=document["ahead"],
            value=_figure(found, "forecast"),
            simple=_figure(found, "simple"),
            correction=found["forecast"] - found["simple"],
            baseline=_figure(found, "baseline"),
        )
    ]
    removal = found["removal"]
    visits = [t("visit on day {day:g}", day=day) for day in found["days"]]
    parts = {
        t("Without a variable's values it would be lower (+) or higher (-) by:"): (names, removal["variables"]),
        t("Without a visit:"): (visits, removal["visits"]),
        t("Without a treatment:"): ([concept_label(n) for n in found["treatments"]], removal["treatments"]),
        t("Without a fact:"): ([concept_label(n) for n in found["statics"]], removal["statics"]),
    }
    for head, (labels, effects) in parts.items():
        lines = _largest(labels, effects)
        told += [head, *lines] if lines else []
    return [*told, *_alike(near, found["variable"], document["ahead"])]


def _figure(found: dict[str, Any], part: str) -> str:
    """In the variable's own unit, a chance in per cent."""
    return chance_text(found[part]) if found["scale"] == "chance" else f"{found[part]:.2f}"


def _largest(labels: Sequence[str], effects: Sequence[float]) -> list[str]:
    pairs = [(label, e) for label, e in zip(labels, effects, strict=True) if e is not None and abs(e) >= SMALL]
    return [f"  {label}: {e:+.2f}" for label, e in sorted(pairs, key=lambda p: -abs(p[1]))[:TOLD]]


def _alike(near: dict[str, Any], variable: str, ahead: float) -> list[str]:
    if not near["neighbours"]:
        return []
    place = [v["name"] for v in near["variables"]].index(variable)
    told = [t("Patients who were most like this one, and what became of them in {days:g} days:", days=ahead)]
    for one in near["neighbours"]:
        now, then = one["now"][place], one["then"][0][place]
        course = "-" if now is None or then is None else f"{now:.2f} -> {then:.2f}"
        told.append(
            "  "
            + t("{patient}, day {day:g}, distance {d:.2f}", patient=one["patient"], day=one["day"], d=one["distance"])
            + f": {course}"
        )
    return told
