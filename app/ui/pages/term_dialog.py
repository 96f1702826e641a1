"""What some words mean: a kind, a concept found by name, pinyin or likeness, and whether it is denied."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QWidget

from app.ui.kind_words import KINDS, WHY, word
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import FormDialog
from app.ui.pages.tables import ShowTable
from app.ui.session import Session
from app.ui.translation import number_text
from app.wording import concept_label

if TYPE_CHECKING:
    from app.domain.suggesting import Suggestion

SETTLE_MS = 120
AS_WRITTEN = "western"  # a kind whose words are kept, for which there are no codes


class TermDialog(FormDialog):
    """meant carries kind, code and whether it is denied; for a herb ``dose.text()`` is its dose as written."""

    meant = Signal(str, str, bool)

    def __init__(
        self, session: Session, words: str, kinds: tuple[str, ...], parent: QWidget | None = None, *,
        code: str = "", negated: bool = False, with_dose: bool = False,
    ) -> None:  # fmt: skip
        """kinds: to choose among; code: what is meant so far; with_dose: a herb is new here and may have one."""
        super().__init__(parent)
        self._code = code
        self._session, self._words, self._with_dose = session, words, with_dose
        self._found: list[Suggestion] = []
        self.question = SafeLabel(bold=True, elide=True)
        self.kind, self.search, self.dose = QComboBox(), QLineEdit(words), QLineEdit()
        for kind in kinds:
            self.kind.addItem(word(KINDS, kind), kind)
        self.denied = QCheckBox()
        self.denied.setChecked(negated)
        self.meanings = ShowTable(3, stretch=(0,), numbers=(2,))
        self.meanings.currentCellChanged.connect(self._tell)
        self.meanings.itemDoubleClicked.connect(self.take)
        self._labels = [SafeLabel(tone="muted") for _ in range(3)]
        self._form = QFormLayout()
        for label, field in zip(self._labels, (self.kind, self.search, self.dose), strict=True):
            label.setBuddy(field)
            self._form.addRow(label, field)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(SETTLE_MS)
        self._typing.timeout.connect(self._ask)
        self.search.textChanged.connect(self._typed)
        self.kind.currentIndexChanged.connect(self._ask)
        self.go.clicked.connect(self.take)
        self.leave.clicked.connect(self.reject)
        self._lay_out(self.question, self._form, self.meanings, self.denied)
        self.resize(520, 460)
        self.retranslate()
        self.search.setFocus()
        self.search.selectAll()
        self._ask()

    def take(self, *_: object) -> None:
        if self.go.isEnabled():
            row = self.meanings.currentRow()
            code = self._found[row].code if 0 <= row < len(self._found) else ""
            self.meant.emit(self.kind.currentData(), code, self.denied.isChecked())
            self.accept()

    def seal(self) -> None:
        """The words are of a record: the question is given up."""
        self.reject()

    def unseal(self) -> None:
        """It was given up."""

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Meaning"))
        self.question.setText(self.tr("What is meant by {term}?").format(term=self._words))
        for label, text in zip(self._labels, (self.tr("Kind"), self.tr("Search"), self.tr("Dose")), strict=True):
            label.setText(text)
        for index in range(self.kind.count()):
            self.kind.setItemText(index, word(KINDS, self.kind.itemData(index)))
        self.meanings.setAccessibleName(self.tr("What the term may mean"))
        self.meanings.name_columns([self.tr("Meaning"), self.tr("Found by"), self.tr("Likeness")])
        self.denied.setText(self.tr("Denied, or taken out"))
        self.go.setText(self.tr("It means this"))
        self.leave.setText(self.tr("Cancel"))
        self._tell()

    def _typed(self, *_: object) -> None:
        """What was found for other words counts no more, not even for a moment."""
        self._found = []
        self.meanings.setRowCount(0)
        self._typing.start()
        self._tell()

    def _ask(self, *_: object) -> None:
        from app.domain.suggesting import suggest

        kind, typed = self.kind.currentData(), self.search.text().strip()
        self._form.setRowVisible(self.dose, self._with_dose and kind == "herb")
        self._found = []
        self.meanings.setRowCount(0)
        if typed and kind != AS_WRITTEN:
            found = partial(self._show, kind, typed)
            self._session.errands.run(partial(suggest, typed, kind, 20), found, self._refused)
        self._tell()

    def _show(self, kind: str, typed: str, found: list[Suggestion]) -> None:
        if (kind, typed) != (self.kind.currentData(), self.search.text().strip()):  # typed on meanwhile
            return
        self._found = found
        codes = [one.code for one in found]
        self.meanings.setRowCount(len(found))
        for row, one in enumerate(found):
            label = concept_label(one.code)
            shown = one.zh if label == one.code else label
            self.meanings.put(row, [shown, f"{one.matched} · {word(WHY, one.why.value)}", number_text(one.score, 0)])
        if found:
            self.meanings.selectRow(codes.index(self._code) if self._code in codes else 0)
        self._tell()

    def _tell(self, *_: object) -> None:
        chosen = 0 <= self.meanings.currentRow() < len(self._found)
        self.go.setEnabled((chosen or self.kind.currentData() == AS_WRITTEN) and not self._working)
        super()._tell()
