"""Measured values of a visit being entered: laboratory, weight, a scale in figures.

What was measured before is offered anew and never carried over: a value that was not measured today stays empty. What
the vocabulary has no concept for is named by its own words, as an import names it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.domain.errors import KnownError
from app.domain.records import Observation, ValueKind, Visit
from app.domain.vocabulary import active

LARGEST = 1e15  # beyond any measurement; an import refuses the same
LONGEST_NAME, LONGEST_UNIT = 60, 20  # characters
FAR = 8.0  # times the value before: a slip of the point more often than a finding
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_UNIT = re.compile(
    r"[(\[]([^)\]]{1,20})[)\]]$|(?<=\s)(\S*[%‰/°]\S*|[kmnp\u03bc]?g|[mnp\u03bc]?mol|[cm]?m|mmHg|fl|pg)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Lab:
    """One measured value of the form. typed: as it stands in the field, "" where it was not measured."""

    concept: str
    unit: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class LastValue:
    """What was measured before. day: of that visit on the patient's clock."""

    number: float
    day: float


def is_measured(one: Observation) -> bool:
    return one.kind is ValueKind.NUMBER and one.number is not None


def lab_of(one: Observation) -> Lab:
    return Lab(one.concept, one.unit, number_words(one.number))


def labs_of(visit: Visit) -> tuple[Lab, ...]:
    return tuple(lab_of(one) for one in visit.observations if is_measured(one))


def last_values(visits: Iterable[Visit]) -> dict[tuple[str, str], LastValue]:
    """By concept and unit: the last of these visits that measured it. In the order in which they were first measured.

    visits: in their order in time
    """
    found: dict[tuple[str, str], LastValue] = {}
    for visit in visits:
        for one in visit.observations:
            if is_measured(one) and one.number is not None:
                found[one.concept, one.unit] = LastValue(one.number, visit.day)
    return found


def offered(given: Sequence[Lab], before: Iterable[tuple[str, str]]) -> tuple[Lab, ...]:
    """What the visit gives, then what was measured before and has no value yet."""
    known = {(one.concept, one.unit) for one in given}
    return (*given, *(Lab(concept, unit) for concept, unit in before if (concept, unit) not in known))


def number_words(number: float | None) -> str:
    """As it is shown in the field; no digit that was given is lost."""
    return "" if number is None else f"{number:.15g}"


def read_number(typed: str) -> float:
    """Raises KnownError for what is no finite number, and for a bound ("<0.1"), which is no value."""
    text = unicodedata.normalize("NFKC", typed).strip().replace("−", "-")
    if text[:1] in ("<", ">", "≤", "≥") or text[-1:] in ("↑", "↓"):
        template = "{value} is a bound or bears an arrow; give the number itself, or leave the field empty."
        raise KnownError(template, value=typed.strip())
    plain = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    raised = any(unicodedata.decomposition(letter).startswith(("<super>", "<sub>", "<circle>")) for letter in typed)
    if raised or not _NUMBER.fullmatch(plain):
        raise KnownError("{value} is not a number; write it such as 12.5.", value=typed.strip())
    number = float(plain)
    if not abs(number) <= LARGEST:
        raise KnownError("{value} is larger than anything that is measured.", value=typed.strip())
    return number


def far_off(typed: str, last: LastValue | None) -> bool:
    """Whether the value is so far from the one before that a slip is likelier. False for what is no number."""
    try:
        number = read_number(typed)
    except KnownError:
        return False
    if last is None or not last.number:
        return False
    share = number / last.number
    return share > FAR or share < 1 / FAR


def observation_of(lab: Lab, was: Observation | None = None) -> Observation:
    """A value that was typed. was: the row of the visit it stands in for, of which all else stays."""
    base = was if was is not None else Observation(lab.concept, ValueKind.NUMBER, unit=lab.unit)
    return replace(base, number=read_number(lab.typed), raw=lab.typed.strip())


def measures() -> list[tuple[str, str]]:
    """Concept and unit of all that the clinic's vocabulary can measure."""
    return [(one.code, one.unit) for one in active().concepts.values() if one.unit]


def named(words: str) -> Lab:
    """ "ALT U/L" or "ALT (U/L)": a measure by its own words. Raises KnownError for what cannot be a name.

    One that the vocabulary names is its concept, in the unit it has there where none is given.
    """
    text = " ".join(unicodedata.normalize("NFKC", words).split())
    found = _UNIT.search(text)
    name, unit = (text[: found.start()].strip(), found[1] or found[2]) if found and found.start() else (text, "")
    if not name or len(name) > LONGEST_NAME or len(unit) > LONGEST_UNIT or not name.isprintable():
        raise KnownError("{words} is no name of a measure; write it such as ALT U/L.", words=words.strip()[:40])
    concept = active().find(name)
    if concept is not None:
        return Lab(concept.code, unit or concept.unit)
    return Lab(f"x.{name}", unit)
