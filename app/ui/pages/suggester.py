"""Type-ahead of a line edit over a clinic's own words: by their characters, pinyin or initials, with how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit

from app.ui.translation import number_text

SHOWN = 12
KEY = int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True, slots=True)
class Option:
    """key: what is meant; text: its words; count: how often it occurs; typed: what its words may begin with."""

    key: str
    text: str
    count: int
    typed: frozenset[str]


def option(key: str, text: str, count: int) -> Option:
    from app.store.names import search_keys

    return Option(key, text, count, frozenset(search_keys("", text)))


class Suggester(QObject):
    """picked carries the key of the option that was chosen, or "" and nothing was: then what was typed stays."""

    picked = Signal(str)

    def __init__(self, edit: QLineEdit) -> None:
        super().__init__(edit)
        self._edit = edit
        self._options: Sequence[Option] = ()
        self._model = QStandardItemModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(SHOWN)
        self._completer.activated[QModelIndex].connect(self._activated)  # pyright: ignore[reportIndexIssue]
        self._popup = self._completer.popup()
        edit.setCompleter(self._completer)
        edit.textEdited.connect(self._suggest)
        edit.returnPressed.connect(self._entered)

    def set_options(self, options: Sequence[Option]) -> None:
        self._options = options
        self._suggest(self._edit.text())

    def matching(self, typed: str) -> list[Option]:
        """The commonest first; those whose words themselves begin so before the others."""
        from app.store.names import search_range

        bounds = search_range(typed)
        if bounds is None:
            return list(self._options[:SHOWN])
        found = [one for one in self._options if any(key.startswith(bounds[0]) for key in one.typed)]
        found.sort(key=lambda one: not one.text.casefold().startswith(typed.strip().casefold()))
        return found[:SHOWN]

    def suggest_all(self) -> None:
        """Open the list of what is commonest."""
        self._suggest(self._edit.text())
        self._completer.complete()

    def _suggest(self, typed: str) -> None:
        self._model.clear()
        for one in self.matching(typed):
            item = QStandardItem(f"{one.text}　{number_text(one.count, 0)}")
            item.setData(one.key, KEY)
            item.setEditable(False)
            self._model.appendRow(item)

    def _entered(self) -> None:
        if self._popup is not None and self._popup.isVisible() and self._popup.currentIndex().isValid():
            self._activated(self._popup.currentIndex())
            return
        found = self.matching(self._edit.text()) if self._edit.text().strip() else []
        self._pick(found[0].key if found else "")

    def _activated(self, index: QModelIndex) -> None:
        self._pick(str(index.data(KEY) or ""))

    def _pick(self, key: str) -> None:
        if self._popup is not None:
            self._popup.hide()
        self.picked.emit(key)
        if key:
            QTimer.singleShot(0, self._edit, self._edit.clear)  # the completer puts its own words in after this
