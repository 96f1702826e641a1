"""The audit log: who did what and when, in the same transaction as the act, each entry chained to the one before."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.i18n import t
from app.store.chain import START, hash_of
from app.store.desk import Service
from app.store.engine import WRITTEN
from app.store.roles import Permission, needs
from app.store.tables import audit, audit_head

NOTED = ("view", "export", "print")
PAGE = 2000  # entries read together


@dataclass(frozen=True, slots=True)
class Entry:
    """entity: table name; entity_id: its row; detail: plain JSON."""

    action: str
    entity: str
    entity_id: int | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry as it stands in the log. at: an aware moment in UTC."""

    id: int
    at: dt.datetime
    who: str
    action: str
    entity: str
    entity_id: int | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """count: entries that hold together, from the first; problem: of the next one, "" where all are sound."""

    count: int
    problem: str = ""

    @property
    def sound(self) -> bool:
        return not self.problem


def write(connection: Connection, who: str, entries: Iterable[Entry]) -> None:
    """Append entries to the chain. The connection's transaction is the only one that writes."""
    at = dt.datetime.now(dt.UTC)
    head = connection.execute(select(*audit_head.c["count", "hash", "key"])).one()
    count, last, key = tuple(head)
    rows: list[dict[str, Any]] = []
    for entry in entries:
        count += 1
        row = {
            "id": count,
            "at": at,
            "who": who,
            "action": entry.action,
            "entity": entry.entity,
            "entity_id": entry.entity_id,
            "detail": dict(entry.detail),
        }
        last = hash_of(key, last, row)
        rows.append({**row, "hash": last})
    if rows:
        connection.execute(insert(audit), rows)
        connection.execute(update(audit_head).values(count=count, hash=last))
        connection.get_execution_options().get(WRITTEN, set()).update(row["id"] for row in rows)


class Audit(Service):
    """Service of ``Clinic.audit``."""

    @needs(Permission.ANYONE)
    def note(self, action: str, entity: str, detail: Mapping[str, Any], entity_id: int | None = None) -> None:
        """Enter an act that changed nothing in the records: one of NOTED. Raises ValueError for any other."""
        if action not in NOTED:
            raise ValueError(f"{action} is entered by the service that does it")
        with self._desk.database.write() as connection:
            write(connection, self.actor.name, [Entry(action, entity, entity_id, detail)])

    @needs(Permission.AUDIT)
    def entries(self, *, limit: int = 200, before: int | None = None, action: str = "") -> list[Logged]:
        """The newest first. before: only entries with a smaller id; action: only such."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        if action:
            query = query.where(audit.c.action == action)
        with self._desk.database.read() as connection:
            return [Logged(*tuple(row)[:-1]) for row in connection.execute(query)]

    @needs(Permission.AUDIT)
    def verify(self, known: Mapping[int, str] | None = None) -> Verdict:
        """Walks the whole chain. known: hashes of entries by id, kept elsewhere (with the backups)."""
        with self._desk.database.read() as connection:
            return verify(connection, known or {})

    @needs(Permission.ANYONE)
    def head(self) -> tuple[int, str]:
        """Number of entries, and the hash of the last."""
        with self._desk.database.read() as connection:
            count, last = tuple(connection.execute(select(*audit_head.c["count", "hash"])).one())
        return count, last


def verify(connection: Connection, known: Mapping[int, str]) -> Verdict:
    """See ``Audit.verify``."""
    heads = connection.execute(select(*audit_head.c["count", "hash", "key"])).all()
    if len(heads) != 1:
        return Verdict(0, t("the end of the chain is missing"))
    expected, end, key = tuple(heads[0])
    last, count = START, 0
    for row in _rows(connection):
        if row["id"] != count + 1:
            return Verdict(count, t("entry {n} is missing", n=count + 1))
        last = hash_of(key, last, row)
        if last != row["hash"] or known.get(row["id"], last) != last:
            return Verdict(count, t("entry {n} was changed, or one before it taken out", n=count + 1))
        count += 1
    if (count, last) != (expected, end):
        return Verdict(count, t("entries after number {n} are missing", n=count))
    beyond = max((number for number in known if number > count), default=0)
    if beyond:
        return Verdict(count, t("a backup knows {n} entries, here are fewer", n=beyond))
    return Verdict(count)


def _rows(connection: Connection) -> Iterator[dict[str, Any]]:
    last: int | None = None
    while True:
        query = select(audit).order_by(audit.c.id).limit(PAGE)
        rows = connection.execute(query if last is None else query.where(audit.c.id > last)).mappings().all()
        if not rows:
            return
        yield from ({str(name): value for name, value in row.items()} for row in rows)
        last = rows[-1]["id"]


def system_user() -> str:
    """The name the operating system knows the person by."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user id without a name; no pwd module on Windows
        return "unknown"
