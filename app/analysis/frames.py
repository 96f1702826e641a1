"""Courses and forecasts as pandas tables: what a researcher looks at in a notebook or takes to another program.

``app.analysis.long.courses_from_long`` makes the same courses of them again, told their variables:

    courses_from_long(values_frame(courses), static=static_frame(courses), treatments=treatments_frame(courses),
                      events=events_frame(courses), kinds={v.name: v for v in courses[0].variables})
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from app.analysis.tables import as_text
from models.course import Course, Variable
from models.forecast import Forecast

MEDIAN = 0.5


def values_frame(courses: Iterable[Course]) -> pd.DataFrame:
    """A row an observed value: patient, time (days since the first visit), variable, label, unit, value.

    Values of categorical variables are their levels.
    """
    rows = [
        (course.patient, time, variable.name, variable.label, variable.unit, _in_words(variable, value))
        for course in courses
        for time, seen in zip(course.times.tolist(), course.values.tolist(), strict=True)
        for variable, value in zip(course.variables, seen, strict=True)
        if not np.isnan(value)
    ]
    return _frame(rows, ["patient", "time", "variable", "label", "unit", "value"])


def treatments_frame(courses: Iterable[Course]) -> pd.DataFrame:
    """A row a treatment: patient, treatment, start and end (days), dose (a day)."""
    rows = [(c.patient, t.name, t.start, t.end, t.dose) for c in courses for t in c.treatments]
    return _frame(rows, ["patient", "treatment", "start", "end", "dose"])


def static_frame(courses: Iterable[Course]) -> pd.DataFrame:
    """A row a patient: patient, then a column a static covariate, NaN where unknown."""
    kept = list(courses)
    names = list(dict.fromkeys(name for course in kept for name in course.static))
    rows = [(c.patient, *(c.static.get(name, np.nan) for name in names)) for c in kept]
    return _frame(rows, ["patient", *names])


def events_frame(courses: Iterable[Course]) -> pd.DataFrame:
    """A row an event: patient, time (days), event; event is "" at the day until which a patient was followed."""
    rows: list[tuple[str, float, str]] = []
    for course in courses:
        rows += [(course.patient, event.day, event.name) for event in course.events]
        if course.followed is not None:
            rows.append((course.patient, float(course.followed), ""))
    return _frame(rows, ["patient", "time", "event"])


def forecast_frame(*forecasts: Forecast) -> pd.DataFrame:
    """A row a variable and day: patient, time, variable, median, the other quantiles (q0.05, ..), chance.

    chance: that a binary variable is 1. Binary and categorical variables have no quantiles, all others no chance; see
    ``chances_frame`` for the chance of each class.
    """
    levels = list(dict.fromkeys(level for f in forecasts for level in f.quantile_levels if level != MEDIAN))
    rows = [
        (forecast.patient, day, variable.name, *numbers)
        for forecast in forecasts
        for place, variable in enumerate(forecast.variables)
        for day, numbers in zip(forecast.at.tolist(), _numbers(forecast, place, [MEDIAN, *levels]), strict=True)
    ]
    return _frame(rows, ["patient", "time", "variable", "median", *(f"q{level:g}" for level in levels), "chance"])


def _numbers(forecast: Forecast, place: int, levels: Sequence[float]) -> list[list[float]]:
    """A row a day: the quantiles at these levels, NaN where there are none, and the chance."""
    variable = forecast.variables[place]
    out = np.full((len(forecast.at), len(levels) + 1), np.nan)
    if variable.kind == "binary":
        out[:, -1] = forecast.chance[variable.name]
    elif variable.kind != "categorical":
        for column, level in enumerate(levels):
            if level in forecast.quantile_levels:
                out[:, column] = forecast.quantile(level)[variable.name]
    return out.tolist()


def chances_frame(*forecasts: Forecast) -> pd.DataFrame:
    """A row a class and day: patient, time, variable, level, chance; of classes without a name level is the value.

    An event is a variable with the level "": the chance that it has come by then.
    """
    rows: list[tuple[str, float, str, str, float]] = []
    for forecast in forecasts:
        of = {v.name: v for v in forecast.variables}
        for name, chances in forecast.probabilities.items():
            words = [as_text(_in_words(of[name], value)) for value in forecast.classes[name]]
            for day, row in zip(forecast.at.tolist(), chances.tolist(), strict=True):
                rows += [(forecast.patient, day, name, word, p) for word, p in zip(words, row, strict=True)]
        for event, living in forecast.survival.items():
            rows += [
                (forecast.patient, day, event, "", 1.0 - alive)
                for day, alive in zip(forecast.at.tolist(), living.tolist(), strict=True)
            ]
    return _frame(rows, ["patient", "time", "variable", "level", "chance"])


def _in_words(variable: Variable, value: float) -> float | str:
    return variable.levels[int(value)] if variable.kind == "categorical" and variable.levels else value


def _frame(rows: Sequence[tuple[object, ...]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=pd.Index(columns))
