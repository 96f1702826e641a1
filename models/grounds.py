"""The simple forecasts a network corrects, each fitted so that a training patient sees its honest errors.

A mixed model of every column; ridge regression and randomised or boosted trees on what a history tells, the mixed
model's forecast included, that correct it; a linear hazard model where there are events. For a training patient all are
fitted on the other folds: the mixed model without him at all, the rest without his rows (the mixed forecasts they read
there come from models that do include him, as ordinary stacking has it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import hazard
from models.base import cross_fit_base
from models.course import Course
from models.encoding import CLIP, Encoder
from models.forecast import Array
from models.hazard import CENSORED, NOT_ASKED, Grid, HazardGround
from models.history import Base, History, encode
from models.looking import (
    Looks,
    crossed,
    crossed_near,
    look,
    risk_rows,
    straight,
    table,
    table_near,
    wide_count,
)
from models.ridge import Ridge, fit_own, fit_ridge
from models.trees import Forest, fit_forest, roomy

SIMPLE = (
    "last",
    "mean",
    "fast",
    "slow",
    "lasting",
    "mixed",
    "ridge",
    "trees",
)  # the forecasts of ``Asked.simple``, in order

_FAR_SHARE = 0.1  # of the far questions among the trees' rows
_RARE = 0.002  # chances are kept this far from 0 and 1
_SURE = 6.0  # log odds likewise
_FEW_CHANCES = 2


@dataclass(frozen=True)
class Ground:
    """What is fitted. ridge, forest: None where not wanted; own: of numbers with very many rows, told by it instead of
    ridge from features of their own, None where there are none; hazards: None where there are no events."""

    base: Base
    ridge: Ridge | None
    own: Ridge | None
    forest: Forest | None
    hazards: HazardGround | None


@dataclass(frozen=True)
class Plan:
    """What to ask in training: for which columns, looking back from where, how many extra questions.

    targets: columns forecast; origins: days histories are cut at, None: every row; far: extra questions a row, from
    random older prefixes; trees: whether to grow them; plain: the network reads its state alone, and corrects nothing
    but the last value
    """

    targets: tuple[int, ...]
    origins: tuple[float, ...] | None = None
    far: int = 3
    trees: bool = True
    plain: bool = False


@dataclass(frozen=True)
class Asked:
    """Questions of one patient with what simple forecasts answer.

    row (k,): the row that holds the answer, -1 where unknown; simple (k, targets, len(SIMPLE)): z-scored, or the log
    odds (mixed, trees) of a chance; spell, cause (k,): days to the event or the end of follow-up, and which
    (``hazard``); risk (k, E) of the linear hazard model
    """

    looks: Looks
    row: NDArray[np.int64]
    simple: Array
    spell: Array
    cause: NDArray[np.int64]
    risk: Array


@dataclass(frozen=True)
class Posed:
    """Questions before the grounds have answered. near: how many of them are next-row (or origin) questions."""

    looks: Looks
    row: NDArray[np.int64]
    spell: Array
    cause: NDArray[np.int64]
    near: int


def pose(encoder: Encoder, history: History, plan: Plan, rng: np.random.Generator) -> Posed:
    """The training questions of one patient, the near ones first; those about events come last."""
    prefix, row = _near(history, plan)
    near = len(row)
    if plan.origins is None and plan.far:
        target = np.repeat(np.arange(len(history)), plan.far)
        older = np.floor(rng.random(len(target)) * np.maximum(target, 1)).astype(np.int64)
        wanted = history.mask[target][:, list(plan.targets)].any(1)
        prefix, row = np.concatenate([prefix, older[wanted]]), np.concatenate([row, target[wanted]])
    at = history.times[row]
    waits, days, spell, cause = _waits(encoder, history.course, rng)
    asked = look(encoder, history, np.concatenate([prefix, waits]), np.concatenate([at, days]))
    return Posed(
        looks=asked,
        row=np.concatenate([row, np.full(len(waits), -1)]),
        spell=np.concatenate([np.zeros(len(row)), spell]),
        cause=np.concatenate([np.full(len(row), NOT_ASKED), cause]),
        near=near,
    )


def _near(history: History, plan: Plan) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every row from the rows before it, or every later row from the rows up to each origin."""
    if plan.origins is None:
        row = np.arange(1, len(history))
        prefix = row
    else:
        cut = np.searchsorted(history.times, plan.origins, side="right")
        pairs = [(k, r) for k in cut for r in range(k, len(history))]
        prefix, row = (np.array([p[i] for p in pairs], dtype=np.int64) for i in range(2))
    wanted = history.mask[row][:, list(plan.targets)].any(1)
    return prefix[wanted], row[wanted]


