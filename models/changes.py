"""A mixed model of how variables change under treatment, rolled out step by step: the ground of a what-if.

    y' = y (1 + r) where y is a positive quantity, else y' = y + r,   a step on
    r = x beta + z b + e,   b ~ N(0, G) per patient,   z = (1, g(y), w_1, .. w_T)

with w_j the mean response to treatment j: what it does at once and what its concentration does, which rises and falls
with a half-life of its own. b says how fast this patient changes by himself and how strongly he responds to each
treatment; it is known the better the more of it has been seen. x has the same, the static covariates, and their
products with the responses. Fitted by expectation-maximisation (``models.baselines.mixed_model``). Source: Laird and
Ware, Biometrics 1982; the effect compartment of Sheiner et al., Clin Pharmacol Ther 1979.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.baselines import mixed_model as mm
from models.course import Course, Treatment
from models.encoding import CLIP, GAP_IN_MODEL_TIME, Encoder
from models.forecast import Array
from models.kernels.numba_cache import compiled

MOST_TREATMENTS = 6  # the most often given; of more, single responses are not told apart
HALF_LIVES = (1.0, 2.0, 4.0, 8.0, 16.0)  # steps, tried for each treatment
BETTER = 0.98  # times the squared error of the mixed model of levels, below which a column is forecast by its changes
_FEWEST = 60  # changes a column is learnt from
_POSITIVE = 0.98  # share of its values above 0 that make a column with the lower bound 0 a positive quantity
_MOST_STEPS = 60  # of a roll-out; longer ones take longer steps
_MOST_ROWS = 50_000  # changes the half-lives are chosen by
_TAIL = 1e-3  # of the changes are cut off at either end: slips


class Changes(NamedTuple):
    """m columns, T treatments, S statics; p = 2 + S + 2 T + S T, q = 2 + T.

    columns (m,), treatments (T,): their places in the encoder; half_life (T,) days; step: days; relative (m,): 1 of a
    positive quantity; centre, spread (m,): of g, the logarithm or the value itself; unit (m,): one standard deviation
    of r; low, high (m,): the values ever seen; shape (m, T, 2): response to exposure and to concentration; most (m,):
    largest r; beta (m, p), covariance (m, q, q), noise (m,)
    """

    columns: NDArray[np.int64]
    treatments: NDArray[np.int64]
    half_life: Array
    step: Array
    relative: NDArray[np.int64]
    centre: Array
    spread: Array
    unit: Array
    low: Array
    high: Array
    most: Array
    shape: Array
    beta: Array
    covariance: Array
    noise: Array

    def part(self, wanted: NDArray[np.bool_]) -> Changes | None:
        """These of the columns; None where there are none left."""
        if not wanted.any():
            return None
        by_column = {k: getattr(self, k)[wanted] for k in self._fields if k not in _SHARED}
        return self._replace(**by_column)

    def fixed(self, place: int) -> mm.Fixed:
        at = slice(place, place + 1)
        return mm.Fixed(self.beta[at], self.covariance[at], self.noise[at])


_SHARED = ("treatments", "half_life", "step")


class Steps(NamedTuple):
    """Changes of one column of one patient. row (n,): the row each ends in; start (n,): g at its begin; r (n,); given
    (n, T, 2): mean exposure and concentration"""

    row: NDArray[np.int64]
    start: Array
    r: Array
    given: Array


def fit(encoder: Encoder, courses: Sequence[Course], targets: Sequence[int]) -> Changes | None:
    """None where nothing is treated or no target is a positive quantity that changes often enough."""
    treatments = _treatments(encoder, courses)
    step = encoder.time_scale * GAP_IN_MODEL_TIME
    values = np.concatenate([encoder.own(c)[:, list(targets)] for c in courses])
    # scores and other numbers are left to the levels: their changes are mostly noise, and trying them takes long
    places = [
        i
        for i, t in enumerate(targets)
        if (~np.isnan(values[:, i])).sum() >= _FEWEST and _is_quantity(encoder, t, values[:, i])
    ]
    columns, values = [targets[i] for i in places], values[:, places]
    if not len(treatments) or not columns:
        return None
    relative = np.ones(len(columns), dtype=bool)
    blank = _blank(encoder, np.array(columns), treatments, step, relative, values)
    lives = _half_lives(encoder, blank, courses)
    blank = blank._replace(half_life=lives)
    found = [_fit_column(encoder, blank, courses, i) for i in range(len(columns))]
    kept = np.array([f is not None for f in found])
    rest = blank.part(kept)
    if rest is None:
        return None
    fitted = [f for f in found if f is not None]
    return rest._replace(**{k: np.stack([f[k] for f in fitted]) for k in fitted[0]})


def _treatments(encoder: Encoder, courses: Sequence[Course]) -> NDArray[np.int64]:
    given = np.array([sum(any(t.name == n for t in c.treatments) for c in courses) for n in encoder.treatments])
    return np.sort(np.argsort(-given, kind="stable")[:MOST_TREATMENTS])


def _is_quantity(encoder: Encoder, column: int, values: Array) -> bool:
    entry = encoder.columns[column]
    bounded = entry.form == "continuous" and encoder.variables[entry.variable].lower == 0.0
    known = values[~np.isnan(values)]
    return bool(bounded and (known > 0).mean() >= _POSITIVE)


def _blank(
    encoder: Encoder,
    columns: NDArray[np.int64],
    treatments: NDArray[np.int64],
    step: float,
    relative: NDArray[np.bool_],
    values: Array,
) -> Changes:
    """Scales alone, nothing fitted yet."""
    logs = np.where(relative, np.log(np.where(values > 0, values, np.nan)), values)
    spread = np.nanstd(logs, 0)
    m, t = len(columns), len(treatments)
    statics = encoder.design_statics
    width = 2 + statics + 2 * t + statics * t
    return Changes(
        columns=columns,
        treatments=treatments,
        half_life=np.full(t, HALF_LIVES[0] * step),
        step=np.array(step),
        relative=relative.astype(np.int64),
        centre=np.nanmean(logs, 0),
        spread=np.where(spread > 1e-9, spread, 1.0),
        unit=np.ones(m),
        low=np.nanmin(values, 0),
        high=np.nanmax(values, 0),
        most=np.full(m, np.inf),
        shape=np.zeros((m, t, 2)),
        beta=np.zeros((m, width)),
        covariance=np.tile(np.eye(2 + t), (m, 1, 1)),
        noise=np.ones(m),
    )


def steps(encoder: Encoder, changes: Changes, course: Course, values: Array, place: int) -> Steps:
    """The changes between the seen values of a column; those from or to 0 of a positive quantity are left out."""
    column = changes.columns[place]
    seen = np.flatnonzero(~np.isnan(values[:, column]))
    before, after = seen[:-1], seen[1:]
    gap = course.times[after] - course.times[before]
    kept = gap > 0
    if changes.relative[place]:
        kept &= (values[before, column] > 0) & (values[after, column] > 0)
    before, after, gap = before[kept], after[kept], gap[kept]
    many = np.maximum(gap / float(changes.step), 1e-6)
    old, new = values[before, column], values[after, column]
    r = np.expm1(np.log(new / old) / many) if changes.relative[place] else (new - old) / many
    given = exposed(encoder, changes, course.treatments, course.times[before], course.times[after])
    return Steps(after, _g(changes, place, old), r, given)


def _g(changes: Changes, place: int, values: Array) -> Array:
    raw = np.log(np.maximum(values, 1e-300)) if changes.relative[place] else values
    return np.clip((raw - changes.centre[place]) / changes.spread[place], -CLIP, CLIP)


def exposed(
    encoder: Encoder, changes: Changes, given: Sequence[Treatment], start: Array, end: Array, lives: Array | None = None
) -> Array:
    """Mean scaled dose and mean concentration over (start, end], (k,) each: (k, T, 2).

    The concentration is that of a compartment which the dose fills and the half-life empties; 1 in the long run.
    """
    lives = changes.half_life if lives is None else lives
    names = [encoder.treatments[t] for t in changes.treatments]
    taken = [t for t in given if t.name in names]
    which = np.array([names.index(t.name) for t in taken], dtype=np.int64)
    doses = np.array([t.dose for t in taken], dtype=np.float64)
    if len(taken):
        doses = doses / encoder.doses[changes.treatments[which]]
    begin, stop = (np.array([getattr(t, n) for t in taken], dtype=np.float64) for n in ("start", "end"))
    out = np.zeros((len(start), len(names), 2))
    _expose(start, end, which, begin, stop, doses, np.log(2.0) / lives, out)
    return np.clip(out, -CLIP, CLIP)


def _design(changes: Changes, place: int, static: Array, start: Array, given: Array) -> tuple[Array, Array]:
    """Rows of the mixed model: x (n, p), z (n, q)."""
    n = len(start)
    response = (given * changes.shape[place]).sum(-1)
    one = np.ones((n, 1))
    fixed = [
        one,
        start[:, None],
        np.tile(static, (n, 1)),
        given.reshape(n, 2 * response.shape[1]),
        (response[:, :, None] * static).reshape(n, response.shape[1] * len(static)),
    ]
    return np.concatenate(fixed, 1), np.concatenate([one, start[:, None], response], 1)


def _half_lives(encoder: Encoder, changes: Changes, courses: Sequence[Course]) -> Array:
    """Of each treatment in turn, the one by which least squares explains the changes of all columns best."""
    rng = np.random.default_rng(8)
    order, sizes = rng.permutation(len(courses)), np.array([len(c) for c in courses])
    chosen = [courses[i] for i in order[: 1 + int(np.searchsorted(np.cumsum(sizes[order]), _MOST_ROWS))]]
    lives = changes.half_life.copy()
    tables = [encoder.own(c) for c in chosen]
    for t in range(len(lives)):
        errors = []
        for life in HALF_LIVES:
            tried = lives.copy()
            tried[t] = life * float(changes.step)
            errors.append(_explained(encoder, changes._replace(half_life=tried), chosen, tables))
        lives[t] = HALF_LIVES[int(np.argmin(errors))] * float(changes.step)
    return lives


def _explained(encoder: Encoder, changes: Changes, courses: Sequence[Course], tables: Sequence[Array]) -> float:
    """Share of the changes' variance within patients that least squares leaves, summed over the columns."""
    left = 0.0
    for i in range(len(changes.columns)):
        found = [steps(encoder, changes, c, v, i) for c, v in zip(courses, tables, strict=True)]
        if sum(len(s.r) for s in found) < _FEWEST:
            continue
        x, r = _within(found)
        left += float(((r - x @ _least_squares(x, r)) ** 2).mean() / max(r.var(), 1e-12))
    return left


