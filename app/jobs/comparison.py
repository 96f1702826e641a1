"""The table of a model beside what it must beat: made when a training ends, and put in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.domain import standing
from app.i18n import t
from app.jobs.listening import Listener
from app.wording import model_name

if TYPE_CHECKING:
    from models.course import Course
    from models.forecaster import LiquidForecaster


def after_training(
    listener: Listener, forecaster: LiquidForecaster, courses: Sequence[Course], which: str
) -> dict[str, Any] | None:
    """patients (held out), seed, table: lines of ``models.comparing.Compared``, the model's own first.

    which: "simple" or "all"; None where too few patients were held out, or the listener asked to stop on the way.
    """
    from models.comparing import NETWORKS, SIMPLE, compare, parted
    from models.errors import ModelError

    models = SIMPLE if which == "simple" else (*SIMPLE, *NETWORKS)
    try:
        held = parted(forecaster, courses)[1]
        table = compare(forecaster, courses, models=models, progress=teller(listener), cancel=listener.cancelled)
    except ModelError:  # nothing to compare by: the score says so
        return None
    if listener.cancelled():
        return None
    return {"patients": len(held), "seed": forecaster.seed, "table": [line.to_dict() for line in table]}


def teller(listener: Listener) -> Any:
    """Which model is being fitted, told to the listener."""

    def told(done: int, total: int, name: str) -> None:
        listener.progress(done, total, t("Training {model} to compare with", model=model_name(name)))

    return told


def lines(table: Sequence[Mapping[str, Any]]) -> list[str]:
    """The table for a terminal, a line a model."""
    told = []
    for entry in table:
        name = model_name(entry["model"])
        if entry["rmse"] is None:
            told.append(f"  {name}: -  ({entry['why']})")
            continue
        line = f"  {name}: {entry['rmse']:.3f} [{entry['low']:.3f}, {entry['high']:.3f}]"
        if entry["behind"] is not None:
            off, low, high = entry["behind"]
            line += "   " + t("difference {value}", value=f"{off:+.3f} [{low:+.3f}, {high:+.3f}]")
        told.append(line)
    return told


def verdict(table: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line where the model is not clearly the best of the table, none where it is."""
    words = {
        "better": [],
        "alike": [t("No clear difference from the best of them.")],
        "worse": [t("It is no better than the best of them: rely on that one.")],
    }
    return words[standing.against(table[1:])]


def of_card(card: Mapping[str, Any]) -> list[str]:
    """The table a training ended with, in words; nothing where there is none."""
    own = standing.own_line(card)
    if own is None:
        return []
    table = [own, *standing.rivals(card)]
    head = t(
        "On {n} patients it never saw, error of the next visit in standard deviations (+ is worse than it):",
        n=card["comparison"]["patients"],
    )
    return [head, *lines(table), *verdict(table)]
