"""Bringing a clinic file to today's tables: new files are created, older ones copied and upgraded, others refused.

Everything that changes the tables happens in one IMMEDIATE transaction, so a process killed at any moment leaves a
file that is empty or whole, old or new; two programs opening one file take turns.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sqlite3
import threading
from enum import Enum
from pathlib import Path

from sqlalchemy import Connection, text

from app.domain.errors import KnownError
from app.files import flush_folder
from app.store.engine import Database, not_a_clinic, not_writable, raw_connection, told

HEAD = "0001"  # newest revision in migrations/versions; known here so that opening a current file loads no Alembic
APPLICATION_ID = 0x4D4C4955  # "MLIU", written by the first migration
MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_MAGIC = b"SQLite format 3\0"
_alembic = threading.Lock()  # Alembic's context is one global


class FileState(Enum):
    MISSING = "missing"
    EMPTY = "empty"  # nothing in it: a creation that was cut short, or a fresh empty file
    CLINIC = "clinic"


def inspect(path: Path, busy_timeout: float) -> FileState:
    """What lies at ``path``, found out without changing it. KnownError for everything a clinic file cannot be."""
    try:
        if not path.exists():
            return FileState.MISSING
        if path.is_dir():
            raise KnownError("{file} is a folder. Choose a clinic file in it, or a new file name.", file=path)
        if not path.is_file():  # opening a pipe would wait for ever
            raise not_a_clinic(path)
        with path.open("rb") as stream:
            head = stream.read(len(_MAGIC))
    except OSError as error:
        raise not_writable(path) from error
    if head and head != _MAGIC:
        raise not_a_clinic(path)
    if not _allowed(path, os.R_OK | os.W_OK) or not _allowed(path.parent, os.W_OK | os.X_OK):
        raise not_writable(path)
    with told(path), contextlib.closing(raw_connection(path, busy_timeout)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        application = connection.execute("PRAGMA application_id").fetchone()[0]
    if not tables and application == 0:
        return FileState.EMPTY
    if application != APPLICATION_ID or "alembic_version" not in tables:
        raise not_a_clinic(path)
    return FileState.CLINIC


def _allowed(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def make_empty(path: Path) -> None:
    """An empty file only its owner can read; folders above it are made where they are missing.

    SQLite gives its -wal and -shm files the mode of this one. A file that appeared meanwhile is left as it is.
    """
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        flush_folder(path.parent)
    except OSError as error:
        raise KnownError(
            "The clinic file {file} cannot be created ({reason}). Choose a folder you may write to.",
            file=path,
            reason=error.strerror or str(error),
        ) from error


def upgrade(database: Database, *, head: str = HEAD, migrations: Path = MIGRATIONS) -> Path | None:
    """Create or upgrade the tables. Returns the backup copy made of an older file, else None.

    head: newest revision in the folder ``migrations``
    Raises KnownError where the file was written by a newer version of the program.
    """
    with database.read() as connection:
        if _revision(connection) == head:
            return None
    with database.write() as connection:
        found = _revision(connection)  # again: another program may have been faster
        if found == head:
            return None
        with _alembic:
            return _run(connection, database, found, migrations)


def _revision(connection: Connection) -> str | None:
    if connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")).first() is None:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run(connection: Connection, database: Database, found: str | None, migrations: Path) -> Path | None:
    from alembic import command  # here, because a current file needs none of it
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise KnownError(
            "The clinic file {file} was written by a newer version of Mailiu (its tables are revision {found}, this "
            "program knows up to {known}). Update Mailiu to open it; nothing was changed.",
            file=database.path,
            found=found,
            known=max(known),
        )
    copy = None if found is None else _backup(database, found)
    command.upgrade(config, "head")
    return copy


def _backup(database: Database, revision: str) -> Path:
    """A complete copy beside the file, on the disk before the upgrade begins.

    Copying the bytes of a live WAL file loses what only the WAL holds; VACUUM INTO reads through the database. The
    caller holds the write lock, so the copy is exactly what is upgraded.
    """
    path = database.path
    moment = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%fZ")
    copy = path.with_name(f"{path.stem}.before-upgrade-{revision}-{moment}{path.suffix}")
    part = copy.with_name(copy.name + ".part")
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with contextlib.closing(raw_connection(path, database.busy_timeout)) as source:
                source.execute("VACUUM INTO ?", (str(part),))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(copy)
        flush_folder(copy.parent)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise KnownError(
            "The clinic file {file} needs an upgrade, but the backup copy before it could not be written ({reason}). "
            "Free some space or check the folder; nothing was changed.",
            file=path,
            reason=str(error),
        ) from error
    return copy