def _within(found: Sequence[Steps]) -> tuple[Array, Array]:
    """Rows (g, exposures, concentrations) and changes, each less the patient's own mean.

    So whoever is treated more because he fares worse does not make the treatment look harmful.
    """
    r = np.concatenate([s.r for s in found])
    low, high = np.quantile(r, [_TAIL, 1 - _TAIL])
    rows = [np.concatenate([s.start[:, None], s.given.reshape(len(s.r), -1)], 1) for s in found if len(s.r)]
    x = np.concatenate([t - t.mean(0) for t in rows])
    y = np.concatenate([np.clip(s.r, low, high) - np.clip(s.r, low, high).mean() for s in found if len(s.r)])
    return x, y


def _least_squares(x: Array, y: Array) -> Array:
    """Two rows' worth of ridge."""
    found: Array = np.linalg.solve(x.T @ x + 2e-3 * np.eye(x.shape[1]), x.T @ y).astype(np.float64)
    return found


def _fit_column(encoder: Encoder, changes: Changes, courses: Sequence[Course], place: int) -> dict[str, Array] | None:
    found = [steps(encoder, changes, c, encoder.own(c), place) for c in courses]
    r = np.concatenate([s.r for s in found])
    if len(r) < _FEWEST:
        return None
    low, high = np.quantile(r, [_TAIL, 1 - _TAIL])
    unit = max(float(np.clip(r, low, high).std()), 1e-9)
    x, y = _within(found)
    weights = _least_squares(x, y / unit)[1:]
    given = np.concatenate([s.given for s in found])
    scale = (float(low), float(high), unit)
    shape = _scaled(weights.reshape(-1, 2), given)
    fixed = _mixed(encoder, changes, courses, found, place, shape, scale)
    # and again, by what the first has told apart from how patients differ
    shape = _scaled(fixed.beta[0][2 + encoder.design_statics :][: 2 * len(shape)].reshape(-1, 2), given)
    fixed = _mixed(encoder, changes, courses, found, place, shape, scale)
    return {
        "unit": np.array(unit),
        "most": np.array(max(abs(low), abs(high))),
        "shape": shape,
        "beta": fixed.beta[0],
        "covariance": fixed.covariance[0],
        "noise": fixed.noise[0],
    }


