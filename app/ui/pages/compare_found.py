"""Patients found by the same search as the list's, to choose the one to compare with."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QWidget

from app.ui.pages.patient_model import PatientModel, Search
from app.ui.pages.patient_row import PatientRowDelegate


class FoundList(QListView):
    """picked: a patient's number, by Enter or a click; given_up: Escape."""

    picked = Signal(str)
    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.patients = PatientModel(self)
        self.setObjectName("patients")
        self.setModel(self.patients)
        self.setItemDelegate(PatientRowDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.activated.connect(self._pick)
        self.clicked.connect(self._pick)

    def show_search(self, search: Search | None, text: str) -> bool:
        """Whether anybody was found; None empties the list."""
        self.patients.show_search(search, text)
        return self.patients.rowCount() > 0

    def enter(self) -> None:
        """Go on to the first of them by the keyboard."""
        self.setFocus()
        self.setCurrentIndex(self.patients.index(0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
            return
        super().keyPressEvent(event)

    def _pick(self, index: QModelIndex) -> None:
        code = self.patients.code_at(index.row())
        if code:
            self.picked.emit(code)
