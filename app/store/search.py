"""The index the patient search walks along, and the figures its rows show: both kept with every change of a patient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from app.store.names import search_keys
from app.store.tables import patient, patient_key, visit
from app.store.tables.records import NEVER

MANY = 500  # ids in one statement


def index_patients(connection: Connection, patients: Iterable[tuple[int, str, str]], *, new: bool) -> None:
    """Write the keys of patients given as (id, code, name). new: they have none yet."""
    people = list(patients)
    if not new:
        for chunk in chunks([key for key, _, _ in people]):
            connection.execute(delete(patient_key).where(patient_key.c.patient_id.in_(chunk)))
    rows = [{"key": key, "patient_id": one} for one, code, name in people for key in search_keys(code, name)]
    rows.sort(key=lambda row: row["key"])  # the table is ordered by key: neighbours in one page are written together
    if rows:
        connection.execute(insert(patient_key), rows)


def sum_up(connection: Connection, patient_ids: Iterable[int]) -> None:
    """Bring the counts and dates of patients to what their visits say."""
    v = visit.c
    of_patient = v.patient_id == patient.c.id
    first, last, day, count = (
        select(value).where(of_patient).scalar_subquery()
        for value in (func.min(v.date), func.max(v.date), func.max(v.day), func.count(v.id))
    )
    for chunk in chunks(list(patient_ids)):
        connection.execute(
            update(patient)
            .where(patient.c.id.in_(chunk))
            .values(
                visits=count,
                first_date=first,
                recent_date=func.coalesce(last, NEVER),
                recent_day=func.coalesce(day, -1.0),
            )
        )


def found_between(low: ColumnElement[str], high: ColumnElement[str]) -> ColumnElement[bool]:
    """Condition on ``patient``: a key of theirs lies in the range, see ``search_range``."""
    keys = select(patient_key.c.patient_id).where(patient_key.c.key >= low, patient_key.c.key < high)
    return patient.c.id.in_(keys)


def chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    """Few enough for one statement of any of the databases."""
    return (ids[start : start + MANY] for start in range(0, len(ids), MANY))
