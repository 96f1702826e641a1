"""Files dropped on the window: case files are imported, a clinic file is opened, pictures belong to the editor."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QUrl, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from app.store.roles import Permission
from app.ui.session import Session

CLINIC = ".db"


class Dropping(QObject):
    """Watches one widget. files: paths of case files; clinic: path of a clinic file."""

    files = Signal(list)
    clinic = Signal(str)

    def __init__(self, widget: QWidget, session: Session) -> None:
        super().__init__(widget)
        self._session = session
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.DragEnter, QEvent.Type.DragMove) and isinstance(event, QDropEvent):
            if self._wanted(event.mimeData().urls()):
                event.acceptProposedAction()
            return True
        if event.type() == QEvent.Type.Drop and isinstance(event, QDropEvent):
            paths = self._wanted(event.mimeData().urls())
            clinics = [path for path in paths if path.suffix.lower() == CLINIC]
            if clinics:
                self.clinic.emit(str(clinics[0]))
            elif paths:
                self.files.emit([str(path) for path in paths])
            event.acceptProposedAction()
            return True
        return super().eventFilter(watched, event)

    def _wanted(self, urls: list[QUrl]) -> list[Path]:
        """Of what is dragged, what this person may bring in here; [] under the lock."""
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        clinics = [path for path in paths if path.suffix.lower() == CLINIC]
        if self._session.locked:
            return []
        if clinics:
            return clinics
        return paths if self._session.may(Permission.PATIENTS_WRITE) else []
