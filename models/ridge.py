"""Ridge regression of many outputs at once, logistic for chances: the linear forecast beside the trees."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.forecast import Array
from models.rows import alike, some

PENALTIES = (10.0, 100.0, 1000.0, 10000.0, 100000.0)  # of squared z-scored weights, in rows
_LIGHT = 2  # of these, which are not tried on wide rows that are fewer than their numbers, for time
ODDS_PENALTIES = (10.0, 30.0, 100.0, 300.0, 1000.0)
RIDGE_CLIP = 5.0  # standard deviations
_MOST_ROWS = 20_000
_FEWEST = 5  # of either outcome
_HELD_ODDS = 3  # the same of a chance, each of which is fitted by itself
_SHARED = -1  # the key of the penalty all numbers share
_ROOMY = 2_000  # rows; of fewer a part of what could be read is read
_WIDE = 400  # numbers a row
_BLOCK = 256  # rows answered at a time, so that they stay in the cache
_LEAST = 10  # rows an output is learnt from
_HELD = 5  # folds of patients a penalty is chosen by
_OWN_ROWS = 6  # sets of rows that numbers are known in; of more they are solved for together
_CLOSE, _MOST_STEPS = 1e-6, 200  # of a gradient, the share that may be left; steps towards that
_AS_OFTEN = 1.3


class Ridge(NamedTuple):
    """weight (W, outputs), intercept (outputs,), centre and scale (W,) of the rows; of a chance what comes out is its
    log odds."""

    weight: Array
    intercept: Array
    centre: Array
    scale: Array

    def __call__(self, rows: NDArray[np.float32]) -> Array:
        """rows (k, W) -> (k, outputs)."""
        parts = [rows[k : k + _BLOCK] for k in range(0, max(len(rows), 1), _BLOCK)]
        return np.concatenate([_within(p, (self.centre, self.scale)) @ self.weight for p in parts]) + self.intercept


class _Rows(NamedTuple):
    """Scaled rows x (k, W) and outputs y (k, outputs), each less their mean: away (W,), middle (outputs,)."""

    x: Array
    y: Array
    away: Array
    middle: Array


def fit_ridge(
    rows: NDArray[np.float32],
    target: Array,
    known: NDArray[np.bool_],
    owner: NDArray[np.int64],
    seed: int,
    odds: NDArray[np.bool_] | None = None,
    apart: Mapping[int, NDArray[np.bool_]] | None = None,
    first: int | None = None,
    near: Container[int] = (),
) -> dict[int, Ridge]:
    """One for each part of the rows. rows (k, W) without NaN; target, known (k, outputs), 0 where not known.

    owner (k,): whose row it is; odds (outputs,): those whose target is 0 or 1 and whose log odds are wanted; apart: by
    number which rows (k,) to learn from, None: all of them, number -1. All numbers share a penalty, chosen
    by the squared error on patients left out; each chance has its own, by the log loss. Where rows are wide the parts
    share those of the first, for time. first: how many of the W are read where rows are few, None: all. near: numbers
    that ``fit_near`` tells of; here 0 is said of them.
    """
    parts = {-1: np.ones(len(rows), dtype=bool)} if apart is None else apart
    logistic = np.zeros(target.shape[1], dtype=bool) if odds is None else odds
    penalties: dict[int, float] = {}
    found: dict[int, Ridge] = {}
    for f in sorted(parts):
        penalties = penalties if rows.shape[1] > _WIDE else {}
        told: NDArray[np.bool_] = np.logical_and(known, parts[f][:, None])
        read = rows[:, :first] if int(told.any(1).sum()) < _ROOMY else rows
        ridge = _fit(read, target, told, owner, seed, logistic, penalties, near)
        rest = rows.shape[1] - read.shape[1]
        found[f] = Ridge(
            np.pad(ridge.weight, ((0, rest), (0, 0))),
            ridge.intercept,
            np.pad(ridge.centre, (0, rest)),
            np.pad(ridge.scale, (0, rest), constant_values=1.0),
        )
    return found


def fit_near(
    rows: NDArray[np.float32],
    target: Array,
    known: NDArray[np.bool_],
    owner: NDArray[np.int64],
    seed: int,
    near: Mapping[int, NDArray[np.int64]],
    apart: Mapping[int, NDArray[np.bool_]],
) -> dict[int, Ridge]:
    """``fit_ridge`` for numbers with very many rows, each from features of its own. near: by number its features, each
    with a penalty of its own; of all other numbers 0 is said."""
    penalties: dict[int, float] = {}
    found: dict[int, Ridge] = {}
    width, outputs = rows.shape[1], target.shape[1]
    for f in sorted(apart):
        told: NDArray[np.bool_] = np.logical_and(known, apart[f][:, None])
        weight, intercept = np.zeros((width, outputs)), np.zeros(outputs)
        some_rows = rows[some(np.asarray(told[:, list(near)].any(1)), _MOST_ROWS, [seed, 5])]
        centre, scale = _moments(some_rows) if len(some_rows) else (np.zeros(width), np.ones(width))
        for column, columns in near.items():
            if int(told[:, column].sum()) < _LEAST:
                continue
            read = rows[:, columns]
            table, here = _table(read, target, told, [column], seed, (centre[columns], scale[columns]))
            if column not in penalties:
                penalties[column] = _penalty(table.x, table.y, owner[here] % _HELD)
            weight[columns, column] = _weight(table.x.T @ table.x, table.x.T @ table.y, penalties[column])[:, 0]
            intercept[column] = float(table.middle.item() - table.away @ weight[columns, column])
        found[f] = Ridge(weight, intercept, centre, scale)
    return found


def _fit(
    rows: NDArray[np.float32],
    target: Array,
    known: NDArray[np.bool_],
    owner: NDArray[np.int64],
    seed: int,
    odds: NDArray[np.bool_],
    penalties: dict[int, float],
    near: Container[int],
) -> Ridge:
    """penalties: by chance, and of all numbers; once chosen they are kept: of part -1, everybody, which comes first."""
    width, outputs = rows.shape[1], target.shape[1]
    any_known = some(np.asarray(known.any(1)), _MOST_ROWS, [seed, 5])
    found = Ridge(np.zeros((width, outputs)), np.zeros(outputs), np.zeros(width), np.ones(width))
    if len(any_known) < _LEAST:
        return found
    centre, scale = _moments(rows[any_known])
    found = found._replace(centre=centre, scale=scale)
    groups = [g for g in alike(known) if int(known[:, g[0]].sum()) >= _LEAST]
    numbers = [n for g in groups if (n := [c for c in g if not odds[c] and c not in near])]
    if numbers and _SHARED not in penalties:
        table, here = _table(rows, target, known, numbers[0], seed, (centre, scale))
        penalties[_SHARED] = _penalty(table.x, table.y, owner[here] % _HELD)
    if len(numbers) > _OWN_ROWS:
        columns = [c for g in numbers for c in g]
        told = known[any_known][:, columns]
        x = _within(rows[any_known], (centre, scale))
        weight, intercept = _scattered(x, target[any_known][:, columns], told, penalties[_SHARED])
        found.weight[:, columns], found.intercept[columns] = weight, intercept
    else:
        for columns in numbers:
            table, _ = _table(rows, target, known, columns, seed, (centre, scale))
            found.weight[:, columns] = _weight(table.x.T @ table.x, table.x.T @ table.y, penalties[_SHARED])
            found.intercept[columns] = table.middle - table.away @ found.weight[:, columns]
    for column in (c for g in groups for c in g if odds[c]):
        table, here = _table(rows, target, known, [column], seed, (centre, scale))
        y = target[here, column]
        if column not in penalties:
            penalties[column] = _odds_penalty(table.x, y, owner[here] % _HELD_ODDS)
        found.weight[:, column], middle = _logistic(table.x, y, penalties[column])
        found.intercept[column] = middle - table.away @ found.weight[:, column]
    return found


def _moments(rows: NDArray[np.float32]) -> tuple[Array, Array]:
    x = rows.astype(np.float64)
    scale = x.std(0)
    return x.mean(0), np.where(scale > 1e-9, scale, 1.0)


def _within(rows: NDArray[np.float32], scales: tuple[Array, Array]) -> Array:
    centre, scale = scales
    x = (rows - centre) / scale
    return x.clip(-RIDGE_CLIP, RIDGE_CLIP, out=x)


def _table(
    rows: NDArray[np.float32],
    target: Array,
    known: NDArray[np.bool_],
    columns: list[int],
    seed: int,
    scales: tuple[Array, Array],
) -> tuple[_Rows, NDArray[np.int64]]:
    """Of outputs known in the same rows, and the places of these rows."""
    here = some(known[:, columns[0]], _MOST_ROWS, [seed, 5])
    x, y = _within(rows[here], scales), target[here][:, columns]
    away, middle = x.mean(0), y.mean(0)
    return _Rows(x - away, y - middle, away, middle), here


def _scattered(x: Array, y: Array, known: NDArray[np.bool_], penalty: float) -> tuple[Array, Array]:
    """Weights (W, outputs) and intercepts of outputs that are each known in rows of their own.

    By conjugate gradients, all outputs side by side, preconditioned by what an output known in as many rows, drawn by
    chance, would have: one Gram matrix instead of one an output. Source: Golub and Van Loan, *Matrix Computations*,
    11.5.
    """
    told = known.astype(np.float64)
    count = told.sum(0)
    away, middle = (x.T @ told) / count, (y * told).sum(0) / count
    off = (y - middle) * told

    def curved(weight: Array) -> Array:
        return x.T @ (told * (x @ weight)) - count * away * (away * weight).sum(0) + penalty * weight

    solve = _sized(x, count, penalty)
    weight = np.zeros((x.shape[1], y.shape[1]))
    left = x.T @ off - away * off.sum(0)
    aim = _CLOSE * np.linalg.norm(left, axis=0)
    better = solve(left)
    way, fallen = better, (left * better).sum(0)
    for _step in range(_MOST_STEPS):
        if (np.linalg.norm(left, axis=0) <= aim).all():
            break
        bent = curved(way)
        step = np.divide(fallen, (way * bent).sum(0), out=np.zeros_like(fallen), where=fallen > 0)
        weight += step * way
        left -= step * bent
        better = solve(left)
        before, fallen = fallen, (left * better).sum(0)
        way = better + np.divide(fallen, before, out=np.zeros_like(fallen), where=before > 0) * way
    return weight, middle - (away * weight).sum(0)


def _sized(x: Array, count: Array, penalty: float) -> Callable[[Array], Array]:
    """The preconditioner (W, outputs) -> (W, outputs): outputs known about as often share a Cholesky factor."""
    from scipy.linalg import cho_factor, cho_solve

    centred = x - x.mean(0)
    gram = centred.T @ centred / len(x)
    size = np.round(np.log(count) / np.log(_AS_OFTEN)).astype(np.int64)
    factors = [
        (size == s, cho_factor(gram * _AS_OFTEN**s + penalty * np.eye(len(gram)), overwrite_a=True, check_finite=False))
        for s in np.unique(size).tolist()
    ]

    def solve(left: Array) -> Array:
        out = np.empty_like(left)
        for which, factor in factors:
            out[:, which] = cho_solve(factor, left[:, which], check_finite=False)
        return out

    return solve


def _weight(gram: Array, moment: Array, penalty: float) -> Array:
    """By Cholesky factors: for the few penalties there are, many times sooner than all eigenvectors."""
    from scipy.linalg import cho_factor, cho_solve

    factor = cho_factor(gram + penalty * np.eye(len(gram)), overwrite_a=True, check_finite=False)
    return cho_solve(factor, moment, check_finite=False)


def _penalty(x: Array, y: Array, fold: NDArray[np.int64]) -> float:
    gram, moment = x.T @ x, x.T @ y
    tried = PENALTIES[_LIGHT:] if _WIDE < x.shape[1] > len(x) else PENALTIES
    lost = np.zeros(len(tried))
    for f in range(_HELD):
        out = fold == f
        if not out.any() or out.all():
            continue
        inner, right = gram - x[out].T @ x[out], moment - x[out].T @ y[out]
        for i, penalty in enumerate(tried):
            lost[i] += ((y[out] - x[out] @ _weight(inner, right, penalty)) ** 2).sum()
    return tried[int(np.argmin(lost))]


def _rare(y: Array) -> bool:
    return bool(min(y.sum(), len(y) - y.sum()) < _FEWEST)


def _logistic(x: Array, y: Array, penalty: float) -> tuple[Array, float]:
    from sklearn.linear_model import LogisticRegression

    if _rare(y):
        rate = float((y.sum() + 0.5) / (len(y) + 1.0))
        return np.zeros(x.shape[1]), float(np.log(rate / (1.0 - rate)))
    model = LogisticRegression(C=1.0 / penalty, max_iter=500).fit(x, y)
    return model.coef_[0], float(model.intercept_[0])


def _odds_penalty(x: Array, y: Array, fold: NDArray[np.int64]) -> float:
    lost = np.zeros(len(ODDS_PENALTIES))
    for f in range(_HELD_ODDS):
        out = fold == f
        if not out.any() or _rare(y[~out]):
            continue
        for i, penalty in enumerate(ODDS_PENALTIES):
            weight, intercept = _logistic(x[~out], y[~out], penalty)
            lost[i] += np.logaddexp(0.0, -(2 * y[out] - 1) * (x[out] @ weight + intercept)).sum()
    return ODDS_PENALTIES[int(np.argmin(lost))]
