"""Quantiles of mixtures of distributions that differ in location and scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.forecast import Array

CLOSE = 1e-7  # in probability
MOST = 60  # steps; at worst every second one halves the bracket
Cumulative = Callable[[Array, NDArray[np.int64]], tuple[Array, Array]]


def quantiles(
    location: Array, scale: Array, weight: Array, levels: tuple[float, ...], ppf: Array, cumulative: Cumulative
) -> Array:
    """(Q, K, L): by Newton's steps from the components' mean quantile, halving the bracket between the components' own
    quantiles wherever a step leaves it or does not halve the step before (Press et al., Numerical Recipes 9.4).

    location, scale, weight: (Q, K, C), weights sum to 1; ppf: the components' standard quantiles (K, C, L); cumulative:
    z (N, C), column (N,) -> the components' distribution functions and densities there, each (N, C)
    """
    questions, columns, components = location.shape
    shape = (questions, columns, len(levels))
    own = location[:, :, None] + scale[:, :, None] * ppf.swapaxes(1, 2)  # (Q, K, L, C)
    low, high = own.min(-1).ravel(), own.max(-1).ravel()
    x = (weight[:, :, None] * own).sum(-1).ravel()
    centre, unit, share = (
        np.broadcast_to(a[:, :, None], own.shape).reshape(-1, components) for a in (location, scale, weight)
    )
    column = np.broadcast_to(np.arange(columns)[None, :, None], shape).ravel()
    wanted = np.broadcast_to(np.array(levels), shape).ravel()
    found, place, before = x.copy(), np.arange(len(x)), high - low
    for _ in range(MOST):
        below, density = cumulative((x[:, None] - centre) / unit, column)
        off = np.einsum("nc,nc->n", share, below) - wanted
        slope = np.einsum("nc,nc->n", share, density / unit)
        found[place] = x
        on = ~(np.abs(off) <= CLOSE)  # NaN goes on, and stays
        if not on.any():
            break
        low, high = np.where(off < 0, x, low), np.where(off > 0, x, high)
        step = off / np.maximum(slope, 1e-300)
        newton = (x - step >= low) & (x - step <= high) & (2 * np.abs(step) <= before)
        new = np.where(newton, x - step, (low + high) / 2)
        before, x = np.abs(new - x), new
        if 1.2 * on.sum() < len(on):  # to carry those that are done costs more
            place, column = place[on], column[on]
            kept = (x, low, high, before, centre, unit, share, wanted)
            x, low, high, before, centre, unit, share, wanted = (a[on] for a in kept)
    return found.reshape(shape)
