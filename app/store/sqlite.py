"""A clinic file: pragmas set, read back and asserted; SQLCipher where it is encrypted.

Only WAL with synchronous=FULL lost no acknowledged commit in simulated power losses. A writer says BEGIN IMMEDIATE:
a transaction that begins by reading and then writes fails with BUSY_SNAPSHOT whatever the time-out.
"""

from __future__ import annotations

import contextlib
import importlib
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from app.domain.errors import KnownError
from app.store.engine import BUSY_TIMEOUT, WRITES, Database, LockedError, to_json
from app.store.prepared import Glance

sqlcipher: Any = importlib.import_module("sqlcipher3.dbapi2")  # compiled: the type checker sees no names in it
ERRORS: tuple[type[Exception], ...] = (sqlite3.Error, sqlcipher.Error)

CACHE_KIB = 65536
_open_here: Counter[tuple[int, int, bool]] = Counter()  # device, inode, encrypted: files this process has open
LARGE_LOG = 8 * 2**20  # bytes; a write-ahead log below this is kept for the next writer

# name, value to set, value it must read back
PRAGMAS = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("cache_size", f"-{CACHE_KIB}", -CACHE_KIB),
    ("trusted_schema", "OFF", 0),
    ("temp_store", "MEMORY", 2),  # nothing of a record in a temporary file
    ("fullfsync", "ON", 1),  # macOS: fsync alone does not reach the disk; elsewhere without effect
    ("checkpoint_fullfsync", "ON", 1),
)


class SqliteDatabase(Database):
    """One file. key: the 32 bytes of an encrypted one, None where it is plain."""

    def __init__(self, path: Path, busy_timeout: float = BUSY_TIMEOUT, key: bytes | None = None) -> None:
        self.path = path
        self.label = str(path)
        self.busy_timeout = busy_timeout
        self.own_entries = set()
        self.encrypted = key is not None
        self._key = bytearray(key) if key is not None else None
        self._pair: tuple[Engine, Engine] | None = None
        self._open = True
        self.stays_locked = False  # a lock was asked for while it was locked already: ``reopen`` leaves it so

    @property
    def key(self) -> bytes | None:
        """Of an encrypted file, while it is unlocked."""
        return bytes(self._key) if self._key is not None else None

    def _engines(self) -> tuple[Engine, Engine]:
        if self.locked:
            raise LockedError("The clinic is locked. Unlock it with the passphrase.")
        if self._pair is None:
            reader = _make_engine(self)
            self._mark = _identity(self.path, self.encrypted)
            _open_here[self._mark] += 1
            self._pair = reader, reader.execution_options(**{WRITES: True})
        return self._pair

    @contextlib.contextmanager
    def glance(self) -> Iterator[Connection | Glance]:
        # given back, the pool ends the transaction
        with self._told(), self._engine() as engine, contextlib.closing(engine.raw_connection()) as pooled:
            pooled.cursor().execute("BEGIN")
            yield Glance(pooled, engine.dialect)

    def again(self, busy_timeout: float) -> SqliteDatabase:
        """The same file, for someone who waits less (or more)."""
        return SqliteDatabase(self.path, busy_timeout, self.key)

    def connect(self) -> Any:
        """A bare DB-API connection: no pragma set but the key's, nothing in the file changed."""
        return raw_connection(self.path, self.busy_timeout, self.key)

    @property
    def locked(self) -> bool:
        return not self._open

    def lock(self) -> None:
        """Close every connection and overwrite the key; ``unlock`` undoes it."""
        self.close()
        self._open = False
        if self._key is not None:
            self._key[:] = bytes(len(self._key))
            self._key = None

    def unlock(self, key: bytes | None) -> None:
        """key: as at construction."""
        self._key = bytearray(key) if key is not None else None
        self._open = True

    def reopen(self, key: bytes | None) -> None:
        """``unlock`` after work that needed the file closed; where somebody locked it meanwhile, it stays locked."""
        self.unlock(key)
        if self.stays_locked:
            self.lock()

    def close(self) -> None:
        pair, self._pair = self._pair, None
        if pair is not None:
            pair[0].dispose()
            _open_here[self._mark] -= 1

    def after_large_write(self) -> None:
        """Empties the write-ahead log where it is large. Waits for nobody: where another connection reads at this
        moment the log stays until it is closed, and what goes wrong is left to the next writer."""
        log = self.path.with_name(self.path.name + "-wal")
        with contextlib.suppress(OSError, KnownError, DBAPIError, *ERRORS):
            if log.stat().st_size >= LARGE_LOG:
                with contextlib.closing(self.connect()) as connection:
                    connection.execute("PRAGMA busy_timeout = 0")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def _told(self) -> contextlib.AbstractContextManager[None]:
        return told(self.path, encrypted=self.encrypted)


