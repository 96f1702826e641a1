"""The envelope of many points is exactly that of all of them."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.plots.decimate import Pyramid, joined


def naive(days: np.ndarray, values: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.full(len(edges) - 1, np.nan), np.full(len(edges) - 1, np.nan)
    for column in range(len(edges) - 1):
        inside = (days >= edges[column]) & (days < edges[column + 1])
        if column == len(edges) - 2:
            inside |= days == edges[column + 1]
        found = values[inside & ~np.isnan(values)]
        if len(found):
            low[column], high[column] = found.min(), found.max()
    return low, high


@given(st.integers(1, 700), st.integers(1, 40), st.integers(0, 2**32 - 1), st.floats(0, 0.9))
def test_the_envelope_is_that_of_all_points(points: int, columns: int, seed: int, missing: float):
    rng = np.random.default_rng(seed)
    days = np.sort(rng.integers(0, 300, points) / 4.0)
    values = np.where(rng.random(points) < missing, np.nan, rng.normal(size=points))
    edges = np.linspace(rng.uniform(-5, 40), rng.uniform(41, 90), columns + 1)
    found, wanted = Pyramid(days, values).envelope(edges), naive(days, values, edges)
    np.testing.assert_array_equal(found[0], wanted[0])
    np.testing.assert_array_equal(found[1], wanted[1])


def test_a_single_outlier_among_a_million_points_is_seen():
    days = np.linspace(0, 100, 1_000_000)
    values = np.zeros(len(days))
    values[654_321] = 9.0
    low, high = Pyramid(days, values).envelope(np.linspace(0, 100, 1001))
    assert high.max() == 9.0
    assert int(high.argmax()) == 654
    assert low.min() == 0.0


def test_a_stretch_without_values_stays_empty():
    days = np.arange(1000.0)
    values = np.where((days > 200) & (days < 600), np.nan, 1.0)
    low, _ = Pyramid(days, values).envelope(np.linspace(0, 999, 51))
    assert np.isnan(low[12:28]).all()
    assert not np.isnan(low[:9]).any()


def test_columns_of_a_steep_line_touch():
    low, high = joined(np.array([0.0, 5.0, 1.0]), np.array([1.0, 6.0, 2.0]))
    assert (low[1:] <= high[:-1]).all()
    assert (high[1:] >= low[:-1]).all()


def test_days_that_run_backwards_are_refused():
    with pytest.raises(ValueError, match="decrease"):
        Pyramid(np.array([0.0, 2.0, 1.0]), np.zeros(3))
    with pytest.raises(ValueError, match="length"):
        Pyramid(np.zeros(3), np.zeros(2))


def test_a_screen_of_columns_takes_no_longer_for_a_hundred_times_the_points():
    def seconds(points: int) -> float:
        days = np.linspace(0, 100, points)
        pyramid, edges = Pyramid(days, np.sin(days)), np.linspace(0, 100, 1101)
        best = 1.0
        for _ in range(7):
            started = time.perf_counter()
            pyramid.envelope(edges)
            best = min(best, time.perf_counter() - started)
        return best

    assert seconds(1_000_000) < 10 * seconds(10_000)
