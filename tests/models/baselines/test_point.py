"""The forecasters that say a location: where it is, and how sure."""

from __future__ import annotations

import numpy as np
import pytest

from models.baselines.last_value import LastValue
from models.baselines.linear_trend import LinearTrend
from models.baselines.patient_mean import PatientMean
from models.course import Course, Variable
from models.errors import ModelError
from models.forecast import QUANTILE_LEVELS
from tests.models.cohorts import cohort

MIDDLE = QUANTILE_LEVELS.index(0.5)
LEVEL = (Variable("level"),)


def _walks(patients: int = 300, seed: int = 0) -> list[Course]:
    """Random walks of unit steps a day, visited every 1 to 9 days."""
    rng = np.random.default_rng(seed)
    out = []
    for i in range(patients):
        times = np.cumsum(rng.integers(1, 10, 8)).astype(float)
        steps = rng.normal(size=8) * np.sqrt(np.diff(times, prepend=0.0))
        out.append(Course(f"w{i}", times - times[0], np.cumsum(steps)[:, None], LEVEL))
    return out


def _lines(patients: int = 60, noise: float = 0.05) -> list[Course]:
    rng = np.random.default_rng(1)
    times = 10.0 * np.arange(6, dtype=np.float64)
    slopes = rng.normal(0, 0.1, patients)
    return [Course(f"l{i}", times, (5 + s * times + rng.normal(0, noise, 6))[:, None], LEVEL)
            for i, s in enumerate(slopes)]  # fmt: skip


def test_the_last_value_is_the_last_one_seen_else_the_training_mean():
    courses = cohort(10)
    model = LastValue().fit(courses)
    np.testing.assert_array_equal(model.predict(courses[0], [500.0]).values[0, :, MIDDLE], courses[0].last_values())
    rows = np.concatenate([c.values for c in courses])
    empty = model.predict(courses[0].until(-1.0), [1.0])
    np.testing.assert_allclose(empty.values[0, :, MIDDLE], np.nanmean(rows, 0))


def test_the_patient_mean_is_over_what_was_seen_of_the_patient():
    courses = cohort(10)
    model = PatientMean().fit(courses)
    course = next(c for c in courses if len(c) > 3)
    found = model.predict(course, [500.0]).values[0, :, MIDDLE]
    np.testing.assert_allclose(found, np.nanmean(course.values, 0), rtol=1e-12)


def test_a_line_goes_on_where_training_patients_kept_to_theirs():
    model = LinearTrend().fit(_lines())
    times = np.array([0.0, 10.0, 20.0])
    course = Course("new", times, (5 + 0.08 * times)[:, None], LEVEL)
    assert model.predict(course, [30.0]).median["level"][0] == pytest.approx(5 + 0.08 * 30, abs=0.1)


def test_a_line_is_not_believed_where_values_are_noise_about_a_level():
    model = LinearTrend().fit(_walks())
    course = Course("new", np.arange(3.0), np.array([[0.0], [1.0], [2.0]]), LEVEL)
    assert model.predict(course, [4.0]).median["level"][0] == pytest.approx(2.0, abs=0.3)


def test_a_line_ends_where_it_has_run_as_far_as_it_was_seen_and_stays_in_range():
    courses = _lines()
    model = LinearTrend().fit(courses)
    course = Course("new", np.array([0.0, 10.0]), np.array([[5.0], [5.5]]), LEVEL)
    near, far, farther = model.predict(course, [20.0, 100.0, 1e6]).median["level"]
    assert near == far == farther == pytest.approx(6.0, abs=0.1)
    steep = Course("steep", np.array([0.0, 10.0]), np.array([[5.0], [500.0]]), LEVEL)
    highest = max(c.values.max() for c in courses)
    assert model.predict(steep, [20.0]).median["level"][0] < 500 + highest


def test_one_visit_has_no_line():
    model = LinearTrend().fit(_lines())
    one = Course("one", np.array([3.0]), np.array([[5.2]]), LEVEL)
    assert model.predict(one, [10.0]).median["level"][0] == 5.2


def test_intervals_are_the_honest_errors_and_grow_with_the_horizon():
    model = LastValue(far=2).fit(_walks())
    course = Course("new", np.array([0.0]), np.array([[0.0]]), LEVEL)
    values = model.predict(course, [2.0, 9.0, 25.0]).values[:, 0]
    width = values[:, -1] - values[:, 0]
    np.testing.assert_allclose(width, 2 * 1.645 * np.sqrt([2.0, 9.0, 25.0]), rtol=0.25)


def test_what_was_never_seen_has_a_wider_interval():
    model = LastValue().fit(_walks())
    course = Course("new", np.array([0.0]), np.array([[0.0]]), LEVEL)
    seen, blank = (model.predict(c, [1.0]).values[0, 0] for c in (course, course.until(-1.0)))
    assert blank[-1] - blank[0] > seen[-1] - seen[0]


def test_the_chance_of_a_one_is_how_often_it_stayed_and_fades_with_time():
    rng = np.random.default_rng(2)
    variable = (Variable("headache", kind="binary"),)
    courses = []
    for i in range(300):
        times = np.cumsum(rng.integers(1, 30, 8)).astype(float)
        state = [float(rng.random() < 0.3)]
        for gap in np.diff(times):
            fresh = rng.random() < 1 - np.exp(-gap / 10)
            state.append(float(rng.random() < 0.3) if fresh else state[-1])
        courses.append(Course(f"b{i}", times - times[0], np.array(state)[:, None], variable))
    model = LastValue().fit(courses)
    ill, well = (
        model.predict(Course("x", np.zeros(1), np.array([[v]]), variable), [2.0, 25.0]).chance["headache"]
        for v in (1.0, 0.0)
    )
    truth = 0.3 + 0.7 * np.exp(-np.array([2.0, 25.0]) / 10)
    np.testing.assert_allclose(ill, truth, atol=0.1)
    np.testing.assert_allclose(well, 0.3 * (1 - np.exp(-np.array([2.0, 25.0]) / 10)), atol=0.1)


def test_folds_and_farther_questions_must_make_sense():
    with pytest.raises(ModelError, match="folds"):
        LastValue(folds=1).fit(cohort(5))
    with pytest.raises(ModelError, match="far"):
        LastValue(far=-1).fit(cohort(5))
