"""Finding the row of a patient by number, also by a number that was merged into another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from app.domain.errors import KnownError
from app.store.names import code_key
from app.store.reading import PATIENT_FIELDS
from app.store.tables import patient, patient_alias


def patient_row(connection: Connection, code: str) -> Any:
    """id, version, attributes, then PATIENT_FIELDS. Raises KnownError where there is no such patient."""
    key = code_key(code)
    query = select(patient.c.id, patient.c.version, patient.c.attributes, *PATIENT_FIELDS)
    row = connection.execute(query.where(patient.c.code_key == key)).first()
    if row is None:
        merged = select(patient_alias.c.patient_id).where(patient_alias.c.code_key == key)
        row = connection.execute(query.where(patient.c.id == merged.scalar_subquery())).first()
    if row is None:
        raise no_such_patient(code)
    return row


def no_such_patient(code: str) -> KnownError:
    return KnownError("There is no patient with the number {code} in this clinic file.", code=code)
