"""Rows back into domain records: a fixed number of statements for any number of patients (up to SQLite's 32,766)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, select

from app.domain.records import (
    Case,
    Diagnosis,
    Observation,
    Patient,
    Prescription,
    PrescriptionItem,
    PulseReading,
    Visit,
)
from app.store.prepared import Glance, Prepared
from app.store.tables import diagnosis, observation, patient, prescription, prescription_item, pulse_reading, visit

PATIENT_FIELDS = (
    patient.c.code,
    patient.c.name,
    patient.c.sex,
    patient.c.birth_date,
    patient.c.age,
    patient.c.chief,
    patient.c.note,
)


def read_cases(connection: Connection, where: ColumnElement[bool], limit: int | None = None) -> dict[int, Case]:
    """Whole cases by patient id, in the order of the ids; visits ordered by (day, number). 7 statements."""
    query = select(patient.c.id, patient.c.attributes, *PATIENT_FIELDS).where(where).order_by(patient.c.id).limit(limit)
    rows = connection.execute(query).all()
    if not rows:
        return {}
    visits = read_visits(connection, [row[0] for row in rows])
    return {
        row[0]: Case(Patient(*row[2:]), tuple(found for _, found in visits.get(row[0], ())), row[1]) for row in rows
    }


def read_case(connection: Connection | Glance, key: str) -> Case | None:
    """The case of a patient by ``code_key``; None where there is none. 7 statements, prepared."""
    rows = _PATIENT.rows(connection, key=key)
    if not rows:
        return None
    patient_id, attributes, *fields = rows[0]
    visits = _assembled(lambda name: _OF_ONE[name].rows(connection, patient=patient_id))
    return Case(Patient(*fields), tuple(found for _, found in visits.get(patient_id, ())), attributes)


def read_visits(connection: Connection, patient_ids: Sequence[int]) -> dict[int, list[tuple[int, Visit]]]:
    """(visit id, visit) of each patient, ordered by (day, number). 6 statements."""
    of_patients = visit.c.patient_id.in_(patient_ids)
    return _assembled(lambda name: connection.execute(_QUERIES[name](of_patients)))


def _assembled(rows_of: Callable[[str], Iterable[Sequence[Any]]]) -> dict[int, list[tuple[int, Visit]]]:
    """Visits from the rows of each of ``_QUERIES``."""
    observations = _grouped(rows_of("observation"), lambda row: Observation(*row))
    pulses = _grouped(
        rows_of("pulse_reading"),
        lambda row: PulseReading(side=row[0], position=row[1], terms=tuple(row[2]), raw=row[3]),
    )
    diagnoses = _grouped(rows_of("diagnosis"), lambda row: Diagnosis(*row))
    items = _grouped(rows_of("prescription_item"), lambda row: PrescriptionItem(*row))
    prescriptions = _grouped(rows_of("prescription"), lambda row: Prescription(tuple(items.get(row[0], ())), *row[1:]))
    found: dict[int, list[tuple[int, Visit]]] = defaultdict(list)
    for key, patient_id, number, kind, day, basis, date, label, text, outcome in rows_of("visit"):
        said = Visit(
            number=number,
            kind=kind,
            day=day,
            basis=basis,
            date=date,
            label=label,
            text=text,
            observations=tuple(observations.get(key, ())),
            pulses=tuple(pulses.get(key, ())),
            diagnoses=tuple(diagnoses.get(key, ())),
            prescriptions=tuple(prescriptions.get(key, ())),
            outcome=outcome,
        )
        found[patient_id].append((key, said))
    return found


Made = TypeVar("Made")


def _grouped(rows: Iterable[Sequence[Any]], make: Callable[[Sequence[Any]], Made]) -> dict[int, list[Made]]:
    """What hangs below each row, by its id (the first column), in the order the source gave."""
    found: dict[int, list[Made]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(make(row[1:]))
    return found


def _below(table: Table, *columns: str) -> Callable[[ColumnElement[bool]], Select[*tuple[Any, ...]]]:
    """Rows below visits, by visit id, in the order the source gave."""

    def query(of_patients: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        return (
            select(table.c.visit_id, *(table.c[name] for name in columns))
            .select_from(visit.join(table, table.c.visit_id == visit.c.id))
            .where(of_patients)
            .order_by(table.c.visit_id, table.c.seq)
        )

    return query


def _items(of_patients: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    i, p = prescription_item.c, prescription.c
    return (
        select(i.prescription_id, i.raw_name, i.herb, i.grams, i.processing, i.note, i.raw_dose)
        .select_from(
            visit.join(prescription, p.visit_id == visit.c.id).join(prescription_item, i.prescription_id == p.id)
        )
        .where(of_patients)
        .order_by(i.prescription_id, i.seq)
    )


def _visits(of_patients: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    v = visit.c
    return (
        select(v.id, v.patient_id, v.number, v.kind, v.day, v.basis, v.date, v.label, v.text, v.outcome)
        .where(of_patients)
        .order_by(v.patient_id, v.day, v.number)
    )


_QUERIES = {
    "observation": _below(observation, "concept", "kind", "number", "unit", "code", "text", "negated", "raw"),
    "pulse_reading": _below(pulse_reading, "side", "position", "terms", "raw"),
    "diagnosis": _below(diagnosis, "kind", "text", "code"),
    "prescription": _below(prescription, "id", "formula", "days", "mode", "raw"),
    "prescription_item": _items,
    "visit": _visits,
}
_PATIENT = Prepared(
    select(patient.c.id, patient.c.attributes, *PATIENT_FIELDS).where(patient.c.code_key == bindparam("key"))
)
_OF_ONE = {name: Prepared(query(visit.c.patient_id == bindparam("patient"))) for name, query in _QUERIES.items()}
