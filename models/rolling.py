"""Forecasts of patients before they are learnt from, patient by patient: errors, coverage, and a paired comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models import evaluation
from models.batching import cohort
from models.course import Course
from models.evaluation import Answered
from models.forecast import Array
from models.grounds import Posed, answer, pose
from models.history import History, encode
from models.packing import Fitted


@dataclass(frozen=True)
class Finding:
    """Something to tell a user, as data: what is shown is made from the code and its parameters."""

    code: str
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asking:
    """Patients encoded, with the next-visit questions about them. known (patients,): rows answered before."""

    histories: tuple[History, ...]
    posed: tuple[Posed, ...]
    known: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.histories)

    def part(self, places: Sequence[int] | NDArray[np.int64]) -> Asking:
        at = [int(i) for i in places]
        return Asking(tuple(self.histories[i] for i in at), tuple(self.posed[i] for i in at), self.known[at])


def asking(fitted: Fitted, courses: Sequence[Course], known: Sequence[int] | None = None) -> Asking:
    """The questions whose answers lie in row ``known`` of each patient or later (None: every row but the first)."""
    return asking_of(fitted, [encode(fitted.encoder, fitted.ground.base, c) for c in courses], known)


def asking_of(fitted: Fitted, histories: Sequence[History], known: Sequence[int] | None = None) -> Asking:
    rng, plan = np.random.default_rng(0), replace(fitted.plan, far=0)
    posed = tuple(pose(fitted.encoder, h, plan, rng) for h in histories)
    return Asking(tuple(histories), posed, np.array([0] * len(posed) if known is None else known, dtype=np.int64))


def answers(fitted: Fitted, asked: Asking) -> Answered | None:
    """What the model says, which must have the encoder and mixed model of ``asking``; None: nothing to compare with."""
    if not len(asked):
        return None
    said = [(answer(fitted.encoder, fitted.ground, fitted.plan, p), p.near) for p in asked.posed]
    patients = cohort(fitted.encoder, asked.histories, said, fitted.plan, fitted.grid)
    wanted = patients.next.known.any(1) & (patients.next.prefix >= torch.from_numpy(asked.known)[patients.next.owner])
    if not bool(wanted.any()):
        return None
    patients = replace(patients, next=patients.next.pick(torch.nonzero(wanted)[:, 0]))
    device = next(fitted.networks[0].parameters()).device
    return evaluation.answered(
        fitted.networks, fitted.encoder, fitted.plan.targets, patients, device, trust=fitted.trust
    )


@dataclass(frozen=True)
class Errors:
    """By patient (P,): sum of squared errors in training standard deviations, values behind it; of the values with an
    interval how many there are and how many lie inside.
    """

    squares: Array
    values: NDArray[np.int64]
    inside: NDArray[np.int64]
    judged: NDArray[np.int64]

    @property
    def rmse(self) -> float | None:
        return float(np.sqrt(self.squares.sum() / self.values.sum())) if self.values.sum() else None

    @property
    def coverage(self) -> float | None:
        return float(self.inside.sum() / self.judged.sum()) if self.judged.sum() else None


def errors(fitted: Fitted, found: Answered | None, patients: int) -> Errors:
    """Of answers about ``patients`` patients."""
    if found is None:
        none = np.zeros(patients, dtype=np.int64)
        return Errors(np.zeros(patients), none, none, none)
    known, widen = found.known, fitted.factors(found.horizon)
    squares = np.where(known, ((found.centre - found.target) / found.unit) ** 2, 0.0).sum(1)
    low = found.median + (found.low - found.median) * widen
    high = found.median + (found.high - found.median) * widen
    judged = known & ~found.chance
    inside = judged & (low <= found.target) & (found.target <= high)
    counts = [np.bincount(found.owner, t.sum(1), patients).astype(np.int64) for t in (known, inside, judged)]
    return Errors(np.bincount(found.owner, squares, patients).astype(np.float64), *counts)


def together(parts: Sequence[Errors]) -> Errors:
    names = ("squares", "values", "inside", "judged")
    return Errors(*(np.concatenate([getattr(p, n) for p in parts]) for n in names))


@dataclass(frozen=True)
class Compared:
    """One model after another on the same patients. before, after: RMSE; worse: relative, below 0 where better

    z: the mean difference of squared errors over its standard error, patients being drawn; above 0 where worse
    """

    patients: int
    values: int
    before: float | None
    after: float | None
    worse: float
    z: float


def compared(before: Errors, after: Errors) -> Compared:
    """A paired test by patient: the values of one patient are not independent of each other."""
    has = before.values > 0
    count, difference = before.values[has], (after.squares - before.squares)[has]
    patients, values = int(has.sum()), int(count.sum())
    if not values:
        return Compared(0, 0, None, None, 0.0, 0.0)
    old, new = before.rmse, after.rmse
    assert old is not None and new is not None
    mean = difference.sum() / values
    spread = float(np.sqrt(((difference - mean * count) ** 2).sum() * patients / max(patients - 1, 1))) / values
    return Compared(patients, values, old, new, new / max(old, 1e-12) - 1.0, float(mean / max(spread, 1e-12)))
