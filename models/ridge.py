"""Ridge regression of many outputs at once, logistic for chances: the linear forecast beside the trees."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.forecast import Array
from models.rows import alike, some

log = logging.getLogger(__name__)

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
_ROW_SETS = 6  # sets of rows that numbers are known in; of more they are solved for together
_CLOSE, _MOST_STEPS = 1e-6, 200  # of a gradient, the share that may be left; steps towards that
_AS_OFTEN = 1.3  # outputs known so many times as often as others at most share a preconditioner
_FEW = 2_000  # rows drawn for all that are enough for any


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
    without: Container[int] = (),
) -> dict[int, Ridge]:
    """One for each part of the rows. rows (k, W) without NaN; target, known (k, outputs), 0 where not known.

    owner (k,): whose row it is; odds (outputs,): those whose target is 0 or 1 and whose log odds are wanted; apart: by
    number which rows (k,) to learn from, None: all of them, number -1. All numbers share a penalty, chosen
    by the squared error on patients left out; each chance has its own, by the log loss. Where rows are wide the parts
    share those of the first, for time. first: how many of the W are read where rows are few, None: all. without:
    numbers of which 0 is said, see ``fit_own``.
    """
    parts = {-1: np.ones(len(rows), dtype=bool)} if apart is None else apart
    logistic = np.zeros(target.shape[1], dtype=bool) if odds is None else odds
    penalties: dict[int, float] = {}
    found: dict[int, Ridge] = {}
    for f in sorted(parts):
        penalties = penalties if rows.shape[1] > _WIDE else {}
        told: NDArray[np.bool_] = np.logical_and(known, parts[f][:, None])
        read = rows[:, :first] if int(told.any(1).sum()) < _ROOMY else rows
        ridge = _fit(read, target, told, owner, seed, logistic, penalties, without)
        rest = rows.shape[1] - read.shape[1]
        found[f] = Ridge(
            np.pad(ridge.weight, ((0, rest), (0, 0))),
            ridge.intercept,
            np.pad(ridge.centre, (0, rest)),
            np.pad(ridge.scale, (0, rest), constant_values=1.0),
        )
    return found


def fit_own(
    rows: NDArray[np.float32],
    target: Array,
    known: NDArray[np.bool_],
    owner: NDArray[np.int64],
    seed: int,
    own: Mapping[int, NDArray[np.int64]],
    apart: Mapping[int, NDArray[np.bool_]],
) -> dict[int, Ridge]:
    """``fit_ridge`` for numbers with very many rows, each from features of its own.

    own: by number its features; of all other numbers 0 is said. Each has a penalty of its own, which the parts share,
    for time.
    """
    penalties: dict[int, float] = {}
    found: dict[int, Ridge] = {}
    width, outputs = rows.shape[1], target.shape[1]
    for f in sorted(apart):
        told: NDArray[np.bool_] = np.logical_and(known, apart[f][:, None])
        weight, intercept = np.zeros((width, outputs)), np.zeros(outputs)
        any_known = some(np.asarray(told[:, list(own)].any(1)), _MOST_ROWS, [seed, 5])
        centre, scale = _moments(rows[any_known]) if len(any_known) else (np.zeros(width), np.ones(width))
        for column, columns in own.items():
            here = some(told[:, column], _MOST_ROWS, [seed, 5])
            if len(here) < _LEAST:
                continue
            read = rows[np.ix_(here, columns)]
            table = _table(read, target[here][:, [column]], (centre[columns], scale[columns]))
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
    without: Container[int],
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
    numbers = [n for g in groups if (n := [c for c in g if not odds[c] and c not in without])]

    def learnt(column: int) -> NDArray[np.int64]:
        return some(known[:, column], _MOST_ROWS, [seed, 5])

    def table_of(columns: list[int]) -> _Rows:
        here = learnt(columns[0])
        return _table(rows[here], target[here][:, columns], (centre, scale))

    if numbers and _SHARED not in penalties:
        table = table_of(numbers[0])
        penalties[_SHARED] = _penalty(table.x, table.y, owner[learnt(numbers[0][0])] % _HELD)
        del table
    # of what is known seldom the rows drawn for all would hold too little
    enough = known[any_known].sum(0) >= np.minimum(known.sum(0), _FEW)
    scattered = [n for n in numbers if enough[n[0]]] if len(numbers) > _ROW_SETS else []
    if scattered:
        columns = [c for n in scattered for c in n]
        read = _within(rows[any_known], (centre, scale))
        weight, intercept = _scattered(
            read, target[any_known][:, columns], known[any_known][:, columns], penalties[_SHARED]
        )
        found.weight[:, columns], found.intercept[columns] = weight, intercept
    for columns in (n for n in numbers if n not in scattered):
        table = table_of(columns)
        found.weight[:, columns] = _weight(table.x.T @ table.x, table.x.T @ table.y, penalties[_SHARED])
        found.intercept[columns] = table.middle - table.away @ found.weight[:, columns]
    for column in (c for g in groups for c in g if odds[c]):
        table, here = table_of([column]), learnt(column)
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


def _table(rows: NDArray[np.float32], target: Array, scales: tuple[Array, Array]) -> _Rows:
    """Of outputs known in all these rows."""
    x = _within(rows, scales)
    away, middle = x.mean(0), target.mean(0)
    return _Rows(x - away, target - middle, away, middle)


def _scattered(x: Array, y: Array, known: NDArray[np.bool_], penalty: float) -> tuple[Array, Array]:
    """Weights (W, outputs) and intercepts of outputs that are each known in rows of their own.

    By conjugate gradients, outputs known about as often side by side, preconditioned by what an output known in as many
    rows, drawn by chance, would have: one Gram matrix instead of one an output. Source: Golub and Van Loan, *Matrix
    Computations*, 11.5.
    """
    from scipy.linalg import cho_factor, cho_solve

    count = known.sum(0).astype(np.float64)
    away, middle = (x.T @ known) / count, (y * known).sum(0) / count
    centred = x - x.mean(0)
    gram = centred.T @ centred / len(x)
    del centred
    weight = np.zeros((x.shape[1], y.shape[1]))
    size = np.round(np.log(count) / np.log(_AS_OFTEN)).astype(np.int64)
    for s in np.unique(size).tolist():
        which = size == s
        curved = gram * _AS_OFTEN**s + penalty * np.eye(len(gram))
        factor = cho_factor(curved, overwrite_a=True, check_finite=False)
        told = known[:, which].astype(np.float64)
        weight[:, which] = _descended(
            (y[:, which] - middle[which]) * told,
            x,
            told,
            away[:, which],
            penalty,
            lambda left, factor=factor: cho_solve(factor, left, check_finite=False),
        )
    return weight, middle - (away * weight).sum(0)


def _descended(
    off: Array, x: Array, told: Array, away: Array, penalty: float, solve: Callable[[Array], Array]
) -> Array:
    """The weights that tell ``off`` (k, outputs), 0 where not ``told``, from x less ``away``. solve: preconditioner."""
    count = told.sum(0)
    weight = np.zeros((x.shape[1], off.shape[1]))
    left = x.T @ off - away * off.sum(0)  # the residual of the normal equations
    aim = _CLOSE * np.linalg.norm(left, axis=0)
    better = solve(left)
    way, fallen = better, (left * better).sum(0)
    going = np.linalg.norm(left, axis=0) > aim
    for _ in range(_MOST_STEPS):
        if not going.any():
            break
        bent = x.T @ (told * (x @ way)) - count * away * (away * way).sum(0) + penalty * way
        step = np.divide(fallen, (way * bent).sum(0), out=np.zeros_like(fallen), where=going)
        weight += step * way
        left -= step * bent
        better = solve(left)
        before, fallen = fallen, (left * better).sum(0)
        way = better + np.divide(fallen, before, out=np.zeros_like(fallen), where=going) * way
        going = going & (np.linalg.norm(left, axis=0) > aim)
    if going.any():
        log.debug("regressions of %d outputs are not settled after %d steps", int(going.sum()), _MOST_STEPS)
    return weight


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