def _scaled(weights: Array, given: Array) -> Array:
    """weights (T, 2) so that the response to each treatment varies by 1; 0 where it does not."""
    size = (given * weights).sum(-1).std(0)[:, None]
    return np.where(size > 1e-6, weights / np.maximum(size, 1e-6), 0.0)


def _mixed(
    encoder: Encoder,
    changes: Changes,
    courses: Sequence[Course],
    found: Sequence[Steps],
    place: int,
    shape: Array,
    scale: tuple[float, float, float],
) -> mm.Fixed:
    low, high, unit = scale
    changes = changes._replace(shape=np.tile(shape, (len(changes.columns), 1, 1)))
    sums = []
    for course, s in zip(courses, found, strict=True):
        if len(s.r):
            static = encoder.static(course)[: encoder.design_statics]
            x, z = _design(changes, place, static, s.start, s.given)
            sums.append(mm.sums(x, z, (np.clip(s.r, low, high) / unit)[:, None]))
    return mm.fit(mm.stack(sums), joint=False)


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
        x, z = _design(changes, place, static, s.start, s.given)
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
    plan: tuple[Array, NDArray[np.int64], NDArray[np.int64], Array, Array] | None = None
    for place in range(m):
        if plan is None or not np.array_equal(plan[0], since[:, place], equal_nan=True):
            plan = _plan(encoder, changes, given, since[:, place], at)
        _, first, many, size, exposures = plan
        _walk(
            last[:, place],
            first,
            many,
            size,
            exposures,
            found.mean[prefix, place],
            found.spread[prefix, place],
            changes.beta[place],
            changes.shape[place],
            static,
            np.array(
                [
                    changes.relative[place],
                    changes.centre[place],
                    changes.spread[place],
                    changes.unit[place],
                    changes.low[place],
                    changes.high[place],
                    changes.most[place],
                    changes.noise[place],
                ]
            ),
            out[:, place],
            spread[:, place],
        )
    return out, spread


