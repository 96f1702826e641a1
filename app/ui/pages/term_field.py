"""Terms of one kind to filter by: typed with the clinic's own words to choose from, each standing below as a chip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.ui.flow import FlowLayout, in_tab_order
from app.ui.pages.chips import WordChip
from app.ui.pages.filter_words import term
from app.ui.pages.suggester import Option, Suggester


class TermEdit(QLineEdit):
    """Down in an empty field opens what is commonest."""

    all_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.all_wanted.emit()
            return
        super().keyPressEvent(event)


class TermField(QWidget):
    """changed: other terms; plain: they are words, and no codes."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None, *, plain: bool = False) -> None:
        super().__init__(parent)
        self._plain = plain
        self.terms: tuple[str, ...] = ()
        self.edit = TermEdit()
        self.suggester = Suggester(self.edit)
        self.suggester.picked.connect(self._add)
        self.edit.all_wanted.connect(self.suggester.suggest_all)
        self.chips: list[WordChip] = []
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.edit)
        column.addWidget(self._chips)
        self._chips.hide()

    def set_options(self, options: Sequence[Option]) -> None:
        self.suggester.set_options(options)

    def show_terms(self, terms: Sequence[str]) -> None:
        if tuple(terms) == self.terms:
            return
        focused = any(chip.hasFocus() for chip in self.chips)
        for chip in self.chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.terms = tuple(terms)
        self.chips = [WordChip(key, key if self._plain else term(key), parent=self._chips) for key in self.terms]
        for chip in self.chips:
            chip.gone.connect(self._remove)
            self._flow.addWidget(chip)
        in_tab_order(self.edit, *self.chips)
        self._chips.setVisible(bool(terms))
        if focused:
            self.edit.setFocus()

    def name(self, text: str) -> None:
        self.edit.setAccessibleName(text)

    def _add(self, key: str) -> None:
        if key and key not in self.terms:
            self.show_terms((*self.terms, key))
            self.changed.emit()

    def _remove(self, key: str) -> None:
        self.show_terms(tuple(one for one in self.terms if one != key))
        self.changed.emit()
