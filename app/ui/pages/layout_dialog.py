"""The name under which the lanes are kept as they are."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import FormDialog

LONGEST = 40


class LayoutDialog(FormDialog):
    """named: the name; one that is taken is given anew, and the form says so before."""

    named = Signal(str)

    def __init__(self, known: Collection[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = known
        self.field = QLineEdit()
        self.field.setMaxLength(LONGEST)
        self.field.textChanged.connect(self._tell)
        self._prompt, self.hint = SafeLabel(), SafeLabel(tone="muted", wrap=True)
        self.go.clicked.connect(self._keep)
        self.leave.clicked.connect(self.reject)
        self._lay_out(self._prompt, self.field, self.hint)
        theme.follow(self, "setMinimumWidth", 380)
        self.retranslate()
        self.field.setFocus()

    @property
    def name(self) -> str:
        return " ".join(self.field.text().split())

    def _keep(self) -> None:
        if self.name:
            self.named.emit(self.name)
            self.accept()

    def _tell(self, *_: object) -> None:
        self.go.setEnabled(bool(self.name))
        taken = self.tr("There is a layout of this name; it is replaced.")
        self.hint.setText(taken if self.name in self._known else self.tr("Order, hidden and pinned lanes are kept."))
        super()._tell()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Keep this layout"))
        self._prompt.setText(self.tr("Name of the layout"))
        self.field.setAccessibleName(self.tr("Name of the layout"))
        self.go.setText(self.tr("Keep"))
        self.leave.setText(self.tr("Cancel"))
        self._tell()
