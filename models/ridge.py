"""Ridge regression of many outputs at once: the linear forecast beside the trees."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.forecast import Array

PENALTIES = (10.0, 100.0, 1000.0, 10000.0)  # of squared z-scored weights, in rows
_MOST_ROWS = 20_000
_HELD = 5  # folds of patients a penalty is chosen by


class Ridge(NamedTuple):
    """weight (W, outputs), intercept (outputs,), centre and scale (W,) of the rows."""

    weight: Array
    intercept: Array
    centre: Array
    scale: Array

    def __call__(self, rows: NDArray[np.float32]) -> Array:
        """rows (k, W) -> (k, outputs)."""
        return ((rows - self.centre) / self.scale).clip(-8.0, 8.0) @ self.weight + self.intercept


def fit_ridge(
    rows: NDArray[np.float32], target: Array, known: NDArray[np.bool_], owner: NDArray[np.int64], seed: int
) -> Ridge:
    """rows (k, W) without NaN; target, known (k, outputs), 0 where not known; owner (k,): whose row it is.

    The penalty is one for all outputs, chosen by the squared error on patients left out.
    """
    here = np.flatnonzero(known.any(1))
    if len(here) > _MOST_ROWS:
        here = np.sort(np.random.default_rng([seed, 5]).choice(here, _MOST_ROWS, replace=False))
    width, outputs = rows.shape[1], target.shape[1]
    if len(here) < 10:
        return Ridge(np.zeros((width, outputs)), np.zeros(outputs), np.zeros(width), np.ones(width))
    x = rows[here].astype(np.float64)
    centre, scale = x.mean(0), x.std(0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    x = ((x - centre) / scale).clip(-8.0, 8.0)
    y = np.where(known, target, 0.0)[here]
    middle = y.sum(0) / np.maximum(known[here].sum(0), 1)
    y = np.where(known[here], y - middle, 0.0)
    fold = owner[here] % _HELD
    gram, moment = x.T @ x, x.T @ y
    lost = np.zeros(len(PENALTIES))
    for f in range(_HELD):
        out = fold == f
        if not out.any() or out.all():
            continue
        inner, right = gram - x[out].T @ x[out], moment - x[out].T @ y[out]
        values, vectors = np.linalg.eigh(inner)
        turned, seen = vectors.T @ right, x[out] @ vectors
        for i, penalty in enumerate(PENALTIES):
            error = y[out] - seen @ (turned / (np.maximum(values, 0.0) + penalty)[:, None])
            lost[i] += (error[known[here][out]] ** 2).sum()
    penalty = PENALTIES[int(np.argmin(lost))]
    weight = np.linalg.solve(gram + penalty * np.eye(width), moment)
    return Ridge(weight, middle, centre, scale)
