"""Quantities along the visits: symptom scores, presence of signs, numeric findings, syndrome elements."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from app.domain.comparison.visits import effect_between, scored
from app.domain.records import Case, Observation, ValueKind, Visit, is_denied
from app.ui.plots.reading.words import Words
from app.ui.plots.sheet import Line, Path
from models.course import Course, Variable
from models.forecast import Forecast

SCORES_SHOWN, SIGNS_SHOWN, LABS_SHOWN, ELEMENTS_SHOWN = 5, 8, 6, 4
_SCORE_CEILING = 20.0  # a score running higher (VAS 0-100) gets a row of its own scale among the findings
_MAIN_CEILING = 3.0  # secondary symptoms are scored 0-3, main ones 0-6


class Quantities:
    """All lines of a case, sorted into lanes.

    forecast: adds each line's path from ``origin`` (day) on; course: fills quantities the case itself does not hold
    """

    def __init__(
        self, case: Case, words: Words, forecast: Forecast | None, course: Course | None, origin: float
    ) -> None:
        self._days = np.array([v.day for v in case.visits], dtype=np.float64)
        self._words = words
        self._forecast = forecast
        self._origin = origin
        self._variables = variables_of(forecast, course)
        numbers: dict[str, list[float]] = {}
        signs: dict[str, list[float]] = {}
        self._units: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        for index, visit in enumerate(case.visits):
            for observation in visit.observations:
                self._place(observation, index, numbers, signs)
        lines = {name: self._line(name, self._days, np.array(values)) for name, values in numbers.items()}
        if course is not None:
            self._add_course(course, lines, signs)
        self._lines = lines
        self._signs = {
            name: self._line(name, self._days, np.array(values)) for name, values in signs.items() if name not in lines
        }

    def _place(
        self, observation: Observation, index: int, numbers: dict[str, list[float]], signs: dict[str, list[float]]
    ) -> None:
        concept = observation.concept
        if observation.kind in (ValueKind.NUMBER, ValueKind.SCORE):
            if observation.number is not None and math.isfinite(observation.number):
                numbers.setdefault(concept, [math.nan] * len(self._days))[index] = observation.number
                self._units.setdefault(concept, observation.unit)
                self._kinds.setdefault(concept, str(observation.kind))
        elif concept.startswith("sym.") and (observation.kind is ValueKind.CODE or observation.negated):
            signs.setdefault(concept, [math.nan] * len(self._days))[index] = 0.0 if is_denied(observation) else 1.0

    def _add_course(self, course: Course, lines: dict[str, Line], signs: dict[str, list[float]]) -> None:
        for variable in course.variables:
            if variable.name in lines or variable.name in signs or variable.kind == "binary":
                continue
            values = course.column(variable.name)
            if not np.isnan(values).all():
                self._kinds[variable.name] = "number" if variable.group == "lab" else "score"
                lines[variable.name] = self._line(variable.name, course.times, values)

    def _line(self, name: str, days: np.ndarray, values: np.ndarray) -> Line:
        variable = self._variables.get(name)
        line = Line(
            name=name,
            label=self._words(name),
            days=days,
            values=values,
            unit=self._units.get(name, "") or (variable.unit if variable else ""),
            lower=variable.lower if variable else None,
            upper=variable.upper if variable else None,
        )
        path = forecast_path(self._forecast, line, self._origin)
        return line if path is None else replace(line, forecast=path)

    def scores(self) -> list[Line]:
        """Symptom scores, the most relevant first: forecast ones, main symptoms, high and often recorded ones."""
        found = [x for x in self._lines.values() if self._lane(x) == "score"]
        return sorted(found, key=self._relevance, reverse=True)

    def signs(self) -> list[Line]:
        found = list(self._signs.values())
        return sorted(found, key=lambda x: (x.forecast is not None, np.nansum(x.values), len(x.observed)), reverse=True)

    def labs(self) -> list[Line]:
        found = [x for x in self._lines.values() if self._lane(x) == "lab"]
        return sorted(found, key=lambda x: (x.forecast is not None, len(x.observed)), reverse=True)

    def elements(self) -> list[Line]:
        found = [x for x in self._lines.values() if self._lane(x) == "element"]
        return sorted(found, key=lambda x: float(np.nanmean(x.values)), reverse=True)

    def _lane(self, line: Line) -> str:
        if line.name.startswith("ele."):
            return "element"
        if line.name.startswith(("pul.", "pulse.", "ton.")):
            return "other"
        symptom = self._kinds.get(line.name) == ValueKind.SCORE or line.name.startswith("sym.")
        return "score" if symptom and line.top() <= _SCORE_CEILING else "lab"

    def _relevance(self, line: Line) -> tuple[bool, bool, float, int]:
        observed = line.observed
        main = observed.max() > _MAIN_CEILING or (line.upper or 0.0) > _MAIN_CEILING
        return line.forecast is not None, main, float(observed.max()), len(observed)


def variables_of(forecast: Forecast | None, course: Course | None) -> Mapping[str, Variable]:
    out: dict[str, Variable] = {}
    for source in (course, forecast):
        if source is not None:
            out.update({v.name: v for v in source.variables})
    return out


def total(lines: list[Line]) -> Line | None:
    """Sum of the scores recorded at each visit; None for a single score, which is its own total."""
    by_day: dict[float, float] = defaultdict(float)
    seen: dict[float, bool] = {}
    for line in lines:
        for day, value in zip(line.days.tolist(), line.values.tolist(), strict=True):
            seen.setdefault(day, False)
            if not math.isnan(value):
                by_day[day] += value
                seen[day] = True
    if len(lines) < 2:
        return None
    days = sorted(seen)
    values = [by_day[d] if seen[d] else math.nan for d in days]
    return Line(name="total", label="", days=np.array(days), values=np.array(values))


def effect(visits: Sequence[Visit]) -> Line | None:
    """Effect index of each scored visit after the first such, over what both grade; None where there is none at all."""
    told = [at for at, visit in enumerate(visits) if scored(visit)]
    values = np.full(len(visits), math.nan)
    for at in told[1:]:
        index = effect_between(visits[told[0]], visits[at]).index
        values[at] = math.nan if index is None else index
    if np.isnan(values).all():
        return None
    days = np.array([visit.day for visit in visits], dtype=np.float64)
    return Line(name="effect", label="", days=days, values=values, upper=1.0)


def forecast_path(forecast: Forecast | None, line: Line, origin: float) -> Path | None:
    """The forecast of a line after ``origin``; None where there is none.

    It is not tied to the last value: a score seen once too high is expected lower at once, and a line drawn from the
    one to the other would tell of a fall within the first day.
    """
    if forecast is None or line.name not in forecast.names:
        return None
    ahead = forecast.at > origin + 1e-9
    if not ahead.any():
        return None
    column = forecast.names.index(line.name)
    days = forecast.at[ahead]
    if forecast.variables[column].kind == "binary":
        share = forecast.chance[line.name][ahead]
        return Path(days, share, (share, share), (share, share), chance=True)
    known = np.array(forecast.quantile_levels)
    levels = [
        forecast.values[ahead, column, int(np.argmin(np.abs(known - level)))] for level in (0.05, 0.25, 0.5, 0.75, 0.95)
    ]
    return Path(days, levels[2], (levels[0], levels[4]), (levels[1], levels[3]))
