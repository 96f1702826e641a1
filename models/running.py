"""Figures of a series that grow row by row: last value, mean, spread, extremes, recency-weighted means."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.forecast import Array
from models.kernels.numba_cache import compiled

KEPT = (0.5, 0.8, 0.977)  # what a value's weight becomes at the next one: half-lives of 1, 3 and 30 values
PRIOR = 1.0  # values at 0, the mean of all patients, that the recency-weighted means begin with


class Running(NamedTuple):
    """What the first 0, 1, .. n rows tell of each column: (n + 1, C) each, 0 where nothing was seen.

    last, previous: the newest value and the one before it; seen: how many; last_time: day of the newest, the first day
    where there is none; mean, low, high; fast, slow, lasting: recency-weighted means, drawn to 0 where few are seen
    """

    last: Array
    previous: Array
    seen: Array
    last_time: Array
    mean: Array
    low: Array
    high: Array
    fast: Array
    slow: Array
    lasting: Array
    recent: Array
    deviation: Array


def running(values: Array, mask: np.ndarray, times: Array, first: float, days: float) -> Running:
    """values, mask (n, C); times (n,) days; first: the day that counts where nothing was seen; days: in which a value's
    weight in ``recent`` falls to 1 / e."""
    n, columns = values.shape
    out = np.zeros((len(Running._fields), n + 1, columns))
    _walk(np.ascontiguousarray(values), np.ascontiguousarray(mask), np.ascontiguousarray(times), first, days, out)
    return Running(*out)


@compiled
def _walk(values, mask, times, first, days, out):
    n, columns = values.shape
    for c in range(columns):
        last = previous = seen = mean = low = high = 0.0
        sums = np.zeros(len(KEPT))
        weights = np.full(len(KEPT), PRIOR)
        recent = weight = squares = 0.0
        last_time = first
        for k in range(n + 1):
            if k > 0 and mask[k - 1, c]:
                value = values[k - 1, c]
                if seen == 0.0:
                    previous = low = high = value
                else:
                    previous = last
                    low, high = min(low, value), max(high, value)
                for i in range(len(KEPT)):
                    sums[i] = KEPT[i] * sums[i] + value
                    weights[i] = KEPT[i] * (weights[i] - PRIOR) + 1.0 + PRIOR
                kept = np.exp((last_time - times[k - 1]) / days) if seen > 0.0 else 0.0
                weight = kept * weight + 1.0
                recent += (value - recent) / weight
                seen += 1.0
                away = value - mean
                mean += away / seen
                squares += away * (value - mean)
                last = value
                last_time = times[k - 1]
            out[0, k, c] = last
            out[1, k, c] = previous
            out[2, k, c] = seen
            out[3, k, c] = last_time
            out[4, k, c] = mean
            out[5, k, c] = low
            out[6, k, c] = high
            for i in range(len(KEPT)):
                out[7 + i, k, c] = sums[i] / weights[i]
            out[10, k, c] = recent
            out[11, k, c] = np.sqrt(squares / seen) if seen > 0.0 else 0.0
