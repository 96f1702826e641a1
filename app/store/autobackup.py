"""Backups that nobody has to think of: some time after a change, and when the clinic is closed.

They are made in a thread of their own with a connection of its own, so that nothing waits for them; what goes wrong is
told to whoever asked for them and never stops the work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from app.domain.errors import KnownError
from app.store.engine import LockedError
from app.store.observer import Change, Changed, ChangeKind

MINUTES = 30.0  # at the latest, after a change
MINUTES_SETTING = "backup.minutes"
_NO_REASON = (ChangeKind.LOCK, ChangeKind.ELSEWHERE)  # nothing changed; another program changed it and backs it up


class AutoBackup:
    """Watches one open clinic until ``close``.

    make: a backup; None where it cannot be made without asking anyone, as of a clinic on a server: then none is due
    minutes: a backup is made at the latest so long after a change; failed: called in the thread of the backup
    """

    def __init__(
        self,
        make: Callable[[], object] | None,
        changed: Changed,
        minutes: float,
        failed: Callable[[KnownError], None],
    ) -> None:
        self._make = make
        self._seconds = minutes * 60
        self._failed = failed
        self._condition = threading.Condition()
        self._since: float | None = None  # first change that no backup holds yet, on the monotonic clock
        self._thread: threading.Thread | None = None
        self._closing = False
        self._unsubscribe = changed.subscribe(self._heard)

    @property
    def due(self) -> bool:
        """Something changed since the last backup."""
        return self._since is not None

    def close(self) -> None:
        """Makes the backup that is due, and returns when it is made. Again is harmless."""
        self._unsubscribe()
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _heard(self, change: Change) -> None:
        if change.kind in _NO_REASON or self._make is None:
            return
        with self._condition:
            if self._since is None:
                self._since = time.monotonic()
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="backup", daemon=True)
                self._thread.start()
            self._condition.notify_all()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._closing and (self._since is None or self._left() > 0):
                    self._condition.wait(None if self._since is None else self._left())
                if self._since is None:
                    return
                self._since, ending = None, self._closing
            self._try(last=ending)
            if ending:
                return

    def _left(self) -> float:
        assert self._since is not None
        return self._since + self._seconds - time.monotonic()

    def _try(self, *, last: bool) -> None:
        assert self._make is not None
        try:
            self._make()
        except LockedError as error:
            if last:  # locked and closed without anyone coming back: the next session's first change makes it
                self._failed(error)
            else:
                self._again()
        except KnownError as error:
            self._failed(error)
            if not last:
                self._again()

    def _again(self) -> None:
        """What could not be backed up stays due; the next try is a whole interval away."""
        with self._condition:
            if self._since is None:
                self._since = time.monotonic()
