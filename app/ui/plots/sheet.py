"""What the timeline shows of a case, read once: plain data without Qt, one dataclass per kind of lane."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.domain.records import Case, DateBasis, Visit
from app.ui.plots.decimate import Pyramid
from models.surprise import Surprise

Array = NDArray[np.float64]
_MANY = 1000  # values of a line that are no longer those of visits


@dataclass(frozen=True)
class Path:
    """Median and intervals of a forecast after its origin, all (H,).

    chance: of a yes-or-no sign; then the three are one and the same: how likely the sign is there, 0..1
    """

    days: Array
    median: Array
    outer: tuple[Array, Array]
    inner: tuple[Array, Array]
    chance: bool = False


@dataclass(frozen=True)
class Line:
    """One quantity along the visits, or along many more days: values (n,), NaN where it was not recorded."""

    name: str
    label: str
    days: Array
    values: Array
    unit: str = ""
    lower: float | None = None
    upper: float | None = None
    forecast: Path | None = None

    @cached_property
    def observed(self) -> Array:
        return self.values[~np.isnan(self.values)]

    @cached_property
    def pyramid(self) -> Pyramid:
        return Pyramid(self.days, self.values)

    @cached_property
    def extremes(self) -> tuple[float, float]:
        """Lowest and highest value recorded; 0 and 0 where none."""
        return (float(self.observed.min()), float(self.observed.max())) if len(self.observed) else (0.0, 0.0)

    def top(self) -> float:
        """The highest value drawn, interval included."""
        values = [self.extremes[1]]
        if self.forecast is not None:
            values.append(np.nanmax(self.forecast.outer[1]))
        return float(max(values))

    def at(self, day: float) -> float:
        """The value recorded on that very day, NaN where none; of very many values, the one nearest before it."""
        near = 1e-6
        if len(self.days) > _MANY:
            near = 2 * float(self.days[-1] - self.days[0]) / len(self.days)
        last = int(np.searchsorted(self.days, day + 1e-6, "right")) - 1
        there = last >= 0 and abs(self.days[last] - day) < near
        return float(self.values[last]) if there else float("nan")

    def bottom(self) -> float:
        values = [self.extremes[0]]
        if self.forecast is not None:
            values.append(np.nanmin(self.forecast.outer[0]))
        return float(min(values))


@dataclass(frozen=True, slots=True)
class Pulse:
    """The pulse at one visit. axes: by (side, position), "" and "" for the pulse as a whole; each axis -2..2."""

    index: int
    day: float
    name: str
    axes: dict[tuple[str, str], dict[str, float]]
    names: dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Band:
    """A state that holds from start to end (days); fades: the end is not known."""

    start: float
    end: float
    text: str
    fades: bool = False


@dataclass(frozen=True, slots=True)
class Dose:
    """A herb at one daily dose from start to end (days); grams None where no dose is given."""

    start: float
    end: float
    grams: float | None
    fades: bool = False
    added: bool = False  # it was not in the formula before this one
    removed: bool = False  # the formula after this one leaves it out


@dataclass(frozen=True)
class Herb:
    name: str
    doses: tuple[Dose, ...]


@dataclass(frozen=True)
class Remedies:
    formulas: tuple[Band, ...] = ()
    herbs: tuple[Herb, ...] = ()  # the shown ones, in order of first use
    others: int = 0  # herbs that found no row
    by_visit: tuple[str, ...] = ()  # the formula of each visit in words, for the read-out


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day. tone: token of the theme it is drawn in."""

    day: float
    text: str
    tone: str = "muted"


@dataclass(frozen=True, slots=True)
class Flag:
    """An annotation of the course. until: end of the time it speaks of, None for a moment; version: as stored."""

    key: int
    day: float
    text: str
    until: float | None = None
    version: int = 0


@dataclass(frozen=True)
class Sheet:
    """Everything the lanes draw.

    effect: effect index (疗效指数) against the first visit scored (n,), over what both visits grade; fractions
    absences: (start, end) of times much longer than usual without a visit
    scores: symptom scores, the most relevant first; signs: presence per visit (1 there, 0 denied, NaN not said)
    total: sum of all scores at each visit (n,); today: day of the firm line, or None
    """

    case: Case
    language: str
    scores: tuple[Line, ...] = ()
    signs: tuple[Line, ...] = ()
    more_signs: int = 0
    total: Line | None = None
    effect: Line | None = None
    labs: tuple[Line, ...] = ()
    more_labs: int = 0
    pulses: tuple[Pulse, ...] = ()
    tongue: tuple[Band, ...] = ()
    syndromes: tuple[Band, ...] = ()
    elements: tuple[Line, ...] = ()  # syndrome elements, drawn as heat from lower to upper
    remedies: Remedies = field(default_factory=Remedies)
    events: tuple[Event, ...] = ()
    absences: tuple[tuple[float, float], ...] = ()
    flags: tuple[Flag, ...] = ()
    notes: tuple[str, ...] = ()  # text of each visit, "" where none
    today: float | None = None
    today_is_last_visit: bool = False  # then the line is named after the visit: that it is today nobody can know later
    forecast_until: float | None = None
    surprises: tuple[Surprise, ...] = ()  # values outside the 90 % interval of the forecast made before them

    @property
    def visits(self) -> tuple[Visit, ...]:
        return self.case.visits

    @cached_property
    def highest_score(self) -> float:
        """The highest score drawn in the lane, intervals included; at least 3."""
        return max([3.0, *(line.top() for line in self.scores)])

    @property
    def ordered_only(self) -> bool:
        """Days were placed by convention: differences between them mean nothing."""
        return any(visit.basis is DateBasis.ORDER for visit in self.visits)

    @property
    def last_day(self) -> float:
        return self.case.visits[-1].day if self.case.visits else 0.0

    def nearest(self, day: float) -> int:
        """Index of the visit nearest to a day. Raises ValueError for a case without visits."""
        if not self.visits:
            raise ValueError("a case without visits has no nearest visit")
        return min(range(len(self.visits)), key=lambda i: abs(self.visits[i].day - day))
