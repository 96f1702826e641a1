"""A line that offers terms while one types: by Chinese, initials, pinyin, synonym."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

from app.domain.lookup import Found, lookup

SHOWN = 8
_WORD = re.compile(r"(?:去|加|减|合|和)?([A-Za-z]+|[\u4e00-\u9fff]+)$")


class TermLine(QLineEdit):
    """kinds: of concepts that are offered.

    Alone, the whole line is one term. In ``words`` mode it is the word before the cursor, which the choice replaces.
    picked carries what was chosen; ``clears``: the line is emptied then. Enter takes what is marked; in Chinese words
    nothing is marked before somebody does it.
    """

    picked = Signal(object)  # Found
    onward = Signal()  # Enter with nothing to choose

    def __init__(self, *kinds: str, words: bool = False, clears: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds, self._words, self._clears = kinds, words, clears
        self._found: list[Found] = []
        self._model = QStringListModel(self)
        self.popup = QListView()
        completer = QCompleter(self._model, self)
        completer.setPopup(self.popup)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setWidget(self)  # not setCompleter: the line would put in the text by itself
        self.popup.clicked.connect(self._activate)
        self.completions = completer
        self.textEdited.connect(self._offer)

    @property
    def offered(self) -> Sequence[Found]:
        """What stands in the list now."""
        return tuple(self._found) if self.popup.isVisible() else ()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entering = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        row = self.popup.currentIndex().row() if self.popup.isVisible() else -1
        if entering and self._found and row >= 0:
            self._pick(self._found[row])
        elif entering and self._clears and self._found and self.text().strip():
            self._pick(self._found[0])
        elif entering:
            self.popup.hide()
            self.onward.emit()
        else:
            super().keyPressEvent(event)

    def _word(self) -> tuple[int, str]:
        """Where the word before the cursor begins, and the word."""
        if not self._words:
            return 0, self.text()
        before = self.text()[: self.cursorPosition()]
        found = _WORD.search(before)
        return (found.start(1), found[1]) if found else (len(before), "")

    def _offer(self, _: str = "") -> None:
        word = self._word()[1]
        kinds = self._kinds if not self._words or not self.text()[: self._word()[0]].strip() else self._kinds[::-1]
        found = self._search(word, kinds)
        known = [one for one in found if one.matched == word]
        if known:
            found = []
        self._found = found
        popup = self.popup
        if not found:
            popup.hide()
            return
        self._model.setStringList([_text(one) for one in found])
        # letters have to become a term; Chinese words are the physician's own, and stand unless another is chosen
        popup.setCurrentIndex(self._model.index(0) if self._takes_first(word) else QModelIndex())
        self.completions.complete()

    def _search(self, word: str, kinds: Sequence[str]) -> list[Found]:
        return [one for kind in kinds for one in lookup(word, kind, SHOWN, guess=not self._words)][:SHOWN]

    def _takes_first(self, word: str) -> bool:
        """Whether Enter takes the first that is offered without its being chosen."""
        return word.isascii() or self._clears

    def _activate(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self._found):
            self._pick(self._found[index.row()])

    def _pick(self, one: Found) -> None:
        self.popup.hide()
        if self._clears:
            self.clear()
        elif self._words:
            start, word = self._word()
            text = self.text()
            self.setText(text[:start] + one.zh + text[start + len(word) :])
            self.setCursorPosition(start + len(one.zh))
        else:
            self.setText(one.zh)
        self._found = []
        self.picked.emit(one)
        self.textEdited.emit(self.text())


def _text(one: Found) -> str:
    return one.zh if one.matched == one.zh else f"{one.zh}  ({one.matched})"
