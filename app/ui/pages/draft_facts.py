"""Who a free-text case is about: number, name, sex, age, chief complaint; each can be set right."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.translation import Speaking

if TYPE_CHECKING:
    from app.importing.free_text.draft import DraftCase

SEXES = ("", "F", "M")


class DraftFacts(Speaking, QWidget):
    """changed carries the fact and its new value, when the field is left."""

    changed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.fields = {fact: QLineEdit() for fact in ("code", "name", "age", "chief")}
        self.sex = QComboBox()
        for sex in SEXES:
            self.sex.addItem("", sex)
        self._words = {fact: SafeLabel(tone="muted") for fact in ("code", "name", "sex", "age", "chief")}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(4)
        for column, (fact, label) in enumerate(self._words.items()):
            field = self.sex if fact == "sex" else self.fields[fact]
            label.setBuddy(field)
            grid.addWidget(label, 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, {"code": 3, "name": 3, "chief": 4}.get(fact, 1))
        for fact, field in self.fields.items():
            field.editingFinished.connect(partial(self._edited, fact))
        self.sex.activated.connect(partial(self._edited, "sex"))
        self._told: dict[str, str] = {}
        self.retranslate()

    def show_case(self, case: DraftCase) -> None:
        age = "" if case.age is None else f"{case.age:g}"
        self._told = {"code": case.code, "name": case.name, "sex": case.sex, "age": age, "chief": case.chief}
        for fact, field in self.fields.items():
            if field.text() != self._told[fact]:
                field.setText(self._told[fact])
        self.sex.setCurrentIndex(SEXES.index(case.sex))

    def forget(self) -> None:
        self._told = {}
        for field in self.fields.values():
            field.setText("")  # clear() could be undone
        self.sex.setCurrentIndex(0)

    def retranslate(self) -> None:
        words = {
            "code": self.tr("Number"),
            "name": self.tr("Name"),
            "sex": self.tr("Sex"),
            "age": self.tr("Age"),
            "chief": self.tr("Chief complaint"),
        }
        for fact, label in self._words.items():
            label.setText(words[fact])
        for sex, text in zip(SEXES, ("–", self.tr("female"), self.tr("male")), strict=True):
            self.sex.setItemText(SEXES.index(sex), text)

    def _edited(self, fact: str, *_: object) -> None:
        value = self.sex.currentData() if fact == "sex" else self.fields[fact].text().strip()
        if self._told and value != self._told[fact]:
            self.changed.emit(fact, value)
