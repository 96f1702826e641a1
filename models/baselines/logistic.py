"""Linear models on summaries of the history: logistic regression of binary variables, ridge regression of others."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

from models.baselines.estimator import Cancel
from models.baselines.point import PointBaseline
from models.baselines.quiet import quietly
from models.baselines.summary import Summary
from models.errors import ModelError
from models.forecast import QUANTILE_LEVELS, Array

_FEW = 10  # known answers; below it the last value stands in
_CLIP = 6.0  # standard deviations a feature may lie off its mean


class Logistic(PointBaseline):
    """One linear model a column on z-scored summaries, whether a variable was seen among them.

    Binary variables and the classes of categorical ones are logistic; the others regress the change since the last
    value. penalty: of the squared coefficients, as against one known answer.
    """

    def __init__(
        self,
        *,
        levels: tuple[float, ...] = QUANTILE_LEVELS,
        seed: int = 0,
        folds: int = 5,
        far: int = 1,
        penalty: float = 10.0,
    ) -> None:
        super().__init__(levels=levels, seed=seed, folds=folds, far=far)
        self.penalty = penalty

    def _check_settings(self) -> None:
        super()._check_settings()
        if not self.penalty > 0:
            raise ModelError(f"penalty must be above 0, got {self.penalty}")

    def _learn(self, summary: Summary, target: Array, cancel: Cancel) -> tuple[Array, Array, list[Any]]:
        """Centre and size of the features, and a model a column, None where there is nothing to tell apart."""
        features = self._features(summary)
        centre, size = features.mean(0), features.std(0)
        size = np.where(size > 1e-9 * np.maximum(np.abs(centre), 1e-9), size, np.inf)
        x = np.clip((features - centre) / size, -_CLIP, _CLIP)
        change = (target - self._still(summary)) / self.encoder_.scale
        models: list[Any] = []
        for c, binary in enumerate(self.columns_.binary):
            y = target[:, c] if binary else change[:, c]
            known = ~np.isnan(y)
            if cancel() or known.sum() < _FEW or np.ptp(y[known]) == 0:
                models.append(None)
                continue
            kind: Any = LogisticRegression(C=1 / self.penalty, max_iter=300) if binary else Ridge(alpha=self.penalty)
            with quietly():
                models.append(kind.fit(x[known], y[known]))
        return centre, size, models

    def _locate(self, learnt: tuple[Array, Array, list[Any]], summary: Summary) -> Array:
        centre, size, models = learnt
        x = np.clip((self._features(summary) - centre) / size, -_CLIP, _CLIP)
        out = self._still(summary)
        for c, (model, binary) in enumerate(zip(models, self.columns_.binary, strict=True)):
            if model is None:
                continue
            with quietly():
                if binary:
                    out[:, c] = model.predict_proba(x)[:, 1]
                else:
                    out[:, c] += self.encoder_.scale[c] * model.predict(x)
        return out

    def _still(self, summary: Summary) -> Array:
        return np.where(summary.seen, summary.last, self.encoder_.mean)

    def _features(self, summary: Summary) -> Array:
        """NaN-free: (k, F). What was never seen lies at the training mean, and its own column says so."""
        encoder = self.encoder_
        seen = summary.seen
        levels = [
            np.where(seen, (a - encoder.mean) / encoder.scale, 0.0)
            for a in (summary.last, summary.mean, summary.low, summary.high, summary.line)
        ]
        since = np.where(seen, np.log1p(np.where(seen, summary.since, 0.0)), 0.0)
        single = np.log1p(np.stack([summary.horizon, np.maximum(summary.day, 0.0), summary.visits], -1))
        away = levels[0] * np.log1p(summary.horizon / encoder.time_scale)[:, None]  # the farther, the less it stays
        return np.concatenate([*levels, away, since, seen, summary.static, summary.gap, summary.before, single], axis=1)
