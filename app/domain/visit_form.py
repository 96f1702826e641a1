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
from app.domain.errors import no_such_visit
from app.domain.formula_line import OWN, FormulaLine, content, read_line, write_line
from app.domain.labs import Lab, labs_of, last_values, offered
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

SIGN = (0, 1)  # steps of a symptom that is there or not
_FORM = 1  # of the JSON
_LATER = ("copied", "labs")  # fields a form of this number may lack: it was kept before there were any


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
    """date: None for a visit without one, where days after the visit before are given instead, if there is one before.

    pulses: words by place, WHOLE for the pulse as a whole; formula: one line, see ``formula_line``
    number: of the visit that is corrected, 0 for a new one
    copied: which of "pulse", "tongue", "disease", "syndrome", "formula" are those of the visit before, untouched
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
    further: bool = True  # a new visit goes on with the further prescriptions of the last one (外洗方)
    note: str = ""
    outcome: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)  # by ``caution_key``: why it is prescribed all the same
    copied: tuple[str, ...] = ()
    labs: tuple[Lab, ...] = ()  # an empty one was not measured


def steps_of(finding: Finding) -> tuple[float, ...]:
    """The values that can be chosen: the scale of the concept, a wider one where the course has values beyond it."""
    if finding.kind is not ValueKind.SCORE:
        return SIGN
    scale: tuple[float, ...] = SCALES[scale_of(finding.concept)]
    value = finding.value
    if value is None or value in scale:
        return scale
    if value == int(value) and 0 <= value <= 10:
        return tuple(range(1 + max(int(scale[-1]), 10 if value > 6 else 6)))
    return tuple(sorted({*scale, value}))


def copied_forward(case: Case, today: dt.date) -> VisitForm:
    """The next visit, as the last one left things. Without a visit before: an empty first visit of today."""
    if not case.visits:
        return VisitForm(date=today)
    last = case.visits[-1]
    dated = any(visit.date is not None for visit in case.visits)
    form = _said(last)
    script = script_before(case, 0)
    form = replace(
        form,
        number=0,
        date=today if dated else None,
        days_after=None if dated else usual_gap(case),
        findings=tuple(replace(one, copied=True) for one in form.findings),
        formula=_again(script) if script is not None else "",
        note="",
        outcome="",
        labs=offered((), last_values(case.visits)),
    )
    said = {"pulse": form.pulses, "tongue": form.tongue, "disease": form.disease, "syndrome": form.syndrome}
    return replace(form, copied=tuple(name for name, value in {**said, "formula": form.formula}.items() if value))


def corrected(case: Case, number: int) -> VisitForm:
    """The form of a visit that was entered before. Raises KnownError where there is no such visit."""
    visit = numbered(case, number)
    form = _said(visit)
    line = _line_of(visit.prescriptions[0], script_before(case, number)) if visit.prescriptions else ""
    before = visits_before(case, number)
    days = visit.day - before[-1].day if visit.date is None and before else None
    labs = offered(form.labs, last_values(before))
    return replace(form, number=number, date=visit.date, days_after=days, formula=line, labs=labs)


def visits_before(case: Case, number: int) -> tuple[Visit, ...]:
    """The visits before the one of this number (0: before a new one), in their order in time."""
    if not number:
        return case.visits
    at = next(place for place, visit in enumerate(case.visits) if visit.number == number)
    return case.visits[:at]


def read_formula(form: VisitForm, case: Case) -> FormulaLine:
    """What the form's line says in this course."""
    return read_line(form.formula, script_before(case, form.number), own_script(case, form.number))


def own_script(case: Case, number: int) -> Prescription | None:
    """The prescription a corrected visit has; None for a new one."""
    visit = next((one for one in case.visits if one.number == number), None) if number else None
    return visit.prescriptions[0] if visit is not None and visit.prescriptions else None


def further_before(case: Case) -> tuple[Prescription, ...]:
    """What the last visit prescribes beside its first prescription: washes, pills."""
    return case.visits[-1].prescriptions[1:] if case.visits else ()


