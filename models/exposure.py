"""Treatments as numbers over time: the dose in force, and the concentration it leaves behind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.course import Treatment
from models.forecast import Array
from models.kernels.numba_cache import compiled

_LIMIT = 6.0  # times the median dose
_FORGOTTEN = 30.0  # half-lives over ln 2, after which nothing is left


def exposures(
    given: Sequence[Treatment],
    names: Sequence[str],
    doses: Array,
    start: Array,
    end: Array,
    half_lives: Array | None = None,
) -> Array:
    """Mean dose over (start, end], (k,) days each, the dose in force where they coincide: (k, names, 1).

    doses (names,): what counts as 1; half_lives (names,) days: the mean concentration too, (k, names, 2), of a
    compartment which the dose fills and the half-life empties; under a dose of 1 it comes to 1 in the long run.
    Treatments of other names are passed over.
    """
    place = {name: i for i, name in enumerate(names)}
    taken = [t for t in given if t.name in place]
    which: NDArray[np.int64] = np.array([place[t.name] for t in taken], dtype=np.int64)
    begin, stop, dose = (np.array([getattr(t, n) for t in taken], dtype=np.float64) for n in ("start", "end", "dose"))
    rates = np.ones(len(names)) if half_lives is None else np.log(2.0) / half_lives
    out = np.zeros((len(start), len(names), 1 if half_lives is None else 2))
    _fill(start.astype(np.float64), end.astype(np.float64), which, begin, stop, dose / doses[which], rates, out)
    return np.clip(out, -_LIMIT, _LIMIT)


@compiled
def _fill(start, end, which, begin, stop, doses, rates, out):
    both = out.shape[2] > 1
    for i in range(len(start)):
        s, e = start[i], end[i]
        for j in range(len(which)):
            a, b, t = begin[j], stop[j], which[j]
            if a > e:
                continue
            inside = max(min(e, b) - max(s, a), 0.0)
            if e <= s:
                out[i, t, 0] += doses[j] if e < b else 0.0
            else:
                out[i, t, 0] += doses[j] * inside / (e - s)
            rate = rates[t]
            if not both or rate * (s - b) > _FORGOTTEN:
                continue
            if e <= s:
                out[i, t, 1] += doses[j] * (_gone(rate, e - a) - _gone(rate, e - b))
            else:
                filling = (_gone(rate, e - a) - _gone(rate, e - b)) - (_gone(rate, s - a) - _gone(rate, s - b))
                out[i, t, 1] += doses[j] * (inside - filling / rate) / (e - s)


@compiled
def _gone(rate, days):
    return 1.0 - np.exp(-rate * days) if days > 0.0 else 0.0
