"""What a model found of the patients of the list, by a worker beside the window; kept in memory alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.jobs.events import Failed, Progress
from app.store.observer import Change, ChangeKind
from app.ui.jobs_bridge import JobBridge, Starter
from app.ui.notifications import NoticeBar
from app.ui.session import Session
from app.ui.translation import number_text

TARGET = "app.jobs.standing:look"
REST_MS = 700  # the list is searched anew no more often while numbers come


class Standing(QObject):
    """changed: there are other numbers; told: what is under way in words, "" where nothing is."""

    changed = Signal()
    told = Signal(str)

    def __init__(self, session: Session, notices: NoticeBar, start: Starter, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._notices, self._start = session, notices, start
        self.numbers: dict[str, tuple[float | None, float | None]] = {}
        self._bridge: JobBridge | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.changed)
        session.opened.connect(self.forget)
        session.leaving.connect(self.forget)
        session.closing.connect(self.forget)
        session.model_changed.connect(self.forget)
        session.committed.connect(self._hear)

    @property
    def running(self) -> bool:
        return self._bridge is not None

    def ranked(self) -> Mapping[str, tuple[float | None, float | None]]:
        """As ``app.store.finding.Ranked``; a copy, for whichever thread asks."""
        return dict(self.numbers)

    def look(self) -> None:
        """Begin; where it is under way, stop, and keep what was found."""
        if self._bridge is not None:
            self._bridge.cancel()
            return
        if not self._session.model:
            self._notices.info(self.tr("No model forecasts in this clinic yet. Train one first."))
            return
        job = self._start(TARGET, {**self._session.order(), "model": self._session.model})
        self._bridge = JobBridge(job, self)
        self._bridge.progress.connect(self._hear_progress)
        self._bridge.finished.connect(self._finished)
        self._bridge.failed.connect(self._failed)
        self._bridge.over.connect(self._over)
        self.told.emit(self.tr("Looking for patients beyond expectation…"))

    def forget(self, *_: object) -> None:
        """The numbers are of another clinic or model, or must not be seen."""
        bridge, self._bridge = self._bridge, None
        if bridge is not None:
            bridge.close()
            bridge.deleteLater()
            self.told.emit("")
        self._rest.stop()
        if self.numbers:
            self.numbers = {}
            self.changed.emit()

    def _hear(self, change: Change) -> None:
        """A patient's record changed: what was found of it may be so no longer."""
        if change.kind is ChangeKind.MARK:
            return
        for code in change.ids:
            self.numbers.pop(code, None)

    def _hear_progress(self, event: Progress) -> None:
        found: dict[str, Any] = event.data.get("numbers", {})
        self.numbers.update((code, (risk, chance)) for code, (risk, chance) in found.items())
        done, total = number_text(event.done, 0), number_text(event.total, 0)
        self.told.emit(self.tr("Looked at {done} of {total} patients").format(done=done, total=total))
        if found and not self._rest.isActive():
            self._rest.start()

    def _finished(self, result: dict[str, Any]) -> None:
        count = number_text(result.get("patients", 0), 0)
        self._notices.info(self.tr("The model has looked at {count} patients.").format(count=count))

    def _failed(self, event: Failed) -> None:
        self._notices.error(event.message or self.tr("The worker ended without a word."), event.detail)

    def _over(self) -> None:
        bridge, self._bridge = self._bridge, None
        if bridge is not None:
            bridge.deleteLater()
        self.told.emit("")
        self._rest.stop()
        self.changed.emit()
