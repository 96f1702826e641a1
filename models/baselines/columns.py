"""Variables to the numeric columns a simple model can learn: a categorical one becomes an indicator a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.course import Course, Variable
from models.errors import ModelError
from models.forecast import Array, clip_to_range

MOST_CLASSES = 20  # an ordinal variable of more is forecast like a continuous one; a categorical one keeps the frequent
_DISCRETE = ("binary", "ordinal", "categorical")


@dataclass(frozen=True)
class Columns:
    """variables: as given; classes: of each discrete one; places: where the columns of each variable stand."""

    variables: tuple[Variable, ...]
    classes: dict[str, tuple[float, ...]]
    places: tuple[slice, ...]

    @classmethod
    def of(cls, courses: Sequence[Course]) -> Columns:
        """courses: of the same variables, see ``checks.check_courses``."""
        variables = courses[0].variables
        classes: dict[str, tuple[float, ...]] = {}
        places: list[slice] = []
        for v, variable in enumerate(variables):
            start = places[-1].stop if places else 0
            width = 1
            if variable.kind in _DISCRETE:
                found = _classes(variable, np.concatenate([c.values[:, v] for c in courses]))
                if found:
                    classes[variable.name] = found
                if variable.kind == "categorical":
                    width = len(found)
            places.append(slice(start, start + width))
        return cls(variables, classes, tuple(places))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(v.name for v in self.variables)

    @property
    def binary(self) -> np.ndarray:
        """Which columns hold 0 or 1: (C,)."""
        out = np.zeros(self.places[-1].stop, dtype=bool)
        for variable, place in zip(self.variables, self.places, strict=True):
            out[place] = variable.kind in ("binary", "categorical")
        return out

    def align(self, course: Course) -> Course:
        """The course with these variables. Raises ModelError where one is missing."""
        missing = [n for n in self.names if n not in course.names]
        if missing:
            raise ModelError(f"course {course.patient} lacks the variables {', '.join(missing)}")
        return course if course.names == self.names else course.select(self.names)

    def expand(self, course: Course) -> Course:
        """The aligned course in columns, all continuous: values (n, C), NaN where the variable was not observed."""
        values: list[Array] = []
        variables: list[Variable] = []
        for v, variable in enumerate(self.variables):
            column = course.values[:, v]
            if variable.kind == "categorical":
                for one in self.classes[variable.name]:
                    values.append(np.where(np.isnan(column), np.nan, column == one))
                    variables.append(Variable(f"{variable.name}={one:g}"))
            else:
                values.append(np.where(np.isnan(column), np.nan, column > 0.5) if variable.kind == "binary" else column)
                variables.append(Variable(variable.name))
        return replace(course, values=np.stack(values, -1), variables=tuple(variables))

    def collapse(self, columns: Array, chances: dict[str, Array], levels: Sequence[float]) -> Array:
        """Quantiles of columns (k, C, Q) and chances of classes (k, K) -> quantiles of variables (k, V, Q).

        The middle quantile is the location that was forecast, the others of an ordinal variable follow from the
        chances. Every quantile of a binary variable is the chance of a 1, of a categorical one the likeliest class.
        """
        out = np.empty((len(columns), len(self.variables), len(levels)))
        for v, (variable, place) in enumerate(zip(self.variables, self.places, strict=True)):
            classes = np.array(self.classes.get(variable.name, ()))
            chance = chances.get(variable.name)
            if chance is None:
                out[:, v] = columns[:, place.start]
            elif variable.kind == "binary":
                out[:, v] = chance[:, 1:]
            elif variable.kind == "categorical":
                out[:, v] = classes[chance.argmax(-1)][:, None]
            else:
                below = np.cumsum(chance, -1)[:, None, :] < np.asarray(levels)[:, None] - 1e-12
                out[:, v] = classes[np.minimum(below.sum(-1), len(classes) - 1)]
                out[:, v, len(levels) // 2] = columns[:, place.start, len(levels) // 2]
        return around_the_middle(clip_to_range(out, self.variables))


def around_the_middle(values: Array) -> Array:
    """values (.., Q) made non-decreasing without moving the middle one."""
    middle = values.shape[-1] // 2
    out = values.copy()
    out[..., : middle + 1] = np.minimum.accumulate(values[..., middle::-1], -1)[..., ::-1]
    out[..., middle:] = np.maximum.accumulate(values[..., middle:], -1)
    return out


def _classes(variable: Variable, column: Array) -> tuple[float, ...]:
    """In order; () for an ordinal variable of too many values."""
    if variable.kind == "binary":
        return (0.0, 1.0)
    counts = Counter(column[~np.isnan(column)].tolist())
    if variable.kind == "categorical":
        known = {float(i): 1 for i in range(len(variable.levels))} if len(variable.levels) <= MOST_CLASSES else {}
        frequent = sorted({**known, **counts}, key=lambda value: (-counts[value], value))[:MOST_CLASSES]
        return tuple(sorted(frequent)) or (0.0,)
    found = set(counts)
    low, high = variable.lower, variable.upper
    if low is not None and high is not None and 0 <= high - low < MOST_CLASSES:
        scale = {float(value) for value in range(round(low), round(high) + 1)}
        found = scale if found <= scale else found
    return tuple(sorted(found)) if len(found) <= MOST_CLASSES else ()
