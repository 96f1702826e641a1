"""The record a form of entry makes, what keeps it from being made, and what has to be signed.

What the form does not show of a visit that is corrected (free findings, words of the laboratory) stays as it was.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from app.domain import pulse, safety
from app.domain.errors import KnownError
from app.domain.formula_line import FormulaLine, content
from app.domain.labs import is_measured, lab_of, number_words, observation_of, read_number
from app.domain.prescription import BATCH_FORMULA
from app.domain.pulse_places import WHOLE
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
    Finding,
    VisitForm,
    corrected,
    finding_of,
    further_before,
    is_shown,
    is_tongue_sign,
    numbered,
    read_formula,
    visits_before,
)
from app.domain.vocabulary import active

SAME_DAY = 1e-6  # days; less is what adding and taking away leave over


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: "date", "findings", "pulse", "labs", "formula", "reasons" or "" for the whole."""

    where: str
    error: KnownError


class Signed(Protocol):
    @property
    def rule(self) -> str: ...
    @property
    def herbs(self) -> tuple[str, ...]: ...


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


def caution_key(caution: Signed) -> str:
    """What a reason is kept under: a caution's, or that of a signature beside one."""
    return f"{caution.rule}:{','.join(caution.herbs)}"


def unsigned(form: VisitForm, cautions: Iterable[safety.Caution]) -> list[safety.Caution]:
    """Those that want a reason and a second signature and have none yet."""
    return [one for one in cautions if one.countersign and not form.reasons.get(caution_key(one), "").strip()]


def signatures_of(form: VisitForm, case: Case) -> list[Signature]:
    """What is signed when the form is saved."""
    line = read_formula(form, case)
    mark = digest(line.prescription)
    return [
        Signature(one.rule, one.herbs, form.reasons[caution_key(one)].strip(), mark)
        for one in cautions_of(line, case)
        if one.countersign and form.reasons.get(caution_key(one), "").strip()
    ]


def digest(prescription: Prescription) -> str:
    """Of herbs and doses alone."""
    return hashlib.sha256(json.dumps(content(prescription)[2], ensure_ascii=False).encode()).hexdigest()


def faults_of(form: VisitForm, case: Case, today: dt.date) -> list[Fault]:
    """Everything that keeps the form from being saved, in the order of the form."""
    found = _faults_of_time(form, case, today)
    given = corrected(case, form.number).pulses if form.number else {}
    for place, words in form.pulses.items():
        _, unknown = pulse.parse(words)
        if unknown and given.get(place) != words:  # what a source wrote stays as it wrote it
            error = KnownError("{words} is no pulse that the vocabulary knows.", words="、".join(unknown))
            found.append(Fault("pulse" if place == WHOLE else f"pulse.{place[0]}.{place[1]}", error))
    found += _faults_of_labs(form, case)
    line = read_formula(form, case)
    found += [Fault("formula", error) for error in _faults_of_formula(line)]
    for caution in unsigned(form, cautions_of(line, case)):
        error = KnownError("Give the reason below the formula: by it you sign a second time.")
        found.append(Fault(f"reasons.{caution_key(caution)}", error))
    if not found and not _says_something(form, line):
        found.append(Fault("", KnownError("Nothing is entered yet.")))
    return found


def _faults_of_labs(form: VisitForm, case: Case) -> list[Fault]:
    """ "labs." and the place of what is no number; what a source wrote stays as it wrote it."""
    given = corrected(case, form.number).labs if form.number else ()
    found: list[Fault] = []
    for place, lab in enumerate(form.labs):
        try:
            if lab.typed.strip() and lab not in given:
                read_number(lab.typed)
        except KnownError as error:
            found.append(Fault(f"labs.{place}", error))
    return found


def _faults_of_formula(line: FormulaLine) -> list[KnownError]:
    """Whatever of the line could be meant otherwise than it was read."""
    told = (
        (line.unknown, "{words} is not understood; write herb and dose, such as 黄芪30."),
        (line.missing, "{words} is not in the formula that the line builds on."),
        (line.unclear, "{words} could be meant in two ways; write the dose it is to have, such as 黄芪改30."),
        (tuple(item.raw_name for item in line.undosed), "{words} has no dose."),
    )
    return [KnownError(template, words="、".join(words)) for words, template in told if words]


