"""Users of a clinic: who they are, what they may do, and the proof that it is them.

In an encrypted clinic file every user has a slot of the key header as well, so each opens the file with an own
passphrase; taking a user out takes the slot out (a user who kept a copy of file and header is kept out of the copy
only by a new data key).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.domain.errors import KnownError
from app.store import audit, keys
from app.store.desk import Service
from app.store.names import name_key
from app.store.observer import Change, ChangeKind
from app.store.roles import Actor, Permission, Role, needs
from app.store.sqlite import SqliteDatabase
from app.store.tables import account


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    roles: frozenset[Role]
    active: bool
    created: dt.datetime


class Accounts(Service):
    """Service of ``Clinic.accounts``."""

    @needs(Permission.ANYONE)
    def list(self) -> list[Account]:
        """By name. Empty where the clinic has no accounts: then whoever opens it may do everything."""
        query = select(account.c.name, account.c.roles, account.c.active, account.c.created)
        with self._desk.database.read() as connection:
            rows = connection.execute(query.order_by(account.c.name_key)).all()
        return [Account(name, _roles(roles), active, created) for name, roles, active, created in rows]

    @needs(Permission.USERS)
    def add(self, name: str, roles: Iterable[Role], passphrase: str) -> None:
        """A new user. Raises KnownError for a name that is taken, no role, a short passphrase.

        The first one must be an administrator: from then on nobody else could add one.
        """
        name, wanted = name.strip(), frozenset(roles)
        if not name or not name.isprintable():
            raise KnownError("A user needs a name.")
        if not wanted:
            raise KnownError("A user needs at least one role: {roles}.", roles=", ".join(Role))
        keys.check_passphrase(passphrase)
        with self._desk.database.write() as connection:
            if _row(connection, name) is not None:
                raise KnownError("There is a user {name} already.", name=name)
            if Role.ADMINISTRATOR not in wanted and not _administrators(connection):
                raise KnownError("The first user must be an administrator.")
            values = {
                "name": name,
                "name_key": name_key(name),
                "roles": sorted(wanted),
                "secret": _hasher().hash(passphrase),
                "active": True,
                "created": dt.datetime.now(dt.UTC),
            }
            key = connection.execute(insert(account).returning(account.c.id), values).scalar_one()
            self._audit(connection, "add", key, {"name": name, "roles": sorted(wanted)})
            self._give_slot(name, passphrase)  # last: without it the transaction is taken back
        self._tell()

    @needs(Permission.USERS)
    def change(self, name: str, *, roles: Iterable[Role] | None = None, active: bool | None = None) -> None:
        """Other roles, or suspended or active again. Raises KnownError where no administrator would be left."""
        with self._desk.database.write() as connection:
            row = _required(connection, name)
            values: dict[str, Any] = {}
            if roles is not None:
                values["roles"] = sorted(frozenset(roles))
                if not values["roles"]:
                    raise KnownError("A user needs at least one role: {roles}.", roles=", ".join(Role))
            if active is not None:
                values["active"] = active
            connection.execute(update(account).where(account.c.id == row.id).values(**values))
            if not _administrators(connection):
                raise KnownError("There must be an active administrator; make another one first.")
            self._audit(connection, "update", row.id, {"name": row.name, **values})
            if active is False:
                self._take_slot(row.name)
        self._tell()

    @needs(Permission.USERS)
    def reset_passphrase(self, name: str, passphrase: str) -> None:
        """Give a user a new passphrase, as an administrator. One suspended stays so until ``change`` says else."""
        self._set(name, passphrase)

    @needs(Permission.ANYONE)
    def change_passphrase(self, old: str, new: str) -> None:
        """One's own. Raises KnownError where ``old`` is wrong."""
        with self._desk.database.read() as connection:
            authenticate(connection, self.actor.name, old)
        self._set(self.actor.name, new)

    def _set(self, name: str, passphrase: str) -> None:
        keys.check_passphrase(passphrase)
        with self._desk.database.write() as connection:
            row = _required(connection, name)
            secret = _hasher().hash(passphrase)
            connection.execute(update(account).where(account.c.id == row.id).values(secret=secret))
            self._audit(connection, "passphrase", row.id, {"name": row.name})
            if row.active:
                self._give_slot(row.name, passphrase)
        self._tell()

    def _tell(self) -> None:
        """Others may open the file now: the copies of its header among the backups follow."""
        self._desk.changed.emit(Change(ChangeKind.KEY, ("users",)))

    def _audit(self, connection: Connection, action: str, key: int, detail: dict[str, Any]) -> None:
        audit.write(connection, self.actor.name, [audit.Entry(action, "account", key, detail)])

    def _give_slot(self, name: str, passphrase: str) -> None:
        database = self._desk.database
        if isinstance(database, SqliteDatabase) and database.key is not None:
            header = keys.read_header(database.path)
            if header is not None:
                slot = keys.wrap(database.key, keys.PASSPHRASE, passphrase, name)
                keys.write_header(database.path, keys.with_slot(header, slot))

    def _take_slot(self, name: str) -> None:
        database = self._desk.database
        if isinstance(database, SqliteDatabase) and (header := keys.read_header(database.path)) is not None:
            keys.write_header(database.path, keys.without_slot(header, keys.PASSPHRASE, name))


def has_accounts(connection: Connection) -> bool:
    return connection.execute(select(account.c.id).limit(1)).first() is not None


def authenticate(connection: Connection, name: str, passphrase: str) -> Actor:
    """Raises WrongKeyError for an unknown or inactive user and a wrong passphrase alike, after the same time."""
    from argon2.exceptions import VerificationError

    row = _row(connection, name)
    secret = row.secret if row is not None else _decoy()
    try:
        _hasher().verify(secret, passphrase)
    except VerificationError:
        row = None
    if row is None or not row.active:
        raise keys.WrongKeyError("The name or the passphrase is wrong.")
    return Actor(row.name, _roles(row.roles))


def exists(connection: Connection, name: str) -> bool:
    return _row(connection, name) is not None


def named(connection: Connection, name: str) -> Actor | None:
    """An active user by name alone, for whoever has proved otherwise to be let in; None where there is none."""
    row = _row(connection, name)
    return Actor(row.name, _roles(row.roles)) if row is not None and row.active else None


def _roles(names: Iterable[str]) -> frozenset[Role]:
    known = {role.value: role for role in Role}
    return frozenset(known[name] for name in names if name in known)


def _row(connection: Connection, name: str) -> Any:
    return connection.execute(select(account).where(account.c.name_key == name_key(name))).first()


def _required(connection: Connection, name: str) -> Any:
    row = _row(connection, name)
    if row is None:
        raise KnownError("There is no user {name}.", name=name)
    return row


def _administrators(connection: Connection) -> int:
    rows = connection.execute(select(account.c.roles).where(account.c.active.is_(True))).scalars()
    return sum(Role.ADMINISTRATOR in roles for roles in rows)


@cache
def _hasher() -> Any:
    from argon2 import PasswordHasher

    kdf = keys.KDF
    return PasswordHasher(time_cost=kdf["time"], memory_cost=kdf["memory_kib"], parallelism=kdf["lanes"])


@cache
def _decoy() -> str:
    """Verified in place of a secret that is not there, so that an unknown name takes as long as a known one."""
    return _hasher().hash("an unknown user")
