"""Patients like this one: the nearest past courses in state space, with what happened to them then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.course import Course, Event, Variable
from models.errors import ModelError
from models.explain.asking import fitted
from models.explain.plain import plain
from models.explain.walking import encoded, walk
from models.forecast import Array
from models.forecaster import LiquidForecaster

NEAR = 0.5  # a value counts as of day d after where it lies within this share of d of it


@dataclass(frozen=True)
class Past:
    """Where courses have been in state space: P states of ``courses``, each after the last row of a day.

    owner (P,): place of the course; day (P,); state (P, D): the neurons of all members side by side; scale (D,): their
    standard deviation; fingerprint: of the forecaster whose states they are
    """

    courses: tuple[Course, ...]
    owner: NDArray[np.int64]
    day: Array
    state: Array
    scale: Array
    fingerprint: str


@dataclass(frozen=True)
class Neighbour:
    """A past patient on the day he was most like this one.

    distance: root mean square over the neurons, in standard deviations of the past courses' states
    now (V,): the last values known that day; then (A, V): the values nearest to so many days after it; change (A, V):
    then - now, NaN of a categorical variable; NaN where not known. known_days: how long he was followed after it
    events: what came after it, on the day counted from it
    """

    patient: str
    distance: float
    day: float
    known_days: float
    now: Array
    then: Array
    change: Array
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Alike:
    """The k nearest, the nearest first. day: of the patient's own state; after (A,): days the futures are told for.

    typical: median distance of the past courses' states from the patient's: what "near" is to be compared with
    mean_change (A, V): over the neighbours of whom it is known; known (A, V): how many
    """

    patient: str
    day: float
    variables: tuple[Variable, ...]
    after: tuple[float, ...]
    neighbours: tuple[Neighbour, ...]
    typical: float
    mean_change: Array
    known: NDArray[np.int64]

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it: lists, None for what is not known."""
        return plain(self)


def remember(forecaster: LiquidForecaster, courses: Sequence[Course]) -> Past:
    """The states of past courses, to be asked about as often as one likes.

    Raises ModelError where no course has a visit, NotFittedError.
    """
    parts = fitted(forecaster)
    kept = tuple(parts.encoder.align(c) for c in courses if len(c))
    if not kept:
        raise ModelError("no past course has a visit: there is nobody to be like")
    last = [np.append(np.diff(c.times) > 0, True) for c in kept]  # of several rows a day the last
    state = _states(forecaster, kept)[np.concatenate(last)]
    scale = state.std(0)
    return Past(
        courses=kept,
        owner=np.repeat(np.arange(len(kept)), [int(rows.sum()) for rows in last]),
        day=np.concatenate([c.times[rows] for c, rows in zip(kept, last, strict=True)]),
        state=state,
        scale=np.where(scale > 1e-9, scale, 1.0),
        fingerprint=_fingerprint(forecaster),
    )


def together(pasts: Sequence[Past]) -> Past:
    """What was remembered at several times, as if at once. Raises ModelError for none, or of several forecasters."""
    if not pasts or len({p.fingerprint for p in pasts}) > 1:
        raise ModelError("states to put together must be of one forecaster, and there must be some")
    before = np.cumsum([0, *(len(p.courses) for p in pasts)])
    state = np.concatenate([p.state for p in pasts])
    scale = state.std(0)
    return Past(
        courses=tuple(c for p in pasts for c in p.courses),
        owner=np.concatenate([p.owner + start for p, start in zip(pasts, before, strict=False)]),
        day=np.concatenate([p.day for p in pasts]),
        state=state,
        scale=np.where(scale > 1e-9, scale, 1.0),
        fingerprint=pasts[0].fingerprint,
    )


