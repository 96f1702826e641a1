"""Forecasters that only say where a value will be; how sure that is they learn from their own honest errors."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from models.baselines.estimator import Baseline, Cancel, Outlook
from models.baselines.residuals import Chances, Residuals
from models.baselines.summary import Asked, Lessons, Summary, join, lessons, summarise
from models.course import Course
from models.errors import ModelError
from models.forecast import QUANTILE_LEVELS, Array


class PointBaseline(Baseline):
    """A location with quantiles and chances from its errors on training patients left out of a fold.

    A subclass says ``_learn`` and ``_locate``. The middle quantile is its location; of a binary variable it is the
    chance of a 1, logistic in the location.
    folds: by patient, for the honest errors; far: random later rows asked about beside the next one
    """

    def __init__(
        self, *, levels: tuple[float, ...] = QUANTILE_LEVELS, seed: int = 0, folds: int = 5, far: int = 1
    ) -> None:
        super().__init__(levels=levels, seed=seed)
        self.folds = folds
        self.far = far

    @abstractmethod
    def _learn(self, summary: Summary, target: Array, cancel: Cancel) -> Any:
        """summary of k questions, target (k, C) with NaN -> whatever ``_locate`` needs."""

    @abstractmethod
    def _locate(self, learnt: Any, summary: Summary) -> Array:
        """Finite locations in own units: (k, C)."""

    def _check_settings(self) -> None:
        super()._check_settings()
        if self.folds < 2 or self.far < 0:
            raise ModelError(f"folds must be at least 2 and far at least 0, got {self.folds} and {self.far}")

    def _learn_from(self, courses: list[Course], cancel: Cancel) -> None:
        rng = np.random.default_rng([self.seed, 3])
        told = lessons(self.encoder_, courses, self.far, rng)
        self.learnt_ = self._learn(told.summary, told.target, cancel)
        location = self._apart(told, len(courses), rng, cancel)
        summary, encoder = told.summary, self.encoder_
        errors = (told.target - location) / encoder.scale
        self.residuals_ = Residuals(errors, summary.horizon, summary.seen, self.levels)
        z = (location - encoder.mean) / encoder.scale
        self.chances_ = {
            name: Chances(z[:, place], summary.horizon, summary.seen[:, place.start], target, len(classes))
            for name, place, classes, target in self._discrete(told.target)
        }

    def _apart(self, told: Lessons, patients: int, rng: np.random.Generator, cancel: Cancel) -> Array:
        """What is said of each training patient by a model that did not know them: (k, C)."""
        location = self._locate(self.learnt_, told.summary)
        folds = min(self.folds, patients)
        if folds < 2:
            return location
        for fold in np.array_split(rng.permutation(patients), folds):
            out = np.isin(told.owner, fold)
            if cancel():
                break
            learnt = self._learn(told.summary.take(~out), told.target[~out], cancel)
            location[out] = self._locate(learnt, told.summary.take(out))
        return location

    def _discrete(self, target: Array) -> list[tuple[str, slice, tuple[float, ...], np.ndarray]]:
        """Name, columns, classes and place of the target in the classes (k,), -1 where unknown."""
        out = []
        for variable, place in zip(self.columns_.variables, self.columns_.places, strict=True):
            classes = self.columns_.classes.get(variable.name)
            if classes is None:
                continue
            one = 1.0 if variable.kind == "categorical" else np.array(classes)
            hit = target[:, place] == one
            out.append((variable.name, place, classes, np.where(hit.any(1), hit.argmax(1), -1)))
        return out

    def _answer(self, asked: list[Asked]) -> Outlook:
        summary = join([summarise(self.encoder_, a) for a in asked])
        location = self._locate(self.learnt_, summary)
        encoder = self.encoder_
        astray = self.residuals_.at(summary.horizon, summary.seen) * encoder.scale[:, None]
        astray[:, :, len(self.levels) // 2] = 0.0
        z = (location - encoder.mean) / encoder.scale
        places = dict(zip(self.columns_.names, self.columns_.places, strict=True))
        chances = {
            name: model.at(z[:, places[name]], summary.horizon, summary.seen[:, places[name].start])
            for name, model in self.chances_.items()
        }
        return Outlook(location[:, :, None] + astray, chances, {})
