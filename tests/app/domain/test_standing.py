"""Which model has earned to be relied on, and which is in use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from app.domain import standing

GOOD = {"model": 0.6, "last_value": 0.8, "beats_last_value": True, "beats_simple": True}


@dataclass
class Shelved:
    name: str
    card: dict[str, Any] = field(default_factory=dict)


def table(own: float, *others: float | None) -> dict[str, Any]:
    lines = [{"model": "liquid", "rmse": own}, *({"model": f"m{i}", "rmse": o} for i, o in enumerate(others))]
    return {"patients": 9, "table": lines}


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ({}, None),
        ({"score": {"model": None}}, None),
        ({"score": GOOD}, True),
        ({"score": {**GOOD, "beats_simple": False}}, False),
        ({"score": {**GOOD, "beats_last_value": False}}, False),
        ({"score": GOOD, "comparison": table(0.6, 0.61, None)}, True),
        ({"score": GOOD, "comparison": table(0.6, 0.59)}, False),
        ({"score": GOOD, "comparison": table(0.6, 0.6)}, False),
        ({"score": GOOD, "comparison": table(0.6, None)}, True),
        ({"score": GOOD, "comparison": None}, True),
    ],
)
def test_a_model_has_earned_it_where_nothing_it_was_compared_with_is_as_good(card: dict[str, Any], expected: object):
    assert standing.earned(card) is expected


def test_in_use_is_the_newest_that_has_earned_it():
    good, bad = {"score": GOOD}, {"score": {**GOOD, "beats_simple": False}}
    shelf = [Shelved("new", bad), Shelved("middle", good), Shelved("old", good)]
    found = standing.in_use(shelf)
    assert found is not None
    assert found.name == "middle"


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
