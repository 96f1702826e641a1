"""Scores against the simple forecasts, and how sure one may be of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit

from models.batching import Cohort, Questions, join
from models.calibration import Factors, Misses
from models.distribution import Distribution, distribution
from models.encoding import Encoder
from models.forecast import Array
from models.grounds import SIMPLE
from models.network import LiquidNetwork

_ENDS = (0.05, 0.5, 0.95)  # of the 90 % interval, and its median
_TABLES = ("owner", "horizon", "target", "centre", "start", "low", "median", "high")
NAMES = {"last": "last_value", "mean": "patient_mean", "mixed": "mixed_model", "ridge": "ridge", "trees": "trees"}
_DRAWS = 500  # bootstrap samples of patients
PRIOR = 400  # values
_GROUPS = 5  # of patients, for coverage measured where factors are fitted


@dataclass(frozen=True)
class Answered:
    """Questions about patients not learnt from, with answers. All (k, K) in own units of the columns (counts: their
    log1p), NaN unknown.

    owner (k,): patient; horizon (k,) days; centre, median, low, high of the model, uncalibrated; start: what it
    corrects; simple: by name
    """

    owner: NDArray[np.int64]
    horizon: Array
    target: Array
    centre: Array
    start: Array
    low: Array
    median: Array
    high: Array
    simple: dict[str, Array]
    unit: Array
    chance: NDArray[np.bool_]

    @property
    def known(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.target)

    def pick(self, which: NDArray[Any]) -> Answered:
        table = {k: getattr(self, k)[which] for k in _TABLES}
        return Answered(
            **table, simple={k: v[which] for k, v in self.simple.items()}, unit=self.unit, chance=self.chance
        )


def answered(
    networks: Sequence[LiquidNetwork],
    encoder: Encoder,
    targets: Sequence[int],
    patients: Cohort,
    device: torch.device,
    *,
    far: bool = False,
    trust: Array | None = None,
) -> Answered:
    """The networks' forecasts of all near questions with a target (far: of the others too)."""
    found: list[tuple[Questions, Distribution]] = []
    for owners in patients.groups():
        batch = patients.batch(owners, torch.arange(len(patients.far)) if far else None)
        found.append(
            (
                _owned(batch.questions, owners),
                distribution(networks, encoder, targets, batch.to(device), trust),
            )
        )
    asked = join([q for q, _ in found])
    at = list(targets)
    mean, unit = encoder.mean[at], encoder.scale[at]
    chance = np.array([encoder.columns[t].is_chance for t in at], dtype=bool)
    levels = np.concatenate([d.quantiles(_ENDS, np.ones_like(d.centre)) for _, d in found])
    centre, start = (np.concatenate([getattr(d, n) for _, d in found]) for n in ("expected", "uncorrected"))
    count = found[0][1].count
    for table in (levels, centre, start):
        table[:, count] = np.log1p(table[:, count])
    target, known = asked.target.double().numpy(), asked.known.numpy()
    rows = known.any(1)
    own = np.where(chance, target, mean + unit * target)
    simple = asked.simple.double().numpy()
    return Answered(
        owner=asked.owner.numpy()[rows],
        horizon=asked.dt.double().numpy()[rows] * encoder.time_scale,
        target=np.where(known, own, np.nan)[rows],
        centre=centre[rows],
        start=start[rows],
        low=levels[rows][..., 0],
        median=levels[rows][..., 1],
        high=levels[rows][..., 2],
        simple={said: _own(simple[rows][..., SIMPLE.index(n)], n, mean, unit, chance) for n, said in NAMES.items()},
        unit=unit,
        chance=chance,
    )


def _owned(questions: Questions, owners: Sequence[int]) -> Questions:
    """Of a batch, with the patients' own numbers."""
    return replace(questions, owner=torch.tensor(owners)[questions.owner])


def _own(z: Array, name: str, mean: Array, unit: Array, chance: NDArray[np.bool_]) -> Array:
    """A simple forecast in own units; of a chance between 0 and 1."""
    own = mean + unit * z
    return np.where(chance, expit(z) if name in ("mixed", "ridge", "trees") else np.clip(own, 0.0, 1.0), own)


def joined(parts: Sequence[Answered]) -> Answered:
    """Of several folds, whose patients are numbered alike."""
    return Answered(
        **{k: np.concatenate([getattr(p, k) for p in parts]) for k in _TABLES},
        simple={k: np.concatenate([p.simple[k] for p in parts]) for k in parts[0].simple},
        unit=parts[0].unit,
        chance=parts[0].chance,
    )


def renumbered(found: Answered, fold: int, folds: int) -> Answered:
    """Patient numbers that no other fold has."""
    return replace(found, owner=found.owner * folds + fold)


