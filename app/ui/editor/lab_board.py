"""Measured values: a row each with its unit and what it was before, and a line that adds one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.errors import KnownError
from app.domain.labs import Lab, LastValue, far_off, measures, named, number_words, read_number
from app.domain.lookup import Found, lookup
from app.domain.vocabulary import active
from app.i18n import explain
from app.ui import theme
from app.ui.editor.term_line import SHOWN, TermLine
from app.ui.labels import SafeLabel
from app.ui.translation import Speaking
from app.wording import concept_label

FIELD, UNIT = 84, 64  # pixels


class NumberLine(QLineEdit):
    """onward: Enter or an arrow, to the row so many below; ``entered``: by Enter."""

    onward = Signal(int)
    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.onward.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)


class LabRow(Speaking, QWidget):
    """One value. Its field is empty until somebody measures it; the value of before stands muted beside it."""

    changed = Signal()

    def __init__(self, lab: Lab, last: LastValue | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab, self._last = lab, last
        self.name, self.before = SafeLabel(elide=True), SafeLabel(tone="muted", size=theme.SMALL)
        self.line, self.unit = NumberLine(lab.typed), SafeLabel(lab.unit, tone="muted", size=theme.SMALL, elide=True)
        self.remark = SafeLabel(tone="gold", size=theme.SMALL, wrap=True)
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        theme.follow(self.line, "setFixedWidth", FIELD)
        theme.follow(self.unit, "setFixedWidth", UNIT)
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget, stretch in ((self.name, 1), (self.before, 0), (self.line, 0), (self.unit, 0)):
            row.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.remark)
        self.line.textEdited.connect(self._typed)
        self.retranslate()

    def lab(self) -> Lab:
        return replace(self._lab, typed=self.line.text().strip())

    def retranslate(self) -> None:
        label = concept_label(self._lab.concept)
        self.name.setText(label)
        last = number_words(self._last.number) if self._last is not None else ""
        self.before.setText(self.tr("last {value}").format(value=last) if last else "")
        self.line.setAccessibleName(" ".join(word for word in (label, self._lab.unit) if word))
        self._judge()

    def _typed(self, _: str = "") -> None:
        self._judge()
        self.changed.emit()

    def _judge(self) -> None:
        """What is no number is told at once, and what is far from the value of before."""
        typed, told, tone = self.line.text().strip(), "", "gold"
        try:
            if typed and typed != self._lab.typed:
                read_number(typed)
                if far_off(typed, self._last):
                    told = self.tr("Far from the last value: is the point where it should be?")
        except KnownError as error:
            told, tone = explain(error), "red"
        self.remark.set_tone(tone)
        self.remark.setText(told)
        self.remark.setVisible(bool(told))
        parts = (self.before.text(), self.tr("empty: not measured") if not typed else "", told)
        self.line.setAccessibleDescription("; ".join(part for part in parts if part))


class LabLine(TermLine):
    """Offers what the vocabulary can measure; Enter takes any other name as it stands, with its unit."""

    given = Signal(object)  # Lab
    refused = Signal(object)  # KnownError: no name

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(clears=True, parent=parent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entering = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        chosen = self.popup.isVisible() and self.popup.currentIndex().isValid()
        if not entering or chosen or not self.text().strip():
            super().keyPressEvent(event)
            return
        self.popup.hide()
        try:
            lab = named(self.text())
        except KnownError as error:
            self.refused.emit(error)
            return
        self.clear()
        self.given.emit(lab)

    def _search(self, word: str, kinds: Sequence[str]) -> list[Found]:
        units, known = dict(measures()), active().concepts
        wanted = dict.fromkeys(known[code].kind for code in units)
        found = [one for kind in wanted for one in lookup(word, kind, len(units) + SHOWN, guess=False)]
        return [one for one in found if one.code in units][:SHOWN]

    def _takes_first(self, word: str) -> bool:
        return False  # ALT is a name, and no beginning of another


class LabBoard(Speaking, QWidget):
    """The rows one below the other, and the line. left: the keyboard goes on below them, or above the first."""

    changed = Signal()
    left = Signal(int)
    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[LabRow] = []
        self._before: Mapping[tuple[str, str], LastValue] = {}
        self.line = LabLine()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self.line)
        self.line.picked.connect(self._picked)
        self.line.given.connect(self.add)
        self.line.onward.connect(self._leave)
        self.line.refused.connect(self.refused)
        self.retranslate()

    def show_labs(self, labs: Sequence[Lab], before: Mapping[tuple[str, str], LastValue]) -> None:
        """before: what was measured before this visit, by concept and unit."""
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows, self._before = [], before
        self.line.clear()
        for lab in labs:
            self._add(lab)

    def labs(self) -> tuple[Lab, ...]:
        return tuple(row.lab() for row in self.rows)

    def add(self, lab: Lab) -> None:
        """A further value, and the keyboard goes to it; one that has a row, in any unit where none is named, too."""
        same = [row for row in self.rows if row.lab().concept == lab.concept]
        row = next((row for row in same if row.lab().unit == lab.unit or not lab.unit), None)
        if row is None:
            row = self._add(lab)
            self.changed.emit()
        row.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def fields(self) -> list[QWidget]:
        """What the keyboard goes through."""
        return [*(row.line for row in self.rows), self.line]

    def enter(self) -> None:
        """The keyboard goes to the first row, or else to the line."""
        self.enter_row(0)

    def enter_row(self, place: int) -> None:
        field = self.rows[place].line if place < len(self.rows) else self.line
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        self.line.setAccessibleName(self.tr("Add a measured value"))
        self.line.setPlaceholderText(self.tr("Add a measured value, such as ALT U/L"))

    def _add(self, lab: Lab) -> LabRow:
        row = LabRow(lab, self._before.get((lab.concept, lab.unit)))
        row.changed.connect(self.changed)
        row.line.onward.connect(self._go)
        row.line.entered.connect(self._enter)
        self.rows.append(row)
        self._column.insertWidget(len(self.rows) - 1, row)
        row.show()  # at once: the keyboard may go there before the layout is done
        return row

    def _picked(self, found: Found) -> None:
        self.add(Lab(found.code, dict(measures()).get(found.code, "")))

    def _place(self) -> int:
        line = self.sender()
        return next((place for place, row in enumerate(self.rows) if row.line is line), 0)

    def _go(self, by: int) -> None:
        place = self._place() + by
        if place < 0:
            self.left.emit(by)
        else:
            self.enter_row(place)

    def _enter(self) -> None:
        """On to the next row. An empty one means that the values are all in: nobody presses Enter a dozen times."""
        place = self._place()
        if self.rows[place].line.text().strip():
            self.enter_row(place + 1)
        else:
            self._leave()

    def _leave(self) -> None:
        self.left.emit(1)
