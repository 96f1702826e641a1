"""Forecasts by how quantities change under treatment (``models.changes``), rolled out step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.baselines import mixed_model as mm
from models.changes import TINY, Changes, design, exposed, steps
from models.course import Course, Treatment
from models.encoding import CLIP, Encoder
from models.forecast import Array
from models.kernels.numba_cache import compiled

_MOST_STEPS = 60  # of a roll-out; longer ones take longer steps
_SCALES = ("centre", "spread", "unit", "low", "high", "most", "noise")


class Responses(NamedTuple):
    """Of one patient, by column: what b is after each row. mean (n + 1, m, q), spread (n + 1, m, q, q)."""

    mean: Array
    spread: Array


def responses(encoder: Encoder, changes: Changes, course: Course) -> Responses:
    """Entry k knows the first k rows only."""
    values = encoder.own(course)
    static = encoder.static(course)[: encoder.design_statics]
    means, spreads = [], []
    for place in range(len(changes.columns)):
        s = steps(encoder, changes, course, values, place)
        x, z = design(changes, place, static, s.start, s.given)
        r = np.clip(s.r, -changes.most[place], changes.most[place]) / changes.unit[place]
        mean, spread = mm.filtered(changes.fixed(place), x, z, r[:, None])
        known = np.searchsorted(s.row, np.arange(len(course) + 1))  # changes that end in the first k rows
        means.append(mean[known, 0])
        spreads.append(spread[known, 0])
    return Responses(np.stack(means, 1), np.stack(spreads, 1))


def roll(
    encoder: Encoder,
    changes: Changes,
    found: Responses,
    static: Array,
    given: Sequence[Treatment],
    prefix: NDArray[np.int64],
    last: Array,
    since: Array,
    at: Array,
) -> tuple[Array, Array]:
    """Forecasts and their standard deviations (k, m), in own units, from ``last`` (k, m) seen on days ``since`` (k, m).

    given: treatments recorded and planned; at (k,). Where nothing was seen (NaN) the forecast is NaN.
    """
    k, m = last.shape
    out, spread = np.full((k, m), np.nan), np.full((k, m), np.nan)
    static = static[: encoder.design_statics]
    path: _Path | None = None
    for place in range(m):
        if path is None or not np.array_equal(path.since, since[:, place], equal_nan=True):
            path = _path(encoder, changes, given, since[:, place], at)
        _walk(
            last[:, place],
            path.first,
            path.many,
            path.size,
            path.given,
            found.mean[prefix, place],
            found.spread[prefix, place],
            changes.beta[place],
            changes.shape[place],
            static,
            np.array([getattr(changes, name)[place] for name in _SCALES]),
            out[:, place],
            spread[:, place],
        )
    return out, spread


class _Path(NamedTuple):
    """Steps of k questions, one question's after the other's. since (k,): the day each begins; first, many (k,): where
    its steps are; size (k,): of a step, in ``Changes.step``; given (steps, T, 2)"""

    since: Array
    first: NDArray[np.int64]
    many: NDArray[np.int64]
    size: Array
    given: Array


def _path(encoder: Encoder, changes: Changes, given: Sequence[Treatment], since: Array, at: Array) -> _Path:
    span = np.maximum(np.where(np.isnan(since), 0.0, at - since), 0.0)
    many = np.clip(np.ceil(span / float(changes.step) - 1e-9), 0, _MOST_STEPS).astype(np.int64)
    first = np.cumsum(many) - many
    owner = np.repeat(np.arange(len(at)), many)
    number = np.arange(len(owner)) - first[owner]
    width = np.where(many > 0, span / np.maximum(many, 1), 0.0)
    start = (at - span)[owner] + number * width[owner]
    along = exposed(encoder, changes, given, start, start + width[owner])
    return _Path(since.copy(), first, many, width / float(changes.step), along)


@compiled
def _walk(last, first, many, size, given, mean, var, beta, shape, static, scales, out, spread):
    centre, scale, unit, low, high, most, noise = scales
    treatments, statics = shape.shape[0], len(static)
    z = np.ones(2 + treatments)
    for k in range(len(last)):
        y = last[k]
        if np.isnan(y):
            continue
        doubt = 0.0
        for i in range(first[k], first[k] + many[k]):
            z[1] = min(max((np.log(max(y, TINY)) - centre) / scale, -CLIP), CLIP)
            r = beta[0] + beta[1] * z[1]
            for s in range(statics):
                r += beta[2 + s] * static[s]
            place = 2 + statics
            for t in range(treatments):
                for side in range(2):
                    r += beta[place] * given[i, t, side]
                    place += 1
                z[2 + t] = given[i, t, 0] * shape[t, 0] + given[i, t, 1] * shape[t, 1]
            for t in range(treatments):
                for s in range(statics):
                    r += beta[place] * z[2 + t] * static[s]
                    place += 1
            r += (z * mean[k]).sum()
            if i == first[k]:
                for a in range(len(z)):
                    for b in range(len(z)):
                        doubt += z[a] * var[k, a, b] * z[b]
            y *= np.exp(np.log1p(max(min(max(r * unit, -most), most), -0.999)) * size[k])
            y = min(max(y, low), high)
        steps = many[k] * size[k]
        out[k] = y
        spread[k] = y * unit * np.sqrt(steps * noise + steps * steps * doubt)
