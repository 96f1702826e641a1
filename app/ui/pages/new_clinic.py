"""A new clinic file: where, encrypted or plain, then the recovery code. Encrypted unless the person says otherwise."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.errands import Errands
from app.ui.labels import SafeLabel
from app.ui.opening import make_clinic
from app.ui.pages.form_dialog import FormDialog, place_row
from app.ui.pages.passphrase import PassphraseFields
from app.ui.pages.recovery import RecoverySheet

if TYPE_CHECKING:
    from app.store.clinic import Clinic


class NewClinicDialog(FormDialog):
    """made carries the open Clinic, as soon as the file is there; the dialogue then shows the recovery code."""

    made = Signal(object)

    def __init__(self, path: Path, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._errands = errands
        self._ending = False
        self._build()
        self.path.setText(str(path))
        self.resize(520, 420)
        self.retranslate()
        self.fields.first.setFocus()

    def _build(self) -> None:
        self.path = QLineEdit()
        self.path.textChanged.connect(self._tell)
        self.browse = QPushButton()
        self.browse.clicked.connect(self._ask_where)
        self._where = SafeLabel(tone="muted")
        self._where.setBuddy(self.path)
        self.encrypted, self.plain = QRadioButton(), QRadioButton()
        self.encrypted.setChecked(True)
        self._choice = QButtonGroup(self)
        for button in (self.encrypted, self.plain):
            self._choice.addButton(button)
        self.encrypted.toggled.connect(self._choose)
        self.fields = PassphraseFields()
        self.fields.changed.connect(self._tell)
        self.warning = SafeLabel(tone="red", wrap=True)
        self.aware = QCheckBox()
        self.aware.toggled.connect(self._tell)
        bare = QWidget()
        warned = QVBoxLayout(bare)
        warned.setContentsMargins(0, 0, 0, 0)
        warned.addWidget(self.warning)
        warned.addWidget(self.aware)
        warned.addStretch(1)
        self._protection = QStackedWidget()
        self._protection.addWidget(self.fields)
        self._protection.addWidget(bare)
        first = QWidget()
        column = QVBoxLayout(first)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._where)
        column.addLayout(place_row(self.path, self.browse))
        column.addSpacing(theme.GAP)
        column.addWidget(self.encrypted)
        column.addWidget(self.plain)
        column.addSpacing(theme.GAP)
        column.addWidget(self._protection)
        column.addStretch(1)
        self.sheet = RecoverySheet()
        self.sheet.kept.connect(self._tell)
        self._steps = QStackedWidget()
        self._steps.addWidget(first)
        self._steps.addWidget(self.sheet)
        self.go.clicked.connect(self._next)
        self.leave.clicked.connect(self.close)
        self._lay_out(self._steps)

    @property
    def showing_code(self) -> bool:
        return self._steps.currentWidget() is self.sheet

    def make(self) -> None:
        """Make the file; the key is derived in a thread."""
        self._work(True)
        plain = self.plain.isChecked()
        passphrase = "" if plain else self.fields.passphrase()
        path = Path(self.path.text().strip()).expanduser()
        self._errands.run(partial(make_clinic, path, passphrase, plain=plain), self._made, self._refused)

    def end(self) -> None:
        self._ending = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close():
            super().closeEvent(event)
        else:
            event.ignore()

    def reject(self) -> None:  # Escape
        if self._may_close():
            super().reject()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("New clinic file"))
        self._where.setText(self.tr("Clinic file"))
        self.browse.setText(self.tr("Choose…"))
        self.encrypted.setText(self.tr("Encrypted (recommended)"))
        self.plain.setText(self.tr("Not encrypted"))
        self.warning.setText(
            self.tr(
                "Whoever gets hold of the file, a copy or a backup of it, or of this computer's disk, can read every "
                "record. Choose this only for records without real people in them, or on a disk that is encrypted."
            )
        )
        self.aware.setText(self.tr("I know, and want it so"))
        self.leave.setText(self.tr("Cancel"))
        self._tell()

    def _next(self) -> None:
        if self.showing_code:
            self.accept()
        elif self.go.isEnabled():
            self.make()

    def _made(self, clinic: Clinic) -> None:
        self._work(False)
        code, name = clinic.recovery, clinic.name
        self.fields.clear()
        self.made.emit(clinic)
        if not code:
            self.accept()
            return
        self.sheet.show_code(code, name)
        self._steps.setCurrentWidget(self.sheet)
        self._tell()

    def _may_close(self) -> bool:
        """Not while the file is being made, nor before the code was kept: it is shown only once."""
        return self._ending or not (self._working or (self.showing_code and not self.sheet.box.isChecked()))

    def _choose(self, encrypted: bool) -> None:
        self._protection.setCurrentIndex(0 if encrypted else 1)
        self._tell()

    def _tell(self, *_: object) -> None:
        protected = self.fields.ready if self.encrypted.isChecked() else self.aware.isChecked()
        ready = self.sheet.box.isChecked() if self.showing_code else protected and bool(self.path.text().strip())
        self.go.setText(self.tr("Done") if self.showing_code else self.tr("Make the clinic file"))
        self.go.setEnabled(ready and not self._working)
        self.leave.setVisible(not self.showing_code)
        self.leave.setEnabled(not self._working)
        self._steps.setEnabled(not self._working)
        super()._tell()

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, self.tr("New clinic file"), self.path.text(), self.tr("Clinic file (*.db)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("db")
        dialog.fileSelected.connect(self.path.setText)
        dialog.open()
