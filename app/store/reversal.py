"""Records put back to what they were before an operation, from what the history kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from app.store import beside, snapshots
from app.store.journal import Altered
from app.store.names import code_key
from app.store.patients import put_patient
from app.store.search import chunks, index_patients, sum_up
from app.store.tables import patient, patient_alias, visit
from app.store.writing import move_visits, patient_values, put_aside, replace_visit, restore_visit


@dataclass(frozen=True, slots=True)
class _Change:
    """Columns of ``history``."""

    entity: str
    entity_id: int
    patient_id: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    version: int


def whole(rows: Sequence[Any]) -> list[Any]:
    """One change a record: from how it was before the first of them to how it was after the last."""
    found: dict[tuple[str, int], Any] = {}
    for row in rows:
        key = row.entity, row.entity_id
        first = found.pop(key, None)
        before = row.before if first is None else first.before
        if first is not None and before and row.before and "content_hash" in row.before:
            before = {**row.before, **before}  # a move, then other content: the content of before, at its old place
        found[key] = _Change(row.entity, row.entity_id, row.patient_id, before, row.after, row.version)
    return [one for one in found.values() if not (one.before is None and one.after is None)]


def reverse(connection: Connection, rows: Sequence[Any]) -> list[Altered]:
    """Put every record back to what it was before; the changes made, for the history."""
    standing = [row for row in rows if row.entity == "visit" and row.before is not None and row.after is not None]
    put_aside(connection, [row.entity_id for row in standing])
    back = {"patient": _patient, "visit": _visit}
    altered = [back.get(row.entity, beside.put_back)(connection, row) for row in reversed(rows)]
    touched = {row.patient_id for row in rows} | {
        owner for row in rows for part in (row.before, row.after) if part and (owner := part.get("patient_id"))
    }
    sum_up(connection, touched)
    codes = {one.entity_id: one.patient for one in altered if one.entity == "patient"}
    for chunk in chunks(sorted(touched)):
        for key, code in connection.execute(select(patient.c.id, patient.c.code).where(patient.c.id.in_(chunk))):
            codes.setdefault(key, code)
    return [one if one.patient else replace(one, patient=codes.get(one.patient_id, "")) for one in altered]


def _visit(connection: Connection, row: Any) -> Altered:
    key, before, after = row.entity_id, row.before, row.after
    if before is None:
        connection.execute(delete(visit).where(visit.c.id == key))
        return Altered("delete", "visit", key, row.patient_id, "", after, None, row.version)
    owner, version = before["patient_id"], before["version"]
    if after is None:
        restore_visit(connection, key, before)
        return Altered("add", "visit", key, owner, "", None, before, version)
    if "content_hash" in before:
        replace_visit(connection, key, before)
        return Altered("update", "visit", key, owner, "", after, before, version)
    move_visits(connection, {key: snapshots.Place.of(before)})
    return Altered("move", "visit", key, owner, "", after, before, version)


def _patient(connection: Connection, row: Any) -> Altered:
    key, before, after = row.entity_id, row.before, row.after
    if before is None:
        connection.execute(delete(patient).where(patient.c.id == key))
        return Altered("delete", "patient", key, key, after["code"], after, None, row.version)
    person, attributes = snapshots.patient_of(before)
    values, version = patient_values(person, attributes), before["version"]
    if after is None:
        connection.execute(insert(patient), {"id": key, **values, "batch_id": before["batch_id"], "version": version})
        index_patients(connection, [(key, person.code, person.name)], new=True)
        _add_aliases(connection, key, before.get("aliases", ()))
        return Altered("add", "patient", key, key, person.code, None, before, version)
    put_patient(connection, key, values, version)
    gone = [code_key(code) for code in after.get("new_aliases", ())]
    connection.execute(delete(patient_alias).where(patient_alias.c.code_key.in_(gone)))
    _add_aliases(connection, key, before.get("new_aliases", ()))
    return Altered("update", "patient", key, key, person.code, after, before, version)


def _add_aliases(connection: Connection, patient_id: int, codes: Any) -> None:
    rows = [{"code_key": code_key(code), "code": code, "patient_id": patient_id} for code in codes]
    if rows:
        connection.execute(insert(patient_alias), rows)
