"""Gradient-boosted trees on summaries of the history."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from models.baselines.columns import around_the_middle
from models.baselines.estimator import Cancel, Outlook
from models.baselines.point import PointBaseline
from models.baselines.quiet import quietly
from models.baselines.summary import Asked, Summary, join, lessons, summarise
from models.course import Course
from models.errors import ModelError
from models.forecast import QUANTILE_LEVELS, Array

_ROWS_A_BIN, _BINS = 16, (32, 255)  # of few rows many bins take time and tell nothing
_FEW = 10  # known answers; below it the last value stands in


class BoostedTrees(PointBaseline):
    """One model a column, learnt at every next row and some farther ones, so that it answers at any horizon.

    Binary variables and the classes of categorical ones have classifiers; the others regress the change since the last
    value, and the chances of ordinal classes follow from that forecast as in ``PointBaseline``.
    rounds, learning_rate, leaves, smallest_leaf, penalty: of the trees; share: of the features a split chooses from
    quantiles: intervals and median of continuous variables and counts come from trees of their own, by the pinball
    loss, instead of from the errors made
    """

    def __init__(
        self,
        *,
        levels: tuple[float, ...] = QUANTILE_LEVELS,
        seed: int = 0,
        folds: int = 5,
        far: int = 1,
        rounds: int = 100,
        learning_rate: float = 0.05,
        leaves: int = 6,
        smallest_leaf: int = 10,
        penalty: float = 10.0,
        share: float = 0.4,
        quantiles: bool = False,
    ) -> None:
        super().__init__(levels=levels, seed=seed, folds=folds, far=far)
        self.rounds = rounds
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.smallest_leaf = smallest_leaf
        self.penalty = penalty
        self.share = share
        self.quantiles = quantiles

    def _check_settings(self) -> None:
        super()._check_settings()
        if self.rounds < 1 or self.leaves < 2 or self.smallest_leaf < 1:
            raise ModelError("rounds and smallest_leaf must be at least 1, leaves at least 2")
        if not self.learning_rate > 0 or self.penalty < 0 or not 0 < self.share <= 1:
            raise ModelError("learning_rate must be above 0, penalty at least 0, share in (0, 1]")

    def _learn_from(self, courses: list[Course], cancel: Cancel) -> None:
        super()._learn_from(courses, cancel)
        self.pinball_: list[list[Any]] = []
        if self.quantiles:
            told = lessons(self.encoder_, courses, self.far, np.random.default_rng([self.seed, 3]))
            change = self._change(told.summary, told.target)
            features = told.summary.features()
            self.pinball_ = [
                [
                    None if cancel() else self._grow(features, change[:, c], loss="quantile", quantile=level)
                    for level in self.levels
                ]
                for c in self._numeric()
            ]

    def _numeric(self) -> list[int]:
        """Columns whose quantiles are not those of classes."""
        columns = self.columns_
        pairs = zip(columns.variables, columns.places, strict=True)
        return [place.start for variable, place in pairs if variable.name not in columns.classes]

    def _learn(self, summary: Summary, target: Array, cancel: Cancel) -> list[Any]:
        features, change, binary = summary.features(), self._change(summary, target), self.columns_.binary
        out: list[Any] = []
        for c in range(target.shape[1]):
            if cancel():
                out.append(None)
            elif binary[c]:
                out.append(self._grow(features, target[:, c], classify=True))
            else:
                out.append(self._grow(features, change[:, c]))
        return out

    def _locate(self, learnt: list[Any], summary: Summary) -> Array:
        features, still = summary.features(), self._still(summary)
        out = still.copy()
        for c, grown in enumerate(learnt):
            if grown is None:
                continue
            model, used = grown
            with quietly():
                if self.columns_.binary[c]:
                    out[:, c] = model.predict_proba(features[:, used])[:, 1]
                else:
                    out[:, c] += self.encoder_.scale[c] * model.predict(features[:, used])
        return out

    def _still(self, summary: Summary) -> Array:
        """The last value, the training mean where there is none: (k, C)."""
        return np.where(summary.seen, summary.last, self.encoder_.mean)

    def _change(self, summary: Summary, target: Array) -> Array:
        return (target - self._still(summary)) / self.encoder_.scale

    def _grow(self, features: Array, target: Array, *, classify: bool = False, **loss: Any) -> tuple[Any, Any] | None:
        """A fitted model and the features it reads; None where there is nothing to tell apart."""
        known = ~np.isnan(target)
        if known.sum() < _FEW or np.ptp(target[known]) == 0:
            return None
        x = features[known]
        used = np.flatnonzero(np.fmax.reduce(x) > np.fmin.reduce(x))
        if not len(used):
            return None
        kind: Any = HistGradientBoostingClassifier if classify else HistGradientBoostingRegressor
        model = kind(
            max_iter=self.rounds,
            learning_rate=self.learning_rate,
            max_leaf_nodes=self.leaves,
            min_samples_leaf=self.smallest_leaf,
            l2_regularization=self.penalty,
            max_features=self.share,
            early_stopping=False,
            max_bins=int(np.clip(len(x) // _ROWS_A_BIN, *_BINS)),
            random_state=self.seed,
            **loss,
        )
        with quietly():
            model.fit(x[:, used], target[known])
        return model, used

    def _answer(self, asked: list[Asked]) -> Outlook:
        outlook = super()._answer(asked)
        if not self.pinball_:
            return outlook
        summary = join([summarise(self.encoder_, a) for a in asked])
        features, still = summary.features(), self._still(summary)
        for c, row in zip(self._numeric(), self.pinball_, strict=True):
            if any(grown is None for grown in row):
                continue
            with quietly():
                change = np.stack([model.predict(features[:, used]) for model, used in row], -1)
            outlook.values[:, c] = around_the_middle(still[:, c, None] + self.encoder_.scale[c] * change)
        return outlook
