"""The record a form of entry makes, what keeps it from being made, and what has to be signed.

What the form does not show of a visit that is corrected (laboratory values, free findings) stays as it was.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain import pulse, safety
from app.domain.errors import KnownError
from app.domain.formula_line import FormulaLine, read_line
from app.domain.prescription import BATCH_FORMULA
from app.domain.records import (
    Case,
    DateBasis,
    Diagnosis,
    Observation,
    Prescription,
    PulseReading,
    ValueKind,
    Visit,
    VisitKind,
)
from app.domain.visit_form import (
    WHOLE,
    VisitForm,
    finding_of,
    is_shown,
    numbered,
    previous_of,
    script_before,
    script_content,
)
from app.domain.vocabulary import active


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: "date", "findings", "pulse", "formula", "reasons" or "" for the whole."""

    where: str
    error: KnownError


@dataclass(frozen=True, slots=True)
class Signature:
    """A caution signed a second time. digest: of the herbs and doses that were signed for."""

    rule: str
    herbs: tuple[str, ...]
    reason: str
    digest: str


def cautions_of(line: FormulaLine, case: Case) -> tuple[safety.Caution, ...]:
    """What to look at in the formula, the gravest first."""
    pregnant = False if case.patient.sex == "M" else None
    daily = line.prescription.formula != BATCH_FORMULA
    return safety.check(line.prescription.items, pregnant=pregnant, daily=daily)


def caution_key(caution: safety.Caution) -> str:
    return f"{caution.rule}:{','.join(caution.herbs)}"


def unsigned(form: VisitForm, cautions: Iterable[safety.Caution]) -> list[safety.Caution]:
    """Those that want a reason and a second signature and have none yet."""
    return [one for one in cautions if one.countersign and not form.reasons.get(caution_key(one), "").strip()]


def signatures_of(form: VisitForm, case: Case) -> list[Signature]:
    """What is signed when the form is saved."""
    line = read_line(form.formula, script_before(case, form.number))
    mark = digest(line.prescription)
    return [
        Signature(one.rule, one.herbs, form.reasons[caution_key(one)].strip(), mark)
        for one in cautions_of(line, case)
        if one.countersign and form.reasons.get(caution_key(one), "").strip()
    ]


def digest(prescription: Prescription) -> str:
    """Of herbs and doses alone."""
    return hashlib.sha256(json.dumps(script_content(prescription), ensure_ascii=False).encode()).hexdigest()


def faults_of(form: VisitForm, case: Case, today: dt.date) -> list[Fault]:
    """Everything that keeps the form from being saved, in the order of the form."""
    found = _faults_of_time(form, case, today)
    for place, words in form.pulses.items():
        _, unknown = pulse.parse(words)
        if unknown:
            error = KnownError("{words} is no pulse that the vocabulary knows.", words="、".join(unknown))
            found.append(Fault("pulse" if place == WHOLE else f"pulse.{place[0]}.{place[1]}", error))
    line = read_line(form.formula, script_before(case, form.number))
    if line.unknown:
        error = KnownError("{words} is no herb that the vocabulary knows.", words="、".join(line.unknown))
        found.append(Fault("formula", error))
    for caution in unsigned(form, cautions_of(line, case)):
        error = KnownError("Give the reason below the formula: by it you sign a second time.")
        found.append(Fault(f"reasons.{caution_key(caution)}", error))
    if not found and not _says_something(form, line):
        found.append(Fault("", KnownError("Nothing is entered yet.")))
    return found


def to_visit(form: VisitForm, case: Case) -> Visit:
    """The record of a form without faults; of a corrected visit with what the form does not show."""
    base = numbered(case, form.number) if form.number else None
    before = previous_of(case, form.number)
    line = read_line(form.formula, script_before(case, form.number))
    script = line.prescription
    if base is not None and base.prescriptions and script_content(base.prescriptions[0]) == script_content(script):
        script = base.prescriptions[0]  # the words of the source stay with what nobody changed
    further = base.prescriptions[1:] if base is not None else ()
    number, day = (base.number, base.day) if base is not None else (1, 0.0)
    if base is None and before is not None:
        number = max(visit.number for visit in case.visits) + 1
        day = before.day + (form.days_after or 0.0)
    elif base is not None and before is not None and form.date is None and form.days_after is not None:
        day = before.day + form.days_after
    if form.date is not None:
        first = next((v for v in case.visits if v.date is not None), None)
        if first is not None and first.date is not None and base is None:
            day = first.day + (form.date - first.date).days
        basis = DateBasis.EXACT
    else:
        basis = base.basis if base is not None else DateBasis.RELATIVE
    return Visit(
        number=number,
        kind=base.kind if base is not None else (VisitKind.FOLLOW_UP if case.visits else VisitKind.FIRST),
        day=day,
        basis=basis,
        date=form.date,
        label=base.label if base is not None else "",
        text=form.note.strip(),
        observations=_observations(form, base),
        pulses=_pulses(form, base),
        diagnoses=_diagnoses(form, base),
        prescriptions=((script,) if script.items or script.formula else ()) + further,
        outcome=form.outcome.strip(),
    )


