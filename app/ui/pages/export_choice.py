"""What the export dialogue asks: in which form, with or without names, and where to."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import place_row
from app.ui.translation import Speaking

SUFFIXES = {"csv": "", "json": ".json", "fhir": ".fhir.json"}


class ExportChoice(Speaking, QWidget):
    """changed: the place; whether there is one may have changed."""

    changed = Signal()

    def __init__(self, name: str, *, identified: bool, parent: QWidget | None = None) -> None:
        """name: of what is written, to begin with; identified: names may be asked for."""
        super().__init__(parent)
        self._suffix = SUFFIXES["csv"]
        self.forms = {form: QRadioButton() for form in SUFFIXES}
        self.forms["csv"].setChecked(True)
        self._choice = QButtonGroup(self)
        self._choice.buttonClicked.connect(self._rename)
        self.identified = QCheckBox()
        self.identified.toggled.connect(self._warn)
        self.warning = SafeLabel(wrap=True)
        self._where = SafeLabel(tone="muted")
        self.place = QLineEdit(str(Path.home() / name))
        self.place.textChanged.connect(self.changed)
        self._where.setBuddy(self.place)
        self.browse = QPushButton()
        self.browse.clicked.connect(self.ask_where)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        for button in self.forms.values():
            self._choice.addButton(button)
            column.addWidget(button)
        column.addSpacing(theme.GAP)
        column.addWidget(self.identified)
        column.addWidget(self.warning)
        column.addSpacing(theme.GAP)
        column.addWidget(self._where)
        column.addLayout(place_row(self.place, self.browse))
        self.identified.setVisible(identified)
        self.retranslate()

    @property
    def form(self) -> str:
        return next(form for form, button in self.forms.items() if button.isChecked())

    @property
    def ready(self) -> bool:
        return bool(self.place.text().strip())

    def out(self) -> Path:
        """What was typed as a path; one that names no folder lies in the person's own."""
        path = Path(self.place.text().strip())
        with contextlib.suppress(RuntimeError):  # of a person this computer does not know
            path = path.expanduser()
        return Path.home() / path

    def ask_where(self) -> None:
        dialog = QFileDialog(self, self.tr("Export"), str(self.out()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # asked at the export, for typed names as well
        if self._suffix:
            dialog.setNameFilter(self.tr("JSON (*.json)"))
            dialog.setDefaultSuffix("json")
        dialog.fileSelected.connect(self.place.setText)
        dialog.open()

    def retranslate(self) -> None:
        self.forms["csv"].setText(self.tr("Tables (CSV) in a new folder, for spreadsheets and statistics"))
        self.forms["json"].setText(self.tr("One JSON file, which another clinic can import whole"))
        self.forms["fhir"].setText(self.tr("One FHIR R4 bundle, for other programs"))
        self.identified.setText(self.tr("With names, numbers and dates as they are"))
        self._where.setText(self.tr("Where to"))
        self.browse.setText(self.tr("Browse…"))
        self._warn()

    def _rename(self, *_: object) -> None:
        """The name follows the form."""
        before, self._suffix = self._suffix, SUFFIXES[self.form]
        self.place.setText(self.place.text().removesuffix(before) + self._suffix)

    def _warn(self, *_: object) -> None:
        whole = self.identified.isChecked()
        self.warning.set_tone("red" if whole else "muted")
        if whole:
            self.warning.setText(
                self.tr(
                    "The patients' names, numbers and dates go out. Keep what is written as safe as the records "
                    "themselves."
                )
            )
        else:
            self.warning.setText(
                self.tr(
                    "Without names, dates shifted. Free text is cleaned by rules and may still name someone: read it "
                    "before you give it away."
                )
            )
