"""The range test of learning rates: its suggestion trains, its end is where learning breaks, and nothing is touched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from models.course import Course
from models.errors import ModelError, TrainingError
from models.forecaster import LiquidForecaster
from models.learning_rate import Found, find
from models.training import TrainingProgress
from tests.models import cohorts, kinds

TINY: dict[str, Any] = {"units": 8, "hidden": 8, "unfolds": 1, "members": 1, "plain": True, "trees": False}


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def courses() -> list[Course]:
    return cohorts.cohort(60)


@pytest.fixture(scope="module")
def found(courses: list[Course]) -> Found:
    return find(LiquidForecaster(**TINY), courses)


def test_losses_fall_with_the_rate_and_the_test_ends_where_learning_breaks_down(found: Found):
    assert found.rates.shape == found.losses.shape
    assert (np.diff(found.rates) > 0).all()
    assert found.losses[0] == pytest.approx(found.start, abs=0.01)
    assert found.losses.min() < found.start - 0.2
    assert found.diverged is not None
    assert found.diverged == found.rates[-1] < 10
    assert found.losses[-1] > found.start
    assert (found.losses[:-1] < found.start + 0.5).all()
    assert 1e-3 < found.suggested < found.diverged / 5


def test_training_works_at_the_suggested_rate_and_worse_far_from_it(found: Found, courses: list[Course]):
    def best(rate: float) -> float:
        heard: list[TrainingProgress] = []
        model = LiquidForecaster(**TINY, epochs=8, holdout_share=0.0, learning_rate=rate)
        try:
            model.fit(courses, progress=heard.append)
        except TrainingError:
            return float("inf")
        return heard[-1].best

    assert found.diverged is not None
    suggested = best(found.suggested)
    assert suggested < best(found.suggested / 100) - 0.1
    assert suggested < best(found.diverged) - 0.1


@pytest.mark.parametrize("make", [cohorts.cohort, kinds.cohort])
def test_the_rate_suggested_for_the_whole_forecaster_is_of_the_order_of_its_default(make: Any):
    found = find(LiquidForecaster(units=8, hidden=16, unfolds=1, members=1), make(50), steps=40)
    assert found.diverged is not None
    assert 2e-3 < found.suggested < 5e-2


def test_forecaster_and_random_stream_stay_as_they_are(courses: list[Course]):
    model = LiquidForecaster(**TINY, epochs=1).fit(courses)
    settings, weights = model.get_params(), [p.clone() for p in model.fitted_.networks[0].parameters()]
    before = torch.get_rng_state()
    twice = [find(model, courses, steps=10) for _ in range(2)]
    assert torch.equal(torch.get_rng_state(), before)
    assert model.get_params() == settings
    assert all(torch.equal(a, b) for a, b in zip(model.fitted_.networks[0].parameters(), weights, strict=True))
    np.testing.assert_array_equal(twice[0].losses, twice[1].losses)
    assert twice[0].suggested == twice[1].suggested


def test_without_an_end_in_range_none_is_told(courses: list[Course]):
    told: list[int] = []
    found = find(
        LiquidForecaster(**TINY), courses, highest=1e-2, steps=10, progress=lambda step, rate, loss: told.append(step)
    )
    assert found.diverged is None
    assert told == list(range(1, 11))


def test_cancelling_judges_the_rates_tried_so_far(courses: list[Course]):
    told: list[int] = []
    found = find(
        LiquidForecaster(**TINY),
        courses,
        progress=lambda step, rate, loss: told.append(step),
        cancel=lambda: len(told) == 5,
    )
    assert len(found.rates) == 5
    assert found.rates[0] <= found.suggested <= found.rates[-1]
    with pytest.raises(TrainingError, match="cancelled before its first step"):
        find(LiquidForecaster(**TINY), courses, cancel=lambda: True)


def test_patients_of_single_visits_can_be_tested_on():
    rng = np.random.default_rng(0)
    found = find(LiquidForecaster(**TINY), [cohorts.patient(i, rng, visits=1) for i in range(30)], steps=10)
    assert np.isfinite(found.losses[:-1]).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lowest": 0.0}, "rates must grow from above 0"),
        ({"lowest": 1.0, "highest": 0.1}, "rates must grow from above 0"),
        ({"steps": 3}, "steps must be at least 10"),
    ],
)
def test_rates_that_cannot_be_tried_are_refused(options: dict[str, Any], words: str, courses: list[Course]):
    with pytest.raises(ModelError, match=words):
        find(LiquidForecaster(**TINY), courses, **options)


def test_values_nobody_observed_are_refused_as_in_training(courses: list[Course]):
    with pytest.raises(ModelError, match="no course has a visit"):
        find(LiquidForecaster(**TINY), [c.until_row(0) for c in courses])