def _faults_of_time(form: VisitForm, case: Case, today: dt.date) -> list[Fault]:
    others = [visit for visit in case.visits if visit.number != form.number]
    if form.date is None:
        if others and not form.number and form.days_after is None:
            return [Fault("date", KnownError("Give the days since the visit before."))]
        if form.days_after is not None and form.days_after < 0:
            return [Fault("date", KnownError("A visit cannot come before the one before it."))]
        return []
    if form.date > today:
        return [Fault("date", KnownError("{date} is in the future.", date=form.date.isoformat()))]
    same = next((v for v in others if v.date == form.date), None)
    if same is not None and not form.number:
        error = KnownError(
            "Visit {number} is of {date} already. Correct that one instead.",
            number=same.number,
            date=form.date.isoformat(),
        )
        return [Fault("date", error)]
    return []


def _says_something(form: VisitForm, line: FormulaLine) -> bool:
    said = any(one.value is not None for one in form.findings) or any(words.strip() for words in form.pulses.values())
    return bool(said or form.tongue or form.syndrome or form.disease or form.note.strip() or line.prescription.items)


def _observations(form: VisitForm, base: Visit | None) -> tuple[Observation, ...]:
    old = {one.concept: one for one in base.observations} if base is not None else {}
    rows: list[Observation] = []
    for one in form.findings:
        if one.value is None:
            continue
        before = old.get(one.concept)
        if before is not None and finding_of(before).value == one.value and before.kind is one.kind:
            rows.append(before)
        elif one.kind is ValueKind.SCORE:
            rows.append(Observation(one.concept, ValueKind.SCORE, number=one.value))
        else:
            there = bool(one.value)
            rows.append(
                Observation(
                    one.concept, ValueKind.CODE, number=float(there), code=one.concept, negated=not there,
                    raw=active().label(one.concept),
                )
            )  # fmt: skip
    for code in form.tongue:
        before = old.get(code)
        kept = before is not None and not before.negated
        fresh = Observation(code, ValueKind.CODE, number=1.0, code=code, raw=active().label(code))
        rows.append(before if kept and before is not None else fresh)
    hidden = [one for one in old.values() if not is_shown(one) and (not one.concept.startswith("ton.") or one.negated)]
    return tuple(rows + [one for one in hidden if one.concept not in form.tongue])


def _pulses(form: VisitForm, base: Visit | None) -> tuple[PulseReading, ...]:
    old = {(one.side, one.position): one for one in base.pulses} if base is not None else {}
    rows: list[PulseReading] = []
    for place, words in form.pulses.items():
        if not words.strip():
            continue
        before = old.get(place)
        terms, _ = pulse.parse(words)
        same = before is not None and (before.raw == words or before.terms == terms)
        rows.append(before if same and before is not None else PulseReading(*place, terms, words.strip()))
    return tuple(rows)


def _diagnoses(form: VisitForm, base: Visit | None) -> tuple[Diagnosis, ...]:
    old = base.diagnoses if base is not None else ()
    rows: list[Diagnosis] = []
    for kind, text in (("disease", form.disease.strip()), ("syndrome", form.syndrome.strip())):
        before = next((one for one in old if one.kind == kind), None)
        if before is not None and before.text == text:
            rows.append(before)
        elif text:
            concept = active().find(text, kind)
            rows.append(Diagnosis(kind, text, concept.code if concept is not None else ""))
    shown = {kind: next((one for one in old if one.kind == kind), None) for kind in ("disease", "syndrome")}
    return tuple(rows + [one for one in old if one not in shown.values()])
