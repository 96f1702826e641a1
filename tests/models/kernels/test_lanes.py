"""Tests of models/kernels/lanes.py: lanes against numpy, within compiled functions."""

from typing import Any

import numba
import numpy as np
import pytest

from models.kernels.lanes import LARGEST_LOGISTIC, add_totals, flush_row, load, logistic2, relaxed_share, store

WIDTHS = (8, 16)
KINDS = (np.float32, np.float64)


@numba.njit
def _gates(width: Any, x: Any, out: Any) -> None:
    for row in range(len(x) // len(width)):
        store(out, row, logistic2(load(x, row, width)))


@numba.njit
def _shares(width: Any, x: Any, out: Any) -> None:
    for row in range(len(x) // len(width)):
        store(out, row, relaxed_share(load(x, row, width)))


@numba.njit
def _sums(width: Any, x: Any, parts: Any, totals: Any) -> None:
    for row in range(len(parts)):
        k = 4 * row
        a, b, c, d = load(x, k, width), load(x, k + 1, width), load(x, k + 2, width), load(x, k + 3, width)
        add_totals(parts, row, a, b, c, d)
    for row in range(len(parts)):
        flush_row(parts, row, totals)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lanes", WIDTHS)
def test_a_gate_is_the_logistic_function_to_rounding(lanes: int, kind: Any):
    x = np.linspace(-LARGEST_LOGISTIC, LARGEST_LOGISTIC, 64 * lanes).astype(kind)
    np.random.default_rng(0).shuffle(x)  # lanes that share a division are unlike
    out = np.empty_like(x)
    _gates((0,) * lanes, x, out)
    exact = 1 / (1 + np.exp2(x.astype(np.float64)))
    np.testing.assert_allclose(out, exact, rtol=4e-7 if kind == np.float32 else 1e-14)


@pytest.mark.parametrize("lanes", WIDTHS)
def test_a_gate_beyond_the_largest_exponent_is_shut_or_open(lanes: int):
    x = np.resize(np.array([1e4, -1e4, 3e38, -3e38], np.float32), 2 * lanes)
    out = np.empty_like(x)
    _gates((0,) * lanes, x, out)
    np.testing.assert_allclose(out, np.resize([0.0, 1.0], 2 * lanes), atol=1e-18)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lanes", WIDTHS)
def test_what_has_relaxed_is_exact_near_nothing_too(lanes: int, kind: Any):
    x = np.concatenate([np.geomspace(1e-20, 80, 8 * lanes - 1), [0.0]]).astype(kind)
    out = np.empty_like(x)
    _shares((0,) * lanes, x, out)
    np.testing.assert_allclose(out, -np.expm1(-x.astype(np.float64)), rtol=3e-7 if kind == np.float32 else 1e-14)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lanes", WIDTHS)
def test_four_totals_of_each_row_are_summed_apart_and_once(lanes: int, kind: Any):
    rows = 3
    x = np.random.default_rng(1).normal(size=(rows, 4, lanes)).astype(kind)
    parts, totals = np.zeros((rows, 8), kind), np.ones((rows, 4))
    _sums((0,) * lanes, x.ravel(), parts, totals)
    np.testing.assert_allclose(totals, 1 + x.sum(2, dtype=np.float64), rtol=1e-5 if kind == np.float32 else 1e-12)
    assert not parts.any()
