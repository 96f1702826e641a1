"""Free-text cases before they are imported: the original at the left, at the right what was found in its words.

Every correction is kept in the clinic as it is made, so that a review can be left and gone on with, here or elsewhere.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QDialogButtonBox, QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from app.domain.errors import KnownError
from app.ui import theme
from app.ui.kind_words import KINDS, place_words, word
from app.ui.labels import SafeLabel
from app.ui.pages.draft_facts import DraftFacts
from app.ui.pages.draft_keeper import DraftKeeper
from app.ui.pages.draft_text import DraftText
from app.ui.pages.form_dialog import busy_bar, button_row
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.tables import ShowTable
from app.ui.pages.term_dialog import TermDialog
from app.ui.session import Session
from app.ui.translation import number_text
from app.wording import concept_label

if TYPE_CHECKING:
    from app.importing.free_text.coding import Finding
    from app.importing.free_text.correcting import Correction
    from app.importing.free_text.draft import DraftCase
    from app.importing.free_text.reviewing import Review
    from app.importing.report import ImportReport
    from app.store.clinic import Clinic
    from app.store.drafts import KeptDraft

CODED = ("symptom", "tongue", "pulse", "syndrome", "disease", "method", "western", "herb")


class DraftDialog(RecordsDialog):
    """imported carries patients and visits."""

    imported = Signal(int, int)

    def __init__(
        self, session: Session, clinic: Clinic, kept: KeptDraft, tell: Tell, parent: QWidget | None = None
    ) -> None:
        """clinic: the draft is of this one, whichever the window shows next."""
        super().__init__(session, tell, parent)
        self._clinic, self._kept = clinic, kept
        self.keeper = DraftKeeper(session, clinic, kept, self)
        self.keeper.failed.connect(self._not_kept)
        self._review: Review | None = None
        self._case = 0
        self._shown: list[tuple[int, Finding]] = []  # number of the visit, finding
        self._busy = False
        self._warned = False  # that the last corrections cannot be written down; who closes it then means it
        self._build()
        self.retranslate()
        self.load()

    def is_of(self, clinic: Clinic, kept: KeptDraft) -> bool:
        return self._clinic is clinic and self._kept.id == kept.id

    def _build(self) -> None:
        self.note = SafeLabel(tone="muted", wrap=True)
        self.cases = ShowTable(3, stretch=(1,), numbers=(2,))
        self.cases.currentCellChanged.connect(self._choose_case)
        self.facts = DraftFacts()
        self.facts.changed.connect(self._set_fact)
        self.text = DraftText()
        self.text.touched.connect(self._choose_at)
        self.text.selectionChanged.connect(self._enable)
        self.findings = ShowTable(4, stretch=(1, 3), numbers=(0,))
        self.findings.currentCellChanged.connect(self._choose_finding)
        self.findings.itemDoubleClicked.connect(self.recode)
        self.drop, self.means, self.add = QPushButton(), QPushButton(), QPushButton()
        self.part, self.merge = QPushButton(), QPushButton()
        self.cut, self.join, self.back = QPushButton(), QPushButton(), QPushButton()
        self.go = QPushButton()
        for button, slot in (
            (self.drop, self.drop_finding), (self.means, self.recode), (self.add, self.add_finding),
            (self.cut, self.cut_visit), (self.join, self.join_visit), (self.back, self.take_back),
            (self.go, self.accept_all), (self.part, self.cut_case), (self.merge, self.join_case),
        ):  # fmt: skip
            button.clicked.connect(slot)
            button.setAutoDefault(False)
        self.go.setProperty("filled", True)
        self.bar = busy_bar()
        self.bar.hide()
        original = _column(self.facts, self.text, button_row(self.add, self.cut, self.join))
        found = _column(self.findings, button_row(self.drop, self.means))
        split = QSplitter(Qt.Orientation.Horizontal)
        for part, share in ((_column(self.cases, self.part, self.merge), 2), (original, 5), (found, 4)):
            split.addWidget(part)
            split.setStretchFactor(split.count() - 1, share)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(theme.GAP)
        split.setSizes([220, 520, 440])
        self.buttons.addButton(self.back, QDialogButtonBox.ButtonRole.ResetRole)
        self.buttons.addButton(self.go, QDialogButtonBox.ButtonRole.ActionRole)
        self._lay_out(self.note, (split, 1), self.bar, width=1200, height=740)

    # -- reading and keeping

    def load(self) -> None:
        """Once: what others commit changes nothing of a draft, and what was corrected here is not to be lost."""
        if self._review is None and not self.session.locked:
            self.read(self.keeper.read, self._show)

    def empty(self) -> None:
        """What was corrected is written down first: at once, because the clinic is about to be locked."""
        self.keeper.write_now()
        self._review = None
        self._shown = []
        self.cases.setRowCount(0)
        self.findings.setRowCount(0)
        self.text.forget()
        self.facts.forget()
        self._work(False)

    def reject(self) -> None:
        """Out of sight at once; gone when what was corrected is written down."""
        if self.keeper.rests or self._warned:
            super().reject()
        else:
            self.hide()
            self.keeper.when_kept(super().reject)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.keeper.rests or self._warned:
            super().closeEvent(event)
        else:
            event.ignore()
            self.reject()

    def showEvent(self, event: QShowEvent) -> None:
        self.keeper.when_kept(None)  # it was to go, and is asked for again
        super().showEvent(event)

    def _not_kept(self, error: BaseException) -> None:
        if not self.session.locked:
            self.show()  # where it was to go
        self.refuse(error)
        if isinstance(error, KnownError) and not self.session.locked:
            self._warned = True
            self.trouble.setText(self.trouble.text() + " " + self.tr("Close again to leave without what is not kept."))

    def _show(self, review: Review) -> None:
        self._review = review
        if review.lost:
            text = self.tr(
                "%n correction(s) fit the vocabulary of today no more and are left out.", "", len(review.lost)
            )
            self.trouble.setText(text)
            self.trouble.show()
        self._fill()

    # -- corrections

    def drop_finding(self) -> None:
        """The chosen finding is none."""
        if (found := self.chosen()) is not None:
            self._correct("drop", found.start, found.end, found.kind, code=found.code)

    def recode(self, *_: object) -> None:
        """The chosen finding means something else, or is denied."""
        found = self.chosen()
        if found is None or found.kind not in CODED or self._busy:
            return
        dialog = TermDialog(self.session, found.text, (found.kind,), self, code=found.code, negated=found.negated)
        dialog.meant.connect(partial(self._recode, found))
        dialog.open()

    def _recode(self, found: Finding, _kind: str, code: str, negated: bool) -> None:
        self._correct("recode", found.start, found.end, found.kind, code=found.code, to=code, negated=negated)

    def add_finding(self) -> None:
        """The marked words mean something."""
        start, end = self.text.selected()
        if self._review is None or start >= end:
            return
        dialog = TermDialog(self.session, self._review.current.text[start:end], CODED, self, with_dose=True)
        dialog.meant.connect(partial(self._add, dialog, start, end))
        dialog.open()

    def _add(self, dialog: TermDialog, start: int, end: int, kind: str, code: str, negated: bool) -> None:
        dose = dialog.dose.text().strip() if kind == "herb" else ""
        self._correct("add", start, end, kind, code=code, negated=negated, detail=dose)

    def cut_visit(self) -> None:
        """A visit begins where the cursor is."""
        self._correct("cut", self.text.place(), 0, "visit")

    def join_visit(self) -> None:
        """The visit at the cursor belongs to the one before."""
        visits = [visit.start for visit in self._current().visits if visit.start <= self.text.place()]
        if len(visits) > 1:
            self._correct("join", visits[-1], 0, "visit")

    def cut_case(self) -> None:
        """Another patient begins where the cursor is."""
        self._correct("cut", self.text.place(), 0, "case")

    def join_case(self) -> None:
        """The chosen case belongs to the one before."""
        start = self._current().start
        self._case = max(0, self._case - 1)
        self._correct("join", start, 0, "case")

    def take_back(self) -> None:
        """The last correction."""
        if self._review is not None:
            self._review.take_back()
            self._corrected()

    def _set_fact(self, fact: str, value: str) -> None:
        self._correct("fact", self._current().start, 0, fact, to=value)

    def _correct(self, do: str, start: int, end: int, kind: str, **further: Any) -> None:
        from app.importing.free_text.correcting import Correction

        if self._review is None:
            return
        one: Correction = Correction(do, start, end, kind, **further)
        self.trouble.hide()
        try:
            self._review.correct(one)
        except KnownError as error:
            self.refuse(error)
            self._fill()  # what was typed for it is none
        else:
            self._corrected()

    def _corrected(self) -> None:
        assert self._review is not None
        self._warned = False
        self.keeper.keep(self._review)
        self._fill()

    # -- importing

    def accept_all(self) -> None:
        """Import every case as it stands now, when that is written down."""
        if self._review is not None and not self._busy:
            self._work(True)
            self.keeper.when_kept(self._import)

    def _import(self) -> None:
        from app.importing.free_text.importing import import_draft

        assert self._review is not None
        work = partial(import_draft, self._clinic, self._review.copy(), self._kept, self.keeper.version)
        self.session.errands.run(work, self._imported, self.refuse)  # under a lock, too: it is done then

    def _imported(self, report: ImportReport) -> None:
        self.imported.emit(report.patients, report.visits)
        self.close()

    def refuse(self, error: BaseException) -> None:
        super().refuse(error)
        self._work(False)

    def _work(self, busy: bool) -> None:
        self._busy = busy
        self.bar.setVisible(busy)
        self._enable()

    # -- showing

    def chosen(self) -> Finding | None:
        row = self.findings.currentRow()
        return self._shown[row][1] if 0 <= row < len(self._shown) else None

    def _current(self) -> DraftCase:
        assert self._review is not None
        return self._review.current.cases[self._case]

    def _fill(self) -> None:
        assert self._review is not None
        cases = self._review.current.cases
        self._case = min(self._case, len(cases) - 1)
        self.cases.blockSignals(True)
        self.cases.setRowCount(len(cases))
        for row, case in enumerate(cases):
            who = case.name or case.code or case.chief or self._review.current.text[slice(*case.heading)].strip()
            self.cases.put(row, [number_text(row + 1, 0), who or "–", number_text(len(case.visits), 0)])
        self.cases.selectRow(self._case)
        self.cases.blockSignals(False)
        self._fill_case()

    def _fill_case(self) -> None:
        assert self._review is not None
        case, row = self._current(), self.findings.currentRow()
        self.facts.show_case(case)
        self._shown = [(n, found) for n, visit in enumerate(case.visits, start=1) for found in visit.findings]
        self.findings.blockSignals(True)
        self.findings.setRowCount(len(self._shown))
        for line, (visit, found) in enumerate(self._shown):
            meaning = concept_label(found.code) if found.code else self.tr("as written")
            if found.negated:
                meaning = self.tr("not: {what}").format(what=meaning)
            detail = place_words(found.detail) if found.kind == "pulse" else found.detail
            texts = [number_text(visit, 0), found.text, word(KINDS, found.kind), f"{meaning} {detail}".strip()]
            self.findings.put(line, texts, tone="text" if found.code or found.kind == "western" else "red")
        self.findings.selectRow(max(0, min(row, len(self._shown) - 1)))
        self.findings.blockSignals(False)
        self.text.show_case(self._review.current.text, case)
        self.text.choose(self.chosen(), go_there=False)  # the cursor stays where the person is at work
        self._enable()

    def _choose_case(self, row: int, *_: object) -> None:
        if self._review is not None and 0 <= row < len(self._review.current.cases):
            self._case = row
            self.findings.setCurrentCell(-1, -1)
            self._fill_case()

    def _choose_finding(self, *_: object) -> None:
        self.text.choose(self.chosen())
        self._enable()

    def _choose_at(self, place: int) -> None:
        """A click into the words chooses what was found there."""
        at = next((row for row, (_, one) in enumerate(self._shown) if one.start <= place < one.end), -1)
        if at >= 0 and at != self.findings.currentRow():
            self.findings.blockSignals(True)
            self.findings.selectRow(at)
            self.findings.blockSignals(False)
            self.text.choose(self._shown[at][1], go_there=False)
        self._enable()

    def _enable(self, *_: object) -> None:
        review, found = self._review, self.chosen()
        there = review is not None and not self._busy
        start, end = self.text.selected()
        inside = there and self._current().start < self.text.place() < self._current().end
        self.drop.setEnabled(there and found is not None)
        self.means.setEnabled(there and found is not None and found.kind in CODED)
        self.add.setEnabled(there and start < end)
        self.cut.setEnabled(inside)
        self.part.setEnabled(inside)
        self.merge.setEnabled(there and self._case > 0)
        self.join.setEnabled(there and len(self._current().visits) > 1)
        self.back.setEnabled(there and review is not None and bool(review.corrections))
        self.go.setEnabled(there)
        self.facts.setEnabled(there)

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Look through {file}").format(file=self._kept.name))
        self.note.setText(
            self.tr(
                "Only what stands in the right table is imported. Take out what is not meant, mark words to add what "
                "was missed; red has no meaning yet and is kept as written. What you correct is kept."
            )
        )
        self.cases.setAccessibleName(self.tr("Cases of the document"))
        self.cases.name_columns(["", self.tr("Case"), self.tr("Visits")])
        self.findings.setAccessibleName(self.tr("What was read in the case"))
        self.findings.name_columns([self.tr("Visit"), self.tr("Words"), self.tr("Kind"), self.tr("Meaning")])
        self.add.setText(self.tr("Add the marked words…"))
        self.cut.setText(self.tr("A visit begins here"))
        self.join.setText(self.tr("Join to the visit before"))
        self.part.setText(self.tr("A case begins here"))
        self.merge.setText(self.tr("Join to the case before"))
        self.drop.setText(self.tr("Not meant"))
        self.means.setText(self.tr("Means something else…"))
        self.back.setText(self.tr("Take back the last correction"))
        self.go.setText(self.tr("Import these cases"))
        if self._review is not None:
            self._fill()
        self._enable()


def _column(*parts: QWidget | QHBoxLayout) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.GAP)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    return holder
