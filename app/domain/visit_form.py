"""A visit as it is being entered: copied forward from the one before, filled in, and made into a record.

Plain data without Qt; ``visit_making`` makes the record of it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain import pulse
from app.domain.errors import KnownError
from app.domain.formula_line import read_line, write_line
from app.domain.records import (
    Case,
    Diagnosis,
    Observation,
    Position,
    Prescription,
    Side,
    ValueKind,
    Visit,
)
from app.domain.scores import SCALES, scale_of

PLACES = tuple(
    (side, place) for side in (Side.LEFT, Side.RIGHT) for place in (Position.CUN, Position.GUAN, Position.CHI)
)
WHOLE = (Side.BOTH, Position.WHOLE)
SIGN = (0, 1)  # steps of a symptom that is there or not
_FORM = 1  # of the JSON


@dataclass(frozen=True, slots=True)
class Finding:
    """A symptom of the form. value: a step, None where nobody asked; kind: SCORE, or CODE for there or not.

    copied: the value is the one of the visit before, and nobody has touched it
    """

    concept: str
    value: float | None
    kind: ValueKind = ValueKind.SCORE
    copied: bool = False


@dataclass(frozen=True, slots=True)
class VisitForm:
    """date: None in a course without dates, where days after the visit before are given instead.

    pulses: words by place, WHOLE for the pulse as a whole; formula: one line, see ``formula_line``
    number: of the visit that is corrected, 0 for a new one
    """

    number: int = 0
    date: dt.date | None = None
    days_after: float | None = None
    findings: tuple[Finding, ...] = ()
    tongue: tuple[str, ...] = ()
    pulses: Mapping[tuple[Side, Position], str] = field(default_factory=dict)
    disease: str = ""
    syndrome: str = ""
    formula: str = ""
    note: str = ""
    outcome: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)  # by ``caution_key``: why it is prescribed all the same


def steps_of(finding: Finding) -> tuple[int, ...]:
    """The values that can be chosen: the scale of the concept, a wider one where the course has values beyond it."""
    if finding.kind is not ValueKind.SCORE:
        return SIGN
    scale = SCALES[scale_of(finding.concept)]
    if finding.value is None or finding.value in scale:
        return scale
    most = max(scale[-1], 10 if finding.value > 6 else 6)
    return tuple(range(most + 1))


def copied_forward(case: Case, today: dt.date) -> VisitForm:
    """The next visit, as the last one left things. Without a visit before: an empty first visit of today."""
    if not case.visits:
        return VisitForm(date=today)
    last = case.visits[-1]
    dated = any(visit.date is not None for visit in case.visits)
    form = _said(last)
    scripts = last.prescriptions or _last_prescription(case, last)
    return replace(
        form,
        number=0,
        date=today if dated else None,
        days_after=None if dated else usual_gap(case),
        findings=tuple(replace(one, copied=True) for one in form.findings),
        formula=_again(scripts[0]) if scripts else "",
        note="",
        outcome="",
    )


def corrected(case: Case, number: int) -> VisitForm:
    """The form of a visit that was entered before. Raises KnownError where there is no such visit."""
    visit = numbered(case, number)
    before = previous_of(case, number)
    form = _said(visit)
    days = None if visit.date is not None or before is None else visit.day - before.day
    line = ""
    if visit.prescriptions:
        given = visit.prescriptions[0]
        line = given.raw
        if not line or script_content(read_line(line, script_of(before)).prescription) != script_content(given):
            line = write_line(given)
    return replace(form, number=number, date=visit.date, days_after=days, formula=line)


def previous_of(case: Case, number: int) -> Visit | None:
    """The visit before the one of this number; 0: before a new one."""
    if not number:
        return case.visits[-1] if case.visits else None
    place = next((i for i, visit in enumerate(case.visits) if visit.number == number), 0)
    return case.visits[place - 1] if place else None


def script_before(case: Case, number: int) -> Prescription | None:
    """The prescription that was in force before the visit of this number (0: before a new one)."""
    before = [v for v in case.visits if not number or v.number != number]
    if number:
        day = numbered(case, number).day
        before = [v for v in before if v.day <= day]
    return next((v.prescriptions[0] for v in reversed(before) if v.prescriptions), None)


def script_of(visit: Visit | None) -> Prescription | None:
    return visit.prescriptions[0] if visit is not None and visit.prescriptions else None


def usual_gap(case: Case) -> float:
    """Median of the days between visits; 7 for a first follow-up."""
    gaps = sorted(b.day - a.day for a, b in zip(case.visits, case.visits[1:], strict=False))
    return gaps[len(gaps) // 2] if gaps else 7.0


def to_json(form: VisitForm) -> dict[str, Any]:
    content = dataclasses.asdict(form)
    content["date"] = form.date.isoformat() if form.date else None
    content["pulses"] = {f"{side}.{place}": words for (side, place), words in form.pulses.items()}
    return {"form": _FORM, **content}


def from_json(content: Mapping[str, Any]) -> VisitForm:
    """The inverse of ``to_json``. Raises KeyError, TypeError, ValueError for what it did not write."""
    if content["form"] != _FORM:
        raise ValueError(f"form {content['form']!r}")
    values = {name.name: content[name.name] for name in dataclasses.fields(VisitForm)}
    values["date"] = dt.date.fromisoformat(content["date"]) if content["date"] else None
    values["findings"] = tuple(Finding(**{**one, "kind": ValueKind(one["kind"])}) for one in content["findings"])
    values["tongue"] = tuple(content["tongue"])
    pulses: dict[tuple[Side, Position], str] = {}
    for key, words in content["pulses"].items():
        side, _, place = key.partition(".")
        pulses[Side(side), Position(place)] = words
    values["pulses"] = pulses
    return VisitForm(**values)


def _said(visit: Visit) -> VisitForm:
    return VisitForm(
        findings=tuple(finding_of(one) for one in visit.observations if is_shown(one)),
        tongue=tuple(one.concept for one in visit.observations if one.concept.startswith("ton.") and not one.negated),
        pulses={(one.side, one.position): one.raw or pulse.name(one.terms) for one in visit.pulses},
        disease=_first(visit.diagnoses, "disease"),
        syndrome=_first(visit.diagnoses, "syndrome"),
        note=visit.text,
        outcome=visit.outcome,
    )


def is_shown(one: Observation) -> bool:
    """Whether the form has a row for it: scores, and symptoms that are there or not."""
    return one.kind is ValueKind.SCORE or (one.concept.startswith("sym.") and one.kind is ValueKind.CODE)


def finding_of(one: Observation) -> Finding:
    if one.kind is ValueKind.SCORE:
        return Finding(one.concept, one.number)
    return Finding(one.concept, 0.0 if one.negated else 1.0, ValueKind.CODE)


def _first(diagnoses: Sequence[Diagnosis], kind: str) -> str:
    return next((one.text for one in diagnoses if one.kind == kind), "")


def _again(script: Prescription) -> str:
    """The line that means the prescription before, with its number of doses."""
    name = script.formula or "原方"
    if read_line(name, script).prescription.items != script.items:
        name = "原方"
    return f"{name} {script.days:g}剂" if script.days else name


def _last_prescription(case: Case, last: Visit) -> tuple[Prescription, ...]:
    return next((v.prescriptions for v in reversed(case.visits) if v.prescriptions and v is not last), ())


def script_content(script: Prescription) -> list[Any]:
    return [script.formula, script.days, [(i.herb or i.raw_name, i.grams, i.processing, i.note) for i in script.items]]


def numbered(case: Case, number: int) -> Visit:
    for visit in case.visits:
        if visit.number == number:
            return visit
    raise KnownError(
        "Patient {patient} has no visit with the number {number}; someone may have taken it out.",
        patient=case.patient.code,
        number=number,
    )
