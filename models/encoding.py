"""Courses to arrays: scales learnt on the training patients, and per patient everything a forecast looks back on.

Outside NaN means missing; from here on it is (value, mask). Nothing here looks ahead: row k of a prefix array knows
the first k rows only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.baselines import mixed_model as mm
from models.course import Course, Treatment, Variable, variable_from
from models.errors import ModelError, TrainingError
from models.forecast import Array

GAP_IN_MODEL_TIME = 0.5  # the median gap between visits: of the order of a fresh neuron's time constant
MAX_STATICS = 12  # the most often known; the mixed model's cost grows with their square
CLIP = 6.0  # standard deviations an input may lie off the mean; targets are not clipped


@dataclass(frozen=True)
class Encoder:
    """Scales of the training patients.

    mean, scale: (V,) of the values; static_mean, static_scale: (S,); doses: (T,) median dose of each treatment
    time_scale: days of one unit of model time; span: days the mixed model counts as 1; last_day: latest training row
    """

    variables: tuple[Variable, ...]
    mean: Array
    scale: Array
    statics: tuple[str, ...]
    static_mean: Array
    static_scale: Array
    treatments: tuple[str, ...]
    doses: Array
    time_scale: float
    span: float
    last_day: float

    @classmethod
    def fit(cls, courses: Sequence[Course], *, time_scale: float | None = None, max_treatments: int = 40) -> Encoder:
        """Raises TrainingError where there is no row or no observed value."""
        rows = [c for c in courses if len(c)]
        if not rows:
            raise TrainingError("no course has a visit: there is nothing to learn from")
        values = np.concatenate([c.values for c in rows])
        if np.isnan(values).all():
            raise TrainingError("no value is observed in any course: there is nothing to learn from")
        mean, scale = _moments(values)
        known = Counter(k for c in rows for k, v in c.static.items() if np.isfinite(v))
        statics = _most_frequent(known, MAX_STATICS)
        table = np.array([[c.static.get(k, np.nan) for k in statics] for c in rows]).reshape(len(rows), len(statics))
        static_mean, static_scale = _moments(table)
        names = Counter(name for c in rows for name in {t.name for t in c.treatments})
        treatments = _most_frequent(names, max_treatments)
        doses = [np.median([abs(t.dose) for c in rows for t in c.treatments if t.name == n]) for n in treatments]
        gaps = np.concatenate([np.diff(c.times) for c in rows])
        gaps = gaps[gaps > 0]
        median_gap = float(np.median(gaps)) if len(gaps) else 1.0
        times = np.concatenate([c.times for c in rows])
        return cls(
            variables=rows[0].variables,
            mean=mean,
            scale=scale,
            statics=statics,
            static_mean=static_mean,
            static_scale=static_scale,
            treatments=treatments,
            doses=np.array([d if d > 0 else 1.0 for d in doses], dtype=np.float64),
            time_scale=float(time_scale) if time_scale is not None else median_gap / GAP_IN_MODEL_TIME,
            span=max(float(np.quantile(times, 0.9)), median_gap),
            last_day=float(times.max()),
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(v.name for v in self.variables)

    def align(self, course: Course) -> Course:
        """The course with this encoder's variables. Raises ModelError where one is missing."""
        missing = [n for n in self.names if n not in course.names]
        if missing:
            raise ModelError(f"course {course.patient} lacks the variables {', '.join(missing)}")
        return course if course.names == self.names else course.select(self.names)

    def values(self, course: Course) -> Array:
        """z-scored, NaN where missing: (n, V)."""
        return (course.values - self.mean) / self.scale

    def static(self, course: Course) -> Array:
        """z-scored, 0 where unknown: (S,)."""
        raw = np.array([course.static.get(k, np.nan) for k in self.statics], dtype=np.float64)
        z = (raw - self.static_mean) / self.static_scale
        return np.clip(np.where(np.isfinite(z), z, 0.0), -CLIP, CLIP)

    def design(self, course: Course, times: Array) -> tuple[Array, Array]:
        """Mixed-model rows at days ``times``; beyond the last training day time stands still for it."""
        return mm.design(np.clip(times, 0.0, self.last_day) / self.span, self.static(course))

    def sums(self, course: Course) -> mm.Sums:
        """Mixed-model contribution of each row: leading axes (n, V)."""
        return mm.row_sums(*self.design(course, course.times), np.clip(self.values(course), -CLIP, CLIP))

    def exposure(self, treatments: Sequence[Treatment], start: Array, end: Array) -> Array:
        """Mean scaled dose over (start, end], the dose in force where they coincide; (k,), (k,) -> (k, T)."""
        out = np.zeros((len(end), len(self.treatments)))
        length = end - start
        for item in treatments:
            if item.name not in self.treatments:
                continue
            column = self.treatments.index(item.name)
            overlap = np.clip(np.minimum(end, item.end) - np.maximum(start, item.start), 0.0, None)
            now = (item.start <= end) & (end < item.end)
            share = np.where(length > 0, overlap / np.where(length > 0, length, 1.0), now)
            out[:, column] += share * item.dose / self.doses[column]
        return np.clip(out, -CLIP, CLIP)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; ``from_dict`` gives it back."""
        out = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self).items()}
        out["variables"] = [asdict(v) for v in self.variables]
        return out

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Encoder:
        fields: dict[str, Any] = {k: np.array(v, dtype=np.float64) if k in _ARRAYS else v for k, v in data.items()}
        fields["variables"] = tuple(variable_from(v) for v in data["variables"])
        for name in ("statics", "treatments"):
            fields[name] = tuple(data[name])
        return cls(**fields)


_ARRAYS = ("mean", "scale", "static_mean", "static_scale", "doses")


def _most_frequent(counts: Counter[str], most: int) -> tuple[str, ...]:
    """At most ``most`` names, in order; ties at the limit go by name, so every process chooses alike."""
    return tuple(sorted(sorted(counts, key=lambda name: (-counts[name], name))[:most]))


def _moments(table: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of the finite entries by column; 0 and 1 where there is nothing to scale by."""
    seen = np.isfinite(table)
    count = np.maximum(seen.sum(0), 1)
    mean = np.where(seen, table, 0.0).sum(0) / count
    deviation = np.sqrt(np.where(seen, (table - mean) ** 2, 0.0).sum(0) / count)
    flat = deviation <= 1e-9 * np.maximum(np.abs(mean), 1.0)
    return mean, np.where(flat, 1.0, deviation)


