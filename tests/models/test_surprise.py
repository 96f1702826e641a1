"""An observed value beside the forecast made before it came."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import logistic

from models.course import Variable
from models.forecast import QUANTILE_LEVELS, Forecast
from models.surprise import OUTSIDE, Surprise, overall, surprises

PAIN = Variable("pain", kind="ordinal", lower=0.0, upper=6.0)
COUGH = Variable("cough", kind="binary")
TONGUE = Variable("tongue", kind="categorical", levels=("pale", "pink", "red"))


def forecast(values: list[float] | None = None, *, cough: float = 0.5) -> Forecast:
    """Pain as a logistic distribution about 3 unless quantiles are given, a chance of cough, three tongues."""
    quantiles = logistic.ppf(QUANTILE_LEVELS, 3.0, 0.5).tolist() if values is None else values
    rows = [quantiles, [cough] * 7, [1.0] * 7]
    chances = {"cough": np.array([[1 - cough, cough]]), "tongue": np.array([[0.28, 0.7, 0.02]])}
    classes = {"cough": (0.0, 1.0), "tongue": (0.0, 1.0, 2.0)}
    return Forecast(
        "p", np.array([20.0]), (PAIN, COUGH, TONGUE), np.array([rows]), probabilities=chances, classes=classes
    )


def one(found: Forecast, name: str, value: float) -> Surprise:
    (told,) = surprises(found, {name: value})
    return told


@pytest.mark.parametrize("value", [0.5, 1.7, 3.0, 4.1, 5.5, 6.0])
def test_a_value_is_placed_as_in_the_distribution_the_quantiles_are_of(value: float):
    told = one(forecast(), "pain", value)
    assert told.rank == pytest.approx(logistic.cdf(value, 3.0, 0.5), abs=0.02)
    assert told.beyond == pytest.approx(abs(2 * logistic.cdf(value, 3.0, 0.5) - 1), abs=0.04)
    assert told.outside == (not told.low <= value <= told.high)
    assert told.higher == (value > 3.0)


def test_the_ends_of_the_interval_are_still_inside_it():
    found = forecast([1.0, 1.2, 2.0, 3.0, 4.0, 4.5, 5.0])
    assert not one(found, "pain", 1.0).outside
    assert not one(found, "pain", 5.0).outside
    assert one(found, "pain", 5.01).outside and one(found, "pain", 5.01).higher
    assert one(found, "pain", 0.99).outside and not one(found, "pain", 0.99).higher


def test_a_forecast_that_leans_on_the_end_of_the_scale_is_not_surprised_by_that_end():
    found = forecast([0.0, 0.0, 0.0, 0.0, 0.4, 0.8, 1.0])
    assert one(found, "pain", 0.0).beyond < 0.5
    assert one(found, "pain", 4.0).outside


def test_what_comes_against_a_certain_forecast_is_outside_and_what_was_certain_is_not():
    found = forecast([2.0] * 7)
    assert one(found, "pain", 2.0).beyond == 0.0
    assert one(found, "pain", 3.0).outside and one(found, "pain", 3.0).higher
    assert one(found, "pain", 1.0).outside and not one(found, "pain", 1.0).higher


def test_a_sign_surprises_where_it_had_little_chance():
    assert one(forecast(cough=0.03), "cough", 1.0).outside
    assert one(forecast(cough=0.03), "cough", 1.0).higher
    assert not one(forecast(cough=0.03), "cough", 0.0).outside
    assert one(forecast(cough=0.98), "cough", 0.0).outside
    assert one(forecast(), "tongue", 2.0).outside
    assert not one(forecast(), "tongue", 1.0).outside


def test_what_was_not_observed_surprises_nobody_and_the_least_expected_comes_first():
    told = surprises(forecast(), {"pain": 5.8, "cough": 1.0, "tongue": np.nan})
    assert [s.name for s in told] == ["pain", "cough"]
    assert surprises(forecast(), {}) == ()


def test_of_many_values_one_far_out_says_less_of_a_patient():
    told = surprises(forecast(), {"pain": 4.9})
    assert overall(told) == pytest.approx(told[0].beyond)
    assert told[0].beyond > OUTSIDE > overall(told * 8)
    assert overall(()) == 0.0


def test_a_surprise_comes_back_from_json():
    told = one(forecast(), "pain", 5.5)
    assert Surprise.from_dict(json.loads(json.dumps(told.to_dict(), allow_nan=False))) == told
