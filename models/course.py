"""A patient's course as an irregular time series: the one form everything downstream of the records uses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["continuous", "ordinal", "binary", "categorical", "count"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One observed quantity.

    lower, upper: the closed range values may take, None where open; a forecast is clipped to it
    label: the words shown to a user; unit: "" for scores
    levels: of a categorical one, whose values are places in it: 0.0, 1.0, ..
    """

    name: str
    label: str = ""
    kind: Kind = "continuous"
    unit: str = ""
    lower: float | None = None
    upper: float | None = None
    group: str = ""  # "symptom", "tongue", "pulse", "lab": which lane it belongs to
    levels: tuple[str, ...] = ()


def variable_from(data: Mapping[str, Any]) -> Variable:
    """What ``dataclasses.asdict`` made of a variable, through JSON and back."""
    return Variable(**{**data, "levels": tuple(data.get("levels", ()))})


@dataclass(frozen=True, slots=True)
class Treatment:
    """A herb or drug given from start to end (days, end > start) at a daily dose."""

    name: str
    start: float
    end: float
    dose: float = 1.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that ends or marks a course once, on a day of the course's clock: a death, a relapse."""

    name: str
    day: float


@dataclass(frozen=True)
class Course:
    """Irregular series of one patient.

    times: (n,) days since the first visit, non-decreasing; ties allowed
    values: (n, len(variables)); NaN where a variable was not observed at that time
    static: named numeric covariates known at the first visit
    treatments: intervals, may overlap
    events: what happened while the patient was followed; of several the first ends the waiting for the others
    followed: the day until which events are known of, where that is later than the last row and the last event
    Raises ValueError where shapes disagree, times decrease or are not finite.
    """

    patient: str
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    variables: tuple[Variable, ...]
    static: dict[str, float] = field(default_factory=dict)
    treatments: tuple[Treatment, ...] = ()
    events: tuple[Event, ...] = ()
    followed: float | None = None

    def __post_init__(self) -> None:
        times = np.asarray(self.times, dtype=np.float64)
        values = np.asarray(self.values, dtype=np.float64)
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "values", values)
        if times.ndim != 1 or values.shape != (len(times), len(self.variables)):
            raise ValueError(
                f"course {self.patient}: times {times.shape} and values {values.shape} do not fit "
                f"{len(self.variables)} variables; expected (n,) and (n, {len(self.variables)})"
            )
        if not np.isfinite(times).all() or (np.diff(times) < 0).any():
            raise ValueError(f"course {self.patient}: times must be finite and in order")
        if np.isinf(values).any():
            raise ValueError(f"course {self.patient}: values must be finite or NaN (not observed)")
        days = [e.day for e in self.events] + ([] if self.followed is None else [self.followed])
        if not np.isfinite(days).all():
            raise ValueError(f"course {self.patient}: days of events and of follow-up must be finite")

    def __len__(self) -> int:
        return len(self.times)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(v.name for v in self.variables)

    @property
    def span(self) -> float:
        """Days from the first to the last row."""
        return float(self.times[-1] - self.times[0]) if len(self.times) else 0.0

    @property
    def known_until(self) -> float:
        """The last day of which anything is known: a row, an event or the end of follow-up; 0 where there is none."""
        days = [float(self.times[-1])] if len(self.times) else []
        days += [e.day for e in self.events] + ([] if self.followed is None else [float(self.followed)])
        return max(days, default=0.0)

    def column(self, name: str) -> NDArray[np.float64]:
        """Values of one variable, (n,). Raises KeyError for an unknown name."""
        try:
            return self.values[:, self.names.index(name)]
        except ValueError:
            raise KeyError(f"no variable {name!r}; there are {', '.join(self.names)}") from None

    def until(self, day: float) -> Course:
        """The history up to and including ``day``: later rows, events and later-started treatments are unknown then.

        A treatment still running keeps its planned end: the plan was made at its start.
        """
        keep = self.times <= day
        return replace(
            self,
            times=self.times[keep],
            values=self.values[keep],
            treatments=tuple(t for t in self.treatments if t.start <= day),
            events=tuple(e for e in self.events if e.day <= day),
            followed=min(float(day), self.known_until),
        )

    def until_row(self, count: int) -> Course:
        """The history of the first ``count`` rows, and the treatments begun by the last of them.

        Unlike ``until`` it can part rows of the same day. Raises ValueError where there are fewer rows.
        """
        if not 0 <= count <= len(self):
            raise ValueError(f"course {self.patient} has {len(self)} rows, not {count}")
        day = self.times[count - 1] if count else 0.0
        return replace(
            self,
            times=self.times[:count],
            values=self.values[:count],
            treatments=tuple(t for t in self.treatments if t.start <= day),
            events=tuple(e for e in self.events if e.day <= day),
            followed=float(day),
        )

    def select(self, names: Sequence[str]) -> Course:
        """The same course with these variables, in this order."""
        index = [self.names.index(n) for n in names]
        return replace(self, values=self.values[:, index], variables=tuple(self.variables[i] for i in index))

    def last_values(self, day: float | None = None) -> NDArray[np.float64]:
        """Last observed value of each variable at or before ``day``, NaN where none: (variables,)."""
        history = self if day is None else self.until(day)
        out = np.full(len(self.variables), np.nan)
        for row in history.values:
            seen = ~np.isnan(row)
            out[seen] = row[seen]
        return out


def mark(course: Course) -> str:
    """Of a patient, alike when more visits have come: a digest of the name and the first row.

    Names that can be guessed can be guessed from it: give courses secret ones where marks leave the house.
    """
    first = course.values[:1].tobytes() + course.times[:1].tobytes()
    return hashlib.sha256(repr(course.patient).encode() + first).hexdigest()[:16]
