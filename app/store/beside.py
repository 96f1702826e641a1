"""Tags, annotations, signatures and photos: rows beside a record, each edit an operation that is undone like any other.

The services of such rows work through here. A row's content in the history is its columns without ``HIDDEN``; where it
is taken out of sight the history says None, as of a record that is gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from app.store import journal
from app.store.conflicts import ConflictError
from app.store.journal import Altered, Label
from app.store.merge import Joined
from app.store.tables import annotation, photo, signature, tag

TABLES: dict[str, Table] = {"tag": tag, "annotation": annotation, "signature": signature, "photo": photo}
HIDDEN = ("id", "removed", "content")  # a photo's bytes stay in its row


def add(
    connection: Connection, who: str, entity: str, owner: Any, rows: Iterable[Mapping[str, Any]], label: Label
) -> list[int]:
    """New rows of one patient as one operation; returns their ids. owner: row of ``patient`` with id and code."""
    operation_id = journal.begin(connection, who, "add", label)
    altered = add_within(connection, operation_id, entity, owner, rows)
    journal.record(connection, who, operation_id, altered)
    return [one.entity_id for one in altered]


def add_within(
    connection: Connection, operation_id: int, entity: str, owner: Any, rows: Iterable[Mapping[str, Any]]
) -> list[Altered]:
    """New rows as a part of an operation, to be recorded with it."""
    table, version = TABLES[entity], journal.version_of(operation_id)
    altered: list[Altered] = []
    for values in rows:
        row = {**values, "patient_id": owner.id, "removed": False, "version": version}
        key = int(connection.execute(insert(table).returning(table.c.id), row).scalar_one())
        altered.append(Altered("add", entity, key, owner.id, owner.code, None, _content(row), version))
    return altered


def change(
    connection: Connection,
    who: str,
    entity: str,
    owner: Any,
    key: int,
    values: Mapping[str, Any] | None,
    label: Label,
    *,
    version: int | None = None,
) -> None:
    """Give a row new values; None takes it out. version: as read, None where it does not matter.

    Raises ConflictError where the row is gone or was changed since.
    """
    table = TABLES[entity]
    query = select(table).where(table.c.id == key, table.c.patient_id == owner.id, table.c.removed.is_(False))
    found = connection.execute(query).mappings().first()
    if found is None or (version is not None and found["version"] != version):
        raise ConflictError("This was changed or taken out by someone else meanwhile. Look again.")
    operation_id = journal.begin(connection, who, "delete" if values is None else "change", label)
    new = journal.version_of(operation_id)
    row = {**found, **(values or {}), "version": new}
    connection.execute(
        update(table).where(table.c.id == key).values(**(values or {}), removed=values is None, version=new)
    )
    action, after = ("delete", None) if values is None else ("update", _content(row))
    record = Altered(action, entity, key, owner.id, owner.code, _content(found), after, new)
    journal.record(connection, who, operation_id, [record])


def shift(connection: Connection, patient_id: int, code: str, days: float, version: int) -> list[Altered]:
    """The days of a patient's course begin elsewhere: annotations stay at the date they were put to."""
    if not days:
        return []
    a = annotation.c
    altered: list[Altered] = []
    query = select(annotation).where(a.patient_id == patient_id, a.removed.is_(False))
    for found in connection.execute(query).mappings().all():
        values = {**_later(found, days), "version": version}
        connection.execute(update(annotation).where(a.id == found["id"]).values(**values))
        after = _content({**found, **values})
        altered.append(Altered("update", "annotation", found["id"], patient_id, code, _content(found), after, version))
    return altered


def move(connection: Connection, gone: Any, kept: Any, version: int, course: Joined) -> list[Altered]:
    """What stands beside the patient ``gone`` stands beside ``kept`` from now on: part of a merge.

    Annotations keep their date, what stands beside a visit that goes stands beside its twin, and a tag that both have
    is one.
    """
    t = tag.c
    known = set(connection.execute(select(t.name_key).where(t.patient_id == kept.id, t.removed.is_(False))).scalars())
    altered: list[Altered] = []
    for entity, table in TABLES.items():
        for found in connection.execute(
            select(table).where(table.c.patient_id == gone.id, table.c.removed.is_(False))
        ).mappings():
            values: dict[str, Any] = {"patient_id": kept.id, "version": version}
            if entity == "annotation":
                values |= _later(found, course.other_later)
            elif entity == "tag" and found["name_key"] in known:
                connection.execute(update(table).where(t.id == found["id"]).values(removed=True, version=version))
                altered.append(
                    Altered("delete", entity, found["id"], gone.id, gone.code, _content(found), None, version)
                )
                continue
            elif found.get("visit_id") in course.twins:
                values["visit_id"] = course.twins[found["visit_id"]]
            connection.execute(update(table).where(table.c.id == found["id"]).values(**values))
            after = _content({**found, **values})
            altered.append(Altered("update", entity, found["id"], kept.id, kept.code, _content(found), after, version))
    return altered


def put_back(connection: Connection, row: Any) -> Altered:
    """Bring a row to what it was before a change. row: of ``history``."""
    table, key, before, after = TABLES[row.entity], row.entity_id, row.before, row.after
    if before is None:
        connection.execute(update(table).where(table.c.id == key).values(removed=True, version=row.version))
        return Altered("delete", row.entity, key, row.patient_id, "", after, None, row.version)
    values = {name: _stored(table, name, value) for name, value in before.items()}
    connection.execute(update(table).where(table.c.id == key).values(**values, removed=False))
    action = "add" if after is None else "update"
    return Altered(action, row.entity, key, before["patient_id"], "", after, before, before["version"])


def versions(connection: Connection, entity: str, keys: Sequence[int]) -> dict[int, int]:
    """Version by id of the rows in sight."""
    table = TABLES[entity]
    query = select(table.c.id, table.c.version).where(table.c.id.in_(keys), table.c.removed.is_(False))
    return {row.id: row.version for row in connection.execute(query)}


def _later(row: Any, days: float) -> dict[str, Any]:
    return {"day": row["day"] + days, "until": None if row["until"] is None else row["until"] + days}


def _content(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in row.items()
        if name not in HIDDEN
    }


def _stored(table: Table, name: str, value: Any) -> Any:
    is_moment = name == "at" and isinstance(value, str)
    return dt.datetime.fromisoformat(value) if is_moment and name in table.c else value
