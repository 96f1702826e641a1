"""Import from the window: look at the file, change what is wrong, import in a worker, read the report. One dialogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import KnownError
from app.files import write_json
from app.i18n import explain
from app.jobs.events import Failed, Progress
from app.ui import theme
from app.ui.jobs_bridge import JobBridge, Order, Starter
from app.ui.labels import SafeLabel
from app.ui.pages.import_preview import ImportPreview
from app.ui.pages.import_result import ImportResult
from app.ui.translation import Speaking

PREVIEW, IMPORT = "app.jobs.importing:preview", "app.jobs.importing:import_files"


class ImportDialog(Speaking, QDialog):
    """One mapping, suggested from the first file, serves all.

    imported carries the report of what was committed; review_wanted asks for the terms it could not code; draft_wanted
    carries a document of free text that is to be looked through before
    """

    imported = Signal(dict)
    review_wanted = Signal()
    draft_wanted = Signal(str, str, str)  # file, encoding, convention
    failed = Signal(object)

    def __init__(self, order: Order, files: list[str], start: Starter, parent: QWidget | None = None) -> None:
        """order: asked at each import, so that no key lies about in between."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._order, self._files, self._start = order, files, start
        self._job: JobBridge | None = None
        self._state, self._kind = "reading", ""
        self._report: dict[str, Any] = {}
        self._closing = False
        self._build()
        self.resize(860, 520)
        self.retranslate()
        self.read("", "")

    def _build(self) -> None:
        self.preview = ImportPreview()
        self.preview.reread.connect(self.read)
        self.outcome = ImportResult()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.preview)
        self._stack.addWidget(self.outcome)
        self._file = SafeLabel(", ".join(Path(f).name for f in self._files), size=theme.TITLE, bold=True, elide=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.status = SafeLabel(tone="muted", wrap=True)
        self.go, self.stop, self.save, self.review, self.look = (QPushButton() for _ in range(5))
        for button in (self.stop, self.save, self.review, self.look):  # Enter imports, wherever the focus is
            button.setAutoDefault(False)
        self.go.setProperty("filled", True)
        self.go.setDefault(True)
        self.go.clicked.connect(self.begin)
        self.stop.clicked.connect(self.close)
        self.save.clicked.connect(self._ask_where)
        self.review.clicked.connect(self.review_wanted)
        self.look.clicked.connect(self._look_first)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GAP)
        buttons.addWidget(self.save)
        buttons.addWidget(self.review)
        buttons.addWidget(self.look)
        buttons.addStretch(1)
        buttons.addWidget(self.stop)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._file)
        column.addWidget(self._stack, 1)
        column.addWidget(self.bar)
        column.addWidget(self.status)
        column.addLayout(buttons)

    @property
    def running(self) -> bool:
        return self._job is not None

    def read(self, encoding: str, sheet: str) -> None:
        """Look into the first file, in an encoding and sheet where these are chosen."""
        kwargs = {"file": self._files[0], "encoding": encoding or None, "sheet": sheet or None}
        self._run("reading", PREVIEW, {**kwargs, **self._order()})

    def begin(self) -> None:
        """Import with the mapping as it stands."""
        try:
            mapping = self.preview.mapping()
        except ValueError as error:
            self._refuse(first_message(error))
            return
        kwargs = {
            **self._order(),
            "files": self._files,
            "kind": mapping["kind"],
            "mapping": mapping,
            "encoding": self.preview.chosen_encoding(),
            "convention": self.preview.convention.currentData(),
        }
        self._run("importing", IMPORT, kwargs)

    def save_report(self, path: str) -> None:
        """Write the report as JSON. Says so where it cannot."""
        try:
            write_json(Path(path), self._report)
        except KnownError as error:
            self._refuse(explain(error))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._puts_off_closing():
            event.ignore()
        else:
            super().closeEvent(event)

    def reject(self) -> None:  # Escape
        if not self._puts_off_closing():
            super().reject()

    def _puts_off_closing(self) -> bool:
        """A running import is asked to stop; nothing is kept of it, and the dialogue goes when it has ended."""
        if self._job is None or self._state != "importing" or self._closing:
            self.end_job()
            return False
        self._closing = True
        self._job.cancel()
        self.status.setText(self.tr("Stopping…"))
        return True

    def end(self) -> None:
        """The window closes: end the worker; an import that has not committed leaves nothing behind."""
        self.end_job()
        self.close()

    def seal(self) -> None:
        """The clinic is being locked: an import under way has access to it, so it ends and leaves nothing behind."""
        if self._job is None:
            return
        reading = self._state == "reading"
        self.end_job()
        self._state = "unreadable" if reading else "preview"
        self._refuse(self.tr("Ended by the lock; nothing was imported."))
        self._close_if_asked()

    def unseal(self) -> None:
        """What the file holds, and the choices made, stayed."""

    def end_job(self) -> None:
        if self._job is not None:
            self._job.close()
            self._job.deleteLater()
            self._job = None

    def _run(self, state: str, target: str, kwargs: dict[str, Any]) -> None:
        self.end_job()
        self._state = state
        self._job = JobBridge(self._start(target, kwargs), self)
        self._job.progress.connect(self._progress)
        self._job.finished.connect(self._finished)
        self._job.cancelled.connect(self._stopped)
        self._job.failed.connect(self._failed)
        self.bar.setRange(0, 0)
        self.status.set_tone("muted")
        self.status.setText("")
        self.retranslate()

    def _progress(self, event: Progress) -> None:
        self.bar.setRange(0, event.total)
        self.bar.setValue(event.done)
        if not self._closing:
            self.status.setText(event.text)

    def _finished(self, result: dict[str, Any]) -> None:
        state = self._state
        self.end_job()
        self.status.setText("")
        if state == "reading":
            self._state, self._kind = "preview", result["kind"]
            self.preview.show_preview(result)
            self._stack.setCurrentWidget(self.preview)
            wanted = self.go
        else:
            self._state = "done"
            self._report = result
            self.outcome.show_report(result)
            self._stack.setCurrentWidget(self.outcome)
            if result.get("committed"):
                self.imported.emit(result)
            wanted = self.stop
        self.retranslate()
        wanted.setFocus()
        self._close_if_asked()

    def _stopped(self, _: dict[str, Any]) -> None:
        self.end_job()
        self._state = "preview"
        self._refuse(self.tr("Stopped; nothing was imported."))
        self._close_if_asked()

    def _failed(self, event: Failed) -> None:
        reading = self._state == "reading"
        self.end_job()
        self._state = "unreadable" if reading else "preview"
        self._refuse(event.message)
        if not event.is_known:
            self.failed.emit(event)
        self._close_if_asked()

    def _refuse(self, text: str) -> None:
        self.status.set_tone("red")
        self.status.setText(text)
        self.retranslate()

    def _close_if_asked(self) -> None:
        if self._closing:
            self.close()

    def _look_first(self) -> None:
        encoding, convention = self.preview.chosen_encoding() or "", self.preview.convention.currentData()
        self.close()
        self.draft_wanted.emit(self._files[0], encoding, str(convention))

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, self.tr("Save the import report"), "import.json", self.tr("JSON (*.json)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(self.save_report)
        dialog.open()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Import"))
        self.go.setText(self.tr("Import"))
        self.save.setText(self.tr("Save report…"))
        busy = self._state in ("reading", "importing")
        self.stop.setText(self.tr("Stop") if self._state == "importing" else self.tr("Close"))
        self.go.setVisible(self._state != "done")
        self.go.setEnabled(self._state == "preview")
        self.save.setVisible(self._state == "done")
        self.look.setText(self.tr("Look through first…"))
        self.look.setVisible(self._state == "preview" and self._kind == "text" and len(self._files) == 1)
        unknown = len(self._report.get("unknown", []))
        self.review.setText(self.tr("%n unknown term(s)…", "", unknown))
        self.review.setVisible(self._state == "done" and unknown > 0)
        self.bar.setVisible(busy)
        self.status.setVisible(busy or bool(self.status.text()))
        self.preview.setEnabled(self._state in ("preview", "unreadable"))


def first_message(error: ValueError) -> str:
    """The first reason of a pydantic refusal, or the text of a plain one."""
    read = getattr(error, "json", None)
    if read is None:
        return str(error)
    return str(json.loads(read())[0]["msg"]).removeprefix("Value error, ")
