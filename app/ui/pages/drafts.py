"""Free-text documents that were read and wait for somebody to look through them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QWidget

from app.jobs.events import Failed
from app.ui import theme
from app.ui.jobs_bridge import JobBridge, Starter
from app.ui.labels import SafeLabel
from app.ui.pages.confirm import ConfirmDialog
from app.ui.pages.convention_box import ConventionBox
from app.ui.pages.form_dialog import busy_bar, button_row
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.tables import ShowTable, moment_text
from app.ui.session import Session

if TYPE_CHECKING:
    from app.store.clinic import Clinic
    from app.store.drafts import KeptDraft

READ = "app.jobs.drafting:read"


class DraftsDialog(RecordsDialog):
    """file_wanted: a document is to be chosen; chosen carries the draft to look through; failed a Failed event."""

    file_wanted = Signal()
    chosen = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, start: Starter, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._start = start
        self._job: JobBridge | None = None
        self._drafts: list[KeptDraft] = []
        self._imported: frozenset[str] = frozenset()  # SHA-256 of documents whose import stands
        self._fresh = 0  # the draft that was just read, to be shown at once
        self.note = SafeLabel(tone="muted", wrap=True)
        self.table = ShowTable(4, stretch=(0,))
        self.table.currentCellChanged.connect(self._enable)
        self.table.itemDoubleClicked.connect(self.look_through)
        self.choose, self.go_on, self.drop = QPushButton(), QPushButton(), QPushButton()
        self.convention = ConventionBox()
        self.choose.clicked.connect(self.file_wanted)
        self.go_on.clicked.connect(self.look_through)
        self.go_on.setProperty("filled", True)
        self.drop.clicked.connect(self._ask)
        self.bar = busy_bar()
        self.bar.hide()
        self.stop = self.buttons.addButton("", QDialogButtonBox.ButtonRole.ActionRole)
        self.stop.clicked.connect(self.end_job)
        row = button_row(self.go_on, self.choose, self.drop)
        self._qian = SafeLabel(tone="muted", size=theme.SMALL)
        self._qian.setBuddy(self.convention)
        row.addWidget(self._qian)
        row.addWidget(self.convention)
        self._lay_out(self.note, (self.table, 1), self.bar, row, width=680, height=440)
        self.retranslate()
        self.load()

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is not None and not self.session.locked:
            self.read(partial(_read, clinic), self._show)

    def empty(self) -> None:
        self.end_job()
        self._drafts = []
        self.table.setRowCount(0)

    def end(self) -> None:
        self.end_job()
        self.close()

    def closeEvent(self, event: Any) -> None:
        self.end_job()
        super().closeEvent(event)

    def read_file(self, path: str, encoding: str = "", convention: str = "") -> None:
        """In a worker; the draft is looked through as soon as it is there. One at a time.

        encoding, convention: as chosen before; "" finds the one out, and takes the other that is chosen here
        """
        if self._job is not None:
            return
        self.trouble.hide()
        order = {"file": path, "encoding": encoding or None, "convention": convention or self.convention.currentData()}
        self._job = JobBridge(self._start(READ, {**order, **self.session.order()}), self)
        self._job.finished.connect(self._was_read)
        self._job.failed.connect(self._failed)
        self._job.over.connect(self.end_job)
        self._enable()

    def look_through(self, *_: object) -> None:
        if (draft := self._at_hand()) is not None:
            self.chosen.emit(draft)

    def end_job(self) -> None:
        if self._job is not None:
            self._job.close()
            self._job.deleteLater()
            self._job = None
        self._enable()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Free-text cases"))
        self.choose.setText(self.tr("Read a document…"))
        self.go_on.setText(self.tr("Look through…"))
        self.drop.setText(self.tr("Discard…"))
        self._qian.setText(self.tr("One qian is"))
        self.stop.setText(self.tr("Stop"))
        self.note.setText(
            self.tr(
                "Word documents and text with 初诊, 二诊 are split into cases and visits and coded. Nothing of them is "
                "among the patients until you have looked it through."
            )
        )
        self.table.setAccessibleName(self.tr("Free-text cases"))
        self.table.name_columns([self.tr("File"), self.tr("Read"), self.tr("Who"), self.tr("State")])
        self._show((self._drafts, self._imported))

    def _at_hand(self) -> KeptDraft | None:
        row = self.table.currentRow()
        return self._drafts[row] if 0 <= row < len(self._drafts) else None

    def _show(self, found: tuple[list[KeptDraft], frozenset[str]]) -> None:
        before = self._at_hand()
        self._drafts, self._imported = found
        drafts = self._drafts
        self.table.setRowCount(len(drafts))
        for row, one in enumerate(drafts):
            done = one.sha256 in self._imported
            texts = [one.name, moment_text(one.at), one.who, self.tr("imported") if done else ""]
            self.table.put(row, texts, tone="muted" if done else "text")
        ids = [one.id for one in drafts]
        wanted = self._fresh or (before.id if before is not None else 0)
        if drafts:
            self.table.selectRow(ids.index(wanted) if wanted in ids else 0)
        fresh, self._fresh = self._fresh, 0
        self._enable()
        if fresh and fresh in ids:
            self.look_through()

    def _was_read(self, result: dict[str, Any]) -> None:
        self._fresh = result["id"]
        self.load()

    def _failed(self, event: Failed) -> None:
        self.trouble.setText(event.message)
        self.trouble.show()
        if not event.is_known:
            self.failed.emit(event)

    def _ask(self) -> None:
        draft, clinic = self._at_hand(), self.session.clinic
        if draft is None or clinic is None:
            return
        dialog = ConfirmDialog(
            self.tr("Discard {file}?").format(file=draft.name),
            self.tr("What was read and corrected is lost; the document itself stays where it is."),
            self.tr("Discard"),
            self,
        )
        dialog.accepted.connect(partial(self.ask, partial(clinic.drafts.drop, draft.id), self._dropped))
        dialog.open()

    def _dropped(self, _: object) -> None:
        self.load()

    def _enable(self, *_: object) -> None:
        reading = self._job is not None
        self.bar.setVisible(reading)
        self.stop.setVisible(reading)
        self.choose.setEnabled(not reading)
        self.convention.setEnabled(not reading)
        for button in (self.go_on, self.drop):
            button.setEnabled(self._at_hand() is not None)


def _read(clinic: Clinic) -> tuple[list[KeptDraft], frozenset[str]]:
    standing = (one for one in clinic.imports.batches() if not one.undone)
    return clinic.drafts.list(), frozenset(sha256 for one in standing for sha256 in one.sha256s)
