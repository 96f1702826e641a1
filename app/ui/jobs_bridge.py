"""From a worker process to Qt signals: polled on a timer, so that the window never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.jobs.events import Cancelled, Event, Failed, Finished, Progress

POLL_MS = 50
PATIENCE = 20  # polls a dead worker's reading thread has to tell its end
Starter = Callable[[str, dict[str, Any]], "RunningJob"]
Order = Callable[[], dict[str, Any]]  # where the clinic lies and how a worker gets in, as the session says


class RunningJob(Protocol):
    """What the bridge needs of a job; app.jobs.worker.Job is one, tests have another."""

    @property
    def alive(self) -> bool: ...

    def poll(self) -> list[Event]: ...

    def cancel(self) -> None: ...

    def close(self, patience: float = 2.0) -> None: ...


class JobBridge(QObject):
    """Exactly one of finished, failed, cancelled is emitted last; after that the job is closed and the timer rests."""

    progress = Signal(object)  # Progress
    finished = Signal(dict)
    failed = Signal(object)  # Failed
    cancelled = Signal(dict)
    over = Signal()  # after any of the three

    def __init__(self, job: RunningJob, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: RunningJob | None = job
        self._silent = 0
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.poll)
        self._timer.start()

    @property
    def running(self) -> bool:
        return self._job is not None

    def cancel(self) -> None:
        """Ask the worker to stop; what it kept comes with ``cancelled``."""
        if self._job is not None:
            self._job.cancel()

    def close(self) -> None:
        """End the worker now, without waiting for what it would still say."""
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.close(0.3)

    def poll(self) -> None:
        if self._job is None:
            return
        alive = self._job.alive
        events = self._job.poll()
        for event in events:
            if isinstance(event, Progress):
                self.progress.emit(event)
                continue
            self._end(event)
            return
        if not alive and not events:
            self._silent += 1
            if self._silent > PATIENCE:
                self._end(Failed("", detail="the worker ended without a word"))

    def _end(self, event: Event) -> None:
        self.close()
        if isinstance(event, Finished):
            self.finished.emit(event.result)
        elif isinstance(event, Cancelled):
            self.cancelled.emit(event.result)
        elif isinstance(event, Failed):
            self.failed.emit(event)
        self.over.emit()
