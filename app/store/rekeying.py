"""New keys for a clinic file: a new passphrase or recovery code, the system's keyring, encryption, a new data key.

A new passphrase rewrites the key header alone. A new data key, like the first one of a plain file, rewrites every page:
a copy under the new key is made aside and compared, the header then holds both keys, each with the beginning of the
file it belongs to, the copy takes the file's place, and the header is left with the new key. A process killed at any
moment leaves a file that opens with the old or with the new passphrase; ``settling`` tidies the header at the next
opening.

What it does not do: wipe the disk. The old pages may be read from it, and from copies made elsewhere, until they are
written over; on a flash disk that cannot be forced. Encrypt the disk as well, and take old plain backups away.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.domain.errors import KnownError
from app.files import flush_folder
from app.store import audit, copies, fingerprint, keys
from app.store.accounts import authenticate
from app.store.audit import Entry
from app.store.backup import Backups
from app.store.desk import Desk, Service
from app.store.fingerprint import Mark
from app.store.keys import Header, KeyEntry, Slot
from app.store.observer import Change, ChangeKind
from app.store.roles import Permission, needs
from app.store.sqlite import ERRORS, SqliteDatabase, raw_connection, sqlcipher, told
from app.store.tables import account

_WINDOWS = os.name == "nt"


@dataclass(frozen=True, slots=True)
class NewKey:
    """recovery: the code to print; users: whose own passphrases no longer open the file until they are set anew."""

    recovery: str
    users: tuple[str, ...]


class Rekeying(Service):
    """Service of ``Clinic.rekeying``. Raises KnownError for a clinic on a server: its server keeps the keys."""

    def __init__(self, desk: Desk, backups: Backups) -> None:
        super().__init__(desk)
        self._backups = backups

    @needs(Permission.SETTINGS)
    def change_passphrase(self, new: str) -> None:
        """Of the file itself; users have their own. The old one opens it no more, nor the backups with its key."""
        keys.check_passphrase(new)
        self._add_slot(keys.PASSPHRASE, new)
        self._afterwards("passphrase")

    @needs(Permission.SETTINGS)
    def new_recovery_code(self) -> str:
        """The code to print; the one before opens the file no more."""
        code = keys.new_recovery_code()
        self._add_slot(keys.RECOVERY, code)
        self._afterwards("recovery")
        return code

    @needs(Permission.SETTINGS)
    def remember(self) -> None:
        """This computer opens the file by itself from now on. Raises KnownError where it has no keyring."""
        database, key = self._encrypted()
        header = _header(database)
        keys.write_header(database.path, keys.with_slot(header, keys.remember(key, header.entries[-1])))
        self._note("remember")

    @needs(Permission.SETTINGS)
    def forget(self) -> None:
        """No computer opens the file by itself any more."""
        database, _ = self._encrypted()
        keys.write_header(database.path, keys.without_slot(_header(database), keys.KEYRING))
        self._afterwards("forget")

    @needs(Permission.SETTINGS)
    def encrypt(self, passphrase: str) -> NewKey:
        """Encrypt a plain clinic file. Raises KnownError where it is encrypted, or open elsewhere."""
        database = self._file()
        if database.encrypted:
            raise KnownError("The clinic file {file} is encrypted already.", file=database.path)
        return self._exchange(database, passphrase, "encrypt")

    @needs(Permission.SETTINGS)
    def new_data_key(self, passphrase: str) -> NewKey:
        """Encrypt the file anew, so that whoever knew its key and kept it is shut out of what comes.

        passphrase: of the file from now on, may be the old one; where the clinic has users, the acting user's own, who
        can then give the others theirs. Backups of before keep their key and passphrase.
        """
        return self._exchange(self._encrypted()[0], passphrase, "rekey")

    def _add_slot(self, kind: str, secret: str) -> None:
        database, key = self._encrypted()
        keys.write_header(database.path, keys.with_slot(_header(database), keys.wrap(key, kind, secret)))

    def _exchange(self, database: SqliteDatabase, passphrase: str, action: str) -> NewKey:
        keys.check_passphrase(passphrase)
        key, recovery = keys.new_data_key(), keys.new_recovery_code()
        slots = [keys.wrap(key, keys.PASSPHRASE, passphrase), keys.wrap(key, keys.RECOVERY, recovery)]
        with database.read() as connection:
            users = tuple(connection.execute(select(account.c.name).where(account.c.active.is_(True))).scalars())
            if users:  # else nobody could come in: a user proves the passphrase to the file and to the account
                authenticate(connection, self.actor.name, passphrase)
                slots.append(keys.wrap(key, keys.PASSPHRASE, passphrase, self.actor.name))
        before = database.key
        database.lock()
        try:
            _replace(database.path, before, key, slots, database.busy_timeout)
        except BaseException:
            replaced = _opens(database, key)  # then only what comes after the exchange has failed
            database.encrypted = replaced or before is not None
            database.reopen(key if replaced else before)
            raise
        database.encrypted = True
        database.reopen(key)
        with contextlib.suppress(KnownError):  # the new code must reach the person whatever becomes of the note
            self._note(action)
        users = tuple(name for name in users if name != self.actor.name)
        self._desk.changed.emit(Change(ChangeKind.KEY, (action,)))
        return NewKey(recovery, users)

    def _file(self) -> SqliteDatabase:
        database = self._desk.database
        if not isinstance(database, SqliteDatabase):
            raise KnownError("The clinic {place} is on a server; this needs a clinic file.", place=database.label)
        return database

    def _encrypted(self) -> tuple[SqliteDatabase, bytes]:
        database = self._file()
        if database.key is None:
            raise KnownError("The clinic file {file} is not encrypted. Encrypt it first.", file=database.path)
        return database, database.key

    def _afterwards(self, action: str) -> None:
        """The header counts already: whatever becomes of the backups and of the note, what is new must be told."""
        with contextlib.suppress(KnownError):
            self._backups.refresh_headers()
        with contextlib.suppress(KnownError):
            self._note(action)

    def _note(self, action: str) -> None:
        with self._desk.database.write() as connection:
            audit.write(connection, self.actor.name, [Entry(action, "key", None, {})])


def _opens(database: SqliteDatabase, key: bytes) -> bool:
    try:
        with contextlib.closing(raw_connection(database.path, database.busy_timeout, key)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except ERRORS:
        return False
    return True


def _header(database: SqliteDatabase) -> Header:
    """With the entry of the file alone. Raises KnownError where the header is gone."""
    header = keys.read_header(database.path)
    if header is None:
        raise KnownError("The key file {file} is missing.", file=keys.header_path(database.path))
    return Header((header.entry_for(copies.salt_of(database)),))


def _replace(path: Path, old: bytes | None, new: bytes, slots: list[Slot], busy_timeout: float) -> None:
    """The file under the key ``new`` in its own place. Raises KnownError; then everything is as it was."""
    before = keys.read_header(path) if old is not None else None
    part = keys.exchange_part(path)
    copies.remove(part)
    with _alone(path, old, busy_timeout) as connection, _spoiling(path) as spoil:
        salt = copies.salt(connection, encrypted=old is not None)
        marks = _copied(connection, part, old, new)
        found = copies.problem(part, new, marks, None)
        if found:
            copies.remove(part)
            raise KnownError(
                "The copy under the new key proved bad: {why}. Nothing was changed; check the disk.", why=found
            )
        entry = replace(keys.new_entry(slots), file_salt=keys.file_salt(part))
        both = Header((_entry_before(before, salt), entry))
        if not _WINDOWS:
            _take_place(path, part, before, both)
            spoil()
    if _WINDOWS:  # replaces no file that is open
        _take_place(path, part, before, both)
    keys.write_header(path, Header((entry,)))


def _entry_before(header: Header | None, salt: bytes) -> KeyEntry:
    if header is None:
        return KeyEntry(keys.NO_KEY, salt, ())
    return replace(header.entry_for(salt), file_salt=salt)


def _take_place(path: Path, part: Path, before: Header | None, both: Header) -> None:
    try:
        keys.write_header(path, both)
        part.replace(path)
    except (OSError, KnownError) as error:
        _put_back(path, before)
        copies.remove(part)
        raise KnownError(
            "The new clinic file {file} cannot be put in place ({reason}). Nothing was changed.",
            file=path,
            reason=getattr(error, "strerror", None) or str(error),
        ) from error
    flush_folder(path.parent)


def _put_back(path: Path, before: Header | None) -> None:
    if before is None:
        keys.header_path(path).unlink(missing_ok=True)
    else:
        keys.write_header(path, before)


@contextlib.contextmanager
def _alone(path: Path, key: bytes | None, busy_timeout: float) -> Iterator[Any]:
    """A connection beside which nobody else has one, through SQLCipher also where the file is plain."""
    connection = raw_connection(path, busy_timeout, key) if key is not None else _plain_connection(path, busy_timeout)
    with told(path, encrypted=key is not None), contextlib.closing(connection):
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()  # granted to the only one alone
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")  # the lock stays until the connection is closed
            alone = connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
        except ERRORS:
            alone = False
        if not alone:
            raise KnownError(
                "The clinic file {file} is open elsewhere, in another window or on another computer. Close it there, "
                "then try again; nothing was changed.",
                file=path,
            )
        yield connection


def _plain_connection(path: Path, busy_timeout: float) -> Any:
    return sqlcipher.connect(str(path), timeout=busy_timeout, isolation_level=None, check_same_thread=False)


def _copied(connection: Any, part: Path, old: bytes | None, new: bytes) -> dict[str, Mark]:
    """The copy, and the figures of the tables it has to hold."""
    seal = bytes.fromhex(connection.execute("SELECT key FROM audit_head").fetchone()[0])
    marks = fingerprint.raw(connection, seal)
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        if old is not None:
            with contextlib.closing(raw_connection(part, 0.0, new)) as copy:
                connection.backup(copy)
        else:
            connection.execute(f"ATTACH ? AS aside KEY \"x'{new.hex()}'\"", (str(part),))
            connection.execute("SELECT sqlcipher_export('aside')").fetchall()
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            connection.execute(f"PRAGMA aside.application_id = {application}")
            connection.execute("DETACH aside")
        os.fsync(descriptor)
    except BaseException:
        copies.remove(part)
        raise
    finally:
        os.close(descriptor)
    return marks


@contextlib.contextmanager
def _spoiling(path: Path) -> Iterator[Any]:
    """Gives what makes the old file, after it lost its name, useless to a program that waits for it.

    Such a program opened the file by its name before, and would go on working in a file nobody finds again. The
    handle is closed last: closing it drops the locks of this process on the file.
    """
    with path.open("r+b", buffering=0) as stream:

        def spoil() -> None:
            for start in range(0, os.fstat(stream.fileno()).st_size, 1 << 20):
                stream.seek(start)
                stream.write(bytes(min(1 << 20, os.fstat(stream.fileno()).st_size - start)))
            os.fsync(stream.fileno())

        yield spoil
