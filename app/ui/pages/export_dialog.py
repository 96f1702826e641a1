"""Every record out of the clinic into files, in a worker. What is stopped, or ended by the lock, leaves nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.errors import KnownError
from app.files import sweep, unfinished
from app.jobs.events import Failed, Progress
from app.store.roles import Permission
from app.ui import theme
from app.ui.jobs_bridge import JobBridge, Starter
from app.ui.labels import SafeLabel
from app.ui.pages.confirm import ConfirmDialog
from app.ui.pages.export_choice import ExportChoice
from app.ui.pages.form_dialog import FormDialog
from app.ui.session import Session
from app.ui.translation import number_text

TARGET = "app.jobs.exporting:export"


class ExportDialog(FormDialog):
    """written carries the place, failed a Failed event that is no refusal."""

    written = Signal(str)
    failed = Signal(object)

    def __init__(self, session: Session, start: Starter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._start = session, start
        self._job: JobBridge | None = None
        self._stopping = self._closing = False  # asked to stop, and to close then
        self._out = Path()  # where to
        self._before: set[Path] = set()  # what other exports to there have left
        clinic = session.clinic
        self._name = "" if clinic is None else clinic.name
        self.title = SafeLabel(size=theme.TITLE, bold=True, elide=True)
        self.choice = ExportChoice(
            f"{self._name}-{dt.date.today().isoformat()}", identified=session.may(Permission.EXPORT_IDENTIFIED)
        )
        self.choice.changed.connect(self._tell)
        self.told = SafeLabel(wrap=True)
        self.go.clicked.connect(self.begin)
        self.leave.clicked.connect(self.stop_or_close)
        self._lay_out(self.title, self.choice, self.told)
        theme.follow(self, "setMinimumWidth", 560)
        self.resize(560, 450)  # with room for what is told: nothing jumps
        session.opened.connect(self._meet_another)
        self.retranslate()

    @property
    def running(self) -> bool:
        return self._job is not None

    def begin(self) -> None:
        """Look whether a file lies there, then export."""
        if self.go.isEnabled():
            self._out = self.choice.out()
            self._say("")
            self._work(True)
            self._session.errands.run(partial(_look, self._out), self._looked, self._refused)

    def write(self) -> None:
        """Export to the place that was looked at."""
        choice = self.choice
        kwargs = {"out": str(self._out), "form": choice.form, "identified": choice.identified.isChecked()}
        try:
            order = self._session.order()
        except KnownError as error:  # another program is writing
            self._refused(error)
            return
        self._job = JobBridge(self._start(TARGET, {**order, **kwargs}), self)
        self._job.progress.connect(self._progress)
        self._job.finished.connect(self._finished)
        self._job.cancelled.connect(self._stopped)
        self._job.failed.connect(self._failed)
        self.bar.setRange(0, 0)
        self._work(True)

    def stop_or_close(self) -> None:
        if self._job is None:
            self.close()
        else:
            self._stop(self._job)

    def reject(self) -> None:
        """A running export is asked to stop, and the dialogue goes when it has ended."""
        if self._job is None or self._closing:
            self._end_job()
            super().reject()
        else:
            self._closing = True
            self._stop(self._job)

    def end(self) -> None:
        """The window closes: end the worker now."""
        self._end_job()
        self.close()

    def seal(self) -> None:
        """The clinic is being locked: a worker that exports has access to it, so it ends."""
        if self._job is not None:
            self._job.poll()  # it may just have come to its end
        if self._job is not None:
            self._over(trouble=self.tr("Ended by the lock; nothing was written."))

    def unseal(self) -> None:
        """What was chosen stayed."""
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Export"))
        count = number_text(self._session.counts().get("patients", 0), 0)
        self.title.setText(self.tr("{name}: {count} patients").format(name=self._name, count=count))
        self.go.setText(self.tr("Export"))
        self._tell()

    def _looked(self, found: tuple[bool, set[Path]]) -> None:
        there, self._before = found
        if there or self._session.locked:
            self._work(False)
        if self._session.locked:
            return
        if not there:
            self.write()
            return
        dialog = ConfirmDialog(
            self.tr("Write over {file}?").format(file=self._out.name),
            self.tr("There is a file of this name already. What it holds would be lost."),
            self.tr("Write over it"),
            self,
        )
        dialog.accepted.connect(self.write)
        dialog.open()

    def _progress(self, event: Progress) -> None:
        self.bar.setRange(0, event.total)
        self.bar.setValue(event.done)
        if not self._stopping:
            self._say(event.text)

    def _finished(self, result: dict[str, Any]) -> None:
        words = self.tr("Written: {path}, {count} patients.")
        self._over(words.format(path=result["path"], count=number_text(result["patients"], 0)), tone="green")
        self.written.emit(result["path"])

    def _stopped(self, _: dict[str, Any]) -> None:
        self._over(self.tr("Stopped; nothing was written."))

    def _failed(self, event: Failed) -> None:
        self._over(trouble=event.message or self.tr("The worker ended without a word."))
        if not event.is_known:
            self.failed.emit(event)

    def _stop(self, job: JobBridge) -> None:
        job.cancel()
        self._stopping = True
        self._say(self.tr("Stopping…"))

    def _over(self, told: str = "", *, tone: str = "muted", trouble: str = "") -> None:
        self._end_job()
        self._stopping = False
        self._work(False)
        self.trouble.setText(trouble)
        self._say(told, tone)
        if self._closing:
            self.close()

    def _end_job(self) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        ended = job.running
        job.close()
        job.deleteLater()
        if ended:  # at once, and perhaps too quickly for it to tidy up after itself
            self._session.errands.run(partial(sweep, self._out, self._before), _swept, self._session.trouble.emit)

    def _meet_another(self) -> None:
        """Another clinic is shown: what was about the one before closes when it is done."""
        if self._job is None:
            self.close()
        self._closing = True

    def _say(self, text: str, tone: str = "muted") -> None:
        self.told.set_tone(tone)
        self.told.setText(text)
        self._tell()

    def _tell(self, *_: object) -> None:
        self.choice.setEnabled(not self._working)
        self.go.setEnabled(not self._working and self.choice.ready)
        self.leave.setText(self.tr("Close") if self._job is None else self.tr("Stop"))
        self.leave.setEnabled(not self._stopping)
        self.told.setVisible(bool(self.told.text()))
        super()._tell()


def _look(out: Path) -> tuple[bool, set[Path]]:
    """In a thread: whether a file lies there, and what other exports to it have left."""
    there = False
    with contextlib.suppress(OSError):  # the export tells what is wrong with the place
        there = out.is_file()
    return there, unfinished(out)


def _swept(_: object) -> None:
    """Nobody waits for it."""
