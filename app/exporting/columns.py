"""The tables of a CSV export: their columns, and how each kind of value is written and read. No value is lost."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.records import Case, DateBasis, Position, Side, ValueKind, VisitKind
from app.exporting.cells import plain, safe

FORMAT = "mailiu-tables"
VERSION = 1
MANIFEST = "export.json"


@dataclass(frozen=True, slots=True)
class Kind:
    """write: value -> cell; read: cell -> value, raises ValueError."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _real(cell: str) -> float:
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError("not finite")
    return value


def _or_none(kind: Kind) -> Kind:
    return Kind(
        lambda value: "" if value is None else kind.write(value), lambda cell: None if cell == "" else kind.read(cell)
    )


def _flag(cell: str) -> bool:
    return bool(("0", "1").index(cell))


def _words(cell: str) -> tuple[str, ...]:
    found = json.loads(cell)
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise ValueError("not a list of texts")
    return tuple(found)


def _facts(cell: str) -> dict[str, str]:
    found = json.loads(cell)
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError("not names with texts")
    return found


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


TEXT = Kind(safe, plain)
WHOLE = Kind(str, int)
REAL = Kind(lambda value: repr(float(value)), _real)
MAYBE = _or_none(REAL)
DATE = _or_none(Kind(dt.date.isoformat, dt.date.fromisoformat))
FLAG = Kind(lambda value: str(int(value)), _flag)
WORDS = Kind(_json, _words)
FACTS = Kind(_json, _facts)


def _choice(kind: type) -> Kind:
    return Kind(str, kind)


TABLES: dict[str, dict[str, Kind]] = {
    "patients": {
        "patient": TEXT, "name": TEXT, "sex": TEXT, "birth_date": DATE, "age": MAYBE, "chief": TEXT, "note": TEXT,
        "attributes": FACTS,
    },
    "visits": {
        "patient": TEXT, "visit": WHOLE, "kind": _choice(VisitKind), "day": REAL, "basis": _choice(DateBasis),
        "date": DATE, "label": TEXT, "text": TEXT, "outcome": TEXT,
    },
    "observations": {
        "patient": TEXT, "visit": WHOLE, "concept": TEXT, "kind": _choice(ValueKind), "number": MAYBE, "unit": TEXT,
        "code": TEXT, "text": TEXT, "negated": FLAG, "raw": TEXT,
    },
    "pulses": {
        "patient": TEXT, "visit": WHOLE, "side": _choice(Side), "position": _choice(Position), "terms": WORDS,
        "raw": TEXT,
    },
    "diagnoses": {"patient": TEXT, "visit": WHOLE, "kind": TEXT, "text": TEXT, "code": TEXT},
    "prescriptions": {
        "patient": TEXT, "visit": WHOLE, "prescription": WHOLE, "formula": TEXT, "days": MAYBE, "mode": TEXT,
        "raw": TEXT,
    },
    "items": {
        "patient": TEXT, "visit": WHOLE, "prescription": WHOLE, "raw_name": TEXT, "herb": TEXT, "grams": MAYBE,
        "processing": TEXT, "note": TEXT, "raw_dose": TEXT,
    },
}  # fmt: skip


def rows(case: Case) -> Iterator[tuple[str, Sequence[Any]]]:
    """(table, values in the order of its columns), each table's rows in the order of the case."""
    p = case.patient
    yield "patients", (p.code, p.name, p.sex, p.birth_date, p.age, p.chief, p.note, case.attributes)
    for v in case.visits:
        at = (p.code, v.number)
        yield "visits", (*at, v.kind, v.day, v.basis, v.date, v.label, v.text, v.outcome)
        for o in v.observations:
            yield "observations", (*at, o.concept, o.kind, o.number, o.unit, o.code, o.text, o.negated, o.raw)
        for f in v.pulses:
            yield "pulses", (*at, f.side, f.position, f.terms, f.raw)
        for d in v.diagnoses:
            yield "diagnoses", (*at, d.kind, d.text, d.code)
        for number, r in enumerate(v.prescriptions, start=1):
            yield "prescriptions", (*at, number, r.formula, r.days, r.mode, r.raw)
            for i in r.items:
                yield "items", (*at, number, i.raw_name, i.herb, i.grams, i.processing, i.note, i.raw_dose)
