"""Two people at one record: the second is told, with what the first has changed, and nothing is overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from app.domain.errors import KnownError
from app.store.tables import history, operation, patient, visit

_TABLES = {"patient": patient, "visit": visit}


class ConflictError(KnownError):
    """Someone changed the record since it was read. fields: names of what is different now, where that is known."""

    def __init__(self, template: str, **params: object) -> None:
        super().__init__(template, **params)
        self.fields: tuple[str, ...] = tuple(str(params.get("fields", "")).split(", ")) if params.get("fields") else ()


def check_version(connection: Connection, entity: str, entity_id: int, version: int) -> None:
    """Raises ConflictError where the record has another version now than ``version``, or is gone."""
    table = _TABLES[entity]
    now = connection.execute(select(table.c.version).where(table.c.id == entity_id)).scalar()
    if now == version:
        return
    query = (
        select(operation.c.who, operation.c.at, history.c.before, history.c.after)
        .select_from(history.join(operation, operation.c.id == history.c.operation_id))
        .where(history.c.entity == entity, history.c.entity_id == entity_id)
        .order_by(history.c.id)
    )
    changes = _since(connection.execute(query).all(), version)
    names = dict.fromkeys(name for change in changes for name in different(change.before, change.after))
    who = ", ".join(dict.fromkeys(change.who for change in changes)) or "?"
    at = changes[-1].at.isoformat(sep=" ", timespec="seconds") if changes else "?"
    raise ConflictError(
        "This record was changed meanwhile by {who} ({at} UTC; {fields}). Look at the new state, then decide; nothing "
        "of yours was stored.",
        who=who,
        at=at.removesuffix("+00:00"),
        fields=", ".join(names),
    )


def _since(changes: Sequence[Any], version: int) -> Sequence[Any]:
    """The changes made to the state of that version; all that are known where it is none of theirs."""
    built_on = [at for at, change in enumerate(changes) if change.before and change.before["version"] == version]
    return changes[built_on[-1] :] if built_on else changes


def different(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
    """Names of the fields in which two snapshots differ."""
    old, new = before or {}, after or {}
    return [name for name in dict.fromkeys((*old, *new)) if name != "version" and old.get(name) != new.get(name)]
