"""Intervals cover what they should, near and far, and are left alone where little is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import ENOUGH, THIRDS, Factors, Misses

LOWEST, HIGHEST = 0.4, 3.0


def _misses(
    rng: np.random.Generator, count: int, columns: int = 2, missing: float = 0.2, last: float = 400.0
) -> Misses:
    """Errors that grow with the horizon and from patient to patient; the half widths know the latter alone."""
    horizon = rng.uniform(1.0, last, count)
    own = np.exp(rng.normal(0, 0.5, (count, columns)))
    growth = (1 + horizon[:, None] / 500.0) * np.linspace(1.0, 1.4, columns)
    return Misses(
        error=np.abs(own * growth * rng.normal(size=(count, columns))),
        half=own * 1.645 * 1.3,
        known=rng.random((count, columns)) >= missing,
        horizon=horizon,
    )


def _covered(misses: Misses, factors: Factors) -> np.ndarray:
    return misses.error <= misses.half * factors(misses.horizon)


@pytest.mark.parametrize("seed", range(4))
def test_nine_in_ten_fall_inside_of_every_column_and_third_of_the_horizons(seed: int):
    rng = np.random.default_rng(seed)
    factors = Factors.fit(_misses(rng, 9000))
    fresh = _misses(rng, 20_000)
    covered = _covered(fresh, factors)
    late = fresh.known & (fresh.horizon > 270)[:, None]  # there is something to calibrate
    assert (fresh.error <= fresh.half)[late].mean() < 0.87
    for k in range(2):
        assert 0.88 <= covered[fresh.known[:, k], k].mean() <= 0.92
    for part in np.array_split(np.argsort(fresh.horizon), THIRDS):
        assert 0.88 <= covered[part][fresh.known[part]].mean() <= 0.92


def test_far_horizons_have_a_factor_of_their_own():
    rng = np.random.default_rng(5)
    near, far = _misses(rng, 3000, last=60.0), _misses(rng, 6000)
    apart, without = Factors.fit(near, far), Factors.fit(near)
    assert len(apart.days) == len(without.days) + 1
    fresh = _misses(rng, 20_000)
    late = fresh.horizon > 60.0
    found = [_covered(fresh, f)[late][fresh.known[late]].mean() for f in (apart, without)]
    assert 0.87 <= found[0] <= 0.93
    assert found[1] < 0.86


def test_of_few_values_the_columns_share_a_factor_and_of_fewer_there_is_none():
    rng = np.random.default_rng(6)
    few = _misses(rng, ENOUGH - 1, missing=0.0)
    factors = Factors.fit(few)
    ratio = np.sort((few.error / few.half).ravel())
    assert factors.factor.shape == (1, 2)
    np.testing.assert_allclose(factors.factor, ratio[int(np.ceil((len(ratio) + 1) * 0.9)) - 1])
    fewer = few.pick(np.arange(len(few.horizon)) < (ENOUGH - 1) // 2)
    np.testing.assert_array_equal(Factors.fit(fewer).factor, np.ones((1, 2)))
    np.testing.assert_array_equal(Factors.fit(few.pick(np.zeros(ENOUGH - 1, dtype=bool))).factor, np.ones((1, 2)))


def test_a_column_of_which_little_is_known_takes_the_factor_of_all():
    rng = np.random.default_rng(7)
    misses = _misses(rng, 100, missing=0.0)
    misses.known[ENOUGH - 1 :, 1] = False
    ratio = np.sort((misses.error / misses.half)[misses.known])
    pooled = ratio[int(np.ceil((len(ratio) + 1) * 0.9)) - 1]
    np.testing.assert_allclose(misses.factors()[1], np.clip(pooled, LOWEST, HIGHEST))
    own = np.sort((misses.error / misses.half)[:, 0])
    np.testing.assert_allclose(misses.factors()[0], np.clip(own[int(np.ceil(101 * 0.9)) - 1], LOWEST, HIGHEST))


def test_the_factor_is_the_least_that_covers_nine_in_ten_of_as_many_more():
    rng = np.random.default_rng(8)
    covered = []
    for _ in range(300):
        error = np.abs(rng.normal(size=(60, 1)))
        misses = Misses(error[:59], np.ones((59, 1)), np.ones((59, 1), dtype=bool), np.ones(59))
        covered.append(error[59, 0] <= misses.factors()[0])
    assert 0.86 <= np.mean(covered) <= 0.95


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(0, 400),
    columns=st.integers(1, 3),
    size=st.sampled_from([0.0, 1e-6, 1.0, 1e9]),
    missing=st.sampled_from([0.0, 0.5, 0.97, 1.0]),
    same=st.booleans(),
    distant=st.booleans(),
)
def test_factors_keep_their_range_whatever_the_errors(
    seed: int, count: int, columns: int, size: float, missing: float, same: bool, distant: bool
):
    rng = np.random.default_rng(seed)

    def drawn() -> Misses:
        horizon = np.full(count, 7.0) if same else np.round(rng.exponential(50, count))
        shape = (count, columns)
        half = np.where(rng.random(shape) < 0.1, 0.0, 1.0)
        return Misses(size * np.abs(rng.normal(size=shape)), half, rng.random(shape) >= missing, horizon)

    factors = Factors.fit(drawn(), drawn() if distant else None)
    assert (np.diff(factors.days) > 0).all()
    assert factors.factor.shape == (len(factors.days), columns)
    asked = np.concatenate([[-1.0, 0.0, 1e7], factors.days])
    found = factors(asked)
    assert found.shape == (len(asked), columns)
    assert (found >= LOWEST - 1e-9).all() and (found <= HIGHEST + 1e-9).all()
    assert factors(np.zeros(0)).shape == (0, columns)


def test_between_the_middles_a_factor_changes_evenly_in_the_logarithm_of_the_days():
    factors = Factors(np.array([1.0, 15.0]), np.array([[1.0, 2.0], [3.0, 2.0]]))
    middle = np.expm1((np.log1p(1.0) + np.log1p(15.0)) / 2)
    np.testing.assert_allclose(factors(np.array([0.0, 1.0, middle, 15.0, 999.0]))[:, 0], [1.0, 1.0, 2.0, 3.0, 3.0])
    np.testing.assert_allclose(factors(np.array([0.0, 8.0, 99.0]))[:, 1], 2.0)


def test_no_calibration_leaves_intervals_as_they_are():
    np.testing.assert_array_equal(Factors.none(3)(np.array([0.0, 1e4])), np.ones((2, 3)))
    assert Factors.none(1).to_dict() == {"days": [0.0], "factor": [[1.0]]}
