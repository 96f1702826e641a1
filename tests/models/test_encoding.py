"""Encoding looks back only, and survives what records hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.baselines import mixed_model as mm
from models.batching import Questions, ask, sequence
from models.course import Course, Treatment, Variable
from models.encoding import Encoder
from models.errors import ModelError
from models.grounds import Ground, Plan, Posed, answer
from models.hazard import Grid
from models.history import Base, History, encode
from models.looking import look
from tests.models.cohorts import cohort, patient


def _fitted(courses: list[Course]) -> tuple[Encoder, mm.Fixed]:
    encoder = Encoder.fit(courses)
    return encoder, mm.fit(mm.stack([encoder.sums(c) for c in courses]))


def test_a_prefix_knows_nothing_of_later_rows():
    encoder, fixed = _fitted(cohort(20))
    whole = patient(7, np.random.default_rng(7), visits=6)
    other = replace(whole, values=np.where(np.arange(6)[:, None] >= 3, 99.0, whole.values))
    a, b = (encode(encoder, Base(fixed, None), c) for c in (whole, other))
    for name in ("anchor", "effects", "spread"):
        np.testing.assert_array_equal(getattr(a, name)[:4], getattr(b, name)[:4], err_msg=name)
    for name in a.sofar._fields:
        np.testing.assert_array_equal(getattr(a.sofar, name)[:4], getattr(b.sofar, name)[:4], err_msg=name)
    first, second = (_asked(encoder, fixed, h, 3, whole.times[4]) for h in (a, b))
    for name in ("drive", "wide", "simple"):
        assert (getattr(first, name) == getattr(second, name)).all(), name


def _asked(encoder: Encoder, fixed: mm.Fixed, history: History, prefix: int, day: float) -> Questions:
    none = np.zeros(1)
    posed = Posed(look(encoder, history, np.array([prefix]), np.array([day])), np.array([-1]), none, np.array([-1]), 1)
    plan = Plan(targets=(0, 1))
    asked = answer(encoder, Ground(Base(fixed, None), None, None, None, None), plan, posed)
    return ask(encoder, history, 0, asked, plan, Grid(np.array([0.0, 1.0])))


def test_a_masked_value_never_reaches_the_network():
    encoder, fixed = _fitted(cohort(20))
    steps = sequence(encoder, encode(encoder, Base(fixed, None), patient(7, np.random.default_rng(7), visits=6)))
    assert np.isfinite(steps.x.numpy()).all()
    assert not steps.mask[0::2, :4].any()  # crossing a gap nothing is observed
    assert steps.mask[1::2, 4:].all()


def test_exposure_is_the_mean_dose_over_the_gap_and_the_dose_in_force_where_there_is_none():
    encoder = replace(_fitted(cohort(20))[0], treatments=("herb",), doses=np.array([10.0]))
    items = [Treatment("herb", 5.0, 15.0, 20.0), Treatment("other", 0.0, 99.0)]
    start, end = np.array([0.0, 10.0, 7.0, 15.0, 20.0]), np.array([10.0, 20.0, 7.0, 15.0, 30.0])
    np.testing.assert_allclose(encoder.exposure(items, start, end)[:, 0], [1.0, 1.0, 2.0, 0.0, 0.0])


def test_an_encoder_comes_back_from_json():
    import json

    encoder, _ = _fitted(cohort(20))
    again = Encoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    assert again.to_dict() == encoder.to_dict()
    assert again.variables == encoder.variables


def test_treatments_given_equally_often_are_kept_by_name():
    course = Course(
        "a", np.arange(2.0), np.ones((2, 1)), (Variable("v"),), treatments=tuple(Treatment(n, 0.0, 1.0) for n in "dbac")
    )
    assert Encoder.fit([course], max_treatments=2).treatments == ("a", "b")


def test_constant_and_empty_columns_are_left_unscaled():
    values = np.stack([np.full(4, 7.0), np.full(4, np.nan)], -1)
    course = Course("a", np.arange(4.0), values, (Variable("same"), Variable("none")))
    encoder = Encoder.fit([course])
    np.testing.assert_array_equal(encoder.scale, [1.0, 1.0])
    np.testing.assert_array_equal(encoder.mean, [7.0, 0.0])


def test_time_scale_follows_the_median_gap():
    course = Course("a", np.array([0.0, 0.0, 10.0, 20.0, 90.0]), np.ones((5, 1)), (Variable("v"),))
    assert Encoder.fit([course]).time_scale == 20.0
    assert Encoder.fit([course], time_scale=3.0).time_scale == 3.0


def test_nothing_seen_falls_back_on_the_mixed_model():
    encoder, fixed = _fitted(cohort(20))
    empty = Course("new", np.zeros(0), np.zeros((0, 2)), encoder.variables, {"age": 50.0})
    looks = look(encoder, encode(encoder, Base(fixed, None), empty), np.array([0]), np.array([3.0]))
    np.testing.assert_array_equal(looks.sofar.last, looks.mixed)
    np.testing.assert_array_equal(looks.sofar.mean, looks.mixed)


def test_a_categorical_variable_is_a_column_for_each_of_its_levels_and_a_count_its_logarithm():
    tongue = Variable("tongue", kind="categorical", levels=("pale", "red", "purple"))
    stools = Variable("stools", kind="count", lower=0.0)
    values = np.array([[0.0, 0.0], [2.0, 3.0], [np.nan, np.nan], [1.0, 8.0]])
    encoder = Encoder.fit([Course("a", np.arange(4.0), values, (tongue, stools))])
    own = encoder.mean + encoder.scale * encoder.values(Course("b", np.arange(4.0), values, (tongue, stools)))
    nan = np.nan
    np.testing.assert_allclose(
        own,
        [[1, 0, 0, 0], [0, 0, 1, np.log(4)], [nan, nan, nan, nan], [0, 1, 0, np.log(9)]],
        atol=1e-12,
    )
    assert encoder.places(["stools"]) == [3]
    assert [c.form for c in encoder.columns] == ["class", "class", "class", "count"]


def test_an_ordinal_variable_has_the_steps_that_were_seen_unless_they_are_many():
    score, fine = (Variable(n, kind="ordinal", lower=0.0, upper=100.0) for n in ("score", "fine"))
    values = np.stack([np.tile([3.0, 0.0, 1.0], 20), np.arange(60.0)], -1)
    encoder = Encoder.fit([Course("a", np.arange(60.0), values, (score, fine))])
    assert encoder.steps == ((0.0, 1.0, 3.0), ())
    assert [c.form for c in encoder.columns] == ["ordinal", "continuous"]


def test_a_categorical_variable_needs_levels():
    course = Course("a", np.zeros(1), np.zeros((1, 1)), (Variable("tongue", kind="categorical"),))
    with pytest.raises(ModelError, match="tongue has 0 levels"):
        Encoder.fit([course])


def test_the_first_rows_of_a_course_can_be_taken_even_within_a_day():
    course = Course(
        "a",
        np.array([0.0, 5.0, 5.0]),
        np.arange(3.0)[:, None],
        (Variable("v"),),
        treatments=(Treatment("h", 0.0, 9.0), Treatment("h", 6.0, 9.0)),
    )
    assert course.until_row(2).values.tolist() == [[0.0], [1.0]]
    assert len(course.until_row(2).treatments) == 1
    assert len(course.until_row(0)) == 0
    with pytest.raises(ValueError, match="3 rows, not 4"):
        course.until_row(4)
