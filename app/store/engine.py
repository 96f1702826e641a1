"""The road to one database: reading in one consistent state, writing as the only writer.

``SqliteDatabase`` is a clinic file, plain or encrypted; ``PostgresDatabase`` a clinic that several workstations share.
Everything above knows this class alone.
"""

from __future__ import annotations

import abc
import contextlib
import json
from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection, Engine

from app.domain.errors import KnownError
from app.store.prepared import Glance

BUSY_TIMEOUT = 5.0  # seconds a writer waits for another
WRITES = "mailiu_writes"  # execution option of a connection that will write
WRITTEN = "mailiu_written"  # ... and of the set that takes the ids of the audit entries it makes

to_json = partial(json.dumps, ensure_ascii=False, allow_nan=False)


class LockedError(KnownError):
    """The clinic is locked: its key has been dropped until someone unlocks it."""


class Database(abc.ABC):
    """``read()`` and ``write()`` give a connection inside one transaction.

    label: what to call the database in a message; busy_timeout: seconds to wait for another writer
    """

    label: str
    busy_timeout: float
    _pair: tuple[Engine, Engine] | None  # those of ``_engines``, None while closed
    own_entries: set[int]  # ids of the audit entries this object has committed, until the watcher has passed them

    @abc.abstractmethod
    def _engines(self) -> tuple[Engine, Engine]:
        """For reading and for writing. Raises LockedError."""

    @contextlib.contextmanager
    def _engine(self, writes: bool = False) -> Iterator[Engine]:
        """One of them, in use. Closed or locked meanwhile, its connection closes at the end of the use: given back to a
        pool that nobody holds any more, it would stay open, and keep the key."""
        pair = self._engines()
        pool = pair[0].pool
        try:
            yield pair[writes]
        finally:
            if self._pair is not pair:
                pool.dispose()
                pair[0].dispose()  # the pool that took the other's place, if the use began after

    @abc.abstractmethod
    def _told(self) -> contextlib.AbstractContextManager[None]:
        """Turns what the disk, the server or another program is to blame for into a KnownError."""

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent state for as long as the block lasts; writers go on beside it."""
        with self._told(), self._engine() as engine, engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def glance(self) -> Iterator[Connection | Glance]:
        """As ``read``, for prepared statements alone; cheaper where SQLAlchemy's connection costs more than the
        question."""
        with self.read() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """The only writer, until the block ends: commits, or rolls back where the block raises."""
        written: set[int] = set()
        own = {WRITTEN: written}
        with self._told(), self._engine(writes=True) as engine, engine.execution_options(**own).begin() as connection:
            yield connection
        self.own_entries |= written

    def after_large_write(self) -> None:  # noqa: B027 - nothing to do on a server
        """Give back to the disk what a large transaction took, committed or not. Outside of any transaction."""

    @abc.abstractmethod
    def close(self) -> None:
        """Again is harmless."""
