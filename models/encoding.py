"""Courses to arrays, by scales learnt on the training patients. Outside NaN means missing, from here on (value, mask).

A variable is one column; a categorical one is a column for each of its levels, 1 where it is that one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from models.baselines import mixed_model as mm
from models.course import Course, Treatment, Variable, variable_from
from models.errors import ModelError, TrainingError
from models.exposure import exposures
from models.forecast import Array

GAP_IN_MODEL_TIME = 0.5  # the median gap between visits: of the order of a fresh neuron's time constant
MAX_STATICS = 12  # the most often known
MAX_STEPS = 16  # different values of an ordinal variable; one with more is taken as continuous
_DESIGN_LIMIT = 3e7  # numbers in the mixed model's sums; statics are left out of it until it keeps to that
CLIP = 6.0  # standard deviations an input may lie off the mean; targets are not clipped


Form = Literal["continuous", "ordinal", "count", "binary", "class"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the arrays. variable: its place among the encoder's; level: of a "class" column, else -1."""

    variable: int
    form: Form
    level: int = -1

    @property
    def is_chance(self) -> bool:
        """Whether it holds 0 and 1."""
        return self.form in ("binary", "class")


@dataclass(frozen=True)
class Encoder:
    """Scales of the training patients.

    mean, scale: (C,) of the columns (counts: of log1p); static_mean, static_scale: (S,); doses: (T,) median dose of
    each treatment; steps: the values an ordinal column takes, in order, empty for any other
    time_scale: days of one unit of model time; span: days the mixed model counts as 1; last_day: latest training row;
    design_statics: how many of the statics the mixed model sees; events: names of the events to wait for
    """

    variables: tuple[Variable, ...]
    columns: tuple[Column, ...]
    steps: tuple[tuple[float, ...], ...]
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
    design_statics: int
    events: tuple[str, ...]

    @classmethod
    def fit(cls, courses: Sequence[Course], *, time_scale: float | None = None, max_treatments: int = 40) -> Encoder:
        """Raises TrainingError where there is no row or no observed value."""
        rows = [c for c in courses if len(c)]
        if not rows:
            raise TrainingError("no course has a visit: there is nothing to learn from")
        raw = np.concatenate([c.values for c in rows])
        if np.isnan(raw).all():
            raise TrainingError("no value is observed in any course: there is nothing to learn from")
        steps = tuple(_steps(v, raw[:, i]) for i, v in enumerate(rows[0].variables))
        columns = tuple(_columns(rows[0].variables, steps))
        mean, scale = _moments(_spread_out(raw, columns))
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
        room = np.sqrt(_DESIGN_LIMIT / (len(rows) * len(columns))) - 3  # of the mixed model's design, 3 + 2 a static
        return cls(
            variables=rows[0].variables,
            columns=columns,
            steps=tuple(steps[c.variable] for c in columns),
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
            design_statics=int(np.clip(room // 2, 0, len(statics))),
            events=tuple(sorted({e.name for c in rows for e in c.events})),
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(v.name for v in self.variables)

    def align(self, course: Course) -> Course:
        """The course with this encoder's variables. Raises ModelError where one is missing."""
        if course.variables is self.variables or course.names == self.names:
            return course
        there = set(course.names)
        missing = [n for n in self.names if n not in there]
        if missing:
            raise ModelError(f"course {course.patient} lacks the variables {', '.join(missing)}")
        return course.select(self.names)

    def own(self, course: Course) -> Array:
        """By column in own units, counts as log1p, NaN where missing: (n, C)."""
        return _spread_out(course.values, self.columns)

    def values(self, course: Course) -> Array:
        """z-scored, NaN where missing: (n, C)."""
        return (self.own(course) - self.mean) / self.scale

    def places(self, names: Sequence[str]) -> list[int]:
        """The columns of these variables."""
        wanted = {self.names.index(name) for name in names}
        return [i for i, column in enumerate(self.columns) if column.variable in wanted]

    def static(self, course: Course) -> Array:
        """z-scored, 0 where unknown: (S,)."""
        raw = np.array([course.static.get(k, np.nan) for k in self.statics], dtype=np.float64)
        z = (raw - self.static_mean) / self.static_scale
        return np.clip(np.where(np.isfinite(z), z, 0.0), -CLIP, CLIP)

    def design(self, course: Course, times: Array) -> tuple[Array, Array]:
        """Mixed-model rows at days ``times``; beyond the last training day time stands still for it."""
        static = self.static(course)[: self.design_statics]
        return mm.design(np.clip(times, 0.0, self.last_day) / self.span, static)

    def sums(self, course: Course) -> mm.Sums:
        """Mixed-model sums over all rows: leading axis (C,)."""
        return mm.sums(*self.design(course, course.times), np.clip(self.values(course), -CLIP, CLIP))

    def exposure(self, treatments: Sequence[Treatment], start: Array, end: Array) -> Array:
        """Mean scaled dose over (start, end], the dose in force where they coincide; (k,), (k,) -> (k, T)."""
        return exposures(treatments, self.treatments, self.doses, start, end)[..., 0]

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; ``from_dict`` gives it back."""
        out = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self).items()}
        out["variables"] = [asdict(v) for v in self.variables]
        out["columns"] = [asdict(c) for c in self.columns]
        return out

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Encoder:
        fields: dict[str, Any] = {k: np.array(v, dtype=np.float64) if k in _ARRAYS else v for k, v in data.items()}
        fields["variables"] = tuple(variable_from(v) for v in data["variables"])
        fields["columns"] = tuple(Column(**c) for c in data["columns"])
        fields["steps"] = tuple(tuple(steps) for steps in data["steps"])
        for name in ("statics", "treatments", "events"):
            fields[name] = tuple(data[name])
        return cls(**fields)


_ARRAYS = ("mean", "scale", "static_mean", "static_scale", "doses")


def _steps(variable: Variable, seen: Array) -> tuple[float, ...]:
    """The values of an ordinal variable, where they are few enough to be its classes."""
    if variable.kind != "ordinal":
        return ()
    values = np.unique(seen[np.isfinite(seen)])
    return tuple(values.tolist()) if 2 <= len(values) <= MAX_STEPS else ()


def _columns(variables: Sequence[Variable], steps: Sequence[tuple[float, ...]]) -> Iterator[Column]:
    for i, variable in enumerate(variables):
        if variable.kind == "categorical":
            if len(variable.levels) < 2:
                raise ModelError(f"the categorical variable {variable.name} has {len(variable.levels)} levels, not 2")
            yield from (Column(i, "class", level) for level in range(len(variable.levels)))
        elif variable.kind == "ordinal":
            yield Column(i, "ordinal" if steps[i] else "continuous")
        else:
            yield Column(i, variable.kind)


def _spread_out(values: Array, columns: Sequence[Column]) -> Array:
    """Values by variable (n, V) to columns (n, C): counts by log1p, levels as 0 and 1."""
    out = np.empty((len(values), len(columns)))
    for i, column in enumerate(columns):
        own = values[:, column.variable]
        if column.form == "count":
            own = np.log1p(np.maximum(own, 0.0))
        elif column.form == "class":
            own = np.where(np.isnan(own), np.nan, (own == column.level).astype(np.float64))
        out[:, i] = own
    return out


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