def alike(
    forecaster: LiquidForecaster,
    course: Course,
    past: Past | Sequence[Course],
    *,
    k: int = 5,
    after: Sequence[float] = (30.0, 90.0),
    followed: float = 0.0,
) -> Alike:
    """The k past courses that have come nearest to the patient's state after his last row; each counts once.

    past: courses, or what ``remember`` made of them; the patient's own course is left out by his name
    followed: only states after which a patient was known of for more than so many days
    A value counts as of day d after where it was observed within half of d of it.
    Raises ModelError for a course without a visit, days after that are not above 0, k below 1, a ``Past`` of another
    forecaster, NotFittedError.
    """
    if k < 1 or not all(np.isfinite(d) and d > 0 for d in after):
        raise ModelError(f"k must be at least 1 and the days after above 0, got {k} and {tuple(after)}")
    if not isinstance(past, Past):
        past = remember(forecaster, past)
    elif past.fingerprint != _fingerprint(forecaster):
        raise ModelError("these states are of another forecaster; remember the courses with this one")
    course = fitted(forecaster).encoder.align(course)
    if not len(course):
        raise ModelError(f"course {course.patient} has no visit: there is no state to compare")
    here = _states(forecaster, [course])[-1]
    distance = np.sqrt((((past.state - here) / past.scale) ** 2).mean(1))
    known = np.array([c.known_until for c in past.courses])[past.owner] - past.day
    other = np.array([c.patient != course.patient for c in past.courses])[past.owner]
    chosen: dict[int, int] = {}
    for p in np.argsort(distance, kind="stable"):
        owner = int(past.owner[p])
        if len(chosen) < k and other[p] and known[p] > followed and owner not in chosen:
            chosen[owner] = int(p)
    neighbours = tuple(
        _neighbour(past.courses[owner], float(past.day[p]), float(distance[p]), tuple(after))
        for owner, p in chosen.items()
    )
    shape = (len(neighbours), len(after), len(course.variables))
    change = np.array([n.change for n in neighbours]).reshape(shape)
    count = (~np.isnan(change)).sum(0)
    total = np.where(np.isnan(change), 0.0, change).sum(0)
    return Alike(
        patient=course.patient,
        day=float(course.times[-1]),
        variables=course.variables,
        after=tuple(float(d) for d in after),
        neighbours=neighbours,
        typical=float(np.median(distance[other])) if other.any() else float("nan"),
        mean_change=np.where(count > 0, total / np.maximum(count, 1), np.nan),
        known=count,
    )


def _states(forecaster: LiquidForecaster, courses: Sequence[Course]) -> Array:
    """After every row of every course, of all members side by side: (rows, D)."""
    parts = fitted(forecaster)
    steps = encoded(parts, courses)
    each = [
        np.concatenate([w.after[:, : network.units].cpu().double().numpy() for w in walk(network, steps)])
        for network in parts.networks
    ]
    return np.concatenate(each, -1)


def _fingerprint(forecaster: LiquidForecaster) -> str:
    """Enough to tell two forecasters apart."""
    parts = fitted(forecaster)
    told = [float(p.detach().double().sum()) for n in parts.networks for p in n.parameters()]
    return repr((parts.encoder.names, len(parts.networks), told))


def _neighbour(course: Course, day: float, distance: float, after: tuple[float, ...]) -> Neighbour:
    now = course.last_values(day)
    then = np.stack([_around(course, day, days) for days in after]) if after else np.zeros((0, len(now)))
    numbers = np.array([v.kind != "categorical" for v in course.variables])
    return Neighbour(
        patient=course.patient,
        distance=distance,
        day=day,
        known_days=course.known_until - day,
        now=now,
        then=then,
        change=np.where(numbers, then - now, np.nan),
        events=tuple(replace(e, day=e.day - day) for e in course.events if e.day > day),
    )


def _around(course: Course, day: float, days: float) -> Array:
    """Of each variable the value observed after ``day`` and nearest to ``days`` after it, where near enough: (V,)."""
    off = np.abs(course.times - day - days)
    rows = np.flatnonzero((course.times > day) & (off <= NEAR * days))
    out = np.full(len(course.variables), np.nan)
    for row in rows[np.argsort(-off[rows], kind="stable")]:  # the nearest last, so that it stays
        seen = ~np.isnan(course.values[row])
        out[seen] = course.values[row, seen]
    return out
