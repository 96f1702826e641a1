"""Figures that grow row by row are those a plain reading of the first rows gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.running import KEPT, PRIOR, Running, running


def _retold(values: list[float], days: list[float], first: float) -> dict[str, float]:
    """What is to be known of one column after these observations, in order."""
    if not values:
        return {**dict.fromkeys(Running._fields, 0.0), "last_time": first}
    ages = np.arange(len(values))[::-1]
    fast, slow, lasting = (float(kept**ages @ values / (PRIOR + (kept**ages).sum())) for kept in KEPT)
    kept = np.exp((np.array(days) - days[-1]) / 2.0)
    return {
        "recent": float(kept @ values / kept.sum()),
        "deviation": float(np.std(values)),
        "last": values[-1],
        "previous": values[-2] if len(values) > 1 else values[-1],
        "seen": float(len(values)),
        "last_time": days[-1],
        "mean": float(np.mean(values)),
        "low": min(values),
        "high": max(values),
        "fast": fast,
        "slow": slow,
        "lasting": lasting,
    }


@st.composite
def series(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    rows, columns = draw(st.integers(0, 9)), draw(st.integers(0, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = draw(st.sampled_from([1.0, 1e-9, 1e6])) * rng.normal(size=(rows, columns))
    mask = rng.random((rows, columns)) < draw(st.sampled_from([0.0, 0.3, 0.7, 1.0]))
    times = np.cumsum(rng.choice([0.0, 0.5, 40.0], rows)) + draw(st.sampled_from([-3.0, 0.0, 100.0]))
    return np.where(mask, values, rng.normal(size=mask.shape)), mask, times, float(rng.normal())


@settings(max_examples=150, deadline=None, derandomize=True)
@given(series())
def test_every_prefix_is_told_as_a_plain_reading_of_it_tells(drawn: tuple[np.ndarray, np.ndarray, np.ndarray, float]):
    values, mask, times, first = drawn
    found = running(values, mask, times, first, 2.0)
    size = 1e-12 + np.abs(values).max(initial=0.0)
    for field in Running._fields:
        assert getattr(found, field).shape == (len(times) + 1, values.shape[1])
    for k in range(len(times) + 1):
        for c in range(values.shape[1]):
            here = np.flatnonzero(mask[:k, c])
            expected = _retold(values[here, c].tolist(), times[here].tolist(), first)
            for field, value in expected.items():
                np.testing.assert_allclose(
                    getattr(found, field)[k, c], value, rtol=1e-9, atol=1e-9 * size, err_msg=f"{field} {k} {c}"
                )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(series(), st.integers(0, 9))
def test_later_rows_change_nothing_told_of_the_earlier_ones(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray, float], cut: int
):
    values, mask, times, first = drawn
    cut = min(cut, len(times))
    whole, part = running(values, mask, times, first, 2.0), running(values[:cut], mask[:cut], times[:cut], first, 2.0)
    for field in Running._fields:
        np.testing.assert_array_equal(getattr(whole, field)[: cut + 1], getattr(part, field))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(series())
def test_what_stands_where_nothing_was_seen_is_never_read(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray, float],
):
    values, mask, times, first = drawn
    spoilt = np.where(mask, values, np.nan)
    for a, b in zip(running(values, mask, times, first, 2.0), running(spoilt, mask, times, first, 2.0), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_recency_weighted_mean_is_drawn_to_the_mean_of_all_patients_until_many_are_seen():
    told = running(np.full((400, 1), 3.0), np.ones((400, 1), dtype=bool), np.arange(400.0), 0.0, 2.0)
    for name in ("fast", "slow", "lasting"):
        path = getattr(told, name)[1:, 0]
        assert (np.diff(path) >= -1e-12).all()
        assert 0 < path[0] < path[-1] < 3.0
    assert told.fast[2] < told.slow[2] < told.lasting[2]  # the more values are kept, the less the prior draws


def test_arrays_in_any_order_of_memory_are_read_alike():
    rng = np.random.default_rng(0)
    values, mask = rng.normal(size=(6, 3)), rng.random((6, 3)) < 0.7
    times = np.arange(12.0)[::2]
    for a, b in zip(
        running(np.asfortranarray(values), np.asfortranarray(mask), times, 0.0, 2.0),
        running(values, mask, times.copy(), 0.0, 2.0),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