def _plan(
    encoder: Encoder, changes: Changes, given: Sequence[Treatment], since: Array, at: Array
) -> tuple[Array, NDArray[np.int64], NDArray[np.int64], Array, Array]:
    """Steps of all questions one after another: first of each, how many, their size in ``step``s, exposures."""
    span = np.maximum(np.where(np.isnan(since), 0.0, at - since), 0.0)
    many = np.clip(np.ceil(span / float(changes.step) - 1e-9), 0, _MOST_STEPS).astype(np.int64)
    first = np.cumsum(many) - many
    owner = np.repeat(np.arange(len(at)), many)
    number = np.arange(len(owner)) - first[owner]
    width = np.where(many > 0, span / np.maximum(many, 1), 0.0)
    start = (at - span)[owner] + number * width[owner]
    exposures = exposed(encoder, changes, given, start, start + width[owner])
    return since.copy(), first, many, width / float(changes.step), exposures


@compiled
def _expose(start, end, which, begin, stop, doses, rates, out):
    for i in range(len(start)):
        s, e = start[i], end[i]
        length = e - s
        for j in range(len(which)):
            a, b, t = begin[j], stop[j], which[j]
            if a >= e and not (length <= 0.0 and a <= e):
                continue
            rate = rates[t]
            if length <= 0.0:
                if a <= e < b:
                    out[i, t, 0] += doses[j]
                out[i, t, 1] += doses[j] * (np.exp(-rate * max(e - b, 0.0)) - np.exp(-rate * (e - a)))
                continue
            if rate * (s - b) > 30.0:
                continue
            out[i, t, 0] += doses[j] * max(min(e, b) - max(s, a), 0.0) / length
            filled = max(min(e, b) - max(s, a), 0.0)
            tail = (_gone(rate, e - a) - _gone(rate, e - b)) - (_gone(rate, s - a) - _gone(rate, s - b))
            out[i, t, 1] += doses[j] * (filled - tail / rate) / length


@compiled
def _gone(rate, days):
    return 1.0 - np.exp(-rate * days) if days > 0.0 else 0.0


@compiled
def _walk(last, first, many, size, exposures, mean, var, beta, shape, static, scales, out, spread):
    relative, centre, scale, unit, low, high, most, noise = scales
    treatments, statics = shape.shape[0], len(static)
    q = 2 + treatments
    z = np.zeros(q)
    for k in range(len(last)):
        y = last[k]
        if np.isnan(y):
            continue
        doubt = 0.0
        steps = 0.0
        for i in range(first[k], first[k] + many[k]):
            raw = np.log(max(y, 1e-300)) if relative > 0 else y
            g = min(max((raw - centre) / scale, -6.0), 6.0)
            z[0], z[1] = 1.0, g
            r = beta[0] + beta[1] * g
            for s in range(statics):
                r += beta[2 + s] * static[s]
            place = 2 + statics
            for t in range(treatments):
                for side in range(2):
                    r += beta[place] * exposures[i, t, side]
                    place += 1
                z[2 + t] = exposures[i, t, 0] * shape[t, 0] + exposures[i, t, 1] * shape[t, 1]
            for t in range(treatments):
                for s in range(statics):
                    r += beta[place] * z[2 + t] * static[s]
                    place += 1
            for a in range(q):
                r += z[a] * mean[k, a]
            r = min(max(r * unit, -most), most)
            if i == first[k]:
                for a in range(q):
                    for b in range(q):
                        doubt += z[a] * var[k, a, b] * z[b]
            steps += size[k]
            before = y
            y = before * np.exp(np.log1p(max(r, -0.999)) * size[k]) if relative > 0 else before + r * size[k]
            y = min(max(y, low), high)
        out[k] = y
        wide = unit * np.sqrt(steps * noise + steps * steps * doubt)
        spread[k] = wide * abs(y) if relative > 0 else wide
