"""What one visit says, one fact a subject, so that two visits can be laid side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.domain.herbs import clean_name
from app.domain.records import Observation, PrescriptionItem, PulseReading, ValueKind, Visit
from app.domain.vocabulary import active, normal_term

SYMPTOM, TONGUE, ELEMENT = "sym.", "ton.", "ele."
NAME, DOSES = "name", "doses"  # keys of the rows on the formula as a whole
OTHER_TONGUE = "other"


class Kind(StrEnum):
    """In the order in which they are shown."""

    SCORE = "score"
    SIGN = "sign"
    TONGUE = "tongue"
    PULSE = "pulse"
    ELEMENT = "element"  # 证素 with a figure, as a reading of the syndrome gives it
    DIAGNOSIS = "diagnosis"
    FORMULA = "formula"
    HERB = "herb"
    LAB = "lab"


@dataclass(frozen=True, slots=True)
class Fact:
    """What a visit says of one subject; a subject of which it says nothing has no fact.

    present: False where the sign is denied, or the formula is without the herb
    number: score, measured value, grams a day or doses; 0 where a sign is denied; None where none is given
    terms: codes or normalised words, in which facts are compared; words: the same as written
    detail: how a herb is processed, or its dose in words where it has no grams
    """

    present: bool = True
    number: float | None = None
    terms: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    detail: str = ""


Key = tuple[Kind, str, str]  # kind, subject, unit
Facts = dict[Key, Fact]


def facts(visit: Visit) -> Facts:
    """Every fact of a visit by its subject: a concept's code, an aspect of the tongue, "left.cun", a kind of diagnosis,
    ``NAME``, ``DOSES``, a herb's code or its name as written. Scores are ``Kind.SCORE`` (of syndrome elements
    ``Kind.ELEMENT``), other signs ``Kind.SIGN``.
    """
    found = findings(visit)
    _put_terms(found, Kind.TONGUE, _tongue(visit.observations))
    _put_terms(found, Kind.PULSE, _pulse(visit.pulses))
    _put_terms(
        found, Kind.DIAGNOSIS, ((d.kind, d.code or normal_term(d.text), d.text or d.code) for d in visit.diagnoses)
    )
    _put_formula(found, visit)
    return found


def findings(visit: Visit) -> Facts:
    """The scores, signs and measured values among the facts."""
    found: Facts = {}
    for one in visit.observations:
        if not one.concept.startswith(TONGUE):
            _put_finding(found, one)
    return found


def herb_key(item: PrescriptionItem) -> str:
    return item.herb or clean_name(item.raw_name) or item.raw_name


def _put_finding(found: Facts, one: Observation) -> None:
    if one.kind is ValueKind.NUMBER:
        if one.number is not None:
            found[Kind.LAB, one.concept, one.unit] = Fact(number=one.number)
        return
    if one.kind is ValueKind.SCORE and not one.negated:
        if one.number is not None and one.number >= 0:  # no scale has a negative score
            kind = Kind.ELEMENT if one.concept.startswith(ELEMENT) else Kind.SCORE
            found[kind, one.concept, ""] = Fact(one.number > 0, one.number)
        return
    key = (Kind.SIGN, one.concept, "")
    if one.negated or (one.kind is ValueKind.CODE and one.number == 0):
        found.setdefault(key, Fact(False, 0.0))
    elif one.kind is ValueKind.TEXT:
        found[key] = Fact(terms=(normal_term(one.text),), words=(one.text,))
    else:
        other = one.code if one.code != one.concept else ""
        found[key] = Fact(terms=(other,) if other else (), words=(one.raw or other,) if other else ())


def _tongue(observations: Iterable[Observation]) -> Iterator[tuple[str, str, str]]:
    for one in observations:
        if one.concept.startswith(TONGUE) and not one.negated and one.number != 0:
            concept = active().concepts.get(one.concept)
            aspect = concept.extra.get("category") if concept is not None else None
            yield aspect or OTHER_TONGUE, one.concept, one.raw or one.text


def _pulse(readings: Iterable[PulseReading]) -> Iterator[tuple[str, str, str]]:
    for one in readings:
        place = f"{one.side}.{one.position}"
        if one.terms:
            for term in one.terms:
                yield place, term, term
        elif one.raw:
            yield place, normal_term(one.raw), one.raw


def _put_terms(found: Facts, kind: Kind, named: Iterable[tuple[str, str, str]]) -> None:
    """named: subject, term, term as written; the terms of one subject become one fact."""
    grouped: dict[str, dict[str, str]] = {}
    for subject, term, word in named:
        if term:
            grouped.setdefault(subject, {}).setdefault(term, word)
    for subject, terms in grouped.items():
        found[kind, subject, ""] = Fact(terms=tuple(terms), words=tuple(terms.values()))


def _put_formula(found: Facts, visit: Visit) -> None:
    given = visit.prescriptions
    _put_terms(found, Kind.FORMULA, ((NAME, normal_term(p.formula), p.formula) for p in given))
    if len(given) == 1 and given[0].days is not None:
        found[Kind.FORMULA, DOSES, ""] = Fact(number=given[0].days)
    for item in (item for p in given for item in p.items):
        key = (Kind.HERB, herb_key(item), "")
        grams, before = item.grams, found.get(key)
        if before is not None:  # in two formulas of one visit
            grams = None if grams is None or before.number is None else grams + before.number
        detail = " ".join(part for part in (item.processing, item.raw_dose if grams is None else "") if part)
        found[key] = Fact(number=grams, words=(item.raw_name,), detail=detail)
