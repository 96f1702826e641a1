"""Opening a clinic: what lies at the place, with what key, as whom. Never a silent step from encrypted to plain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.errors import KnownError
from app.store import keys, postgres
from app.store.engine import BUSY_TIMEOUT, Database
from app.store.keys import Header, KeyEntry
from app.store.schema import FileState, check_clinic, look, make_empty
from app.store.sqlite import SqliteDatabase, not_a_clinic


class PassphraseNeededError(KnownError):
    """The clinic can only be opened with a passphrase (and, where it has users, a name)."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person gives to be let in; nothing of it is kept.

    user: name of the account, "" where there are none; passphrase; recovery: the printed code, in place of a passphrase
    key, server_password, roles: handed from a process that is in to a worker of its own
    """

    passphrase: str = ""
    user: str = ""
    recovery: str = ""
    key: bytes | None = None
    roles: tuple[str, ...] = ()
    server_password: str = ""
    seal: str = ""  # of user and roles, under a key that only who is in can read

    @property
    def handed_over(self) -> bool:
        return bool(self.roles)

    def to_json(self) -> dict[str, Any]:
        """For the pipe to a worker process; nothing of a passphrase is in it."""
        key = self.key.hex() if self.key else None
        return {
            "key": key,
            "user": self.user,
            "roles": list(self.roles),
            "server_password": self.server_password,
            "seal": self.seal,
        }

    @classmethod
    def of(cls, found: Mapping[str, Any] | None) -> Credentials:
        """The inverse of ``to_json``; None gives nothing at all."""
        if found is None:
            return cls()
        key = found["key"]
        return cls(
            user=found["user"],
            key=bytes.fromhex(key) if key else None,
            roles=tuple(found["roles"]),
            server_password=found["server_password"],
            seal=found["seal"],
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """created: the file was made now; recovery: the code to print, of a new encrypted file, "" otherwise."""

    database: Database
    created: bool
    recovery: str = ""


def open_place(
    place: Path | str, credentials: Credentials, *, create: bool, plain: bool, busy_timeout: float
) -> Opened:
    """The database at a path or ``postgresql://`` address, its key proved. Raises KnownError where that cannot be.

    plain: a new file is not encrypted
    """
    if isinstance(place, str) and postgres.is_url(place):
        url = postgres.parse(place)
        if credentials.server_password:
            url = url.set(password=credentials.server_password)
        return Opened(postgres.PostgresDatabase(url, busy_timeout), created=False)
    path = Path(place).absolute()
    state, header = _what_lies_at(path, busy_timeout)
    if state in (FileState.MISSING, FileState.EMPTY):
        if not create:
            raise KnownError("There is no clinic file at {file}. Check the name, or start a new one.", file=path)
        return _create(path, state, header, credentials, plain=plain, busy_timeout=busy_timeout)
    if header is None or state is FileState.PLAIN:
        return Opened(SqliteDatabase(path, busy_timeout), created=False)
    database = SqliteDatabase(path, busy_timeout, unlock(path, header, credentials))
    check_clinic(database)
    return Opened(database, created=False)


def check_place(place: Path | str) -> bool:
    """Whether a clinic file would be made there. Raises KnownError for everything that cannot be one."""
    if postgres.is_url(place):
        postgres.parse(str(place))
        return False
    return _what_lies_at(Path(place).absolute(), BUSY_TIMEOUT)[0] in (FileState.MISSING, FileState.EMPTY)


def _what_lies_at(path: Path, busy_timeout: float) -> tuple[FileState, Header | None]:
    """With the key header of an encrypted file, None for a plain one. Raises KnownError for what is no clinic file."""
    state, header = look(path), keys.read_header(path)
    if state is FileState.PLAIN:
        if header is not None and not header.expects_plain:
            raise KnownError(
                "The clinic file {file} is not encrypted, although a key file lies beside it: someone may have put "
                "another file in its place. Restore a backup, or move the key file away if you know why.",
                file=path,
            )
        check_clinic(SqliteDatabase(path, busy_timeout))
    if state is FileState.SEALED and header is None:
        if _looks_sealed(path):
            raise KnownError(
                "{file} is not a clinic file, or its key file {key} is missing. Put that back beside it (backups "
                "hold a copy).",
                file=path,
                key=keys.header_path(path).name,
            )
        raise not_a_clinic(path)
    return state, header


def unlock(path: Path, header: Header, credentials: Credentials, *, keyring: bool = True) -> bytes:
    """The data key. keyring: the computer may open it by itself. Raises PassphraseNeededError, WrongKeyError."""
    if credentials.key is not None:
        return credentials.key
    # while a new key is brought in there are two, and nobody else has the file open
    entry = header.entries[0] if len(header.entries) == 1 else header.entry_for(keys.file_salt(path))
    if credentials.recovery:
        return keys.unwrap(entry, keys.RECOVERY, credentials.recovery)
    if credentials.passphrase:
        return _by_passphrase(entry, credentials)
    key = None if credentials.handed_over or not keyring else keys.remembered(entry)
    if key is not None:
        return key
    raise PassphraseNeededError("The clinic file {file} is encrypted: a passphrase is needed.", file=path)


def _by_passphrase(entry: KeyEntry, credentials: Credentials) -> bytes:
    """A user's own slot, else that of the file: an administrator may not have given the user one yet."""
    if credentials.user:
        try:
            return keys.unwrap(entry, keys.PASSPHRASE, credentials.passphrase, credentials.user)
        except keys.WrongKeyError:
            pass
    return keys.unwrap(entry, keys.PASSPHRASE, credentials.passphrase)


def _create(
    path: Path, state: FileState, header: Header | None, credentials: Credentials, *, plain: bool, busy_timeout: float
) -> Opened:
    if header is not None and state is FileState.MISSING:
        raise KnownError(
            "There is no clinic file at {file}, but its key file is there. Put the clinic file back, or move the key "
            "file away to start anew.",
            file=path,
        )
    if header is not None:  # a creation that was cut short after the header was written
        return Opened(SqliteDatabase(path, busy_timeout, unlock(path, header, credentials)), created=True)
    if plain:
        make_empty(path)
        return Opened(SqliteDatabase(path, busy_timeout), created=True)
    if not credentials.passphrase:
        raise PassphraseNeededError(
            "A new clinic file is encrypted: give a passphrase, or say that it shall be plain.", file=path
        )
    keys.check_passphrase(credentials.passphrase)
    key, recovery = keys.new_data_key(), keys.new_recovery_code()
    slots = [
        keys.wrap(key, keys.PASSPHRASE, credentials.passphrase),
        keys.wrap(key, keys.RECOVERY, recovery),
    ]
    make_empty(path)
    keys.write_header(path, Header((keys.new_entry(slots),)))
    return Opened(SqliteDatabase(path, busy_timeout, key), created=True, recovery=recovery)


def _looks_sealed(path: Path) -> bool:
    """As an encrypted file does: whole pages that say nothing. Anything else is plainly another kind of file."""
    return path.stat().st_size % 4096 == 0 and path.stat().st_size > 0
