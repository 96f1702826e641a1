"""The steps of a fit: who trains, who stops it, who scores it; and the fitted parts a forecaster holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models import artifact, backbone, hazard
from models.batching import Cohort, cohort, input_count
from models.course import Course
from models.encoding import Encoder
from models.errors import ModelError
from models.forecast import Array
from models.grounds import Ground, Plan, answer, cross_fit, pose
from models.hazard import NOT_ASKED, Grid
from models.history import encode
from models.looking import FEW_COLUMNS, wide_count
from models.network import LiquidNetwork

SMALL = 10  # patients; below it nobody is held back
ROOMY = 30  # patients; from here on the score has its own hold-out
RECIPE = 3  # raised where the same settings and data make another model
HEAVIEST = 10.0  # times the lightest class of a variable that a "balanced" one may count


@dataclass(frozen=True)
class Split:
    """Who does what. fold (courses,): member m learns from the courses outside fold m and stops by those in it.

    A given ``validation`` stops every member, which then learns from all courses; the folds are the simple forecasts'.
    With one fold everyone is learnt from and stops.
    """

    courses: list[Course]
    fold: NDArray[np.int64]
    validation: list[Course]
    holdout: list[Course]

    @property
    def folds(self) -> int:
        return int(self.fold.max()) + 1

    def roles(self, member: int) -> tuple[list[int], list[int]]:
        """Places of the courses a member learns from, and of those that stop it."""
        everyone = list(range(len(self.courses)))
        if self.validation or self.folds < 2:
            return everyone, everyone
        aside = self.fold == member % self.folds
        return np.flatnonzero(~aside).tolist(), np.flatnonzero(aside).tolist()


def split(courses: list[Course], validation: Sequence[Course] | None, seed: int, shares: tuple[float, float]) -> Split:
    """By patient, seeded. shares: of a fold and of the hold-out; a given validation set is taken as it is."""
    order = np.random.default_rng([seed, 1]).permutation(len(courses))
    share, hold = shares
    held = round(hold * len(courses)) if len(courses) >= ROOMY else 0
    holdout = [courses[i] for i in order[:held]]
    rest = [courses[i] for i in order[held:]]
    folds = 1 if len(courses) < SMALL or share <= 0 else min(max(round(1 / share), 2), len(rest) // 2)
    fold = np.arange(len(rest)) % folds
    return Split(rest, fold, [c for c in validation or () if len(c)], holdout)


def fingerprint(settings: dict[str, Any], parts: Split) -> str:
    """Of settings, data, format and recipe: what must be equal for a training to be resumed."""
    digest = hashlib.sha256(json.dumps([artifact.VERSION, RECIPE, settings], sort_keys=True, default=str).encode())
    for courses in (parts.courses, parts.validation, parts.holdout):
        for course in courses:
            variables = [(v.name, v.kind, v.levels) for v in course.variables]
            digest.update(repr((course.patient, variables, sorted(course.static.items()))).encode())
            digest.update(repr((course.treatments, course.events, course.followed)).encode())
            digest.update(course.times.tobytes() + course.values.tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Prepared:
    """Everything before the first epoch. cohort: all courses learnt from; validation: None where the folds do it."""

    encoder: Encoder
    plan: Plan
    ground: Ground
    grid: Grid
    cohort: Cohort
    validation: Cohort | None
    log_rate: NDArray[np.float64]

    def parts(self, split: Split, member: int) -> tuple[Cohort, Cohort]:
        """The patients a member learns from, and those that stop it."""
        learn, stop = split.roles(member)
        if self.validation is not None:
            return self.cohort, self.validation
        if len(learn) == len(self.cohort):
            return self.cohort, self.cohort
        return self.cohort.part(learn), self.cohort.part(stop)


def prepare(parts: Split, settings: dict[str, Any]) -> Prepared:
    """Scales, the simple forecasts and their cross-fitted copies, and the patients as tensors."""
    encoder = Encoder.fit(
        parts.courses, time_scale=settings["time_scale"], max_treatments=int(settings["max_treatments"])
    )
    plan = plan_of(encoder, settings)
    ground, grid, histories, answers = cross_fit(
        encoder, parts.courses, parts.fold, plan, int(settings["seed"]), joint=True
    )
    asked = [a for a, _ in answers]
    spell, cause = (np.concatenate([getattr(a, n) for a in asked]) for n in ("spell", "cause"))
    risk = np.concatenate([a.risk for a in asked])
    waits = cause != NOT_ASKED
    return Prepared(
        encoder=encoder,
        plan=plan,
        ground=ground,
        grid=grid,
        cohort=cohort(encoder, histories, answers, plan, grid),
        validation=scoring_cohort(encoder, ground, plan, grid, parts.validation) if parts.validation else None,
        log_rate=hazard.log_rates(spell[waits], cause[waits], len(encoder.events), grid, risk[waits]),
    )


def plan_of(encoder: Encoder, settings: dict[str, Any]) -> Plan:
    """Raises ModelError for a target that is no variable."""
    names = encoder.names if settings["targets"] is None else tuple(settings["targets"])
    unknown = [n for n in names if n not in encoder.names]
    if unknown or not names:
        raise ModelError(f"unknown targets {', '.join(unknown)}; there are {', '.join(encoder.names)}")
    origins = settings["origins"]
    return Plan(
        targets=tuple(encoder.places(names)),
        origins=None if origins is None else tuple(float(o) for o in origins),
        trees=bool(settings["trees"]) and not settings["plain"] and len(encoder.columns) <= FEW_COLUMNS,
        plain=bool(settings["plain"]),
    )


def class_weights(encoder: Encoder, plan: Plan, courses: Sequence[Course], wanted: object) -> dict[int, Array]:
    """Weights of the classes in order, by the variable's first place among the targets; a value's is 1 on average.

    wanted: None, "balanced" (inverse to how often a class occurs, at most HEAVIEST times another) or by name of a
    variable the weights of its classes in order: 0 and 1, the ordinal steps, the levels. Raises ModelError.
    """
    if wanted is None:
        return {}
    if wanted != "balanced" and not isinstance(wanted, Mapping):
        raise ModelError(f'class_weights must be "balanced" or weights by variable, got {wanted!r}')
    found: dict[int, Array] = {}
    seen: set[int] = set()
    for place, column in enumerate(encoder.columns[t] for t in plan.targets):
        name, form = encoder.names[column.variable], column.form
        if column.variable in seen or form not in ("binary", "class", "ordinal"):
            continue
        seen.add(column.variable)
        classes = _classes(encoder, plan.targets[place])
        values = np.concatenate([encoder.align(c).column(name) for c in courses])
        counts = (values[:, None] == classes).sum(0).astype(np.float64)
        if isinstance(wanted, Mapping):
            if name not in wanted:
                continue
            weights = np.asarray(wanted[name], dtype=np.float64)
            if weights.shape != classes.shape or not np.isfinite(weights).all() or weights.min() <= 0:
                raise ModelError(
                    f"class_weights of {name} must be {len(classes)} numbers above 0, got {wanted[name]!r}"
                )
        else:
            weights = 1.0 / np.maximum(counts, counts.max() / HEAVIEST).clip(min=1.0)
        found[place] = weights * counts.sum() / max(float(weights @ counts), 1e-12) if counts.sum() else weights
    unknown = set(wanted) - {encoder.names[v] for v in seen} if isinstance(wanted, Mapping) else set()
    if unknown:
        raise ModelError(f"class_weights are of variables with classes, not of {', '.join(sorted(unknown))}")
    return found


def _classes(encoder: Encoder, target: int) -> Array:
    column = encoder.columns[target]
    if column.form == "ordinal":
        return np.array(encoder.steps[target])
    return np.arange(2.0 if column.form == "binary" else len(encoder.variables[column.variable].levels))


def scoring_cohort(encoder: Encoder, ground: Ground, plan: Plan, grid: Grid, courses: Sequence[Course]) -> Cohort:
    """Patients as tensors, with near questions only."""
    rng = np.random.default_rng(0)
    near = replace(plan, far=0)
    histories = [encode(encoder, ground.base, c) for c in courses]
    posed = [pose(encoder, h, near, rng) for h in histories]
    answers = [(answer(encoder, ground, near, p), p.near) for p in posed]
    return cohort(encoder, histories, answers, plan, grid)


def build(encoder: Encoder, plan: Plan, grid: Grid, settings: dict[str, Any], member: int) -> LiquidNetwork:
    """A fresh network, seeded by (seed, member); its wiring too. Raises ModelError for impossible settings."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(settings["seed"]) * 1_000_003 + member)
        return LiquidNetwork(
            encoder,
            plan.targets,
            backbone.make(settings["cell"], input_count(encoder), settings, member),
            wide=wide_count(encoder, plain=plan.plain),
            plain=plan.plain,
            intervals=len(grid),
            hidden=int(settings["hidden"]),
            dropout=float(settings["dropout"]),
            unseen=float(settings["unseen"]),
            likelihood=settings["likelihood"],
            components=int(settings["components"]),
        )