def to_visit(form: VisitForm, case: Case) -> Visit:
    """The record of a form without faults; of a corrected visit with what the form does not show."""
    base = numbered(case, form.number) if form.number else None
    before = case.visits[-1] if base is None and case.visits else None
    if base is not None and base.prescriptions and form.formula == corrected(case, form.number).formula:
        scripts = base.prescriptions  # nobody touched the line: nothing of it is read anew
    else:
        script = read_formula(form, case).prescription
        further = base.prescriptions[1:] if base is not None else further_before(case) if form.further else ()
        scripts = ((script,) if script.items or script.formula else ()) + further
    number, day = (base.number, base.day) if base is not None else (1, 0.0)
    if base is None and before is not None:
        number = max(visit.number for visit in case.visits) + 1
        day = before.day + (form.days_after or 0.0)
    if form.date is not None:
        first = next((v for v in case.visits if v.date is not None), None)
        if first is not None and first.date is not None and base is None:
            day = first.day + (form.date - first.date).days
        basis = DateBasis.EXACT
    else:
        basis = base.basis if base is not None else DateBasis.RELATIVE
        moved = _moved_to(form, case)
        if base is not None and moved is not None:
            day, basis = moved, DateBasis.RELATIVE  # somebody counted: no longer a day by convention
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
        prescriptions=scripts,
        outcome=form.outcome.strip(),
    )


def _moved_to(form: VisitForm, case: Case) -> float | None:
    """The day of a visit without a date whose days were corrected; None where they were not."""
    before = visits_before(case, form.number)
    if not form.number or form.date is not None or form.days_after is None or not before:
        return None
    day = before[-1].day + form.days_after
    return day if abs(day - numbered(case, form.number).day) > SAME_DAY else None


def _faults_of_time(form: VisitForm, case: Case, today: dt.date) -> list[Fault]:
    others = [visit for visit in case.visits if visit.number != form.number]
    if form.date is None:
        if others and not form.number and form.days_after is None:
            return [Fault("date", KnownError("Give the days since the visit before."))]
        if form.days_after is not None and form.days_after < 0:
            return [Fault("date", KnownError("A visit cannot come before the one before it."))]
        moved = _moved_to(form, case)
        after = case.visits[len(visits_before(case, form.number)) + 1 :] if moved is not None else ()
        if moved is not None and after and moved > after[0].day:
            error = KnownError(
                "Visit {number} is {days} days after the visit before; this one cannot come later.",
                number=after[0].number,
                days=number_words(round(after[0].day - moved + (form.days_after or 0.0), 6)),
            )
            return [Fault("date", error)]
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
    said = said or any(one.typed.strip() for one in form.labs)
    return bool(said or form.tongue or form.syndrome or form.disease or form.note.strip() or line.prescription.items)


def _observations(form: VisitForm, base: Visit | None) -> tuple[Observation, ...]:
    """What the visit said, row by row: untouched rows as they were, touched ones in their place, new ones behind."""
    findings, tongue, labs = list(form.findings), list(form.tongue), list(form.labs)
    rows: list[Observation] = []
    for one in base.observations if base is not None else ():
        if is_shown(one):
            was = finding_of(one)
            finding = next((f for f in findings if (f.concept, f.kind) == (was.concept, was.kind)), None)
            if finding is not None:
                findings.remove(finding)  # of two rows on one concept the first goes with the first
                if finding.value == was.value:
                    rows.append(one)
                elif finding.value is not None:
                    rows.append(_observation(finding))
        elif is_tongue_sign(one):
            if one.concept in tongue:
                tongue.remove(one.concept)
                rows.append(one)
        elif is_measured(one):
            given = lab_of(one)
            lab = next((lab for lab in labs if (lab.concept, lab.unit) == (given.concept, given.unit)), None)
            if lab is not None:
                labs.remove(lab)
            if lab is None or lab == given:
                rows.append(one)
            elif lab.typed.strip():
                same = read_number(lab.typed) == one.number
                rows.append(one if same else observation_of(lab, one))
        else:
            rows.append(one)
    rows += [_observation(one) for one in findings if one.value is not None]
    rows += [observation_of(one) for one in labs if one.typed.strip()]
    rows += [Observation(code, ValueKind.CODE, number=1.0, code=code, raw=active().label(code)) for code in tongue]
    return tuple(rows)


def _observation(one: Finding) -> Observation:
    if one.kind is ValueKind.SCORE:
        return Observation(one.concept, ValueKind.SCORE, number=one.value)
    there, label = bool(one.value), active().label(one.concept)
    return Observation(one.concept, ValueKind.CODE, float(there), code=one.concept, negated=not there, raw=label)


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
