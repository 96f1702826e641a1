"""The gate of the store, and the fingerprint of a visit's content.

NaN and infinity would be stored as NULL without a word and unpaired surrogates cannot be stored at all: both are
refused here, so everything behind the gate is trusted.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable

from app.domain.errors import KnownError
from app.domain.records import Case, Patient, Visit
from app.store.names import code_key

# made once: json.dumps would make one for every visit
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=str)
MAX_CODE, MAX_SEX = 200, 8  # characters; the importer takes shorter numbers still
MAX_NUMBER = 1_000_000  # of a visit; far above any course, far below what the column holds


def check_case(case: Case, between: Callable[[], None] = lambda: None) -> list[str]:
    """Fingerprints of the visits, in order. KnownError where the case cannot be stored as it is.

    between: called after every visit; may raise to end a long check
    """
    patient = case.patient
    if not code_key(patient.code):
        raise KnownError("A patient without a number cannot be stored (name: {name}).", name=patient.name)
    check_patient(patient, case.attributes)
    numbers: set[int] = set()
    for visit in case.visits:
        if visit.number in numbers:
            raise KnownError(
                "Patient {patient} has two visits with the number {number}; every visit needs its own.",
                patient=patient.code,
                number=visit.number,
            )
        numbers.add(visit.number)
    marks: list[str] = []
    for visit in case.visits:
        marks.append(check_visit(patient.code, visit))
        between()
    return marks


def check_patient(patient: Patient, attributes: dict[str, str]) -> None:
    if len(patient.code) > MAX_CODE or len(patient.sex) > MAX_SEX:
        raise KnownError(
            "Patient {patient}: a number has at most {n} characters and the sex at most {m}.",
            patient=_printable(patient.code)[:MAX_CODE],
            n=MAX_CODE,
            m=MAX_SEX,
        )
    _dump([*dataclasses.astuple(patient), attributes], patient.code, 0)


def check_visit(code: str, visit: Visit) -> str:
    """Fingerprint of one visit of the patient ``code``; KnownError where it cannot be stored.

    A dated visit is the same visit wherever another source counts it (number, day, first or follow-up), so these are
    left out of its fingerprint; an undated one is known by nothing else.
    """
    if not 0 <= visit.number <= MAX_NUMBER:
        raise KnownError(
            "Patient {patient}: a visit has the number {number}; numbers go from 0 to {most}.",
            patient=code,
            number=str(visit.number)[:20],
            most=MAX_NUMBER,
        )
    dated = visit.date is not None
    content = [
        None if dated else visit.number,
        _real(visit.day),
        None if dated else visit.kind,
        visit.basis,
        visit.date,
        visit.label,
        visit.text,
        visit.outcome,
        [
            (o.concept, o.kind, _real(o.number), o.unit, o.code, o.text, bool(o.negated), o.raw)
            for o in visit.observations
        ],
        [(p.side, p.position, list(p.terms), p.raw) for p in visit.pulses],
        [(d.kind, d.text, d.code) for d in visit.diagnoses],
        [
            (
                p.formula,
                _real(p.days),
                p.mode,
                p.raw,
                [(i.raw_name, i.herb, _real(i.grams), i.processing, i.note, i.raw_dose) for i in p.items],
            )
            for p in visit.prescriptions
        ],
    ]
    if dated:
        _dump(content[1], code, visit.number)
        content[1] = None
    return hashlib.sha256(_dump(content, code, visit.number)).hexdigest()


def _real(value: float | None) -> float | None:
    return None if value is None else float(value)


def _dump(content: object, code: str, number: int) -> bytes:
    try:
        text = _ENCODER.encode(content)
        if "\\u0000" in text and _offender(content) is not None:
            raise ValueError("NUL")
        return text.encode("utf-8")
    except ValueError as error:  # UnicodeEncodeError is one of them
        bad = _offender(content)
        raise KnownError(
            "Patient {patient}, visit {visit}: {value} cannot be stored; numbers must be finite and text must be "
            "valid Unicode. Correct it in the source.",
            patient=_printable(code),
            visit=number or "-",
            value=_printable(bad if bad is not None else error),
        ) from error


def _offender(content: object) -> object:
    """The first value, in reading order, that cannot be stored everywhere; None where there is none."""
    if isinstance(content, float):
        return None if math.isfinite(content) else content
    if isinstance(content, str):
        return None if _printable(content) == content else content
    if isinstance(content, dict):
        content = [part for pair in content.items() for part in pair]
    if isinstance(content, list | tuple):
        return next((bad for part in content if (bad := _offender(part)) is not None), None)
    return None


def _printable(value: object) -> str:
    return str(value).replace("\x00", "\\0").encode("utf-8", "backslashreplace").decode("utf-8")


def check_words(code: str, words: str) -> None:
    """Raises KnownError for text that not every database can store. code: of the patient it is about."""
    _dump(words, code, 0)
