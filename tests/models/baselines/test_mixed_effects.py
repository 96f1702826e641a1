"""The mixed model as a forecaster: statsmodels and expectation-maximisation agree; its variance is its own."""

from __future__ import annotations

import numpy as np
import pytest

from models.baselines import mixed_effects
from models.baselines import mixed_model as mm
from models.baselines.mixed_effects import MixedEffects
from models.course import Course, Variable
from models.errors import ModelError

VARIABLES = (Variable("level"), Variable("other"))


def _courses(patients: int = 120, seed: int = 0) -> list[Course]:
    """Level and slope of the patient's own; the other variable is the first with noise."""
    rng = np.random.default_rng(seed)
    out = []
    for i in range(patients):
        times = np.sort(rng.uniform(0, 100, 6))
        times -= times[0]
        level = 10 + rng.normal(0, 2) + (0.05 + rng.normal(0, 0.03)) * times
        values = np.stack([level + rng.normal(0, 0.5, 6), level + rng.normal(0, 1.0, 6)], -1)
        out.append(Course(f"m{i}", times, values, VARIABLES, {"age": float(rng.integers(20, 70)), "same": 1.0}))
    return out


def test_statsmodels_and_expectation_maximisation_forecast_the_same():
    courses = _courses()
    reml, em = MixedEffects().fit(courses), MixedEffects(engine="em").fit(courses)
    assert reml.converged_.all()
    for course in courses[:10]:
        at = course.times[-1] + np.array([1.0, 30.0])
        a, b = reml.predict(course.until_row(3), at), em.predict(course.until_row(3), at)
        scale = reml.encoder_.scale[:, None]
        np.testing.assert_allclose(a.values / scale, b.values / scale, atol=0.08)


def test_its_engine_is_the_mixed_model_apart():
    courses = _courses(40)
    model = MixedEffects(engine="em").fit(courses)
    sums = mm.stack([model.encoder_.sums(c) for c in courses])
    for ours, theirs in zip(model.fixed_, mm.fit(sums, joint=False), strict=True):
        np.testing.assert_allclose(ours, theirs)


def test_the_interval_narrows_as_the_patient_becomes_known():
    model = MixedEffects().fit(_courses())
    course = _courses(1, seed=4)[0]
    day = course.times[-1] + 1
    width = [np.ptp(model.predict(course.until_row(k), [day]).values[0, 0]) for k in (0, 1, 5)]
    assert width[0] > width[1] > width[2]


def test_a_patient_keeps_to_their_own_line():
    courses = _courses(200)
    model = MixedEffects().fit(courses)
    errors, still = [], []
    for course in _courses(40, seed=7):
        forecast = model.predict(course.until_row(5), course.times[5:])
        errors.append(forecast.median["level"][0] - course.values[5, 0])
        still.append(course.values[4, 0] - course.values[5, 0])
    assert np.std(errors) < 0.85 * np.std(still)


def test_one_variable_informs_another_only_in_the_joint_model():
    courses = _courses(150)
    values = np.full((3, 2), np.nan)
    values[:, 0] = 15.0
    course = Course("new", np.array([0.0, 1.0, 2.0]), values, VARIABLES, {"age": 45.0, "same": 1.0})
    apart, joint = (MixedEffects(engine=e).fit(courses).predict(course, [3.0]).median["other"] for e in ("em", "joint"))
    assert apart[0] < 12.0 < 13.0 < joint[0]


def test_where_statsmodels_gives_up_the_other_engine_stands_in(monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise np.linalg.LinAlgError("singular matrix")

    courses = _courses(30)
    monkeypatch.setattr(mixed_effects, "MixedLM", broken)
    model = MixedEffects().fit(courses)
    assert not model.converged_.any()
    at = [courses[0].times[-1]]
    expected = MixedEffects(engine="em").fit(courses).predict(courses[0], at).values
    np.testing.assert_array_equal(model.predict(courses[0], at).values, expected)


def test_an_unknown_engine_is_refused():
    with pytest.raises(ModelError, match="statsmodels, em, joint"):
        MixedEffects(engine="nlme").fit(_courses(3))
