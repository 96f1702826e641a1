"""What the list is narrowed to, under the search field: the questions of every day, the saved ones, all others in
words that go when they are pressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.domain.patient_filter import EVERYONE, PatientFilter
from app.ui.flow import FlowLayout, in_tab_order
from app.ui.pages.chips import Chip, WordChip
from app.ui.pages.filter_words import without, words
from app.ui.translation import Speaking, number_text

QUICK = ("today", "worse", "beyond", "pinned")
_OFTEN = {
    "today": {"seen_within": 0},
    "worse": {"worse": True},
    "beyond": {"beyond": True},
    "pinned": {"pinned": True},
}


class FilterBar(Speaking, QWidget):
    """changed carries the filter that is asked for."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked, self._total = EVERYONE, 0
        self._kept: list[tuple[str, PatientFilter]] = []
        self.everyone = Chip()
        self.everyone.clicked.connect(self._clear)
        self.quick = {name: Chip() for name in QUICK}
        for name, chip in self.quick.items():
            chip.setObjectName(name)
            chip.clicked.connect(self._toggle)
        self.saved = Chip(checkable=False)
        self._menu = QMenu(self.saved)
        self._menu.triggered.connect(self._take)
        self.saved.setMenu(self._menu)
        self.saved.hide()
        self.words: list[WordChip] = []
        often, self._narrowed = QWidget(), QWidget()
        self.clear = Chip(parent=self._narrowed, checkable=False)
        self.clear.clicked.connect(self._clear)
        self._flow = FlowLayout(self._narrowed)
        flow = FlowLayout(often)
        for chip in (self.everyone, *self.quick.values(), self.saved):
            flow.addWidget(chip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(often)
        column.addWidget(self._narrowed)
        self.retranslate()

    def show_filter(self, asked: PatientFilter) -> None:
        self._asked = asked
        self.everyone.setChecked(not asked.asks)
        for name, chip in self.quick.items():
            chip.setChecked(_holds(asked, name))
        self._show_words()

    def show_total(self, total: int) -> None:
        self._total = total
        self.everyone.say(self.tr("All {count}").format(count=number_text(total, 0)))

    def show_saved(self, kept: Sequence[tuple[str, PatientFilter]]) -> None:
        self._kept = list(kept)
        self._menu.clear()
        for at, (name, _) in enumerate(kept):
            self._menu.addAction(" ".join(name.split()).replace("&", "&&")).setData(at)
        self.saved.setVisible(bool(kept))

    def retranslate(self) -> None:
        self.quick["today"].say(self.tr("Today"), self.tr("Seen today"))
        self.quick["worse"].say(self.tr("Worse"), self.tr("Worse than at first"))
        self.quick["beyond"].say(self.tr("Unexpected"), self.tr("Last visit beyond the model's expectation"))
        self.quick["pinned"].say(self.tr("Pinned"), self.tr("Patients you keep at the top"))
        self.saved.say(self.tr("Saved") + " ▾", self.tr("Saved filters"))
        self.clear.say(self.tr("Clear"), self.tr("Clear all filters"))
        self.show_total(self._total)
        self.show_filter(self._asked)

    def _show_words(self) -> None:
        focused = any(chip.hasFocus() for chip in self.words)
        for chip in (*self.words, self.clear):
            self._flow.removeWidget(chip)
            chip.hide()
        for chip in self.words:
            chip.deleteLater()
        on_chips = {field for name in QUICK if _holds(self._asked, name) for field in _OFTEN[name]}
        rest = [one for one in words(self._asked) if one[0] not in on_chips]
        about = self.tr("{what}: press to ask for it no longer")
        self.words = [
            WordChip(f"{field}\n{key}", text, about.format(what=text), self._narrowed) for field, key, text in rest
        ]
        for chip in self.words:
            chip.gone.connect(self._drop)
        shown = [*self.words, self.clear] if self._asked.asks else []
        for chip in shown:
            self._flow.addWidget(chip)
            chip.show()
        in_tab_order(self.saved, *shown)
        self._narrowed.setVisible(bool(shown))
        if focused:
            (self.words[0] if self.words else self.everyone).setFocus()

    def _toggle(self, *_: object) -> None:
        chip = self.sender()
        if isinstance(chip, Chip):
            name = chip.objectName()
            values = _OFTEN[name]
            if not chip.isChecked():
                values = {field: getattr(EVERYONE, field) for field in values}
            self.changed.emit(replace(self._asked, **values))

    def _clear(self, *_: object) -> None:
        self.everyone.setChecked(True)
        self.changed.emit(EVERYONE)

    def _drop(self, key: str) -> None:
        field, _, one = key.partition("\n")
        self.changed.emit(without(self._asked, field, one))

    def _take(self, action: QAction) -> None:
        self.changed.emit(self._kept[int(action.data())][1])


def _holds(asked: PatientFilter, name: str) -> bool:
    return all(getattr(asked, field) == value for field, value in _OFTEN[name].items())
