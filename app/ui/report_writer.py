"""Writes a patient's report from what is on screen: the forecast is there already, so only drawing remains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.records import Case
from app.ui.forecasting import Outlook


class ReportWriter(QObject):
    """started is emitted at once, the file is written in the next turn of the event loop, so that something shows."""

    started = Signal(str)
    written = Signal(str)
    failed = Signal(object)  # the exception

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._order: tuple[Case, Path, dict[str, Any] | None, str] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(30)
        self._timer.timeout.connect(self._write)

    def write(self, case: Case, out: Path, outlook: Outlook | None, card: dict[str, Any], clinic_name: str) -> None:
        """A .pdf or .html of this case; without an outlook the report has no forecast."""
        result = None if outlook is None else {**outlook.result, "card": card}
        self._order = (case, out, result, clinic_name)
        self.started.emit(str(out))
        self._timer.start()

    def _write(self) -> None:
        from app.domain.errors import KnownError
        from app.patient_report import compose

        if self._order is None:
            return
        order, self._order = self._order, None
        try:
            compose(*order)
        except (KnownError, OSError, ValueError) as error:
            self.failed.emit(error)
        else:
            self.written.emit(str(order[1]))
