"""Terms that no import could code, the commonest first: a person says what each means, or that it stays as it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QWidget

from app.ui.kind_words import KINDS, WHY, word
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import button_row
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.tables import ShowTable
from app.ui.session import Session
from app.ui.translation import number_text
from app.wording import concept_label

if TYPE_CHECKING:
    from app.domain.suggesting import Suggestion
    from app.store.review import ReviewItem


class ReviewDialog(RecordsDialog):
    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._items: list[ReviewItem] = []
        self._suggested: list[Suggestion] = []
        self.terms = ShowTable(4, stretch=(0, 3), numbers=(2,))
        self.terms.currentCellChanged.connect(self._ask_what_it_means)
        self.meanings = ShowTable(4, stretch=(0,), numbers=(2,))
        self.meanings.currentCellChanged.connect(self._enable)
        self.meanings.itemDoubleClicked.connect(self.code)
        self.note = SafeLabel(tone="muted", wrap=True)
        self._question = SafeLabel(bold=True, elide=True)
        self.means, self.keep = QPushButton(), QPushButton()
        self.means.setProperty("filled", True)
        self.means.clicked.connect(self.code)
        self.keep.clicked.connect(self.keep_as_it_is)
        row = button_row(self.means, self.keep)
        self._lay_out(self.note, (self.terms, 3), self._question, (self.meanings, 2), row, width=820, height=620)
        self.retranslate()
        self.load()

    def chosen(self) -> ReviewItem | None:
        row = self.terms.currentRow()
        return self._items[row] if 0 <= row < len(self._items) else None

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is not None:
            self.read(clinic.review.items, self._show)

    def empty(self) -> None:
        self._items, self._suggested = [], []
        self.terms.setRowCount(0)
        self.meanings.setRowCount(0)
        self._question.setText("")

    def code(self, *_: object) -> None:
        """The chosen term means the chosen suggestion, from now on and in what is stored."""
        clinic, item, row = self.session.clinic, self.chosen(), self.meanings.currentRow()
        if clinic is not None and item is not None and 0 <= row < len(self._suggested):
            self._wait()
            self.ask(partial(clinic.review.code, item.id, self._suggested[row].code), self._settled)

    def keep_as_it_is(self) -> None:
        """The chosen term is none of the vocabulary's."""
        clinic, item = self.session.clinic, self.chosen()
        if clinic is not None and item is not None:
            self._wait()
            self.ask(partial(clinic.review.keep, item.id), self._settled)

    def refuse(self, error: BaseException) -> None:
        super().refuse(error)
        self._enable()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Unknown terms"))
        self.means.setText(self.tr("It means this"))
        self.keep.setText(self.tr("Keep as written"))
        self.terms.setAccessibleName(self.tr("Unknown terms"))
        self.terms.name_columns([self.tr("Term"), self.tr("Kind"), self.tr("Times"), self.tr("First met at")])
        self.meanings.setAccessibleName(self.tr("What the term may mean"))
        self.meanings.name_columns([self.tr("Meaning"), self.tr("Found by"), self.tr("Likeness"), self.tr("Why")])
        self._show(self._items)

    def _show(self, items: list[ReviewItem]) -> None:
        row = max(0, self.terms.currentRow())
        self._items = items
        self.terms.setRowCount(len(items))
        for line, item in enumerate(items):
            where = " · ".join(part for part in (item.file, number_text(item.row, 0) if item.row else "") if part)
            self.terms.put(line, [item.term, word(KINDS, item.kind), number_text(item.count, 0), where or "–"])
        if items:
            self.terms.selectRow(min(row, len(items) - 1))
            self.note.setText(
                self.tr("What is coded here is learned: later imports know it, and what is stored is coded, too.")
            )
        else:
            self.note.setText(self.tr("Nothing is waiting: every term of the imports is known or was decided on."))
        self._ask_what_it_means()

    def _ask_what_it_means(self, *_: object) -> None:
        clinic, item = self.session.clinic, self.chosen()
        self._suggested = []
        self.meanings.setRowCount(0)
        self._enable()
        if clinic is None or item is None:
            self._question.setText("")
            return
        self._question.setText(self.tr("What is meant by {term}?").format(term=item.term))
        self.session.errands.run(
            partial(clinic.review.suggestions, item), partial(self._show_suggestions, item.id), self.refuse
        )

    def _show_suggestions(self, item_id: int, found: list[Suggestion]) -> None:
        item = self.chosen()
        if item is None or item.id != item_id or self.session.locked:  # another one was chosen meanwhile
            return
        self._suggested = found
        self.meanings.setRowCount(len(found))
        for row, one in enumerate(found):
            label = concept_label(one.code)
            shown = one.zh if label == one.code else label
            self.meanings.put(row, [shown, one.matched, number_text(one.score, 0), word(WHY, one.why.value)])
        if found:
            self.meanings.selectRow(0)
        self._enable()

    def _enable(self, *_: object) -> None:
        self.keep.setEnabled(self.chosen() is not None)
        self.means.setEnabled(self.chosen() is not None and 0 <= self.meanings.currentRow() < len(self._suggested))

    def _wait(self) -> None:
        self.means.setEnabled(False)
        self.keep.setEnabled(False)

    def _settled(self, _: object) -> None:
        self.load()
