"""One question before something that is hard to take back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import button_row
from app.ui.translation import Speaking


class ConfirmDialog(Speaking, QDialog):
    """accepted: the person wants it. Enter does not confirm; the button has to be meant."""

    def __init__(self, question: str, detail: str, verb: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.go, self.leave = QPushButton(verb), QPushButton()
        self.leave.setDefault(True)
        self.go.clicked.connect(self.accept)
        self.leave.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addWidget(SafeLabel(question, bold=True, wrap=True))
        column.addWidget(SafeLabel(detail, tone="muted", wrap=True))
        column.addStretch(1)
        column.addLayout(button_row(self.go, self.leave, right=True))
        theme.follow(self, "setMinimumWidth", 420)
        self.retranslate()
        self.leave.setFocus()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Mailiu"))
        self.leave.setText(self.tr("Cancel"))
