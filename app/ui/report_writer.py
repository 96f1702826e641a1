"""Writes a patient's report in a process of its own, through the same command line everybody has.

Forecasting and drawing at print size take seconds; here the window only waits for a signal.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from app import i18n
from app.paths import RESOURCES

COMMAND = (sys.executable, "-m", "app")
GRACE_MS = 500


class ReportWriter(QObject):
    """started and written carry the path; failed the reason in the user's language. One report at a time."""

    started = Signal(str)
    written = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None, command: Sequence[str] = COMMAND) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._out = ""
        self._process = QProcess(self)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._not_started)

    @property
    def running(self) -> bool:
        return self._process.state() is not QProcess.ProcessState.NotRunning

    def write(self, order: dict[str, Any], patient: str, out: Path, model: str = "") -> None:
        """A .pdf or .html of this patient, with the forecast of this model; without one no forecast is in it.

        order: of the session; the key goes through the pipe, never among the arguments
        """
        if self.running:
            return
        self._out = str(out)
        environment = QProcessEnvironment.systemEnvironment()
        root = str(RESOURCES.parent)
        environment.insert("PYTHONPATH", os.pathsep.join(filter(None, [root, environment.value("PYTHONPATH")])))
        environment.insert("PYTHONUTF8", "1")
        environment.insert("QT_QPA_PLATFORM", "offscreen")  # it draws to files only
        environment.insert("MAILIU_ACCESS", "stdin")
        self._process.setProcessEnvironment(environment)
        arguments = [*self._command[1:], "--language", i18n.language(), "report"]
        arguments += ["--db", order["db"], "--patient", patient, "--out", str(out)]
        arguments += ["--model", model] if model else []
        self._process.start(self._command[0], arguments)
        self._process.write((json.dumps(order["access"]) + "\n").encode())
        self._process.closeWriteChannel()
        self.started.emit(self._out)

    def end(self) -> None:
        """Stop a report that is under way; a half-written file is not left behind."""
        if self.running:
            self._process.blockSignals(True)
            self._process.kill()
            self._process.waitForFinished(GRACE_MS)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if status is QProcess.ExitStatus.NormalExit and code == 0:
            self.written.emit(self._out)
            return
        said = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        self.failed.emit(said or self.tr("The report could not be written (code {code}).").format(code=code))

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.failed.emit(self._process.errorString())
