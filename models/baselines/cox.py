"""Cox's proportional hazards on the last values: when an event will come.

At every visit a patient starts anew (a landmark) with their last values and statics, waiting for the first event. Each
event has a hazard of its own, of which the others are censorings; together they give cumulative incidences. Ties by
Efron, hazards by Breslow. Source: van Houwelingen, Scandinavian Journal of Statistics 2007 (landmarks); Prentice et
al., Biometrics 1978 (competing events).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from statsmodels.duration.hazard_regression import PHReg

from models.baselines.estimator import Cancel, Outlook
from models.baselines.last_value import LastValue
from models.baselines.quiet import quietly
from models.baselines.summary import Asked, Summary, join, summarise
from models.course import Course
from models.encoding import CLIP
from models.errors import ModelError
from models.forecast import QUANTILE_LEVELS, Array

MOST_LANDMARKS = 6000  # a random choice where there are more: they overlap anyway
_ROUNDS = 30
_STEP = 5.0  # at most a coefficient moves in one round
_STEEPEST = 30.0  # of the log hazard ratio


@dataclass(frozen=True)
class Hazard:
    """beta (F,); days (m,) on which the event came and how much the cumulative baseline hazard grew on each (m,)."""

    beta: Array
    days: Array
    growth: Array


class Cox(LastValue):
    """Survival by event; the variables themselves keep their last value. Without an event there is no survival.

    ridge: penalty of the squared z-scored coefficients a landmark, against columns that tell events apart entirely
    """

    def __init__(
        self,
        *,
        levels: tuple[float, ...] = QUANTILE_LEVELS,
        seed: int = 0,
        folds: int = 5,
        far: int = 1,
        ridge: float = 1e-2,
    ) -> None:
        super().__init__(levels=levels, seed=seed, folds=folds, far=far)
        self.ridge = ridge

    def _check_settings(self) -> None:
        super()._check_settings()
        if self.ridge < 0:
            raise ModelError(f"ridge must be at least 0, got {self.ridge}")

    def _learn_from(self, courses: list[Course], cancel: Cancel) -> None:
        super()._learn_from(courses, cancel)
        self.hazards_: dict[str, Hazard] = {}
        names = sorted({e.name for c in courses for e in c.events})
        starts = [_landmarks(c) for c in courses]
        waits = np.concatenate([wait for _, wait, _ in starts])
        came = np.concatenate([np.full(len(wait), names.index(e) if e else -1) for _, wait, e in starts])
        if not names or not len(waits):
            return
        asked = [Asked(c, rows + 1, c.times[rows]) for c, (rows, _, _) in zip(courses, starts, strict=True)]
        features = self._features(join([summarise(self.encoder_, a) for a in asked]))
        if len(waits) > MOST_LANDMARKS:
            kept = np.sort(np.random.default_rng([self.seed, 4]).choice(len(waits), MOST_LANDMARKS, replace=False))
            features, waits, came = features[kept], waits[kept], came[kept]
        for number, name in enumerate(names):
            if not cancel():
                self.hazards_[name] = fit_hazard(features, waits, came == number, self.ridge)

    def _features(self, summary: Summary) -> Array:
        """z-scored last values and statics, 0 where unknown: (k, F)."""
        z = (summary.last - self.encoder_.mean) / self.encoder_.scale
        return np.concatenate([np.clip(np.where(summary.seen, z, 0.0), -CLIP, CLIP), summary.static], axis=1)

    def _answer(self, asked: list[Asked]) -> Outlook:
        outlook = super()._answer(asked)
        if not self.hazards_:
            return outlook
        parts = [self._survival(a) for a in asked]
        survival = {name: np.concatenate([p[name] for p in parts]) for name in self.hazards_}
        return outlook._replace(survival=survival)

    def _survival(self, asked: Asked) -> dict[str, Array]:
        """Given that no event came until the end of the history, which may go on after its last row."""
        if not len(asked.at):
            return {name: np.zeros(0) for name in self.hazards_}
        anchor = float(asked.anchor[0])
        known = max(asked.course.known_until, anchor)
        features = self._features(summarise(self.encoder_, asked))[:1]
        days = np.concatenate([[known], np.maximum(asked.at, known)]) - anchor
        incidence, free = cumulative_incidence(list(self.hazards_.values()), features[0], days)
        later = (incidence[:, 1:] - incidence[:, :1]) / max(free[0], 1e-12)
        return dict(zip(self.hazards_, np.clip(1.0 - later, 0.0, 1.0), strict=True))


def _landmarks(course: Course) -> tuple[np.ndarray, Array, str]:
    """Rows (k,) before the first event with days of waiting (k,) for it or for the end of follow-up; its name or ""."""
    first = min(course.events, key=lambda e: e.day, default=None)
    end = course.known_until if first is None else first.day
    rows = np.flatnonzero(course.times < end)
    return rows, end - course.times[rows], first.name if first else ""


def fit_hazard(features: Array, waits: Array, came: np.ndarray, ridge: float) -> Hazard:
    """features (n, F), waits (n,) days > 0, came (n,): whether the event ended the waiting. Newton's method."""
    beta = np.zeros(features.shape[1])
    told = np.flatnonzero(features.std(0) > 1e-9)
    if len(told) and came.any():
        model: Any = PHReg(waits, features[:, told], status=came.astype(float), ties="efron")
        beta[told] = _maximise(model, ridge * len(waits), len(told))
    risk = np.exp(np.clip(features @ beta, -_STEEPEST, _STEEPEST))
    order = np.argsort(waits)
    at_risk = np.cumsum(risk[order][::-1])[::-1]
    days, counts = np.unique(waits[came], return_counts=True)
    growth = counts / at_risk[np.searchsorted(waits[order], days)]
    return Hazard(beta, days, growth)


