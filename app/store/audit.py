"""The audit log: who changed what and when, in the same transaction as the change."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from app.store.tables import audit


@dataclass(frozen=True, slots=True)
class Entry:
    """entity: table name; entity_id: its row; detail: JSON, with the old content under "before" for a change."""

    action: str
    entity: str
    entity_id: int | None
    detail: Mapping[str, Any]


class Audit:
    """Writes entries in the name of one person.

    who: "" takes the name the operating system knows
    """

    def __init__(self, who: str = "") -> None:
        self.who = who or _system_user()

    def write(self, connection: Connection, entries: Iterable[Entry]) -> None:
        at = dt.datetime.now(dt.UTC)
        rows = [
            {
                "at": at,
                "who": self.who,
                "action": entry.action,
                "entity": entry.entity,
                "entity_id": entry.entity_id,
                "detail": dict(entry.detail),
            }
            for entry in entries
        ]
        if rows:
            connection.execute(insert(audit), rows)


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user id without a name; no pwd module on Windows
        return "unknown"
