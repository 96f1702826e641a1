"""The connection to one clinic file: pragmas set, read back and asserted; one road for reading, one for writing.

Only WAL with synchronous=FULL lost no acknowledged commit in simulated power losses. A writer says BEGIN IMMEDIATE:
a transaction that begins by reading and then writes fails with BUSY_SNAPSHOT whatever the time-out.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from app.domain.errors import KnownError

BUSY_TIMEOUT = 5.0  # seconds a writer waits for another
CACHE_KIB = 65536
_WRITES = "mailiu_writes"

# name, value to set, value it must read back
_PRAGMAS = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("cache_size", f"-{CACHE_KIB}", -CACHE_KIB),
    ("trusted_schema", "OFF", 0),
    ("fullfsync", "ON", 1),  # macOS: fsync alone does not reach the disk; elsewhere without effect
    ("checkpoint_fullfsync", "ON", 1),
)


class Database:
    """Engine of one SQLite file. ``read()`` and ``write()`` give a connection inside one transaction.

    busy_timeout: seconds to wait for another writer before a KnownError
    """

    def __init__(self, path: Path, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self.busy_timeout = busy_timeout
        self._reader = _engine(path, busy_timeout)
        self._writer = self._reader.execution_options(**{_WRITES: True})

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent state of the file for as long as the block lasts; writers go on beside it."""
        with told(self.path), self._reader.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """The only writer, until the block ends: commits, or rolls back where the block raises."""
        with told(self.path), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        self._reader.dispose()


def raw_connection(path: Path, busy_timeout: float) -> sqlite3.Connection:
    """A bare connection: no pragma set, nothing in the file changed, transactions only where they are spelled out."""
    connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
    return connection


def _engine(path: Path, busy_timeout: float) -> Engine:
    engine = create_engine(
        "sqlite://",
        creator=lambda: raw_connection(path, busy_timeout),
        poolclass=QueuePool,
        json_serializer=partial(json.dumps, ensure_ascii=False, allow_nan=False),
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: sqlite3.Connection, record: object) -> None:
        for name, value, expected in _PRAGMAS:
            connection.execute(f"PRAGMA {name} = {value}")
            got = connection.execute(f"PRAGMA {name}").fetchone()[0]
            if got != expected:
                raise KnownError(
                    "The clinic file {file} cannot be opened safely: its folder does not allow SQLite's setting "
                    "{setting} (got {got}, need {expected}). Move it to a local disk.",
                    file=path,
                    setting=name,
                    got=got,
                    expected=expected,
                )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """What the disk or another program is to blame for, as a KnownError; every other error is a bug and passes."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        origin = getattr(error, "orig", error)
        known = _known(path, getattr(origin, "sqlite_errorcode", 0) & 0xFF)
        if known is None:
            raise
        raise known from error


def _known(path: Path, code: int) -> KnownError | None:
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return KnownError(
            "The clinic file {file} is being written by another program. Wait for it to finish or close it, "
            "then try again; nothing was changed.",
            file=path,
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH):
        return not_writable(path)
    if code == sqlite3.SQLITE_FULL:
        return KnownError(
            "The disk with the clinic file {file} is full. Free some space and try again; nothing was changed.",
            file=path,
        )
    if code == sqlite3.SQLITE_IOERR:
        return KnownError(
            "The disk refused to read or write the clinic file {file}. Check the disk, its free space and its "
            "connection, then try again.",
            file=path,
        )
    if code == sqlite3.SQLITE_CORRUPT:
        return KnownError(
            "The clinic file {file} is damaged. Do not work on with it; restore a backup copy.", file=path
        )
    if code == sqlite3.SQLITE_NOTADB:
        return not_a_clinic(path)
    return None


def not_writable(path: Path) -> KnownError:
    return KnownError(
        "The clinic file {file} cannot be opened for writing. Check that you may write to the file and to its "
        "folder, or choose another folder.",
        file=path,
    )


def not_a_clinic(path: Path) -> KnownError:
    return KnownError("{file} is not a clinic file. Choose a clinic file, or a new name to start one.", file=path)
