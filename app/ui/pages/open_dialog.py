"""Open a clinic: a file on this computer, or the address of one on a server."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import button_row, place_row
from app.ui.translation import Speaking


class OpenDialog(Speaking, QDialog):
    """chosen carries the path or address."""

    chosen = Signal(str)

    def __init__(self, place: str, folder: str, parent: QWidget | None = None) -> None:
        """place: to begin with; folder: where the choice of a file begins."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._folder = folder
        self._label = SafeLabel(tone="muted")
        self.place = QLineEdit(place)
        self.place.selectAll()
        self.place.textChanged.connect(self._tell)
        self._label.setBuddy(self.place)
        self.browse, self.leave, self.go = QPushButton(), QPushButton(), QPushButton()
        self.go.setProperty("filled", True)
        self.go.setDefault(True)
        self.browse.clicked.connect(self.ask_for_file)
        self.leave.clicked.connect(self.close)
        self.go.clicked.connect(self._choose)
        self._hint = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(theme.GAP)
        column.addWidget(self._label)
        column.addLayout(place_row(self.place, self.browse))
        column.addWidget(self._hint)
        column.addStretch(1)
        column.addLayout(button_row(self.leave, self.go, right=True))
        self.resize(560, 170)
        self.retranslate()

    def ask_for_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Open clinic"), self._folder, self.tr("Clinic file (*.db);;All files (*)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._choose_file)
        dialog.open()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Open clinic"))
        self._label.setText(self.tr("Clinic file, or address of a clinic on a server"))
        self.browse.setText(self.tr("Choose…"))
        self.leave.setText(self.tr("Cancel"))
        self.go.setText(self.tr("Open"))
        self._hint.setText(self.tr("On a server (PostgreSQL): postgresql://user@host/database"))
        self._tell()

    def _tell(self, *_: object) -> None:
        self.go.setEnabled(bool(self.place.text().strip()))

    def _choose(self) -> None:
        if self.go.isEnabled():
            place = self.place.text().strip()
            self.accept()
            self.chosen.emit(place)

    def _choose_file(self, path: str) -> None:
        self.place.setText(path)
        self._choose()
