"""Patients and visits as plain JSON, whole enough to be put back as they were: for history, undo, and export."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from app.domain.records import (
    DateBasis,
    Diagnosis,
    Observation,
    Patient,
    Position,
    Prescription,
    PrescriptionItem,
    PulseReading,
    Side,
    ValueKind,
    Visit,
    VisitKind,
)
from app.store.reading import PATIENT_FIELDS, read_visits
from app.store.tables import patient, visit

# columns of a visit's row that its record does not hold
KEPT = ("patient_id", "source_number", "content_hash", "batch_id", "version")
# ... and those that say where it stands in whose course
PLACE = ("patient_id", "number", "kind", "day", "version", "source_number")


def visit_json(said: Visit) -> dict[str, Any]:
    """A visit, field by field; dates as ISO text."""
    return json.loads(json.dumps(dataclasses.asdict(said), default=str))


def patient_json(person: Patient, attributes: Mapping[str, str]) -> dict[str, Any]:
    return json.loads(json.dumps({**dataclasses.asdict(person), "attributes": dict(attributes)}, default=str))


def visit_of(found: Mapping[str, Any]) -> Visit:
    """The inverse of ``visit_json``; further entries are passed over. Raises KeyError, TypeError, ValueError."""
    return Visit(
        number=found["number"],
        kind=VisitKind(found["kind"]),
        day=found["day"],
        basis=DateBasis(found["basis"]),
        date=_date(found["date"]),
        label=found["label"],
        text=found["text"],
        observations=tuple(Observation(**{**o, "kind": ValueKind(o["kind"])}) for o in found["observations"]),
        pulses=tuple(
            PulseReading(Side(p["side"]), Position(p["position"]), tuple(p["terms"]), p["raw"]) for p in found["pulses"]
        ),
        diagnoses=tuple(Diagnosis(**d) for d in found["diagnoses"]),
        prescriptions=tuple(
            Prescription(**{**p, "items": tuple(PrescriptionItem(**i) for i in p["items"])})
            for p in found["prescriptions"]
        ),
        outcome=found["outcome"],
    )


def patient_of(found: Mapping[str, Any]) -> tuple[Patient, dict[str, str]]:
    """The inverse of ``patient_json``. Raises KeyError, TypeError, ValueError."""
    fields = {field.name: found[field.name] for field in dataclasses.fields(Patient)}
    return Patient(**{**fields, "birth_date": _date(found["birth_date"])}), dict(found["attributes"])


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a visit stands in whose course, and in its source; version: of its row."""

    patient_id: int
    number: int
    kind: str
    day: float
    version: int
    source_number: int

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in PLACE}

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Place:
        return cls(*(found[name] for name in PLACE))


@dataclasses.dataclass(frozen=True, slots=True)
class Snapshot:
    """A row with everything below it. content: JSON, with the columns of KEPT for a visit, version in either case."""

    id: int
    patient_id: int
    content: dict[str, Any]

    @property
    def version(self) -> int:
        return self.content["version"]

    @property
    def place(self) -> Place:
        """Of a visit."""
        return Place.of(self.content)


def of_visits(connection: Connection, patient_ids: Sequence[int]) -> dict[int, Snapshot]:
    """Every visit of the patients, by id."""
    c = visit.c
    query = select(c.id, *(c[name] for name in KEPT)).where(c.patient_id.in_(patient_ids))
    kept = {row.id: row for row in connection.execute(query)}
    said = [pair for visits in read_visits(connection, patient_ids).values() for pair in visits]
    return {key: _of_visit(kept[key], content) for key, content in said}


def _of_visit(row: Any, said: Visit) -> Snapshot:
    return Snapshot(row.id, row.patient_id, {**{name: row._mapping[name] for name in KEPT}, **visit_json(said)})


def of_patient(connection: Connection, patient_id: int) -> Snapshot | None:
    """A patient's own row, without the visits; None where there is none."""
    query = select(patient.c.version, patient.c.attributes, patient.c.batch_id, *PATIENT_FIELDS)
    row = connection.execute(query.where(patient.c.id == patient_id)).first()
    if row is None:
        return None
    own = {"batch_id": row.batch_id, "version": row.version}
    return Snapshot(patient_id, patient_id, {**patient_json(Patient(*row[3:]), row.attributes), **own})
