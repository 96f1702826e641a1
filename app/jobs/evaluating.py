"""A saved model beside what it must beat, on the patients of this clinic that it never saw."""

from __future__ import annotations

from typing import Any

from app.domain.errors import KnownError
from app.i18n import t
from app.jobs import cohort, comparison, forecasting, refusals
from app.jobs.listening import Listener
from app.store.clinic import Clinic


def evaluate(listener: Listener, clinic: Clinic, model: str) -> dict[str, Any]:
    """model, patients (held out), table: lines of ``models.comparing.Compared``, the model's own first.

    Raises KnownError for an unknown or damaged model and where too few patients were held out of its training.
    """
    from models.comparing import compare, parted
    from models.errors import ModelError

    forecaster = forecasting.load(clinic, model)
    courses = cohort.courses_for(clinic, forecaster)
    try:
        held = parted(forecaster, courses)[1]
        table = compare(forecaster, courses, progress=comparison.teller(listener), cancel=listener.cancelled)
    except ModelError as error:
        reason = refusals.in_words(error)
        raise KnownError("Model {name} cannot be compared: {reason}", name=model, reason=reason) from error
    return {"model": model, "patients": len(held), "table": [line.to_dict() for line in table]}


def describe(document: dict[str, Any]) -> list[str]:
    """The table as lines for a terminal."""
    head = t(
        "Model {name}, on {n} patients it never saw, error of the next visit in standard deviations (+ is worse "
        "than it):",
        name=document["model"],
        n=document["patients"],
    )
    table = document["table"]
    return [head, *comparison.lines(table), *comparison.verdict(table)]