def trusted(found: Answered) -> Array:
    """How much of the correction lowers the squared error, 0..1, from patients not learnt from: (K,).

    Each column's own share is drawn to that of all, which counts as much as ``PRIOR`` values would.
    """
    correction = np.where(found.known, (found.centre - found.start) / found.unit, 0.0)
    missing = np.where(found.known, (found.target - found.start) / found.unit, 0.0)
    power, gain = (correction**2).sum(0), (correction * missing).sum(0)
    shared = gain.sum() / max(power.sum(), 1e-12)
    weight = PRIOR * power / np.maximum(found.known.sum(0), 1)
    return np.clip((gain + weight * shared) / np.maximum(power + weight, 1e-12), 0.0, 1.0)


def _misses(found: Answered) -> Misses:
    """Chances have no interval."""
    error, half = np.abs(found.target - found.median), (found.high - found.low) / 2
    return Misses(error, half, found.known & ~found.chance, found.horizon)


def calibrate(near: Answered, far: Answered | None = None) -> Factors:
    """Interval factors from patients not learnt from."""
    return Factors.fit(_misses(near), None if far is None else _misses(far))


def coverage(found: Answered, factors: Factors | None) -> float | None:
    """Share of values inside their 90 % interval; None where there is none.

    factors None: those fitted here, of each group of patients from the others, so that nobody's own errors widen his
    own intervals
    """
    known = found.known & ~found.chance
    if not known.any():
        return None
    widen = np.ones_like(found.target)
    if factors is not None:
        widen = factors(found.horizon)
    else:
        group = found.owner % _GROUPS
        for g in range(_GROUPS):
            if (group == g).any() and (group != g).any():
                widen[group == g] = calibrate(found.pick(group != g))(found.horizon[group == g])
    low = found.median + (found.low - found.median) * widen
    high = found.median + (found.high - found.median) * widen
    return float(((low <= found.target) & (found.target <= high))[known].mean())


def rmse(error: Array) -> float | None:
    """Root mean square of the given errors, None where there is none."""
    return float(np.sqrt(np.mean(np.square(error)))) if error.size else None


def score(found: Answered | None, encoder: Encoder, targets: Sequence[int], *, trees: bool = True) -> dict[str, Any]:
    """Root mean squared errors by forecast: pooled over all z-scored values, and by variable in its own unit.

    better_by: of the model against the best simple forecast, the pooled difference with its 90 % interval over patients
    """
    names = ["model", *(n for n in NAMES.values() if trees or n != "trees")]
    if found is None or not found.known.any():
        blank: dict[str, Any] = dict.fromkeys(names)
        return {
            **blank,
            "per_variable": {},
            "patients": 0,
            "values": 0,
            "beats_last_value": False,
            "beats_simple": False,
            "best_simple": None,
            "better_by": None,
        }
    forecasts = {"model": found.centre, **{n: found.simple[n] for n in names[1:]}}
    errors = {n: (f - found.target) / found.unit for n, f in forecasts.items()}
    pooled = {n: rmse(e[found.known]) for n, e in errors.items()}
    per_variable: dict[str, Any] = {}
    for v, variable in enumerate(encoder.variables):
        here = [i for i, t in enumerate(targets) if encoder.columns[t].variable == v]
        if here:
            known = found.known[:, here]
            own = {n: rmse((e[:, here] * found.unit[here])[known]) for n, e in errors.items()}
            per_variable[variable.name] = {**own, "values": int(known.sum() // len(here))}
    simple = {n: v for n, v in pooled.items() if n != "model" and v is not None}
    best = min(simple, key=lambda n: simple[n])
    model = pooled["model"]
    assert model is not None
    return {
        **pooled,
        "per_variable": per_variable,
        "patients": len(np.unique(found.owner)),
        "values": int(found.known.sum()),
        "beats_last_value": bool(model < simple["last_value"]),
        "best_simple": best,
        "beats_simple": bool(model < simple[best]),
        "better_by": ahead(errors[best], errors["model"], found.owner),
    }


def resampled(error: Array, owner: NDArray[np.int64]) -> Array:
    """Pooled root mean squared errors of bootstrap samples of patients, the same samples at every call: (draws,).

    error (k, K), NaN where nothing is known; owner (k,): whose row it is
    """
    known = np.isfinite(error)
    who, place = np.unique(owner, return_inverse=True)
    squares = np.bincount(place, (np.where(known, error, 0.0) ** 2).sum(1), len(who))
    counts = np.bincount(place, known.sum(1), len(who))
    draws = np.random.default_rng(0).integers(0, len(who), (_DRAWS, len(who)))
    return np.sqrt(squares[draws].sum(1) / np.maximum(counts[draws].sum(1), 1))


def ahead(other: Array, model: Array, owner: NDArray[np.int64]) -> dict[str, float]:
    """RMSE of the other minus that of the model, with a 90 % interval over patients; errors as in ``resampled``."""
    gain = resampled(other, owner) - resampled(model, owner)
    whole = np.sqrt(np.nanmean(other**2)) - np.sqrt(np.nanmean(model**2))
    return {"value": float(whole), "low": float(np.quantile(gain, 0.05)), "high": float(np.quantile(gain, 0.95))}
