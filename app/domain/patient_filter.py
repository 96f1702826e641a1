"""A question to the patient list: whom to show. Plain values, so that it can be saved and told in words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, get_type_hints

from app.domain.errors import KnownError

ALL_OF = ("herbs", "tags")  # a patient has to have every one of these
ANY_OF = ("diagnoses", "syndromes", "formulas")  # and one of each of these
TERMS = (*ANY_OF, *ALL_OF)
SEXES = ("", "F", "M")
LONGEST, MANY = 200, 50  # characters of a term, terms of a kind
MOST_DAYS, OLDEST = 36_600, 150.0


@dataclass(frozen=True, slots=True)
class PatientFilter:
    """What is left empty asks for nothing; everything that is asked for has to hold.

    text: as typed into the search field
    diagnoses, syndromes, formulas, herbs, tags: codes, or words where the record has no code. One of the diagnoses
    suffices, likewise of syndromes and formulas; of herbs and tags all are asked for
    seen_from, seen_to: first and last date of the last visit; seen_within: the last visit at most so many days ago (0:
    today), counted anew each day
    worse: the total symptom score is higher at the last than at the first visit that has one, by a twentieth at least
    age_from, age_to: completed years at the first visit, both included
    beyond, at_risk: what a model found beyond expectation, or at risk
    """

    text: str = ""
    diagnoses: tuple[str, ...] = ()
    syndromes: tuple[str, ...] = ()
    formulas: tuple[str, ...] = ()
    herbs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    pinned: bool = False
    seen_from: dt.date | None = None
    seen_to: dt.date | None = None
    seen_within: int | None = None
    worse: bool = False
    sex: str = ""
    age_from: float | None = None
    age_to: float | None = None
    beyond: bool = False
    at_risk: bool = False

    @property
    def asks(self) -> bool:
        """Something besides the text."""
        return replace(self, text="") != EVERYONE

    def to_json(self) -> dict[str, Any]:
        """Only what is asked for; ``from_json`` gives the same filter back."""
        given = {name: value for name, value in asdict(self).items() if value != getattr(EVERYONE, name)}
        return {name: _plain(value) for name, value in given.items()}

    @classmethod
    def from_json(cls, data: Any) -> PatientFilter:
        """Raises KnownError for what ``to_json`` never writes."""
        if not isinstance(data, Mapping):
            raise KnownError("This is no filter of patients: {value}.", value=str(data)[:80])
        known = {field.name for field in fields(cls)}
        for name in data:
            if name not in known:
                raise KnownError(
                    "A filter of patients has nothing called {name}. It may come from a newer version.",
                    name=str(name)[:80],
                )
        return checked(cls(**{name: _read(name, value) for name, value in data.items()}))


EVERYONE = PatientFilter()


def checked(asked: PatientFilter) -> PatientFilter:
    """The filter itself. Raises KnownError for dates, ages or days that nobody can meet."""
    spans = ((asked.seen_from, asked.seen_to), (asked.age_from, asked.age_to))
    for low, high in spans:
        if low is not None and high is not None and low > high:  # pyright: ignore[reportOperatorIssue]
            raise KnownError("A filter from {low} to {high} finds nobody. Exchange the two.", low=low, high=high)
    return asked


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _read(name: str, value: Any) -> Any:
    read = _READERS[name] if name in _READERS else _BY_TYPE[get_type_hints(PatientFilter)[name]]
    try:
        return read(value)
    except (TypeError, ValueError) as error:
        raise KnownError("The filter's {name} cannot be {value}.", name=name, value=str(value)[:80] or '""') from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError
    return value


def _terms(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MANY or not all(value):
        raise ValueError
    return tuple(dict.fromkeys(map(_text, value)))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _date(value: Any) -> dt.date:
    return dt.date.fromisoformat(_text(value))


def _days(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_DAYS:
        raise ValueError
    return value


def _age(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= OLDEST:
        raise ValueError
    if not math.isfinite(value):
        raise ValueError
    return float(value)


def _sex(value: Any) -> str:
    if value not in SEXES:
        raise ValueError
    return str(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "sex": _sex,
    "seen_within": _days,
    "seen_from": _date,
    "seen_to": _date,
    "age_from": _age,
    "age_to": _age,
}
_BY_TYPE: dict[Any, Callable[[Any], Any]] = {str: _text, bool: _flag, tuple[str, ...]: _terms}
