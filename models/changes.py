"""A mixed model of how positive quantities change under treatment: the ground of a what-if.

    y' = y (1 + r)   a step on,   r = x beta + z b + e,   b ~ N(0, G) per patient,   z = (1, g(y), w_1, .. w_T)

with w_j the mean response to treatment j: what it does at once and what its concentration does, which rises and falls
with a half-life of its own, and g the scaled logarithm. b says how fast this patient changes by himself and how
strongly he responds to each treatment; it is known the better the more of it has been seen. x has the same, the static
covariates, and their products with the responses. Fitted by expectation-maximisation
(``models.baselines.mixed_model``); ``models.rollout`` forecasts by it. Source: Laird and Ware, Biometrics 1982; the
effect compartment of Sheiner et al., Clin Pharmacol Ther 1979.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.baselines import mixed_model as mm
from models.course import Course, Treatment
from models.encoding import CLIP, GAP_IN_MODEL_TIME, Encoder
from models.exposure import exposures
from models.forecast import Array

MOST_TREATMENTS = 6  # the most often given; of more, single responses are not told apart
HALF_LIVES = (1.0, 2.0, 4.0, 8.0, 16.0)  # steps, tried for each treatment
TINY = 1e-300  # 0 has no logarithm
_FEWEST = 60  # changes a column is learnt from
_POSITIVE = 0.98  # share of its values above 0 that make a column with the lower bound 0 a positive quantity
_SHORTEST = 0.2  # step; a change over less would be mostly noise, blown up
_MOST_ROWS = 50_000  # changes the half-lives are chosen by
_TAIL = 1e-3  # of the changes are cut off at either end: slips


class Changes(NamedTuple):
    """m columns, T treatments, S statics; p = 2 + S + 2 T + S T, q = 2 + T.

    columns (m,), treatments (T,): their places in the encoder; half_life (T,) days; step: days; centre, spread
    (m,): of the logarithm, for g; unit (m,): one standard deviation of r; low, high (m,): the values ever seen; shape
    (m, T, 2): response to exposure and to concentration; most (m,): largest r; beta (m, p), covariance (m, q, q), noise
    (m,)
    """

    columns: NDArray[np.int64]
    treatments: NDArray[np.int64]
    half_life: Array
    step: Array
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
    """None where nothing is treated or no target is a positive quantity that changes often enough.

    Scores and other numbers are left to the levels: their changes are mostly noise.
    """
    treatments = _treatments(encoder, courses)
    values = np.concatenate([encoder.own(c) for c in courses])
    columns = [t for t in targets if _is_quantity(encoder, t, values[:, t])]
    if not len(treatments) or not columns:
        return None
    blank = _blank(encoder, np.array(columns), treatments, values[:, columns])
    blank = blank._replace(half_life=_half_lives(encoder, blank, courses))
    found = [_fit_column(encoder, blank, courses, i) for i in range(len(columns))]
    rest = blank.part(np.array([f is not None for f in found]))
    if rest is None:
        return None
    fitted = [f for f in found if f is not None]
    return rest._replace(**{k: np.stack([f[k] for f in fitted]) for k in fitted[0]})


def _treatments(encoder: Encoder, courses: Sequence[Course]) -> NDArray[np.int64]:
    given = np.array([sum(any(t.name == n for t in c.treatments) for c in courses) for n in encoder.treatments])
    return np.sort(np.argsort(-given, kind="stable")[:MOST_TREATMENTS])


def _is_quantity(encoder: Encoder, column: int, values: Array) -> bool:
    entry, known = encoder.columns[column], values[~np.isnan(values)]
    bounded = entry.form == "continuous" and encoder.variables[entry.variable].lower == 0.0
    return bool(bounded and len(known) >= _FEWEST and (known > 0).mean() >= _POSITIVE)


def _blank(encoder: Encoder, columns: NDArray[np.int64], treatments: NDArray[np.int64], values: Array) -> Changes:
    """Scales alone, nothing fitted yet."""
    logs = np.log(np.where(values > 0, values, np.nan))
    spread, step = np.nanstd(logs, 0), encoder.time_scale * GAP_IN_MODEL_TIME
    m, t = len(columns), len(treatments)
    statics = encoder.design_statics
    width = 2 + statics + 2 * t + statics * t
    return Changes(
        columns=columns,
        treatments=treatments,
        half_life=np.full(t, HALF_LIVES[0] * step),
        step=np.array(step),
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
    """The changes between the seen values of a column; those from or to 0 and over short gaps are left out."""
    column = changes.columns[place]
    seen = np.flatnonzero(~np.isnan(values[:, column]))
    before, after = seen[:-1], seen[1:]
    many = (course.times[after] - course.times[before]) / float(changes.step)
    kept = (many >= _SHORTEST) & (values[before, column] > 0) & (values[after, column] > 0)
    before, after = before[kept], after[kept]
    old, new = values[before, column], values[after, column]
    given = exposed(encoder, changes, course.treatments, course.times[before], course.times[after])
    start = np.clip((np.log(old) - changes.centre[place]) / changes.spread[place], -CLIP, CLIP)
    return Steps(after, start, np.expm1(np.log(new / old) / many[kept]), given)


def exposed(encoder: Encoder, changes: Changes, given: Sequence[Treatment], start: Array, end: Array) -> Array:
    """Mean scaled dose and mean concentration over (start, end], (k,) each: (k, T, 2)."""
    names = [encoder.treatments[t] for t in changes.treatments]
    return exposures(given, names, encoder.doses[changes.treatments], start, end, changes.half_life)


def design(changes: Changes, place: int, static: Array, start: Array, given: Array) -> tuple[Array, Array]:
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
            x, z = design(changes, place, static, s.start, s.given)
            sums.append(mm.sums(x, z, (np.clip(s.r, low, high) / unit)[:, None]))
    return mm.fit(mm.stack(sums), joint=False)
