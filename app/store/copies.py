"""Copies of a whole clinic at one moment, and looking into a copy without changing a byte of it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, delete, func, insert, select, text

from app.domain.errors import KnownError
from app.i18n import t
from app.store import audit, fingerprint
from app.store.engine import BUSY_TIMEOUT, Database, to_json
from app.store.fingerprint import Mark
from app.store.schema import HEAD, upgrade
from app.store.sqlite import ERRORS, SqliteDatabase, raw_connection, sqlcipher, told
from app.store.tables import Stored

CHUNK = 1000  # rows carried over together
PLAIN_SALT = b"SQLite format 3\0"


def driver(connection: Connection) -> Any:
    """The driver's own connection below one of SQLAlchemy's."""
    return connection.connection.driver_connection


def copy_file(connection: Connection, target: Path, key: bytes | None) -> None:
    """What ``connection`` sees in its transaction, into the new file ``target`` of mode 0600, flushed to the disk.

    connection: of a clinic file; key: of the copy, None where it is plain; SQLite refuses to mix the two
    """
    with _new_file(target), contextlib.closing(raw_connection(target, BUSY_TIMEOUT, key)) as copy:
        driver(connection).backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, without a companion


def copy_server(connection: Connection, target: Path, key: bytes | None) -> None:
    """The same for a clinic on a server: a clinic file with its rows."""
    with _new_file(target):
        database = SqliteDatabase(target, key=key)
        try:
            upgrade(database)
            with database.write() as into:
                pour(connection, into)
        finally:
            database.close()
        with contextlib.closing(database.connect()) as copy:
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()


def pour(source: Connection, target: Connection) -> None:
    """Every row into tables of the same revision that are empty but for what the migrations put there."""
    streaming = source.execution_options(yield_per=CHUNK)
    for table in reversed(Stored.metadata.sorted_tables):
        target.execute(delete(table))
    for table in Stored.metadata.sorted_tables:
        ordered = select(table).order_by(*table.primary_key.columns)  # an undo refers to an operation before it
        for rows in streaming.execute(ordered).mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])
        if target.dialect.name == "postgresql" and "id" in table.c:
            last = select(func.max(table.c.id)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, "id")
            target.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[None]:
    """An empty file of mode 0600; gone again where the block raises, on the disk where it ends well."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        yield
        os.fsync(descriptor)
    except BaseException:
        remove(path)
        raise
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """A database file with what SQLite puts beside it."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextlib.contextmanager
def reading(path: Path, key: bytes | None) -> Iterator[Connection]:
    """A connection that reads the file and can change nothing in it. Raises KnownError for a damaged one."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: raw_connection(path, BUSY_TIMEOUT, key),
        module=sqlite3 if key is None else sqlcipher,
        poolclass=NullPool,
        json_serializer=to_json,
    )
    try:
        with told(path, encrypted=key is not None), engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
            yield connection
    finally:
        engine.dispose()


def problem(path: Path, key: bytes | None, expected: dict[str, Mark] | None, head: tuple[int, str] | None) -> str:
    """What is wrong with a copy, in words; "" where it is sound.

    expected: figures of its tables; head: number and hash of the last entry of its audit log; None where not known
    """
    try:
        with reading(path, key) as connection:
            found = integrity(connection, encrypted=key is not None)
            if found:
                return found
            if expected is not None:
                marks = fingerprint.raw(driver(connection), fingerprint.key_of(connection))
                wrong = [name for name in sorted({*marks, *expected}) if marks.get(name) != expected.get(name)]
                if wrong:
                    return t("other rows than it should hold, in: {tables}", tables=", ".join(wrong))
            if revision(connection) == HEAD:
                verdict = audit.verify(connection, dict([head]) if head and head[0] else {})
                return "" if verdict.sound else t("the audit log is not sound: {why}", why=verdict.problem)
    except KnownError as error:
        return t(error.template, **error.params)
    except ERRORS as error:
        return t("it cannot be read ({reason})", reason=str(error))
    return ""


def integrity(connection: Connection, *, encrypted: bool) -> str:
    """What SQLite and SQLCipher find wrong with the pages and references of a file; "" where nothing."""
    raw = driver(connection)
    sealed = raw.execute("PRAGMA cipher_integrity_check").fetchall() if encrypted else []
    pages = [row[0] for row in raw.execute("PRAGMA integrity_check(3)").fetchall() if row[0] != "ok"]
    if sealed or pages:
        return t("damaged pages ({first})", first=str((sealed or [pages])[0][0]))
    if (dangling := raw.execute("PRAGMA foreign_key_check").fetchone()) is not None:
        return t("rows of table {table} refer to rows that are not there", table=dangling[0])
    return ""


def revision(connection: Connection) -> str | None:
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_file(database: Database) -> bool:
    return isinstance(database, SqliteDatabase)


def salt(connection: Any, *, encrypted: bool) -> bytes:
    """What the file of a driver's connection begins with, without opening the file a second time."""
    return bytes.fromhex(connection.execute("PRAGMA cipher_salt").fetchone()[0]) if encrypted else PLAIN_SALT


def salt_of(database: SqliteDatabase) -> bytes:
    with database._told(), contextlib.closing(database.connect()) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # reads the file's beginning
        return salt(connection, encrypted=database.encrypted)
