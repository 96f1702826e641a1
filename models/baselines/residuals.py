"""How far a point forecast goes astray: quantiles and chances from the errors it made on patients it did not learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri
from sklearn.isotonic import isotonic_regression
from sklearn.linear_model import LogisticRegression

from models.baselines.quiet import quietly
from models.forecast import Array

ENOUGH = 40  # errors a column must have to speak for itself
_A_SPAN = 100  # errors a span of horizons must have
_FEW = 10  # below it a normal distribution stands in
_MOST_SPANS = 6
_SMALLEST = 1e-9


@dataclass(frozen=True)
class _Spread:
    """quantiles (knots, Q) of the error at knots of log horizon."""

    quantiles: Array
    knots: Array

    def at(self, horizon: Array) -> Array:
        """(k,) days -> quantiles of the error: (k, Q)."""
        when = np.log1p(horizon)
        return np.stack([np.interp(when, self.knots, q) for q in self.quantiles.T], -1)


class Residuals:
    """Distribution of z-scored errors by column and horizon, apart where a column was never seen in the patient.

    Errors pool over columns where one has fewer than ``ENOUGH``. Intervals grow with the horizon, or stay.
    """

    def __init__(self, errors: Array, horizon: Array, seen: np.ndarray, levels: Sequence[float]) -> None:
        """errors (k, C), NaN where unknown; horizon (k,) days; seen (k, C)."""
        self.spreads = [[self._of(errors, horizon, seen == known, c, levels) for c in range(errors.shape[1])]
                        for known in (False, True)]  # fmt: skip

    @staticmethod
    def _of(errors: Array, horizon: Array, group: np.ndarray, column: int, levels: Sequence[float]) -> _Spread:
        known = ~np.isnan(errors)
        days = np.broadcast_to(horizon[:, None], errors.shape)
        own = np.zeros_like(known)
        own[:, column] = known[:, column]
        for which, least in ((own & group, ENOUGH), (known & group, ENOUGH), (own, _FEW), (known, _FEW)):
            if which.sum() >= least:
                return _spread(errors[which], days[which], levels)
        size = float(np.sqrt(np.mean(np.square(errors[known])))) if known.any() else 1.0
        return _Spread(size * ndtri(np.asarray(levels))[None, :], np.zeros(1))

    def at(self, horizon: Array, seen: np.ndarray) -> Array:
        """horizon (k,) days, seen (k, C) -> quantiles of the error (k, C, Q)."""
        blank, known = (np.stack([s.at(horizon) for s in row], 1) for row in self.spreads)
        return np.where(seen[:, :, None], known, blank)


def _spread(errors: Array, days: Array, levels: Sequence[float]) -> _Spread:
    spans = int(np.clip(len(errors) // _A_SPAN, 1, _MOST_SPANS))
    parts = np.array_split(np.argsort(days, kind="stable"), spans)
    knots = np.array([np.median(np.log1p(days[p])) for p in parts])
    quantiles = np.array([np.quantile(errors[p], np.asarray(levels), method="weibull") for p in parts])
    for q, level in enumerate(levels):
        quantiles[:, q] = isotonic_regression(quantiles[:, q], increasing=level > 0.5)
    return _Spread(quantiles, knots)


class Chances:
    """Chance of each class given a point forecast: logistic in it and the log horizon, so that it fades with time.

    location: (k, m) z-scored, one column or an indicator a class; target: (k,) place in the classes, -1 unknown
    """

    def __init__(self, location: Array, horizon: Array, seen: np.ndarray, target: np.ndarray, classes: int) -> None:
        known = target >= 0
        self.classes = classes
        self.doubt = 1.0 / (known.sum() + 1.0)  # the weight of a blind guess
        counts = np.bincount(target[known], minlength=classes).astype(np.float64)
        self.shares = counts / counts.sum() if known.any() else np.full(classes, 1.0 / classes)
        self.unit = max(float(np.quantile(horizon[horizon > 0], 0.25)) if (horizon > 0).any() else 1.0, _SMALLEST)
        self.model: Any = None
        if known.sum() < _FEW or (counts > 0).sum() < 2:
            return
        features = self._features(location, horizon, seen)[known]
        self.centre, size = features.mean(0), features.std(0)
        self.size = np.where(size > _SMALLEST, size, 1.0)
        with quietly():
            self.model = LogisticRegression(max_iter=200).fit((features - self.centre) / self.size, target[known])

    def _features(self, location: Array, horizon: Array, seen: np.ndarray) -> Array:
        far = np.log1p(horizon / self.unit)[:, None]
        soon = 1 / (1 + horizon / self.unit)[:, None]
        near = np.clip(location, -6.0, 6.0)
        bend = near**2 if near.shape[1] == 1 and self.classes > 2 else near[:, :0]
        return np.concatenate([near, near * far, near * soon, far, bend, ~seen[:, None]], axis=1)

    def at(self, location: Array, horizon: Array, seen: np.ndarray) -> Array:
        """(k, m), (k,), (k,) -> (k, classes), rows that sum to 1."""
        out = np.tile(self.shares, (len(location), 1))
        if self.model is not None:
            out[:] = 0.0
            with quietly():
                features = (self._features(location, horizon, seen) - self.centre) / self.size
                out[:, self.model.classes_] = self.model.predict_proba(features)
        return (1 - self.doubt) * out + self.doubt / self.classes