def _maximise(model: Any, ridge: float, size: int) -> Array:
    """The penalised maximum; the step halves where it would lead down."""

    def height(at: Array) -> float:
        return float(model.loglike(at)) - 0.5 * ridge * float(at @ at)

    beta = np.zeros(size)
    now = height(beta)
    with quietly():
        for _ in range(_ROUNDS):
            slope = model.score(beta) - ridge * beta
            bend = -model.hessian(beta) + (ridge + 1e-6) * np.eye(size)
            step = np.clip(np.linalg.lstsq(bend, slope, rcond=None)[0], -_STEP, _STEP)
            while not (then := height(beta + step)) >= now and np.abs(step).max() > 1e-9:
                step = step / 2
            if not then >= now:
                break
            beta, now = beta + step, then
            if np.abs(step).max() < 1e-7:
                break
    return beta


def cumulative_incidence(hazards: list[Hazard], features: Array, days: Array) -> tuple[Array, Array]:
    """features (F,), days (k,) since the landmark -> chance that each event has come first (events, k), that none has.

    With one event it is 1 - exp(-cumulative hazard).
    """
    risk = [np.exp(np.clip(h.beta @ features, -_STEEPEST, _STEEPEST)) for h in hazards]
    when = np.concatenate([h.days for h in hazards])
    which = np.repeat(np.arange(len(hazards)), [len(h.days) for h in hazards])
    growth = np.concatenate([h.growth * r for h, r in zip(hazards, risk, strict=True)])
    order = np.argsort(when, kind="stable")
    when, which, growth = when[order], which[order], growth[order]
    free = np.exp(-np.concatenate([[0.0], np.cumsum(growth)]))
    gained = free[:-1] - free[1:]
    place = np.searchsorted(when, days, side="right")
    shares = [np.concatenate([[0.0], np.cumsum(np.where(which == e, gained, 0.0))]) for e in range(len(hazards))]
    return np.stack([s[place] for s in shares]), free[place]
