"""Patients found by the same search as the list's, to choose the one to compare with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QWidget

from app.ui.pages.patient_model import PatientLike, PatientModel
from app.ui.pages.patient_row import PatientRowDelegate

MOST = 200  # whoever is not among them is found by typing more

Search = Callable[[str, int, int], Sequence[PatientLike]]  # text, limit, offset


class _Lines:
    """Lines that are there already, as ``patient_model.Rows``; a row is its place."""

    def __init__(self, lines: Sequence[PatientLike]) -> None:
        self._lines = lines

    def rows(self, ids: Sequence[int]) -> Mapping[int, PatientLike]:
        return {key: self._lines[key] for key in ids}

    def row_of(self, code: str) -> int | None:
        return next((at for at, line in enumerate(self._lines) if line.code == code), None)


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
        lines = search(text.strip(), MOST, 0) if search is not None else ()
        self.patients.show_found(_Lines(lines), range(len(lines)))
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
