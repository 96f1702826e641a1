"""Rows back into domain records: a fixed number of statements for any number of patients (up to SQLite's 32,766)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

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


def read_visits(connection: Connection, patient_ids: Sequence[int]) -> dict[int, list[tuple[int, Visit]]]:
    """(visit id, visit) of each patient, ordered by (day, number). 6 statements."""
    of_patients = visit.c.patient_id.in_(patient_ids)
    o, p, d, r, i = observation.c, pulse_reading.c, diagnosis.c, prescription.c, prescription_item.c
    fields = (o.concept, o.kind, o.number, o.unit, o.code, o.text, o.negated, o.raw)
    observations = {
        key: tuple(Observation(*row) for row in rows)
        for key, rows in _children(connection, observation, of_patients, *fields).items()
    }
    pulses = {
        key: tuple(PulseReading(side, position, tuple(terms), raw) for side, position, terms, raw in rows)
        for key, rows in _children(connection, pulse_reading, of_patients, p.side, p.position, p.terms, p.raw).items()
    }
    diagnoses = {
        key: tuple(Diagnosis(*row) for row in rows)
        for key, rows in _children(connection, diagnosis, of_patients, d.kind, d.text, d.code).items()
    }
    items = _items(connection, of_patients, (i.raw_name, i.herb, i.grams, i.processing, i.note, i.raw_dose))
    prescriptions = {
        key: tuple(Prescription(tuple(items.get(row[0], ())), *row[1:]) for row in rows)
        for key, rows in _children(
            connection, prescription, of_patients, r.id, r.formula, r.days, r.mode, r.raw
        ).items()
    }
    v = visit.c
    query = (
        select(v.id, v.patient_id, v.number, v.kind, v.day, v.basis, v.date, v.label, v.text, v.outcome)
        .where(of_patients)
        .order_by(v.patient_id, v.day, v.number)
    )
    found: dict[int, list[tuple[int, Visit]]] = defaultdict(list)
    for key, patient_id, number, kind, day, basis, date, label, text, outcome in connection.execute(query):
        said = Visit(
            number=number,
            kind=kind,
            day=day,
            basis=basis,
            date=date,
            label=label,
            text=text,
            observations=observations.get(key, ()),
            pulses=pulses.get(key, ()),
            diagnoses=diagnoses.get(key, ()),
            prescriptions=prescriptions.get(key, ()),
            outcome=outcome,
        )
        found[patient_id].append((key, said))
    return found


def _children(
    connection: Connection, table: Table, of_patients: ColumnElement[bool], *fields: ColumnElement[Any]
) -> dict[int, list[Sequence[Any]]]:
    """Rows below visits, by visit id, in the order the source gave."""
    query = (
        select(table.c.visit_id, *fields)
        .select_from(visit.join(table, table.c.visit_id == visit.c.id))
        .where(of_patients)
        .order_by(table.c.visit_id, table.c.seq)
    )
    rows: dict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        rows[row[0]].append(row[1:])
    return rows


def _items(
    connection: Connection, of_patients: ColumnElement[bool], fields: Sequence[ColumnElement[Any]]
) -> dict[int, list[PrescriptionItem]]:
    """Items by prescription id."""
    owner = prescription_item.c.prescription_id
    query = (
        select(owner, *fields)
        .select_from(
            visit.join(prescription, prescription.c.visit_id == visit.c.id).join(
                prescription_item, owner == prescription.c.id
            )
        )
        .where(of_patients)
        .order_by(owner, prescription_item.c.seq)
    )
    found: dict[int, list[PrescriptionItem]] = defaultdict(list)
    for key, *values in connection.execute(query):
        found[key].append(PrescriptionItem(*values))
    return found
