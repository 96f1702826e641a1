"""Doses and concentrations over time, against sums over fine steps."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.course import Treatment
from models.exposure import exposures

_FINE = 40_000


def test_the_dose_in_force_and_the_mean_over_a_span_are_told_apart_by_its_length() -> None:
    items = [Treatment("a", 0.0, 10.0, 6.0), Treatment("a", 8.0, 20.0, 3.0), Treatment("other", 0.0, 99.0)]
    start, end = np.array([0.0, 5.0, 9.0, 10.0, 20.0, 30.0]), np.array([10.0, 15.0, 9.0, 10.0, 20.0, 31.0])
    found = exposures(items, ["a"], np.array([3.0]), start, end)
    assert found.shape == (6, 1, 1)
    np.testing.assert_allclose(found[:, 0, 0], [2.2, 1.7, 3.0, 1.0, 0.0, 0.0])


def test_a_concentration_comes_to_the_dose_and_falls_by_half_in_its_half_life() -> None:
    days = np.array([-1.0, 100.0, 400.0, 404.0, 408.0])
    found = exposures([Treatment("a", 0.0, 400.0, 5.0)], ["a"], np.array([5.0]), days, days, np.array([4.0]))
    np.testing.assert_allclose(found[:, 0, 1], [0.0, 1.0, 1.0, 0.5, 0.25], atol=1e-6)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(0.0, 20.0), st.floats(0.1, 20.0), st.floats(0.0, 30.0), st.floats(0.1, 10.0), st.floats(0.3, 12.0))
def test_the_mean_concentration_is_that_of_fine_steps(
    begin: float, length: float, start: float, span: float, life: float
) -> None:
    item = Treatment("a", begin, begin + length, 1.0)
    fine = start + span * (np.arange(_FINE) + 0.5) / _FINE
    at = exposures([item], ["a"], np.ones(1), fine, fine, np.array([life]))[:, 0]
    whole = exposures([item], ["a"], np.ones(1), np.array([start]), np.array([start + span]), np.array([life]))[0, 0]
    np.testing.assert_allclose(whole, at.mean(0), atol=2e-4)


def test_nothing_given_and_names_never_heard_of_are_no_exposure() -> None:
    days = np.array([1.0, 2.0])
    assert not exposures([], ["a", "b"], np.ones(2), days, days + 1, np.ones(2)).any()
    assert not exposures([Treatment("c", 0.0, 9.0)], ["a"], np.ones(1), days, days).any()
    assert exposures([Treatment("c", 0.0, 9.0)], [], np.ones(0), days, days).shape == (2, 0, 1)