@dataclass(frozen=True)
class History:
    """One patient, encoded. n rows, prefixes 0..n: entry k of a prefix array is what the first k rows tell.

    times (n,) days; values (n, V) z-scored, 0 where missing; mask (n, V); static (S,); anchor (n + 1,) day the prefix
    ends; last, seen, last_time, mean (n + 1, V); effects (n + 1, V, 2); spread (n + 1, V, 2, 2) of the mixed model
    treatments: those that count in the past and, ``future``, after the last row
    """

    course: Course
    times: Array
    values: Array
    mask: Array
    static: Array
    anchor: Array
    last: Array
    seen: Array
    last_time: Array
    mean: Array
    effects: Array
    spread: Array
    fixed: mm.Fixed
    future: tuple[Treatment, ...]

    def __len__(self) -> int:
        return len(self.times)


def encode(encoder: Encoder, fixed: mm.Fixed, course: Course, plan: Sequence[Treatment] | None = None) -> History:
    """``fixed``: the mixed model to look through, cross-fitted for a training patient. plan: after the last row."""
    course = encoder.align(course)
    z = encoder.values(course)
    mask = ~np.isnan(z)
    n, variables = z.shape
    first = min(0.0, float(course.times[0])) if n else 0.0
    anchor = np.concatenate([[first], course.times])
    last, seen = np.zeros((n + 1, variables)), np.zeros((n + 1, variables))
    last_time, mean = np.full((n + 1, variables), first), np.zeros((n + 1, variables))
    for k in range(n):
        here = mask[k]
        last[k + 1] = np.where(here, z[k], last[k])
        last_time[k + 1] = np.where(here, course.times[k], last_time[k])
        seen[k + 1] = seen[k] + here
        mean[k + 1] = mean[k] + np.where(here, (np.where(here, z[k], 0.0) - mean[k]) / np.maximum(seen[k + 1], 1), 0.0)
    effects, var = mm.posterior(fixed, mm.prefixes(encoder.sums(course)))
    return History(
        course=course,
        times=course.times,
        values=np.where(mask, z, 0.0),
        mask=mask,
        static=encoder.static(course),
        anchor=anchor,
        last=last,
        seen=seen,
        last_time=last_time,
        mean=mean,
        effects=effects,
        spread=mm.diagonal_blocks(var) if fixed.joint else var,
        fixed=fixed,
        future=course.treatments if plan is None else tuple(plan),
    )


@dataclass(frozen=True)
class Looks:
    """Forecast questions of one patient: the first ``prefix`` rows are known, asked about day ``at``; k questions.

    prefix (k,); at (k,); horizon (k,) days; exposure (k, T); last, mean, mixed (k, V) z-scored, ``last`` and ``mean``
    fall back on the mixed model where nothing was seen; spread (k, V) its standard deviation; since (k, V) days
    """

    prefix: np.ndarray
    at: Array
    horizon: Array
    exposure: Array
    last: Array
    mean: Array
    mixed: Array
    spread: Array
    since: Array
    seen: Array


def look(encoder: Encoder, history: History, prefix: np.ndarray, at: Array) -> Looks:
    """The questions (prefix[i], at[i]); no target is read."""
    x, z = encoder.design(history.course, at)
    mixed = x @ history.fixed.beta.T + np.einsum("ka,kva->kv", z, history.effects[prefix])
    variance = np.einsum("ka,kvab,kb->kv", z, history.spread[prefix], z) + history.fixed.noise
    mixed = np.clip(mixed, -CLIP, CLIP)
    known = history.seen[prefix] > 0
    start = np.minimum(history.anchor[prefix], at)
    return Looks(
        prefix=prefix,
        at=at,
        horizon=at - start,
        exposure=_exposure(encoder, history, start, at),
        last=np.where(known, history.last[prefix], mixed),
        mean=np.where(known, history.mean[prefix], mixed),
        mixed=mixed,
        spread=np.sqrt(np.maximum(variance, 1e-8)),
        since=np.maximum(at[:, None] - history.last_time[prefix], 0.0),
        seen=history.seen[prefix],
    )


def _exposure(encoder: Encoder, history: History, start: Array, at: Array) -> Array:
    """The recorded treatments, but the plan where the question starts at the end of the history."""
    out = encoder.exposure(history.course.treatments, start, at)
    if history.future is not history.course.treatments:
        late = start >= history.anchor[-1]
        out[late] = encoder.exposure(history.future, start[late], at[late])
    return out