def script_before(case: Case, number: int) -> Prescription | None:
    """The prescription that was in force before the visit of this number (0: before a new one)."""
    before = [v for v in case.visits if not number or v.number != number]
    if number:
        day = numbered(case, number).day
        before = [v for v in before if v.day <= day]
    return next((v.prescriptions[0] for v in reversed(before) if v.prescriptions), None)


def usual_gap(case: Case) -> float:
    """Median of the days between visits; 7 for a first follow-up."""
    gaps = sorted(b.day - a.day for a, b in zip(case.visits, case.visits[1:], strict=False))
    return gaps[len(gaps) // 2] if gaps else 7.0


def to_json(form: VisitForm) -> dict[str, Any]:
    values = dataclasses.asdict(form)
    values["date"] = form.date.isoformat() if form.date else None
    values["pulses"] = {f"{side}.{place}": words for (side, place), words in form.pulses.items()}
    return {"form": _FORM, **values}


def from_json(kept: Mapping[str, Any]) -> VisitForm:
    """The inverse of ``to_json``. Raises KeyError, TypeError, ValueError for what it did not write."""
    if kept["form"] != _FORM:
        raise ValueError(f"form {kept['form']!r}")
    names = [one.name for one in dataclasses.fields(VisitForm) if one.name in kept or one.name not in _LATER]
    values = {name: kept[name] for name in names}
    values["date"] = dt.date.fromisoformat(kept["date"]) if kept["date"] else None
    values["findings"] = tuple(Finding(**{**one, "kind": ValueKind(one["kind"])}) for one in kept["findings"])
    values["tongue"] = tuple(kept["tongue"])
    values["labs"] = tuple(Lab(**one) for one in kept.get("labs", ()))
    values["copied"] = tuple(kept.get("copied", ()))
    pulses: dict[tuple[Side, Position], str] = {}
    for key, words in kept["pulses"].items():
        side, _, place = key.partition(".")
        pulses[Side(side), Position(place)] = words
    values["pulses"] = pulses
    return VisitForm(**values)


def _said(visit: Visit) -> VisitForm:
    return VisitForm(
        findings=tuple(finding_of(one) for one in visit.observations if is_shown(one)),
        tongue=tuple(dict.fromkeys(one.concept for one in visit.observations if is_tongue_sign(one))),
        pulses={(one.side, one.position): one.raw or pulse.name(one.terms) for one in visit.pulses},
        disease=_first(visit.diagnoses, "disease"),
        syndrome=_first(visit.diagnoses, "syndrome"),
        note=visit.text,
        outcome=visit.outcome,
        labs=labs_of(visit),
    )


def is_shown(one: Observation) -> bool:
    """Whether the form has a row for it: scores, and symptoms that are there or not."""
    return one.kind is ValueKind.SCORE or (one.concept.startswith("sym.") and one.kind is ValueKind.CODE)


def is_tongue_sign(one: Observation) -> bool:
    """A sign the tongue shows; one it is said not to show has no tile."""
    return one.concept.startswith("ton.") and one.kind is ValueKind.CODE and not one.negated


def finding_of(one: Observation) -> Finding:
    if one.kind is ValueKind.SCORE:
        return Finding(one.concept, one.number)
    return Finding(one.concept, 0.0 if one.negated else 1.0, ValueKind.CODE)


def _first(diagnoses: Sequence[Diagnosis], kind: str) -> str:
    return next((one.text for one in diagnoses if one.kind == kind), "")


def _again(script: Prescription) -> str:
    """The line that means the prescription before, with its number of doses."""
    name = script.formula
    if not name or read_line(name, script).prescription.items != script.items:
        name = "原方"
    return f"{name} {script.days:g}剂" if script.days else name


def _line_of(given: Prescription, before: Prescription | None) -> str:
    """A line that means exactly this prescription: as it was typed, written out, or else by reference."""
    for line in (given.raw, write_line(given)):
        read = read_line(line, before, given)
        open_words = read.unknown or read.missing or read.unclear or read.undosed
        if line and not open_words and content(read.prescription) == content(given):
            return line
    return OWN


def numbered(case: Case, number: int) -> Visit:
    for visit in case.visits:
        if visit.number == number:
            return visit
    raise no_such_visit(case.patient.code, number)
