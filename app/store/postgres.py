"""A clinic that several workstations share, in PostgreSQL.

Reading is REPEATABLE READ: one state for as long as the block lasts. Writing takes one advisory lock first, so that
there is one writer at a time as in a clinic file; it is READ COMMITTED, because a snapshot taken before the lock was
granted would not see what the writer before it has written.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import os
import re
from collections.abc import Iterator

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from app.domain.errors import KnownError
from app.store.engine import BUSY_TIMEOUT, WRITES, Database, LockedError, to_json

SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")
LOCK = 0x4D4C4955  # "MLIU": of all the writers of one database
CONNECT_TIMEOUT = 10  # seconds
_ENCRYPTED = ("require", "verify-ca", "verify-full")
_BUSY = ("55P03", "40001", "40P01")  # lock not available, serialization failure, deadlock
_REFUSED = ("28", "42501", "3D")  # wrong password, no privilege, no such database
_FULL = ("53100", "53200", "53300")


def is_url(place: object) -> bool:
    return isinstance(place, str) and place.startswith(SCHEMES)


def parse(url: str) -> URL:
    """The URL with the driver and the safe settings filled in.

    Off this machine TLS with a checked certificate is asked for where the URL says nothing. Raises KnownError for a
    URL that cannot be read, or that would send records over the network in the clear.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise KnownError(
            "The address of the database cannot be read. Write postgresql://user@host/database."
        ) from error
    parsed = parsed.set(drivername="postgresql+psycopg")
    if not parsed.database:
        raise _unreadable()
    if "service" in parsed.query:
        raise KnownError("Write the server's name into the address; a service file could lead anywhere.")
    hosts = [host for host in _hosts(parsed) if not _is_local(host)]
    mode = parsed.query.get("sslmode")
    if hosts and mode is None:
        parsed = parsed.update_query_dict({"sslmode": "verify-full"})
    elif hosts and mode not in _ENCRYPTED:
        raise KnownError(
            "The database at {host} is on another machine, and sslmode={mode} would let records cross the network "
            "unencrypted. Use sslmode=verify-full (or verify-ca, require).",
            host=", ".join(hosts),
            mode=mode,
        )
    if "connect_timeout" not in parsed.query:
        parsed = parsed.update_query_dict({"connect_timeout": str(CONNECT_TIMEOUT)})
    return parsed


def _unreadable() -> KnownError:
    return KnownError("The address of the database cannot be read. Write postgresql://user@host/database.")


def _hosts(url: URL) -> list[str]:
    """Everything the driver might connect to: the host, host= and hostaddr= of the query, else the environment."""
    found = [url.host or ""]
    for name in ("host", "hostaddr"):
        given = url.query.get(name, ())
        for one in (given,) if isinstance(given, str) else given:
            found += one.split(",")
    named = [host for host in found if host]
    return named or [host for name in ("PGHOST", "PGHOSTADDR") for host in os.environ.get(name, "").split(",") if host]


def _is_local(host: str) -> bool:
    if host.startswith(("/", "@")) or host == "localhost":  # a socket
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class PostgresDatabase(Database):
    """One database on a server. url: as ``parse`` makes it."""

    def __init__(self, url: URL, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.url = url
        self.label = url.set(password=None, query={}).render_as_string().replace("+psycopg", "")
        self.busy_timeout = busy_timeout
        self.own_entries = set()
        self._pair: tuple[Engine, Engine] | None = None
        self._open = True

    @property
    def folder_name(self) -> str:
        """Of files that belong to this database and lie on this machine; the same for all its users here."""
        place = self.url.set(username=None, password=None, query={}).render_as_string()
        name = re.sub(r"[^\w-]", "_", self.url.database or "")[:60]
        return f"{name}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"

    def again(self, busy_timeout: float) -> PostgresDatabase:
        """The same database, for someone who waits less (or more)."""
        return PostgresDatabase(self.url, busy_timeout)

    @property
    def locked(self) -> bool:
        return not self._open

    def lock(self) -> None:
        """Close every connection; ``unlock`` undoes it."""
        self.close()
        self._open = False

    def unlock(self) -> None:
        self._open = True

    def _engines(self) -> tuple[Engine, Engine]:
        if self.locked:
            raise LockedError("The clinic is locked. Unlock it with the passphrase.")
        if self._pair is None:
            engine = create_engine(self.url, json_serializer=to_json, pool_pre_ping=True, hide_parameters=True)
            reader = engine.execution_options(isolation_level="REPEATABLE READ")
            writer = engine.execution_options(isolation_level="READ COMMITTED", **{WRITES: True})
            event.listen(writer, "begin", self._take_turn)
            self._pair = reader, writer
        return self._pair

    def _take_turn(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(self.busy_timeout * 1000))}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")

    def close(self) -> None:
        pair, self._pair = self._pair, None
        if pair is not None:
            pair[0].dispose()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            known = self._known(error)
            if known is None:
                raise
            raise known from error

    def _known(self, error: DBAPIError) -> KnownError | None:
        state = getattr(error.orig, "sqlstate", None) or ""
        if state in _BUSY:
            return KnownError(
                "The clinic {place} is being written by another workstation. Try again in a moment; nothing was "
                "changed.",
                place=self.label,
            )
        if state in _FULL:
            return KnownError(
                "The server of the clinic {place} has no room left. Nothing was changed; tell its administrator.",
                place=self.label,
            )
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "?"
        if state.startswith(_REFUSED):
            return KnownError("The clinic {place} refused this user: {reason}.", place=self.label, reason=reason)
        lost = isinstance(error, OperationalError) and not state
        if error.connection_invalidated or lost or state.startswith(("08", "57")):
            return KnownError(
                "The clinic {place} cannot be reached: {reason}. Check the network and the server.",
                place=self.label,
                reason=reason,
            )
        return None
