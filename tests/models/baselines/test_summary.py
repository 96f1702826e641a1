"""What a question sees of the history: worked examples, and nothing of what comes later."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from models.baselines import summary as module
from models.baselines.summary import Asked, Summary, lessons, summarise
from models.course import Course, Treatment, Variable
from models.encoding import Encoder

NAN = np.nan
COURSE = Course(
    "a",
    np.array([0.0, 10.0, 20.0, 40.0]),
    np.array([[1.0, NAN], [3.0, NAN], [NAN, 7.0], [2.0, 7.0]]),
    (Variable("x"), Variable("y")),
    {"age": 50.0},
    (Treatment("h", 0.0, 30.0, 10.0),),
)
OTHER = Course("b", np.array([0.0, 5.0]), np.array([[0.0, 1.0], [5.0, 2.0]]), COURSE.variables, {"age": 30.0})
ENCODER = Encoder.fit([COURSE, OTHER])


def _seen(prefix: int, at: float, course: Course = COURSE, plan: tuple[Treatment, ...] | None = None) -> Summary:
    return summarise(ENCODER, Asked(course, np.array([prefix]), np.array([at]), plan))


def test_the_history_is_told_as_last_mean_range_slope_count_and_age():
    s = _seen(3, 30.0)
    np.testing.assert_allclose(s.last[0], [3.0, 7.0])
    np.testing.assert_allclose(s.mean[0], [2.0, 7.0])
    np.testing.assert_allclose((s.low[0], s.high[0]), ([1.0, 7.0], [3.0, 7.0]))
    np.testing.assert_allclose(s.slope[0], [0.2, 0.0], atol=1e-12)
    np.testing.assert_allclose(s.count[0], [2, 1])
    np.testing.assert_allclose(s.since[0], [20.0, 10.0])
    assert (s.horizon[0], s.day[0], s.visits[0]) == (10.0, 30.0, 3.0)


def test_the_line_runs_beyond_the_last_sight_as_far_as_the_sights_span():
    np.testing.assert_allclose([_seen(3, day).line[0, 0] for day in (20.0, 25.0, 1e4)], [5.0, 5.0, 5.0])
    np.testing.assert_allclose(_seen(2, 15.0).line[0], [4.0, NAN])


def test_before_the_first_row_there_is_nothing_but_statics():
    s = _seen(0, 5.0)
    assert np.isnan(s.last).all()
    assert np.isnan(s.since).all()
    assert not s.seen.any()
    np.testing.assert_array_equal(s.static, ENCODER.static(COURSE)[None])


def test_doses_are_told_of_the_time_before_and_of_the_gap_under_the_plan():
    s = _seen(3, 40.0)
    np.testing.assert_allclose((s.before[0, 0], s.gap[0, 0]), (1.0, 0.5))
    assert _seen(3, 40.0, plan=()).gap[0, 0] == 0.0
    assert _seen(3, 40.0, plan=(Treatment("h", 20.0, 90.0, 20.0),)).gap[0, 0] == 2.0


def test_nothing_of_later_rows_is_seen():
    whole, cut = _seen(2, 15.0), _seen(2, 15.0, COURSE.until_row(2))
    for field in fields(Summary):
        np.testing.assert_array_equal(getattr(whole, field.name), getattr(cut, field.name))


def test_lessons_ask_of_every_next_row_and_some_farther_ones():
    told = lessons(ENCODER, [COURSE, OTHER], 2, np.random.default_rng(0))
    assert len(told.summary) == len(told.target) == len(told.owner) == 4 + 2 * 3 + 2 + 2 * 1
    np.testing.assert_array_equal(told.target[:4], COURSE.values)
    assert (told.summary.horizon >= 0).all()


def test_too_many_lessons_are_thinned(monkeypatch):
    monkeypatch.setattr(module, "MOST_LESSONS", 100)
    many = [COURSE] * 200
    assert 50 < len(lessons(ENCODER, many, 1, np.random.default_rng(0)).summary) < 160
