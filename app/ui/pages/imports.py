"""What was imported: when, by whom, which files, how much; the stored report, and the way to take it back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QWidget

from app.ui.labels import SafeLabel
from app.ui.pages.confirm import ConfirmDialog
from app.ui.pages.import_result import ImportResult
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.tables import ShowTable, moment_text
from app.ui.session import Session
from app.ui.translation import number_text

if TYPE_CHECKING:
    from app.store.imports import Batch


class ImportsDialog(RecordsDialog):
    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._batches: list[Batch] = []
        self.table = ShowTable(6, stretch=(2,), numbers=(3, 4))
        self.table.currentCellChanged.connect(self._choose)
        self.report = ImportResult()
        self.note = SafeLabel(tone="muted", wrap=True)
        self.take_back = QPushButton()
        self.take_back.setAutoDefault(False)
        self.take_back.clicked.connect(self._ask)
        self.buttons.addButton(self.take_back, QDialogButtonBox.ButtonRole.ActionRole)
        self._lay_out((self.table, 2), self.note, (self.report, 3), width=900, height=640)
        self.report.hide()
        self.retranslate()
        self.load()

    def chosen(self) -> Batch | None:
        row = self.table.currentRow()
        return self._batches[row] if 0 <= row < len(self._batches) else None

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is not None:
            self.read(clinic.imports.batches, self._show)

    def empty(self) -> None:
        self._batches = []
        self.table.setRowCount(0)
        self.report.hide()
        self.report.clear()

    def undo(self) -> None:
        """Take the chosen import back; whoever built on it since stands in the way and is told."""
        clinic, batch = self.session.clinic, self.chosen()
        if clinic is not None and batch is not None and batch.operation_id is not None:
            self.take_back.setEnabled(False)
            self.ask(partial(clinic.undoing.undo, batch.operation_id), self._undone)

    def refuse(self, error: BaseException) -> None:
        super().refuse(error)
        self._choose()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Imports"))
        self.take_back.setText(self.tr("Take this import back…"))
        self.table.setAccessibleName(self.tr("Imports"))
        self.table.name_columns(
            [
                self.tr("When"),
                self.tr("Who"),
                self.tr("Files"),
                self.tr("Patients"),
                self.tr("Visits"),
                self.tr("State"),
            ]
        )
        self._fill()

    def _show(self, batches: list[Batch]) -> None:
        before = self.chosen()
        self._batches = batches
        self._fill()
        ids = [batch.id for batch in batches]
        if batches:
            self.table.selectRow(ids.index(before.id) if before is not None and before.id in ids else 0)
        self._choose()

    def _fill(self) -> None:
        self.table.setRowCount(len(self._batches))
        for row, batch in enumerate(self._batches):
            texts = [
                moment_text(batch.at),
                batch.who,
                ", ".join(batch.files) or "–",
                _change(batch.counts, "patients"),
                _change(batch.counts, "visits"),
                self.tr("taken back") if batch.undone else "",
            ]
            self.table.put(row, texts, tone="muted" if batch.undone else "text")
        if not self._batches:
            self.note.setText(self.tr("Nothing was imported into this clinic yet."))
        self.note.setVisible(not self._batches)

    def _choose(self, *_: object) -> None:
        batch, clinic = self.chosen(), self.session.clinic
        self.take_back.setEnabled(batch is not None and not batch.undone and batch.operation_id is not None)
        if batch is None or clinic is None:
            self.report.hide()
        else:
            self.session.errands.run(partial(clinic.imports.report, batch.id), self._show_report, self.refuse)

    def _show_report(self, report: dict[str, Any]) -> None:
        whole = "rows_read" in report and not self.session.locked
        self.report.setVisible(whole)
        if whole:
            self.report.show_report(report)

    def _ask(self) -> None:
        batch = self.chosen()
        if batch is None:
            return
        dialog = ConfirmDialog(
            self.tr("Take back the import of {files}?").format(files=", ".join(batch.files) or "–"),
            self.tr(
                "What came with it goes out again, and what it changed becomes as it was before. To have it back, "
                "import the files again."
            ),
            self.tr("Take it back"),
            self,
        )
        dialog.accepted.connect(self.undo)
        dialog.open()

    def _undone(self, what: str) -> None:
        self.session.reload()


def _change(counts: dict[str, int], of: str) -> str:
    """ "+12" added, "~3" changed."""
    added, updated = counts.get(f"{of}_added", 0), counts.get(f"{of}_updated", 0)
    parts = [f"+{number_text(added, 0)}"] if added or not updated else []
    parts += [f"~{number_text(updated, 0)}"] if updated else []
    return " ".join(parts)
