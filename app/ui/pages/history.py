"""What was changed of a patient or of one visit: when, by whom, in which act, each field old and new."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from app.domain.records import Case
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.tables import ShowTable, moment_text
from app.ui.record_words import NOTHING, field_word, pair_text
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.undoing import Edit

SHOWN = 2000  # rows on screen


class HistoryDialog(RecordsDialog):
    def __init__(self, session: Session, case: Case, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._code = case.patient.code
        self._name = case.patient.name or case.patient.code
        self._numbers = [visit.number for visit in case.visits]
        self._edits: list[Edit] = []
        self.title = SafeLabel(size=theme.TITLE, bold=True, elide=True)
        self.what = QComboBox()
        self.what.addItem("", None)
        for number in self._numbers:
            self.what.addItem("", number)
        self.what.activated.connect(self.load)
        self.table = ShowTable(7, stretch=(5, 6))
        self.note = SafeLabel(tone="muted", wrap=True)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.what)
        self._lay_out(head, (self.table, 1), self.note, width=980, height=480)
        self.retranslate()
        self.load()

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is not None:
            self.read(partial(clinic.undoing.history, self._code, self.what.currentData()), self._show)

    def empty(self) -> None:
        self._edits = []
        self.table.setRowCount(0)
        self.title.setText("")

    def unseal(self) -> None:
        self.retranslate()
        self.load()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("History"))
        self.title.setText(self.tr("History of {patient}").format(patient=self._name))
        self.what.setItemText(0, self.tr("Patient and all visits"))
        for index, number in enumerate(self._numbers, start=1):
            self.what.setItemText(index, self.tr("Visit {number}").format(number=number))
        self.table.setAccessibleName(self.tr("History"))
        self.table.name_columns(
            [
                self.tr("When"),
                self.tr("Who"),
                self.tr("Act"),
                self.tr("Of"),
                self.tr("Field"),
                self.tr("Before"),
                self.tr("After"),
            ]
        )
        self._show(self._edits)

    def _show(self, edits: list[Edit]) -> None:
        self._edits = edits
        entities = {"patient": self.tr("patient"), "visit": self.tr("visit"), "tag": self.tr("tag")}
        lines: list[list[str]] = []
        for edit in edits:
            start = [moment_text(edit.at), edit.who, edit.label]
            of = entities.get(edit.entity, edit.entity)
            for name, (old, new) in edit.fields.items():
                before, after = pair_text(name, old, new)
                if before == after == NOTHING:
                    continue
                lines.append([*start, of, field_word(name), before, after])
                start, of = ["", "", ""], ""
        self.table.setRowCount(min(len(lines), SHOWN))
        for row, texts in enumerate(lines[:SHOWN]):
            self.table.put(row, texts)
        if not lines:
            self.note.setText(self.tr("Nothing was changed since it was entered or imported."))
        self.note.setVisible(not lines)