def _waits(
    encoder: Encoder, course: Course, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Array, Array, NDArray[np.int64]]:
    """From every row, and from a random day after it, until the first event or the end: prefix, day, spell, cause."""
    end, which = course.known_until, CENSORED
    if encoder.events and course.events:
        first = min(course.events, key=lambda e: e.day)
        end, which = first.day, encoder.events.index(first.name) + 1 if first.name in encoder.events else CENSORED
    rows = np.flatnonzero(course.times < end) if encoder.events else np.zeros(0, dtype=np.int64)
    until = np.minimum(np.append(course.times, end)[rows + 1], end)
    between = course.times[rows] + rng.random(len(rows)) * (until - course.times[rows])
    prefix = np.concatenate([rows + 1, rows + 1])
    day = np.concatenate([course.times[rows], between])
    return prefix, day, end - day, np.full(len(day), which)


def answer(encoder: Encoder, ground: Ground, plan: Plan, posed: Posed) -> Asked:
    """What the simple forecasts say to the questions."""
    return Asked(
        looks=posed.looks,
        row=posed.row,
        simple=_simple(encoder, ground, plan, posed.looks),
        spell=posed.spell,
        cause=posed.cause,
        risk=_risk(encoder, ground, posed.looks),
    )


def _simple(encoder: Encoder, ground: Ground, plan: Plan, looks: Looks) -> Array:
    at = list(plan.targets)
    mixed = looks.mixed[:, at].copy()
    chances, odds = _chances(encoder, plan), odds_of(encoder, plan)
    linear, trees = mixed, mixed
    if ground.ridge is not None:
        linear = trees = regressed(encoder, ground, looks)
    if ground.forest is not None:
        trees = ground.forest(table(encoder, looks))
        trees = trees - np.where(ground.forest.outright, mixed, 0.0)
    fitted = [np.where(chances, _logit(encoder.mean[at] + encoder.scale[at] * mixed), mixed)]
    for found in (linear, trees):
        corrected = mixed + np.clip(found, -CLIP, CLIP) if found is not mixed else mixed
        own = np.where(chances, _logit(encoder.mean[at] + encoder.scale[at] * corrected), corrected)
        fitted.append(np.where(odds, np.clip(found, -_SURE, _SURE), own) if found is not mixed else own)
    seen = [getattr(looks.sofar, name)[:, at] for name in SIMPLE[: -len(fitted)]]
    return np.stack([*seen, *fitted], -1)


def regressed(encoder: Encoder, ground: Ground, looks: Looks) -> Array:
    """What the regressions say that the mixed model misses, of a chance its log odds: (k, targets)."""
    if ground.ridge is None:
        raise ValueError("the ground has no regressions")
    said = ground.ridge(straight(encoder, looks))
    return said if ground.own is None else said + ground.own(crossed(encoder, looks))


def odds_of(encoder: Encoder, plan: Plan) -> NDArray[np.bool_]:
    """Chances whose log odds are learnt as such, by logistic regression and boosted trees; of few only, for time."""
    chances = _chances(encoder, plan)
    few = plan.trees and int(chances.sum()) <= _FEW_CHANCES
    return chances if few else np.zeros_like(chances)


def _chances(encoder: Encoder, plan: Plan) -> NDArray[np.bool_]:
    return np.array([encoder.columns[t].is_chance for t in plan.targets], dtype=bool)


def _logit(chance: Array) -> Array:
    inside = np.clip(chance, _RARE, 1 - _RARE)
    return np.log(inside / (1 - inside))


def _risk(encoder: Encoder, ground: Ground, looks: Looks) -> Array:
    if ground.hazards is None:
        return np.zeros((len(looks), len(encoder.events)))
    return ground.hazards(risk_rows(looks))


