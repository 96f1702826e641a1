"""Boosted trees and linear models on summaries learn what the last value cannot tell."""

from __future__ import annotations

import numpy as np
import pytest

from models import baselines
from models.baselines.boosted_trees import BoostedTrees
from models.course import Course, Treatment, Variable
from models.errors import ModelError
from tests.models.baselines.clinic import clinic, next_visits

both = pytest.mark.parametrize("name", ["boosted_trees", "logistic"])
LEVEL = (Variable("level"), Variable("ill", kind="binary"))
QUICK = {"boosted_trees": {"rounds": 60, "folds": 2}, "logistic": {}}


def _treated(patients: int = 250, seed: int = 0) -> list[Course]:
    """The level falls by a tenth a day under the herb, in courses of a random length, and is ill above 5."""
    rng = np.random.default_rng(seed)
    out = []
    for i in range(patients):
        times = np.cumsum(rng.integers(5, 15, 5)).astype(float)
        times -= times[0]
        given = [
            Treatment("h", a, b) for a, b in zip(times, [*times[1:], times[-1] + 10], strict=True) if rng.random() < 0.5
        ]
        fall = [sum(max(0.0, min(t, h.end) - h.start) for h in given) for t in times]
        level = rng.uniform(4, 8) - 0.1 * np.array(fall) + rng.normal(0, 0.1, 5)
        out.append(Course(f"t{i}", times, np.stack([level, level > 5], -1).astype(float), LEVEL, {}, tuple(given)))
    return out


@both
def test_a_planned_treatment_moves_the_forecast(name: str):
    model = baselines.make(name, **QUICK[name]).fit(_treated())
    course = Course("new", np.array([0.0, 10.0]), np.array([[6.0, 1.0], [6.0, 1.0]]), LEVEL)
    at = [20.0]
    without = model.predict(course, at, plan=[])
    under = model.predict(course, at, plan=[Treatment("h", 10.0, 20.0)])
    assert under.median["level"][0] - without.median["level"][0] == pytest.approx(-1.0, abs=0.4)
    assert under.chance["ill"][0] <= without.chance["ill"][0]


@both
def test_a_far_day_is_nearer_to_the_mean_of_all(name: str):
    rng = np.random.default_rng(0)
    courses = []
    for i in range(250):
        times = np.cumsum(rng.integers(1, 30, 8)).astype(float)
        level = [rng.normal()]
        for gap in np.diff(times):
            keep = np.exp(-gap / 15)
            level.append(keep * level[-1] + np.sqrt(1 - keep**2) * rng.normal())
        courses.append(Course(f"r{i}", times - times[0], np.array(level)[:, None], LEVEL[:1]))
    model = baselines.make(name, **QUICK[name]).fit(courses)
    near, far = model.predict(Course("x", np.zeros(1), np.array([[2.0]]), LEVEL[:1]), [1.0, 60.0]).median["level"]
    assert near > 0.8
    assert far < near - 0.3


@both
def test_they_beat_the_last_value_where_there_is_noise(name: str):
    histories, days, truth = next_visits(clinic(80, seed=3))
    models = [baselines.make(n, **QUICK.get(n, {})).fit(clinic(150)) for n in (name, "last_value")]
    ours, last = (
        np.sqrt(np.nanmean(np.square(np.stack([f.median["sleep"][0] for f in m.predict_many(histories, days)])
                                     - truth[:, 0]))) for m in models
    )  # fmt: skip
    assert ours < last


def test_quantile_trees_widen_where_the_noise_is():
    rng = np.random.default_rng(0)
    courses = [
        Course(f"q{i}", np.arange(4.0), (np.full(4, 5.0) + noise * rng.normal(size=4))[:, None], LEVEL[:1],
               {"noisy": noise}) for i, noise in enumerate(rng.choice([0.1, 2.0], 250))
    ]  # fmt: skip
    model = BoostedTrees(quantiles=True, rounds=60, folds=2).fit(courses)
    calm, noisy = (
        model.predict(Course("x", np.zeros(1), np.array([[5.0]]), LEVEL[:1], {"noisy": n}), [1.0]).values[0, 0]
        for n in (0.1, 2.0)
    )
    assert (np.diff(calm) >= 0).all()
    assert np.ptp(noisy) > 4 * np.ptp(calm)


def test_settings_without_sense_are_refused():
    for name, bad in [
        ("boosted_trees", {"rounds": 0}),
        ("boosted_trees", {"share": 0.0}),
        ("logistic", {"penalty": 0}),
    ]:
        with pytest.raises(ModelError):
            baselines.make(name, **bad).fit(clinic(5))
