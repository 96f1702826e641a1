"""Ridge regression of many outputs at once, logistic for chances: the linear forecast beside the trees."""

from __future__ import annotations

from collections.abc import Mapping
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
_LEAST = 10  # rows an output is learnt from
_HELD = 5  # folds of patients a penalty is chosen by


class Ridge(NamedTuple):
    """weight (W, outputs), intercept (outputs,), centre and scale (W,) of the rows; of a chance what comes out is its
    log odds."""

    weight: Array
    intercept: Array
    centre: Array
    scale: Array

    def __call__(self, rows: NDArray[np.float32]) -> Array:
        """rows (k, W) -> (k, outputs)."""
        return ((rows - self.centre) / self.scale).clip(-RIDGE_CLIP, RIDGE_CLIP) @ self.weight + self.intercept


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
) -> dict[int, Ridge]:
    """One for each part of the rows. rows (k, W) without NaN; target, known (k, outputs), 0 where not known.

    owner (k,): whose row it is; odds (outputs,): those whose target is 0 or 1 and whose log odds are wanted; apart: by
    number which rows (k,) to learn from, None: all of them, number -1. All numbers share a penalty, chosen
    by the squared error on patients left out; each chance has its own, by the log loss. Where rows are wide the parts
    share those of the first, for time. first: how many of the W are read where rows are few, None: all.
    """
    parts = {-1: np.ones(len(rows), dtype=bool)} if apart is None else apart
    logistic = np.zeros(target.shape[1], dtype=bool) if odds is None else odds
    penalties: dict[int, float] = {}
    found: dict[int, Ridge] = {}
    for f in sorted(parts):
        penalties = penalties if rows.shape[1] > _WIDE else {}
        told: NDArray[np.bool_] = np.logical_and(known, parts[f][:, None])
        read = rows[:, :first] if int(told.any(1).sum()) < _ROOMY else rows
        ridge = _fit(read, target, told, owner, seed, logistic, penalties)
        rest = rows.shape[1] - read.shape[1]
        found[f] = Ridge(
            np.pad(ridge.weight, ((0, rest), (0, 0))),
            ridge.intercept,
            np.pad(ridge.centre, (0, rest)),
            np.pad(ridge.scale, (0, rest), constant_values=1.0),
        )
    return found


def _fit(
    rows: NDArray[np.float32],
    target: Array,
    known: NDArray[np.bool_],
    owner: NDArray[np.int64],
    seed: int,
    odds: NDArray[np.bool_],
    penalties: dict[int, float],
) -> Ridge:
    """penalties: by chance, and of all numbers; once chosen they are kept: of part -1, everybody, which comes first."""
    width, outputs = rows.shape[1], target.shape[1]
    any_known = some(np.asarray(known.any(1)), _MOST_ROWS, [seed, 5])
    found = Ridge(np.zeros((width, outputs)), np.zeros(outputs), np.zeros(width), np.ones(width))
    if len(any_known) < _LEAST:
        return found
    scales = _moments(rows[any_known])
    found = found._replace(centre=scales[0], scale=scales[1])
    for columns in alike(known):
        here = some(known[:, columns[0]], _MOST_ROWS, [seed, 5])
        if len(here) < _LEAST:
            continue
        numbers = [c for c in columns if not odds[c]]
        table = _scaled(rows[here], target[here], scales)
        if numbers:
            y = table.y[:, numbers]
            if _SHARED not in penalties:
                penalties[_SHARED] = _penalty(table.x, y, owner[here] % _HELD)
            found.weight[:, numbers] = _weight(table.x.T @ table.x, table.x.T @ y, penalties[_SHARED])
            found.intercept[numbers] = table.middle[numbers] - table.away @ found.weight[:, numbers]
        for column in (c for c in columns if odds[c]):
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


def _scaled(rows: NDArray[np.float32], target: Array, scales: tuple[Array, Array]) -> _Rows:
    centre, scale = scales
    x = ((rows - centre) / scale).clip(-RIDGE_CLIP, RIDGE_CLIP)
    away, middle = x.mean(0), target.mean(0)
    return _Rows(x - away, target - middle, away, middle)


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