def open_here(path: Path) -> bool | None:
    """Whether a file this process has open is encrypted; None for one it has not open.

    Such a file must not be looked into: closing any handle of it drops, on POSIX, the locks SQLite holds on it.
    """
    for encrypted in (False, True):
        if _open_here[_identity(path, encrypted)] > 0:
            return encrypted
    return None


def _identity(path: Path, encrypted: bool) -> tuple[int, int, bool]:
    about = path.stat() if path.exists() else None
    return (about.st_dev, about.st_ino, encrypted) if about else (0, 0, encrypted)


def raw_connection(path: Path, busy_timeout: float, key: bytes | None = None) -> Any:
    """A bare connection: no pragma set but the key's; transactions only where they are spelled out."""
    options = {"timeout": busy_timeout, "isolation_level": None, "check_same_thread": False}
    connection = sqlite3.connect(path, **options) if key is None else sqlcipher.connect(str(path), **options)
    if key is not None:
        connection.execute("PRAGMA cipher_log_level = NONE")  # errors are raised; stderr is the user's terminal
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
    return connection


def models_beside(path: Path) -> Path:
    """The folder of a clinic file's trained networks."""
    return path.with_name(path.stem + ".models")


def backups_beside(path: Path) -> Path:
    """The folder of its backups, where nobody chose another."""
    return path.with_name(path.stem + ".backups")


def _make_engine(database: SqliteDatabase) -> Engine:
    path = database.path
    engine = create_engine(
        "sqlite://",
        creator=database.connect,
        module=sqlcipher if database.encrypted else sqlite3,
        poolclass=QueuePool,
        json_serializer=to_json,
        hide_parameters=True,  # a message of the driver must not carry records
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, record: object) -> None:
        for name, value, expected in PRAGMAS:
            _set(connection, name, value, database.busy_timeout)
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
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _set(connection: Any, name: str, value: str, busy_timeout: float) -> None:
    """SQLite does not wait by itself where another program is just turning the same new file to WAL."""
    deadline = time.monotonic() + busy_timeout
    while True:
        try:
            connection.execute(f"PRAGMA {name} = {value}")
        except ERRORS as error:
            if (getattr(error, "sqlite_errorcode", 0) & 0xFF) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


@contextlib.contextmanager
def told(path: Path, *, encrypted: bool = False) -> Iterator[None]:
    """What the disk or another program is to blame for, as a KnownError; every other error is a bug and passes."""
    try:
        yield
    except (DBAPIError, *ERRORS) as error:
        origin = getattr(error, "orig", error)
        known = _known(path, (getattr(origin, "sqlite_errorcode", None) or 0) & 0xFF, encrypted)
        if known is None:
            raise
        raise known from error


def _known(path: Path, code: int, encrypted: bool) -> KnownError | None:
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
    # an encrypted page whose seal is broken reads as "not a database": the key was proved right by its own seal before
    if code == sqlite3.SQLITE_CORRUPT or (encrypted and code == sqlite3.SQLITE_NOTADB):
        return damaged(path)
    if code == sqlite3.SQLITE_NOTADB:
        return not_a_clinic(path)
    return None


def damaged(path: Path) -> KnownError:
    return KnownError("The clinic file {file} is damaged. Do not work on with it; restore a backup copy.", file=path)


def not_writable(path: Path) -> KnownError:
    return KnownError(
        "The clinic file {file} cannot be opened for writing. Check that you may write to the file and to its "
        "folder, or choose another folder.",
        file=path,
    )


def not_a_clinic(path: Path) -> KnownError:
    return KnownError("{file} is not a clinic file. Choose a clinic file, or a new name to start one.", file=path)
