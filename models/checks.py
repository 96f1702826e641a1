"""Checks of what a model is built with and learns from, each with the reason in its refusal."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from models.course import Course
from models.errors import ModelError, TrainingError


def shown(value: object) -> str:
    """A value as an error quotes it: itself where that is short, else its type."""
    text = repr(value)
    return text if len(text) <= 80 and "\n" not in text else f"a {type(value).__name__}"


def whole(name: str, value: object, lowest: int = 1) -> int:
    """The number itself. Raises ModelError for anything but a whole number of at least ``lowest``."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ModelError(f"{name} must be a whole number, got {shown(value)}")
    if value < lowest:
        raise ModelError(f"{name} must be at least {lowest}, got {value}")
    return int(value)


def share(name: str, value: object) -> float:
    """The number itself. Raises ModelError for anything but a number in [0, 1)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError(f"{name} must be a number, got {shown(value)}")
    if not 0 <= value < 1:
        raise ModelError(f"{name} is {value}, expected 0 <= {name} < 1")
    return float(value)


def check_days(patient: str, at: Sequence[float] | NDArray[np.float64], last_day: float) -> NDArray[np.float64]:
    """Days to forecast as an array. Raises ModelError for anything but finite days, none before ``last_day``."""
    days = np.atleast_1d(np.asarray(at, dtype=np.float64))
    if days.ndim != 1 or not np.isfinite(days).all():
        raise ModelError(f"forecast {patient}: days must be a row of finite numbers, got {at!r}")
    if len(days) and days.min() < last_day:
        raise ModelError(f"forecast {patient}: day {days.min():g} lies before the last visit on day {last_day:g}")
    return days


def check_courses(courses: Sequence[Course]) -> list[Course]:
    """Those with a visit. Raises TrainingError where nothing is observed, ModelError where variables disagree."""
    kept = [c for c in courses if len(c)]
    if not kept:
        raise TrainingError("no course has a visit: there is nothing to learn from")
    names = kept[0].names
    if not names:
        raise TrainingError("the courses have no variable: choose at least one to forecast")
    if len(set(names)) != len(names):
        raise ModelError(f"a variable comes twice: {', '.join(names)}")
    for course in kept:
        if course.names != names:
            raise ModelError(f"course {course.patient} has variables {course.names}, expected {names}")
    if all(np.isnan(c.values).all() for c in kept):
        raise TrainingError("no value is observed in any course: there is nothing to learn from")
    return kept
