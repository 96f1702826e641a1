"""New clinic files get the tables that the migrations made in the first of them: Alembic takes ten times as long to
make them again, and most tests make a clinic of their own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.store import schema
from app.store.engine import Database
from app.store.sqlite import SqliteDatabase

RUN = schema._run  # the real one
RESERVED = "CREATE TABLE sqlite_"  # SQLite makes these itself
_tables: list[str] = []


def run(connection: Connection, database: Database, found: str | None, migrations: Path) -> Path | None:
    """As ``schema._run``, in its transaction; upgrades, other migrations and servers are left to that."""
    if found is not None or migrations != schema.MIGRATIONS or not isinstance(database, SqliteDatabase):
        return RUN(connection, database, found, migrations)
    if not _tables:
        RUN(connection, database, found, migrations)
        rows = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
        _tables.extend(row[0] for row in rows if not row[0].startswith(RESERVED))
        return None
    for statement in _tables:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (schema.HEAD,))
    head = (1, 0, "0" * 64, secrets.token_hex(32))  # another key in every clinic
    connection.exec_driver_sql('INSERT INTO audit_head (id, count, hash, "key") VALUES (?, ?, ?, ?)', head)
    return None


@contextmanager
def same_tables() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "_run", run)
        yield


@contextmanager
def migrated() -> Iterator[None]:
    """The migrations themselves again, within ``same_tables``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "_run", RUN)
        yield
