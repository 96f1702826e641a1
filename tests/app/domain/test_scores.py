"""Scores of symptoms and the effect index."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import scores
from app.domain.errors import KnownError


@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        (20, 0, "痊愈"),
        (20, 1, "痊愈"),
        (100, 5.1, "显效"),
        (10, 3, "显效"),
        (10, 3.1, "有效"),
        (10, 7, "有效"),
        (10, 7.1, "无效"),
        (10, 10, "无效"),
        (10, 14, "无效"),
    ],
)
def test_the_effect_class_follows_the_index(before: float, after: float, label: str):
    assert scores.effect_class(scores.effect_index(before, after)) == label


def test_nothing_to_improve_has_no_index_and_no_class():
    assert scores.effect_index(0, 0) is None
    assert scores.effect_index(0, 4) is None
    assert scores.effect_class(None) == ""
    assert scores.effect_class(math.nan) == ""


@pytest.mark.parametrize(("before", "after"), [(-1, 0), (1, -1), (math.nan, 1), (1, math.inf)])
def test_impossible_totals_are_refused(before: float, after: float):
    with pytest.raises(ValueError, match="total score"):
        scores.effect_index(before, after)


@given(st.integers(1, 200), st.integers(0, 200))
def test_the_index_never_exceeds_one_and_is_negative_only_when_worse(before: int, after: int):
    index = scores.effect_index(before, after)
    assert index is not None
    assert index <= 1
    assert (index < 0) == (after > before)


def test_scores_are_steps_of_their_scale():
    assert scores.check(4.0, "main") == 4
    assert scores.check(3, "secondary") == 3
    assert [scores.grade(step, "main") for step in scores.SCALES["main"]] == ["无", "轻", "中", "重"]
    for value, scale in ((3, "main"), (4, "secondary"), (-2, "main"), (math.nan, "main"), (1.5, "secondary")):
        with pytest.raises(KnownError):
            scores.check(value, scale)


def test_the_scale_of_a_symptom_is_the_vocabularys():
    assert scores.scale_of("sym.cough") == "main"
    assert scores.scale_of("sym.bitter_mouth") == "secondary"
    assert scores.scale_of("x.own") == "secondary"
