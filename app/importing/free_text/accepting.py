"""A reviewed draft as cases: observations, pulses, diagnoses and formulas made of the findings, and of nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import PurePath

from app.domain.herbs import match
from app.domain.modification import parse_modification
from app.domain.prescription import Modification
from app.domain.records import (
    Case,
    Diagnosis,
    Observation,
    Patient,
    Position,
    PulseReading,
    Side,
    Visit,
    VisitKind,
)
from app.domain.units import UnitConvention
from app.i18n import t
from app.importing.casebook_days import placed
from app.importing.casebook_formula import FormulaBook, GivenHerb
from app.importing.classical import Sign, observations_of
from app.importing.classical_pulse import readings_of
from app.importing.free_text.coding import Finding
from app.importing.free_text.dates import clock, date_at
from app.importing.free_text.draft import Draft, DraftCase, DraftVisit
from app.importing.report import ImportReport
from app.store.names import code_key

MAX_CODE = 100  # characters of a patient number
BEGINNING = 200  # characters by which a case without a number is known again
PREPARED_CODES = "med."
_SIGNS = ("symptom", "tongue")
_DIAGNOSES = ("disease", "syndrome", "western", "method")


def cases_of(draft: Draft, report: ImportReport) -> list[Case]:
    """One case a patient, in the order of the document; parts of one patient number are one case.

    A part that speaks of somebody else than the parts before it under its number is refused in the report.
    """
    together: dict[str, list[DraftCase]] = {}
    codes: dict[str, str] = {}
    for case in draft.cases:
        code = case.code.strip()[:MAX_CODE] or _code_of(draft, case, codes)
        key = code_key(code)
        codes.setdefault(key, code)
        parts = together.setdefault(key, [])
        if (other := next((part for part in parts if _differ(part, case)), None)) is not None:
            reason = t(
                "the number {code} is of {other} before, of {name} here: correct one of them",
                code=code,
                other=_told(other),
                name=_told(case),
            )
            line = draft.text.count("\n", 0, case.start) + 1
            report.refuse(draft.file, line, t("patient number"), code, reason)
            report.rows_accepted -= 1
            report.rows_refused += 1
            continue
        parts.append(case)
    return [_case(draft, codes[key], parts, report) for key, parts in together.items()]


def _code_of(draft: Draft, case: DraftCase, taken: Collection[str]) -> str:
    """A number for a case that gives none: of the file's name and the words the case begins with.

    So another document of that name makes other numbers, and a boundary moved elsewhere leaves them.
    """
    digest = hashlib.sha256(draft.text[case.start : case.start + BEGINNING].encode()).hexdigest()[:6]
    code = f"{PurePath(draft.file).stem[: MAX_CODE - 11]}-{digest}"
    tries = (code, *(f"{code}-{number}" for number in range(2, len(draft.cases) + 2)))
    return next(one for one in tries if code_key(one) not in taken)


def _differ(one: DraftCase, other: DraftCase) -> bool:
    pairs = ((one.name, other.name), (one.sex, other.sex))
    return any(a and b and a != b for a, b in pairs)


def _told(case: DraftCase) -> str:
    return " ".join(part for part in (case.name, {"F": t("female"), "M": t("male")}.get(case.sex, "")) if part) or "–"


def _case(draft: Draft, code: str, parts: list[DraftCase], report: ImportReport) -> Case:
    visits = [visit for part in parts for visit in part.visits]
    ages = [part.age for part in parts if part.age is not None]
    patient = Patient(
        code=code,
        name=_first(part.name for part in parts),
        sex=_first(part.sex for part in parts),
        age=ages[0] if ages else None,
        chief=_first(part.chief for part in parts),
    )
    attributes = {"source": draft.file, "unit_convention": draft.convention.value}
    return Case(patient, tuple(_visits(draft, visits, report)), attributes)


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")


def _visits(draft: Draft, visits: list[DraftVisit], report: ImportReport) -> Iterable[Visit]:
    book = FormulaBook(draft.convention, report)
    known = clock([_date_of(draft.text, visit) for visit in visits], draft.near)
    days = placed([date for date, _ in known], [day for _, day in known], report)
    for number, (visit, (day, basis, date)) in enumerate(zip(visits, days, strict=True), start=1):
        text = draft.text[visit.text_start : visit.end].rstrip()
        label = draft.text[visit.start : visit.text_start].strip(" \t\u3000\n:：，,。、【】[]#*")
        yield Visit(
            number=number,
            kind=VisitKind.FIRST if number == 1 else VisitKind.FOLLOW_UP,
            day=day,
            basis=basis,
            date=date,
            label=label,
            text=text,
            observations=tuple(_observations(visit.findings)),
            pulses=tuple(_pulses(visit.findings)),
            diagnoses=tuple(Diagnosis(f.kind, f.text, f.code) for f in visit.findings if f.kind in _DIAGNOSES),
            prescriptions=book.prescribe(
                _given(visit.findings), _mode(visit.findings), label, text, _change(visit, text, draft.convention)
            ),
            outcome=_first(found.code or found.text for found in visit.findings if found.kind == "outcome"),
        )


def _date_of(text: str, visit: DraftVisit):
    """The date in the label of a visit, None where it has none."""
    found = (date_at(text, at) for at in range(visit.start, visit.text_start))
    return next((date for date in found if date is not None and date.end <= visit.text_start), None)


def _observations(findings: Iterable[Finding]) -> list[Observation]:
    signs = [
        Sign(found.start, found.end, found.code, found.negated, found.text)
        for found in findings
        if found.kind in _SIGNS and found.code
    ]
    return observations_of(signs)


def _pulses(findings: Iterable[Finding]) -> list[PulseReading]:
    said: list[tuple[Side, Position, str, str]] = []
    for found in findings:
        if found.kind == "pulse" and found.code and not found.negated:
            side, _, position = (found.detail or "both whole").partition(" ")
            said.append((Side(side), Position(position), found.code, found.text))
    return readings_of(said)


def _given(findings: Iterable[Finding]) -> list[GivenHerb]:
    """The herbs listed or added; one place with several codes (茯苓神) is one item."""
    herbs = [
        found
        for found in findings
        if found.kind == "herb" and not found.negated and found.change not in ("less", "set")
    ]
    given: list[GivenHerb] = []
    for _, same in groupby(herbs, key=lambda found: (found.start, found.end)):
        some = list(same)
        # in the order the herb table has them, so that a shared dose is shared as it says
        told = {herb.code: at for at, herb in enumerate(match(some[0].text).all)}
        codes = tuple(sorted((found.code for found in some), key=lambda code: told.get(code, len(told))))
        given.append(GivenHerb(some[0].text, some[0].detail, codes=codes))
    return given


def _mode(findings: Iterable[Finding]) -> str:
    """ "full" where a formula is written out; a pill given besides (仍服前方，另服牛黄丸一粒) is none."""
    listed = [found for found in findings if found.kind == "herb" and not found.change]
    return "full" if any(not found.code.startswith(PREPARED_CODES) for found in listed) else "modify"


def _change(visit: DraftVisit, text: str, convention: UnitConvention) -> Modification:
    """What the words change, as far as the reviewed findings bear it out."""
    change = parse_modification(text, convention)
    herbs = [found for found in visit.findings if found.kind == "herb"]
    out = {found.text for found in herbs if found.negated}
    less = {found.text for found in herbs if found.change == "less"}
    into = {found.code for found in herbs if not found.negated}
    named = {text[place.start : place.end] for place in change.places if place.change == "out"}
    return replace(
        change,
        removed=(*(name for name in change.removed if name in out), *sorted(out - named)),
        reduced=tuple(one for one in change.reduced if one[0] in less),
        added=tuple(item for item in change.added if item.herb in into),
        replaced=tuple(item for item in change.replaced if item.herb in into),
    )
