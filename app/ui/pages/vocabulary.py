"""The clinic's vocabulary beside the shipped one: packs, terms of its own, terms that several concepts claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import i18n
from app.domain import terminology
from app.store.roles import Permission
from app.ui import theme
from app.ui.kind_words import KINDS, word
from app.ui.labels import SafeLabel
from app.ui.pages.confirm import ConfirmDialog
from app.ui.pages.form_dialog import button_row
from app.ui.pages.pack_sheet import PackSheet
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.tables import ShowTable, moment_text
from app.ui.session import Session
from app.ui.translation import number_text

if TYPE_CHECKING:
    from app.domain.duplicates import Duplicates
    from app.domain.scope import LocalVocabulary
    from app.store.terms import LoadedPack, Synonym, Terms

SHOWN = 1000  # terms of several concepts on screen


@dataclass(frozen=True, slots=True)
class _Words:
    """What the clinic has of its own. state: the same object for as long as nothing has changed."""

    state: LocalVocabulary
    packs: list[LoadedPack]
    terms: list[Synonym]
    shared: Duplicates


class VocabularyDialog(RecordsDialog):
    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._words: _Words | None = None
        self._folder = QDir.homePath()
        self.packs = ShowTable(5, stretch=(0,), numbers=(2,))
        self.terms = ShowTable(5, stretch=(1, 2))
        self.shared = ShowTable(1, stretch=(0,))
        self.shared.horizontalHeader().hide()
        self.notes = [SafeLabel(tone="muted", wrap=True) for _ in range(3)]
        self.bring, self.take_out, self.forget = QPushButton(), QPushButton(), QPushButton()
        self.bring.setProperty("filled", True)
        self.bring.clicked.connect(self.ask_for_pack)
        self.take_out.clicked.connect(self._ask_to_take_out)
        self.forget.clicked.connect(self._ask_to_forget)
        self.packs.currentCellChanged.connect(self._enable)
        self.terms.currentCellChanged.connect(self._enable)
        self.sheet = PackSheet(session)
        self.sheet.over.connect(self._back)
        self.sheet.refused.connect(self._pack_refused)
        self.steps = QStackedWidget()
        self.steps.addWidget(_page(self.notes[0], self.packs, self.bring, self.take_out))
        self.steps.addWidget(self.sheet)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.steps, "")
        self.tabs.addTab(_page(self.notes[1], self.terms, self.forget), "")
        self.tabs.addTab(_page(self.notes[2], self.shared), "")
        self._lay_out((self.tabs, 1), width=860, height=580)
        self.retranslate()
        self.load()

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is not None:
            known = self._words.state if self._words is not None else None
            self.read(partial(_read, clinic.terms, known), self._show)

    def empty(self) -> None:
        """Words are no record, but some were learned from records. A pack that waits to be loaded stays."""
        self._words = None
        for table in (self.packs, self.terms, self.shared):
            table.setRowCount(0)

    def unseal(self) -> None:
        super().unseal()
        self.sheet.settle()

    def ask_for_pack(self) -> None:
        kinds = self.tr("Vocabulary pack (*.csv *.txt);;All files (*)")
        dialog = QFileDialog(self, self.tr("Load a vocabulary pack"), self._folder, kinds)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.look_at)
        dialog.open()

    def look_at(self, path: str) -> None:
        """Show what the pack in this file would change, before it may be loaded."""
        self.trouble.hide()
        self._folder = str(Path(path).parent)
        self.steps.setCurrentWidget(self.sheet)
        self.sheet.look_at(Path(path))

    def refuse(self, error: BaseException) -> None:
        super().refuse(error)
        self._enable()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Vocabulary"))
        for index, text in enumerate((self.tr("Packs"), self.tr("Own terms"), self.tr("Shared terms"))):
            self.tabs.setTabText(index, text)
        self.bring.setText(self.tr("Load a pack…"))
        self.take_out.setText(self.tr("Take out…"))
        self.forget.setText(self.tr("Forget…"))
        when, who = self.tr("When"), self.tr("Who")
        self.packs.setAccessibleName(self.tr("Vocabulary packs"))
        self.packs.name_columns([self.tr("Name"), self.tr("Version"), self.tr("Concepts"), when, who])
        self.terms.setAccessibleName(self.tr("The clinic's own terms"))
        self.terms.name_columns([self.tr("Kind"), self.tr("Term"), self.tr("Meaning"), when, who])
        self._fill()

    def _pack_refused(self, error: BaseException) -> None:
        self.refuse(error)
        if self.sheet.faults:  # told there, all of them
            self.trouble.hide()

    def _back(self) -> None:
        self.trouble.hide()
        self.steps.setCurrentIndex(0)

    def _ask_to_take_out(self) -> None:
        clinic, pack = self.session.clinic, self._chosen_pack()
        if clinic is not None and pack is not None:
            self._ask_about(
                self.tr("Take out the pack {name}?").format(name=pack.name),
                self.tr("What was recorded with its concepts keeps their codes, which then stand in place of names."),
                self.tr("Take it out"),
                partial(clinic.terms.remove, pack.name),
            )

    def _ask_to_forget(self) -> None:
        clinic, one = self.session.clinic, self._chosen_term()
        if clinic is not None and one is not None:
            self._ask_about(
                self.tr("Forget the term {term}?").format(term=one.term),
                self.tr("What was coded by it stays coded; imports ask about it again."),
                self.tr("Forget it"),
                partial(clinic.terms.remove_synonym, one.kind, one.term),
            )

    def _ask_about(self, question: str, detail: str, verb: str, work: Callable[[], None]) -> None:
        dialog = ConfirmDialog(question, detail, verb, self)
        dialog.accepted.connect(partial(self.ask, work, self._settled))
        dialog.open()

    def _settled(self, _: object) -> None:
        self.load()

    def _chosen_pack(self) -> LoadedPack | None:
        row, known = self.packs.currentRow(), self._words.packs if self._words is not None else []
        return known[row] if 0 <= row < len(known) else None

    def _chosen_term(self) -> Synonym | None:
        row, known = self.terms.currentRow(), self._words.terms if self._words is not None else []
        return known[row] if 0 <= row < len(known) else None

    def _show(self, found: _Words | None) -> None:
        if found is not None:  # else nothing has changed
            self._words = found
            self._fill()
            self.sheet.compare_again()

    def _fill(self) -> None:
        loaded = self._words.packs if self._words is not None else []
        terms = self._words.terms if self._words is not None else []
        self.packs.setRowCount(len(loaded))
        for row, pack in enumerate(loaded):
            concepts = number_text(pack.concepts, 0)
            self.packs.put(row, [pack.name, pack.version or "–", concepts, moment_text(pack.at), pack.who])
        self.terms.setRowCount(len(terms))
        for row, one in enumerate(terms):
            meaning = terminology.everything().label(one.code, i18n.language())
            self.terms.put(row, [word(KINDS, one.kind), one.term, meaning, moment_text(one.at), one.who])
        self._fill_shared()
        self._enable()
        text = self.tr("A pack adds concepts to those that come with Mailiu: a CSV table of code, term and aliases.")
        self.notes[0].setText(text)
        text = self.tr("Terms that people here have given a meaning; imports know them from then on.")
        if self._words is not None and not terms:
            text = self.tr("None yet: a term whose meaning is decided on under Clinic > Unknown terms will stand here.")
        self.notes[1].setText(text)

    def _fill_shared(self) -> None:
        shared = self._words.shared if self._words is not None else None
        lines = shared.describe()[:SHOWN] if shared is not None else ()
        self.shared.setRowCount(len(lines))
        for row, line in enumerate(lines):
            conflict = shared is not None and row < len(shared.conflicts)
            self.shared.put(row, [i18n.t(line.template, **line.params)], tone="red" if conflict else "text")
        count = len(shared.conflicts) + len(shared.across) if shared is not None else 0
        text = self.tr(
            "A term may mean something in each of several kinds. Where two concepts of one kind claim it, only one is "
            "ever found by it."
        )
        if count > SHOWN:
            more = self.tr("The first {shown} of {count} are shown.")
            text += " " + more.format(shown=number_text(SHOWN, 0), count=number_text(count, 0))
        self.notes[2].setText(text)

    def _enable(self, *_: object) -> None:
        packs, terms = self.session.may(Permission.VOCABULARY), self.session.may(Permission.PATIENTS_WRITE)
        for button in (self.bring, self.take_out):
            button.setVisible(packs)
        self.forget.setVisible(terms)
        self.take_out.setEnabled(self._chosen_pack() is not None)
        self.forget.setEnabled(self._chosen_term() is not None)


def _page(note: SafeLabel, table: ShowTable, *buttons: QPushButton) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 12, 0, 0)
    column.setSpacing(theme.GAP)
    column.addWidget(note)
    column.addWidget(table, 1)
    if buttons:
        column.addLayout(button_row(*buttons))
    return page


def _read(terms: Terms, known: LocalVocabulary | None) -> _Words | None:
    """None where nothing has changed since ``known``."""
    state = terms.local()
    return None if state is known else _Words(state, terms.packs(), terms.synonyms(), terms.duplicates())
