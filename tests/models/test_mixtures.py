"""Quantiles of mixtures, against a root finder one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize, special

from models import mixtures
from models.forecast import QUANTILE_LEVELS, Array


def logistic(z: Array, _: object) -> tuple[Array, Array]:
    below = special.expit(z)
    return below, below * (1 - below)


def _found(location: Array, scale: Array, weight: Array) -> Array:
    columns, components = location.shape[1:]
    ppf = np.broadcast_to(special.logit(np.array(QUANTILE_LEVELS)), (columns, components, len(QUANTILE_LEVELS)))
    return mixtures.quantiles(location, scale, weight, QUANTILE_LEVELS, ppf, logistic)


@pytest.mark.parametrize("narrow", [1.0, 1e-1, 1e-3, 1e-6])
def test_a_peak_however_narrow_beside_a_wide_component_is_found(narrow: float):
    rng = np.random.default_rng(0)
    location, weight = rng.normal(size=(6, 2, 4)), rng.dirichlet(np.ones(4), size=(6, 2))
    scale = np.where(np.arange(4) % 2, 1.0, narrow) * np.exp(0.3 * rng.normal(size=(6, 2, 4)))
    found = _found(location, scale, weight)
    root: Any = optimize.brentq
    for q, k in np.ndindex(6, 2):
        of = (location[q, k], scale[q, k], weight[q, k])
        for level, x in zip(QUANTILE_LEVELS, found[q, k], strict=True):
            short = root(lambda x, of=of, p=level: of[2] @ special.expit((x - of[0]) / of[1]) - p, -90, 90, xtol=1e-13)
            assert x == pytest.approx(short, abs=1e-5)


def test_members_that_disagree_leave_no_quantile_between_brackets_unfound():
    location = np.array([[[-1e3, 1e3]]])
    found = _found(location, np.ones((1, 1, 2)), np.array([[[0.5, 0.5]]]))
    below = special.expit(found[..., None] - location[:, :, None]).mean(-1)
    np.testing.assert_allclose(below[0, 0], QUANTILE_LEVELS, atol=1e-6)


def test_what_is_not_a_number_stays_so_and_spoils_no_neighbour():
    location = np.array([[[0.0, np.nan], [0.0, 0.0]]])
    found = _found(location, np.ones((1, 2, 2)), np.full((1, 2, 2), 0.5))
    assert np.isnan(found[0, 0]).all()
    np.testing.assert_allclose(found[0, 1], special.logit(np.array(QUANTILE_LEVELS)), atol=1e-6)
