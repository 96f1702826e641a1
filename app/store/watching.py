"""Change notices: other windows and workstations write too, and whoever listens to ``Clinic.changed`` is told.

The audit log has an entry for every write, whoever made it. A thread asks for its length now and then (one row) and
reads only the entries that others have added since.
"""

from __future__ import annotations

import contextlib
import threading

from sqlalchemy import select

from app.domain.errors import KnownError
from app.store.desk import Desk
from app.store.observer import Change, ChangeKind
from app.store.tables import audit, audit_head

INTERVAL = 1.0  # seconds
SILENT = ("view", "login", "unlock", "lock", "print", "export")  # change nothing that is shown


class Watcher:
    """Runs until ``close``. Emits ChangeKind.ELSEWHERE with the numbers of the patients others have touched."""

    def __init__(self, desk: Desk, interval: float = INTERVAL) -> None:
        self._desk = desk
        self._interval = interval
        self._ended = threading.Event()
        self._seen = self._count()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Again is harmless."""
        self._ended.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._interval):
            with contextlib.suppress(KnownError):  # locked, busy or out of reach: asked again next time
                self.look()

    def look(self) -> None:
        """Tell of what others have written since the last look."""
        count = self._count()
        if count <= self._seen:
            return
        query = select(audit.c.id, audit.c.action, audit.c.detail).where(audit.c.id > self._seen).order_by(audit.c.id)
        with self._desk.database.read() as connection:
            rows = connection.execute(query).all()
        self._seen = rows[-1].id if rows else count
        own = self._desk.database.own_entries
        others = [row for row in rows if row.id not in own]
        own.difference_update(row.id for row in rows)
        told = [row for row in others if row.action not in SILENT]
        if told:
            codes = dict.fromkeys(str(row.detail["patient"]) for row in told if row.detail.get("patient"))
            self._desk.changed.emit(Change(ChangeKind.ELSEWHERE, tuple(codes)))

    def _count(self) -> int:
        with self._desk.database.read() as connection:
            return connection.execute(select(audit_head.c["count"])).scalar_one()
