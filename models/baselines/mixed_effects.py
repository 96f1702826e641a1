"""The linear mixed model as a forecaster, estimated by statsmodels or by the project's own expectation-maximisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.linalg import qr
from scipy.special import ndtr, ndtri
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

from models.baselines import mixed_model as mm
from models.baselines.estimator import Baseline, Cancel, Outlook
from models.baselines.quiet import quietly
from models.baselines.summary import Asked
from models.course import Course
from models.encoding import CLIP
from models.errors import ModelError
from models.forecast import QUANTILE_LEVELS, Array

ENGINES = ("statsmodels", "em", "joint")
MOST_PATIENTS = 1000  # for MixedLM, whose time grows with them: a second or two a variable for 300
_SMALLEST = 1e-5  # variance, z-scored: keeps a covariance on its boundary invertible
_DOUBT = 0.01  # no class is impossible
_BROKEN = (np.linalg.LinAlgError, ValueError, ArithmeticError, IndexError)


class MixedEffects(Baseline):
    """Random intercept and slope of every variable, fixed effects of time, its bend and the statics.

    A forecast is the best linear unbiased prediction from the history with its own predictive variance, normal.
    engine: "statsmodels" restricted maximum likelihood by MixedLM, a variable at a time; where it does not converge,
    and beyond ``MOST_PATIENTS``, it is "em", which is ``mixed_model.fit``; "joint" lets one variable inform another
    """

    def __init__(
        self, *, levels: tuple[float, ...] = QUANTILE_LEVELS, seed: int = 0, engine: str = "statsmodels"
    ) -> None:
        super().__init__(levels=levels, seed=seed)
        self.engine = engine

    def _check_settings(self) -> None:
        super()._check_settings()
        if self.engine not in ENGINES:
            raise ModelError(f"unknown engine {self.engine!r}; there are {', '.join(ENGINES)}")

    def _learn_from(self, courses: list[Course], cancel: Cancel) -> None:
        encoder = self.encoder_
        sums = mm.stack([encoder.sums(c) for c in courses])
        self.fixed_ = mm.fit(sums, joint=self.engine == "joint")
        self.converged_ = np.zeros(len(encoder.variables), dtype=bool)
        if self.engine != "statsmodels" or len(courses) > MOST_PATIENTS:
            return
        x, z = (np.concatenate(a) for a in zip(*(encoder.design(c, c.times) for c in courses), strict=True))
        y = np.clip(np.concatenate([encoder.values(c) for c in courses]), -CLIP, CLIP)
        patient = np.repeat(np.arange(len(courses)), [len(c) for c in courses])
        for column in range(y.shape[1]):
            if cancel():
                break
            seen = ~np.isnan(y[:, column])
            start = mm.Fixed(*(a[column] for a in self.fixed_))
            found = fit_mixed_lm(x[seen], z[seen], y[seen, column], patient[seen], start)
            if found is not None:
                self.converged_[column] = True
                for whole, one in zip(self.fixed_, found, strict=True):
                    whole[column] = one

    def _answer(self, asked: list[Asked]) -> Outlook:
        encoder = self.encoder_
        location, spread = (np.concatenate(a) for a in zip(*(self._one(a) for a in asked), strict=True))
        location = encoder.mean + encoder.scale * location
        spread = encoder.scale * spread
        chances = {}
        for variable, place in zip(self.columns_.variables, self.columns_.places, strict=True):
            classes = self.columns_.classes.get(variable.name)
            if classes is None:
                continue
            if variable.kind == "ordinal":
                chances[variable.name] = _normal_chances(location[:, place.start], spread[:, place.start], classes)
            else:
                one = np.clip(location[:, place], _DOUBT, 1 - _DOUBT)
                both = np.concatenate([1 - one, one], 1) if variable.kind == "binary" else one
                chances[variable.name] = both / both.sum(1, keepdims=True)
        quantiles = location[:, :, None] + spread[:, :, None] * ndtri(np.asarray(self.levels))
        return Outlook(quantiles, chances, {})

    def _one(self, asked: Asked) -> tuple[Array, Array]:
        """Location and standard deviation, z-scored: (k, C) each."""
        encoder, fixed = self.encoder_, self.fixed_
        course = asked.course
        rows = encoder.design(course, course.times)
        effects, var = (
            a[asked.prefix] for a in mm.filtered(fixed, *rows, np.clip(encoder.values(course), -CLIP, CLIP))
        )
        x, z = encoder.design(course, asked.at)
        location = x @ fixed.beta.T + np.einsum("ka,kva->kv", z, effects)
        variance = np.einsum("ka,kvab,kb->kv", z, var, z) + fixed.noise
        return np.clip(location, -CLIP, CLIP), np.sqrt(np.maximum(variance, _SMALLEST))


def fit_mixed_lm(x: Array, z: Array, y: Array, patient: np.ndarray, start: mm.Fixed) -> mm.Fixed | None:
    """One variable: x (n, p), z (n, 2), y (n,) z-scored, patient (n,); start: beta (p,), covariance (2, 2), noise ().

    None where statsmodels does not converge to a proper estimate. Columns of x that others explain get 0.
    """
    groups = len(np.unique(patient))
    if groups < 3 or len(y) < groups + x.shape[1] + mm.RANDOM or np.ptp(y) <= _SMALLEST:
        return None
    apart = _independent(x)
    with quietly():
        try:
            model = MixedLM(y, x[:, apart], groups=patient, exog_re=z)
            noise = max(float(start.noise), _SMALLEST)
            components: Any = MixedLMParams.from_components
            first = components(start.beta[apart], start.covariance / noise)
            result = model.fit(reml=True, start_params=first, method="lbfgs")
            beta, covariance, noise = (np.asarray(a) for a in (result.fe_params, result.cov_re, result.scale))
            lowest = float(np.linalg.eigvalsh(covariance).min())
        except _BROKEN:
            return None
    whole = all(np.isfinite(a).all() for a in (beta, covariance, noise))
    if not result.converged or not whole or noise <= 0 or lowest < -_SMALLEST:
        return None
    out = np.zeros(x.shape[1])
    out[apart] = beta
    return mm.Fixed(out, covariance + _SMALLEST * np.eye(mm.RANDOM), np.maximum(noise, _SMALLEST))


def _independent(x: Array) -> np.ndarray:
    """Columns that span the others, in order."""
    found: Any = qr(x, mode="r", pivoting=True)
    triangle, order = found[0], found[1]
    size = np.abs(np.diag(np.atleast_2d(triangle)))
    return np.sort(order[: len(size)][size > 1e-8 * max(size.max(initial=0.0), 1e-300)])


def _normal_chances(location: Array, spread: Array, classes: Sequence[float]) -> Array:
    """Mass of the normal around each class, between the midpoints to its neighbours: (k, K)."""
    steps = np.asarray(classes)
    cuts = (steps[1:] + steps[:-1]) / 2
    below = ndtr((cuts - location[:, None]) / spread[:, None])
    ends = np.zeros((len(location), 1))
    mass = np.diff(np.concatenate([ends, below, ends + 1], 1), axis=1)
    return (1 - _DOUBT) * mass + _DOUBT / len(steps)
