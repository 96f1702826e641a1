"""A saved model beside what it must beat, on the patients of this clinic that it never saw."""

from __future__ import annotations

from typing import Any

from app.analysis import series
from app.domain.errors import KnownError
from app.i18n import t
from app.jobs import forecasting, refusals
from app.jobs.training import Listener, cases_to_learn_from
from app.store.clinic import Clinic
from app.wording import model_name


def evaluate(listener: Listener, clinic: Clinic, model: str) -> dict[str, Any]:
    """model, patients (held out), table: lines of ``models.comparing.Compared``, the model's own first.

    Raises KnownError for an unknown or damaged model and where too few patients were held out of its training.
    """
    from models.comparing import compare, parted
    from models.errors import ModelError

    forecaster = forecasting.load(clinic, model)
    courses = series.courses(cases_to_learn_from(clinic), series.SeriesPlan.from_dict(forecaster.card["series"]))
    try:
        held = parted(forecaster, courses)[1]
        table = compare(
            forecaster,
            courses,
            progress=lambda done, total, name: listener.progress(
                done, total, t("Training {model} to compare with", model=model_name(name))
            ),
            cancel=listener.cancelled,
        )
    except ModelError as error:
        reason = refusals.in_words(error)
        raise KnownError("Model {name} cannot be compared: {reason}", name=model, reason=reason) from error
    return {"model": model, "patients": len(held), "table": [line.to_dict() for line in table]}


def describe(document: dict[str, Any]) -> list[str]:
    """The table as lines for a terminal."""
    count, name = document["patients"], document["model"]
    lines = [t("Model {name}, on {n} patients it never saw, error of the next visit:", name=name, n=count)]
    for entry in document["table"]:
        name = model_name(entry["model"])
        if entry["rmse"] is None:
            lines.append(f"  {name}: -  ({entry['why']})")
            continue
        line = f"  {name}: {entry['rmse']:.3f} [{entry['low']:.3f}, {entry['high']:.3f}]"
        if entry["behind"] is not None:
            off, low, high = entry["behind"]
            line += "   " + t("difference {value}", value=f"{off:+.3f} [{low:+.3f}, {high:+.3f}]")
        lines.append(line)
    rest = [e["rmse"] for e in document["table"][1:] if e["rmse"] is not None]
    if rest and document["table"][0]["rmse"] >= min(rest):
        lines.append(t("It is no better than the best of them: rely on that one."))
    return lines
