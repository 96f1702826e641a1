"""What the person decides about this computer: when the clinic locks by itself."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.settings import LOCK_AFTER, NEVER
from app.ui.translation import Speaking


class SettingsDialog(Speaking, QDialog):
    """lock_chosen carries one of LOCK_AFTER, as soon as it is chosen."""

    lock_chosen = Signal(str)

    def __init__(self, lock_after: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.lock_after = QComboBox()
        for minutes in LOCK_AFTER:
            self.lock_after.addItem("", minutes)
        self.lock_after.setCurrentIndex(LOCK_AFTER.index(lock_after))
        self.lock_after.activated.connect(self._choose)
        self._word = SafeLabel(tone="muted")
        self._word.setBuddy(self.lock_after)
        self.note = SafeLabel(size=theme.SMALL, wrap=True)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.addRow(self._word, self.lock_after)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.note)
        column.addStretch(1)
        column.addWidget(buttons)
        self.resize(460, 200)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Settings"))
        self._word.setText(self.tr("Lock the clinic when nobody touches it for"))
        for index, minutes in enumerate(LOCK_AFTER):
            never = minutes == NEVER
            self.lock_after.setItemText(index, self.tr("never") if never else self.tr("%n minute(s)", "", int(minutes)))
        self._tell()

    def _choose(self) -> None:
        self._tell()
        self.lock_chosen.emit(self.lock_after.currentData())

    def _tell(self) -> None:
        if self.lock_after.currentData() == NEVER:
            self.note.set_tone("red")
            self.note.setText(
                self.tr("Whoever comes to this computer while you are away can read and change every record.")
            )
        else:
            self.note.set_tone("muted")
            self.note.setText(
                self.tr(
                    "Locked, no record can be read until the passphrase is given; training goes on afterwards. A "
                    "clinic file without a passphrase is not locked by itself."
                )
            )
