"""Intervals that cover what they should: split-conformal factors, by column and by how far ahead is asked.

Source: Romano, Patterson and Candes, *Conformalized quantile regression*, NeurIPS 2019; Barber et al., *Predictive
inference with the jackknife+* (CV+), Annals of Statistics 2021.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.forecast import Array

COVERAGE = 0.9
ENOUGH = 40  # observed values before intervals are scaled by their own errors
_RANGE = (0.4, 3.0)
THIRDS = 3


@dataclass(frozen=True)
class Misses:
    """How far forecasts were off. error: absolute, of the centre; half: half width of the 90 % interval; (k, K) each

    known (k, K); horizon (k,) days; of patients not learnt from
    """

    error: Array
    half: Array
    known: NDArray[np.bool_]
    horizon: Array

    def pick(self, which: NDArray[np.bool_]) -> Misses:
        return Misses(self.error[which], self.half[which], self.known[which], self.horizon[which])

    def factors(self, fallback: Array | None = None) -> Array:
        """Conformal quantile of error / half (K,), pooled over columns where one has too few, 1 where all have."""
        out = np.ones(self.error.shape[1]) if fallback is None else fallback.copy()
        ratio = self.error / np.maximum(self.half, 1e-9)
        pooled = _conformal(ratio[self.known])
        for k in range(len(out)):
            own = _conformal(ratio[self.known[:, k], k])
            if own is not None:
                out[k] = own
            elif fallback is None and pooled is not None:
                out[k] = pooled
        return np.clip(out, *_RANGE)


@dataclass(frozen=True)
class Factors:
    """By how much to widen intervals. days (B,): middles of the horizons, ascending; factor (B, K)."""

    days: Array
    factor: Array

    @classmethod
    def none(cls, columns: int) -> Factors:
        return cls(np.zeros(1), np.ones((1, columns)))

    def __call__(self, horizon: Array) -> Array:
        """horizon (Q,) days -> (Q, K), between the middles by interpolation in log days."""
        at, known = np.log1p(np.maximum(horizon, 0.0)), np.log1p(self.days)
        return np.stack([np.interp(at, known, column) for column in self.factor.T], -1).reshape(
            len(horizon), self.factor.shape[1]
        )

    @classmethod
    def fit(cls, near: Misses, far: Misses | None = None) -> Factors:
        """near: misses at next visits; each third of their horizons has its own factor, drawn to the overall one.

        far: at horizons beyond those of the next visits, which have one more.
        """
        overall = near.factors()
        asked = near.horizon[near.known.any(1)]
        if len(asked) < THIRDS * ENOUGH:
            return cls(np.zeros(1), overall[None])
        edges = np.quantile(asked, np.linspace(0, 1, THIRDS + 1))
        parts = [near.pick((near.horizon >= a) & (near.horizon <= b)) for a, b in itertools.pairwise(edges)]
        if far is not None:
            parts.append(far.pick(far.horizon > edges[-1]))
        days, found = [], []
        for part in parts:
            counts = part.known.sum(0)
            if not counts.sum():
                continue
            weight = counts / (counts + ENOUGH)
            days.append(float(np.median(part.horizon)))
            found.append(overall ** (1 - weight) * part.factors(overall) ** weight)
        order = np.unique(days, return_index=True)[1]
        return cls(np.array(days)[order], np.stack(found)[order])

    def to_dict(self) -> dict[str, Any]:
        return {"days": self.days.tolist(), "factor": self.factor.tolist()}


def _conformal(ratio: Array) -> float | None:
    if len(ratio) < ENOUGH:
        return None
    rank = min(int(np.ceil((len(ratio) + 1) * COVERAGE)), len(ratio))
    return float(np.sort(ratio)[rank - 1])
