"""A clinic out of a backup: a new clinic file beside which nothing is overwritten, or the tables of an empty server.

The functions need no open clinic, because the one the backup is of may be gone.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from app.domain.errors import KnownError
from app.files import flush_folder
from app.store import accounts, catalogue, copies, fingerprint, keys
from app.store.audit import system_user
from app.store.catalogue import MODELS, Backup
from app.store.fingerprint import Mark
from app.store.keys import Header
from app.store.opening import Credentials, PassphraseNeededError, unlock
from app.store.postgres import PostgresDatabase, parse
from app.store.roles import Actor, Permission
from app.store.schema import HEAD, FileState, look, upgrade
from app.store.sqlite import models_beside, not_a_clinic
from app.store.tables import account, audit, patient


def key_of(path: Path, credentials: Credentials) -> bytes | None:
    """The key of a backup, None of a plain one. Raises KnownError where there is none, or it does not open."""
    state = look(path)
    if state is FileState.MISSING or state is FileState.EMPTY:
        raise KnownError("There is no backup at {file}.", file=path)
    if state is FileState.PLAIN:
        return None
    header = keys.read_header(path)
    if header is None:
        raise not_a_clinic(path)
    return unlock(path, header, credentials)


def admit(path: Path, credentials: Credentials) -> tuple[bytes | None, Actor]:
    """The key of a backup and who asks, where no clinic is open that could tell.

    Raises NotAllowedError where the backup has users and this one may not restore it.
    """
    key = key_of(path, credentials)
    with copies.reading(path, key) as connection:
        if copies.revision(connection) != HEAD or not accounts.has_accounts(connection):
            return key, Actor(credentials.user or system_user())
        if not credentials.user or not credentials.passphrase:
            raise PassphraseNeededError(
                "The clinic {place} has users: a name and a passphrase are needed.", place=str(path)
            )
        actor = accounts.authenticate(connection, credentials.user, credentials.passphrase)
    actor.require(Permission.BACKUP)
    return key, actor


def restore_file(source: Path, target: Path, key: bytes | None) -> dict[str, int]:
    """The new clinic file ``target``; rows by table, each table compared with what the backup held when it was made.

    source: the backup; its catalogue is taken from beside it, without one it is compared with the backup's file
    Raises KnownError where anything lies at the target, or the backup is not sound; nothing is left then.
    """
    source, target = source.absolute(), target.absolute()
    models = models_beside(target)
    for path in (target, keys.header_path(target), models):
        if path.exists() or path.is_symlink():
            raise KnownError("{path} is there already. Restore under a new name; nothing was changed.", path=path)
    known = next((one for one in catalogue.read(source.parent) if one.path == source), None)
    if known is not None and (found := catalogue.fault(known)):
        raise _bad(source, found)
    header = keys.read_header(source) if key is not None else None
    part, models_part = (path.with_name(path.name + ".part") for path in (target, models))
    make_folder(target.parent)
    try:
        _copy(source, part)
        if found := copies.problem(part, key, known.tables if known else None, _head(known)):
            raise _bad(source, found)
        marks = known.tables if known else _compared(source, part, key)
        if known is not None and known.models:
            _restore_models(known, models_part)
            models_part.replace(models)
        if header is not None:  # first: a file without its header could never be opened
            keys.write_header(target, Header(tuple(replace(entry, file_salt=b"") for entry in header.entries)))
        part.replace(target)
        flush_folder(target.parent)
    except BaseException as error:
        keys.header_path(target).unlink(missing_ok=True)
        shutil.rmtree(models, ignore_errors=True)
        if isinstance(error, OSError):
            raise KnownError(
                "The clinic file {file} cannot be created ({reason}). Choose a folder you may write to.",
                file=target,
                reason=error.strerror or str(error),
            ) from error
        raise
    finally:
        copies.remove(part)
        shutil.rmtree(models_part, ignore_errors=True)
    return {name: mark.count for name, mark in marks.items()}


def restore_server(source: Path, url: str, key: bytes | None) -> dict[str, int]:
    """The rows of a backup into an empty database of a server; rows by table, each table compared.

    Raises KnownError where the database holds a clinic already; then, and where anything fails, nothing is changed.
    """
    if found := copies.problem(source, key, None, None):
        raise _bad(source, found)
    database = PostgresDatabase(parse(url))
    try:
        upgrade(database)
        with copies.reading(source, key) as backup, database.write() as connection:
            if copies.revision(backup) != HEAD:
                raise KnownError(
                    "The backup {file} has older tables. Restore it into a clinic file first.", file=source
                )
            rows = [select(func.count()).select_from(table) for table in (patient, account, audit)]
            if any(connection.execute(query).scalar_one() for query in rows):
                raise KnownError("The database {place} is not empty. Choose an empty one.", place=database.label)
            copies.pour(backup, connection)
            seal = fingerprint.key_of(backup)
            marks = fingerprint.typed(connection, seal)
            compare(fingerprint.typed(backup, seal), marks)
    finally:
        database.close()
    return {name: mark.count for name, mark in marks.items()}


def compare(one: dict[str, Mark], other: dict[str, Mark]) -> None:
    """Raises KnownError with the tables that differ."""
    wrong = [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
    if wrong:
        raise KnownError("The copy holds other rows than the original, in: {tables}.", tables=", ".join(wrong))


def make_folder(folder: Path) -> None:
    """Mode 0700 where it is missing. Raises KnownError where it cannot be made."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(
            "Cannot write {path}: {reason}. Choose another folder.", path=folder, reason=error.strerror or str(error)
        ) from error


def _compared(source: Path, part: Path, key: bytes | None) -> dict[str, Mark]:
    with copies.reading(source, key) as backup, copies.reading(part, key) as restored:
        marks = fingerprint.raw(copies.driver(restored), b"")  # no key: older tables hold none
        compare(fingerprint.raw(copies.driver(backup), b""), marks)
    return marks


def _restore_models(backup: Backup, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for name, digest in backup.models.items():
        path = folder / name
        make_folder(path.parent)
        _copy(backup.path.parent / MODELS / digest, path)


def _copy(source: Path, target: Path) -> None:
    """To a new file of mode 0600, flushed to the disk."""
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as into, source.open("rb") as stream:
        shutil.copyfileobj(stream, into, 1 << 20)
        into.flush()
        os.fsync(into.fileno())


def _head(known: Backup | None) -> tuple[int, str] | None:
    return None if known is None else (known.entries, known.head)


def _bad(source: Path, why: str) -> KnownError:
    return KnownError("The backup {file} is not sound: {why}. Take another one.", file=source, why=why)
