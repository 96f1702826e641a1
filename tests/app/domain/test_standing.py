"""Which model has earned to be relied on, and which is in use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from app.domain import standing

SURE = {"value": 0.05, "low": 0.02, "high": 0.08}
GOOD = {"model": 0.6, "last_value": 0.8, "beats_last_value": True, "beats_simple": True, "better_by": SURE}
BAD = {**GOOD, "beats_simple": False, "better_by": {"value": -0.05, "low": -0.08, "high": -0.02}}


@dataclass
class Shelved:
    name: str
    card: dict[str, Any] = field(default_factory=dict)


def table(*behind: tuple[float, float] | None) -> dict[str, Any]:
    """A table of rivals that are behind by so much, low and high."""
    lines = [{"model": "m", "rmse": 0.7, "behind": None if b is None else [sum(b) / 2, *b]} for b in behind]
    return {"patients": 9, "table": [{"model": "liquid", "rmse": 0.6, "behind": None}, *lines]}


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ({}, None),
        ({"score": {"model": None}}, None),
        ({"score": GOOD}, "better"),
        ({"score": BAD}, "worse"),
        ({"score": {**GOOD, "better_by": {"value": 0.01, "low": -0.01, "high": 0.03}}}, "alike"),
        ({"score": {**GOOD, "better_by": None, "beats_simple": False}}, "worse"),
        ({"score": {**GOOD, "beats_last_value": False}}, "worse"),
        ({"score": GOOD, "comparison": table((0.01, 0.02), None)}, "better"),
        ({"score": GOOD, "comparison": table((0.01, 0.02), (-0.01, 0.02))}, "alike"),
        ({"score": GOOD, "comparison": table((0.01, 0.02), (-0.03, -0.01))}, "worse"),
        ({"score": GOOD, "comparison": None}, "better"),
    ],
)
def test_a_verdict_is_told_as_far_as_the_intervals_are_sure_of_it(card: dict[str, Any], expected: object):
    assert standing.verdict(card) == expected


def test_in_use_is_the_newest_that_has_earned_it():
    unsure = {"score": {**GOOD, "better_by": {"value": 0.01, "low": -0.01, "high": 0.03}}}
    shelf = [Shelved("worse", {"score": BAD}), Shelved("alike", unsure)]
    shelf += [Shelved("better", {"score": GOOD}), Shelved("old", {"score": GOOD})]
    assert standing.in_use(shelf) is shelf[2]
    assert standing.in_use(shelf[:2]) is shelf[1]
    assert standing.in_use(shelf[:1]) is shelf[0]


def test_a_model_from_elsewhere_is_in_use_only_where_somebody_chose_it():
    foreign = Shelved("foreign", {"score": GOOD, standing.IMPORTED: "2026-03-01T00:00:00"})
    own = Shelved("own", {"score": BAD})
    assert standing.in_use([foreign, own]) is own
    assert standing.in_use([foreign]) is None
    foreign.card[standing.PREFERRED] = "2026-03-02T00:00:00"
    assert standing.in_use([foreign, own]) is foreign


def test_what_somebody_chose_last_goes_before_figures():
    shelf = [
        Shelved("new", {"score": GOOD}),
        Shelved("chosen", {standing.PREFERRED: "2026-02-01T00:00:00"}),
        Shelved("before", {standing.PREFERRED: "2026-01-01T00:00:00"}),
    ]
    found = standing.in_use(shelf)
    assert found is not None
    assert found.name == "chosen"


def test_a_training_that_was_stopped_is_used_only_where_there_is_no_other():
    stopped = Shelved("stopped", {"training": {"cancelled": True}, "score": GOOD})
    whole = Shelved("whole", {"training": {"cancelled": False}})
    assert standing.in_use([stopped, whole]) is whole
    assert standing.in_use([stopped]) is stopped
    assert standing.in_use([]) is None
