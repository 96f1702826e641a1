"""Operations and their history: what one act changed, kept so that it can be shown and taken back as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from app.store import audit
from app.store.tables import history, operation

DONE, UNDONE = "done", "undone"
IMPORT, UNDO = "import", "undo"  # kinds of operations that are treated specially


@dataclass(frozen=True, slots=True)
class Altered:
    """One row that changed. before, after: as ``app.store.snapshots`` makes them, None where there was or is none.

    action: "add", "update", "move" (a visit got another number or day), "delete"
    version: of the row, after; before, of a deleted one
    """

    action: str
    entity: str  # "patient", "visit", or one of ``app.store.beside``
    entity_id: int
    patient_id: int
    patient: str  # its number, for the audit log
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    version: int


@dataclass(frozen=True, slots=True)
class Label:
    """What an operation is called in the menu: a template of the catalogue, filled in when it is shown."""

    template: str
    params: Mapping[str, Any]


def begin(
    connection: Connection,
    who: str,
    kind: str,
    label: Label,
    *,
    batch_id: int | None = None,
    undoes: int | None = None,
) -> int:
    """Id of a new operation."""
    values = {
        "at": dt.datetime.now(dt.UTC),
        "who": who,
        "kind": kind,
        "label": {"template": label.template, "params": dict(label.params)},
        "state": DONE,
        "undoes": undoes,
        "batch_id": batch_id,
    }
    return int(connection.execute(insert(operation).returning(operation.c.id), values).scalar_one())


def version_of(operation_id: int) -> int:
    """The version of every row an operation changes.

    A version names one state of a row for ever: an undo gives the row its old version back with its old content, and
    whoever read that may go on from it. Rows entered before there were operations have version 1, which none gives.
    """
    return operation_id + 1


def record(connection: Connection, who: str, operation_id: int, altered: Iterable[Altered]) -> None:
    """Write what an operation changed, to its history and to the audit log (which holds no content of records)."""
    changes = list(altered)
    rows = [
        {
            "operation_id": operation_id,
            "entity": one.entity,
            "entity_id": one.entity_id,
            "patient_id": one.patient_id,
            "before": None if one.before is None else dict(one.before),
            "after": None if one.after is None else dict(one.after),
            "version": one.version,
        }
        for one in changes
    ]
    if rows:
        connection.execute(insert(history), rows)
    audit.write(
        connection,
        who,
        [
            audit.Entry(one.action, one.entity, one.entity_id, {"patient": one.patient, "operation": operation_id})
            for one in changes
        ],
    )
