"""Bringing a clinic file to today's tables: new files are created, older ones copied and upgraded, others refused.

Everything that changes the tables happens in one IMMEDIATE transaction, so a process killed at any moment leaves a
file that is empty or whole, old or new; two programs opening one file take turns.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import threading
from enum import Enum
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app.domain.errors import KnownError
from app.files import flush_folder
from app.store.engine import Database
from app.store.keys import read_header, write_header
from app.store.sqlite import ERRORS, SqliteDatabase, not_a_clinic, not_writable, open_here, told

HEAD = "0003"  # newest revision in migrations/versions; known here so that opening a current file loads no Alembic
APPLICATION_ID = 0x4D4C4955  # "MLIU", written by the first migration
MIGRATIONS = Path(__file__).resolve().parent / "migrations"
VERSION_TABLE = "alembic_version"
_MAGIC = b"SQLite format 3\0"
_alembic = threading.Lock()  # Alembic's context is one global


class FileState(Enum):
    MISSING = "missing"
    EMPTY = "empty"  # nothing in it: a creation that was cut short, or a fresh empty file
    PLAIN = "plain"
    SEALED = "sealed"  # not SQLite's beginning: encrypted, or no clinic file at all


def look(path: Path) -> FileState:
    """What lies at ``path`` as far as its first bytes tell. KnownError for everything a clinic file cannot be."""
    try:
        if not path.exists():
            return FileState.MISSING
        if path.is_dir():
            raise KnownError("{file} is a folder. Choose a clinic file in it, or a new file name.", file=path)
        if not path.is_file():  # opening a pipe would wait for ever
            raise not_a_clinic(path)
        if (sealed := open_here(path)) is not None and path.stat().st_size:
            return FileState.SEALED if sealed else FileState.PLAIN
        with path.open("rb") as stream:
            head = stream.read(len(_MAGIC))
    except OSError as error:
        raise not_writable(path) from error
    if not _allowed(path, os.R_OK | os.W_OK) or not _allowed(path.parent, os.W_OK | os.X_OK):
        raise not_writable(path)
    if not head:
        return FileState.EMPTY
    return FileState.PLAIN if head == _MAGIC else FileState.SEALED


def check_clinic(database: SqliteDatabase) -> None:
    """Raises KnownError where a file holds tables that are not those of a clinic; changes nothing."""
    with told(database.path, encrypted=database.encrypted), contextlib.closing(database.connect()) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        application = connection.execute("PRAGMA application_id").fetchone()[0]
    if (tables or application) and (application != APPLICATION_ID or "alembic_version" not in tables):
        raise not_a_clinic(database.path)


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
    """Create or upgrade the tables. Returns the backup copy made of an older clinic file, else None.

    head: newest revision in the folder ``migrations``
    Raises KnownError where the tables were written by a newer version of the program, or are not of a clinic.
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
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE not in tables:
        if tables:
            raise KnownError("The database holds other tables than a clinic's. Choose an empty one.")
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def _run(connection: Connection, database: Database, found: str | None, migrations: Path) -> Path | None:
    from alembic import command  # here, because a current file needs none of it
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise KnownError(
            "The clinic {file} was written by a newer version of Mailiu (its tables are revision {found}, this "
            "program knows up to {known}). Update Mailiu to open it; nothing was changed.",
            file=database.label,
            found=found,
            known=max(known),
        )
    copy = None if found is None or not isinstance(database, SqliteDatabase) else _backup(database, found)
    command.upgrade(config, "head")
    return copy


def _backup(database: SqliteDatabase, revision: str) -> Path:
    """A complete copy beside the file, on the disk before the upgrade begins.

    Copying the bytes of a live WAL file loses what only the WAL holds; VACUUM INTO reads through the database, and
    writes an encrypted file with the same key. The caller holds the write lock, so the copy is exactly what is
    upgraded.
    """
    path = database.path
    moment = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%fZ")
    copy = path.with_name(f"{path.stem}.before-upgrade-{revision}-{moment}{path.suffix}")
    try:
        copy_into(database, copy)
    except (OSError, *ERRORS) as error:
        raise KnownError(
            "The clinic file {file} needs an upgrade, but the backup copy before it could not be written ({reason}). "
            "Free some space or check the folder; nothing was changed.",
            file=path,
            reason=str(error),
        ) from error
    return copy


def copy_into(database: SqliteDatabase, copy: Path) -> None:
    """The whole database as a new file of mode 0600, flushed to the disk, with its key header where it is encrypted.

    Raises OSError and the driver's errors; nothing is left then.
    """
    part = copy.with_name(copy.name + ".part")
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with contextlib.closing(database.connect()) as source:
            source.execute("VACUUM INTO ?", (str(part),))
        os.fsync(descriptor)
        header = read_header(database.path) if database.encrypted else None
        if header is not None:  # first: a copy without its header could never be opened
            write_header(copy, header)
        part.replace(copy)
        flush_folder(copy.parent)
    finally:
        os.close(descriptor)
        part.unlink(missing_ok=True)