def cross_fit(
    encoder: Encoder, courses: Sequence[Course], fold: NDArray[np.int64], plan: Plan, seed: int, *, joint: bool
) -> tuple[Ground, Grid, list[History], list[tuple[Asked, int]]]:
    """Grounds of all courses, and each patient encoded and answered by grounds fitted without its fold.

    fold (patients,): 0..F-1; all alike: no patient is left out. Also the grid of the events, and beside the answers how
    many of them are near ones.
    """
    full, apart = cross_fit_base(encoder, courses, fold, plan.targets, joint=joint, plain=plan.plain)
    histories = [encode(encoder, apart[f], c) for f, c in zip(fold, courses, strict=True)]
    rng = np.random.default_rng([seed, 2])
    posed = [pose(encoder, h, plan, rng) for h in histories]
    owner = np.repeat(np.arange(len(posed)), [len(p.row) for p in posed])
    spell, cause = (np.concatenate([getattr(p, n) for p in posed]) for n in ("spell", "cause"))
    grid = Grid.fit(spell, cause)
    correctors = _correctors(encoder, histories, posed, owner, fold, plan, seed) if not plan.plain else {}
    hazards: dict[int, HazardGround] = {}
    if encoder.events:
        waits = cause != NOT_ASKED
        rows = np.concatenate([risk_rows(p.looks) for p in posed])
        for f in {*fold.tolist(), -1}:
            here = waits & ((fold[owner] != f) | (len(apart) < 2))
            hazards[f] = hazard.fit_ground(rows[here], spell[here], cause[here], len(encoder.events), grid, owner[here])
    grounds = {
        f: Ground(apart.get(f, full), *correctors.get(f, (None, None, None)), hazards.get(f))
        for f in {*fold.tolist(), -1}
    }
    answers = [(answer(encoder, grounds[f], plan, p), p.near) for f, p in zip(fold.tolist(), posed, strict=True)]
    return grounds[-1], grid, histories, answers


def _correctors(
    encoder: Encoder,
    histories: Sequence[History],
    posed: Sequence[Posed],
    owner: NDArray[np.int64],
    fold: NDArray[np.int64],
    plan: Plan,
    seed: int,
) -> dict[int, tuple[Ridge, Ridge | None, Forest | None]]:
    """Ridge, those of their own features and trees (see ``Ground``), by the fold they are fitted without, -1: none."""
    at = list(plan.targets)
    asked = np.concatenate([p.row for p in posed]) >= 0
    near = np.concatenate([np.arange(len(p.row)) < p.near for p in posed])
    taken = asked & (near | (np.random.default_rng([seed, 4]).random(len(near)) < _FAR_SHARE))
    mixed = np.concatenate([p.looks.mixed[:, at] for p in posed])
    z = np.concatenate([h.values[p.row][:, at] for h, p in zip(histories, posed, strict=True)])
    known = np.concatenate([h.mask[p.row][:, at] for h, p in zip(histories, posed, strict=True)]) & taken[:, None]
    odds, part = odds_of(encoder, plan), fold[owner]
    outcome = np.round(encoder.mean[at] + encoder.scale[at] * z)
    target = np.where(odds, outcome, z - mixed)
    folds = sorted({*fold.tolist(), -1})
    apart = {f: part != f for f in folds} if len(folds) > 2 else {-1: np.ones(len(part), dtype=bool)}
    # of all rows, so that what is in use is of the kind that the patients' own forecasts were made by
    often = np.flatnonzero(roomy(known, odds)).tolist() if plan.trees else []
    lines = np.concatenate([straight(encoder, p.looks) for p in posed])
    ridges = fit_ridge(lines, target, known, owner, seed, odds, apart, wide_count(encoder), often)
    owns: dict[int, Ridge] = {}
    forests: dict[int, Forest] = {}
    if often:
        rows = np.concatenate([crossed(encoder, p.looks) for p in posed])
        own = {i: crossed_near(encoder, at[i]) for i in often}
        owns = fit_own(rows, target, known, owner, seed, own, apart)
    if plan.trees:
        rows = np.concatenate([table(encoder, p.looks) for p in posed])
        boosted = {i: table_near(encoder, at[i]) for i in often}
        # there is enough to learn the numbers themselves from, also where the mixed model misses more than they vary
        aims = np.where(np.isin(np.arange(len(at)), often), z, target)
        for f, m in apart.items():  # where rows share trees and a value is not known, the ridge stands in for it
            forests[f] = fit_forest(rows[m], aims[m], known[m], seed, odds, ridges[f](lines[m]), boosted)
    found = {f: (ridges[f], owns.get(f), forests.get(f)) for f in apart}
    return found if len(folds) > 2 else dict.fromkeys(folds, found[-1])  # nobody is left out
