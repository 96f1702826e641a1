"""Patients who may be one person, two by two and side by side: they are made one, or told apart for good."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QAbstractItemView, QPushButton, QWidget

from app.domain.records import Case
from app.store.roles import Permission
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import button_row
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.tables import ROW_HEIGHT, ShowTable
from app.ui.record_words import NOTHING, field_word, value_text
from app.ui.session import Session
from app.ui.summary import diagnosis
from app.ui.translation import number_text

if TYPE_CHECKING:
    from app.store.clinic import Clinic
    from app.store.likeness import Pair


class LookalikesDialog(RecordsDialog):
    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._pairs: list[Pair] = []
        self._asked = False  # and answered
        self._two: tuple[Case, Case] | None = None
        self._of = ("", "")  # the numbers of the two
        self._done = ""  # "merged", "apart" or nothing yet
        self._whom = ("", "")  # the numbers of those it was done to
        self.note, self.told = SafeLabel(tone="muted", wrap=True), SafeLabel(tone="green", wrap=True)
        self.table = ShowTable(4, stretch=(3,), numbers=(2,))
        self.table.currentCellChanged.connect(self._choose)
        self._question = SafeLabel(bold=True, elide=True)
        self.sides = ShowTable(3, stretch=(1, 2))
        self.sides.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.sides.setWordWrap(True)
        self.sides.horizontalHeader().setMaximumSectionSize(2000)  # the two share the whole width
        self.sides.horizontalHeader().sectionResized.connect(self._fit, Qt.ConnectionType.QueuedConnection)
        self.left, self.right, self.apart = QPushButton(), QPushButton(), QPushButton()
        self.left.setProperty("filled", True)
        self.left.clicked.connect(self.keep_left)
        self.right.clicked.connect(self.keep_right)
        self.apart.clicked.connect(self.tell_apart)
        keep, part = button_row(self.left, self.right), button_row(self.apart)  # two rows: the words are long
        self._lay_out(
            self.note,
            self.told,
            (self.table, 1),
            self._question,
            (self.sides, 2),
            keep,
            part,
            width=900,
            height=720,
        )
        self.retranslate()
        self._enable()
        self.load()

    def chosen(self) -> Pair | None:
        row = self.table.currentRow()
        return self._pairs[row] if 0 <= row < len(self._pairs) else None

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is not None:
            self.read(clinic.likeness.pairs, self._show)

    def empty(self) -> None:
        self._pairs, self._asked, self._two, self._done = [], False, None, ""
        self._of = self._whom = ("", "")
        for table in (self.table, self.sides):
            table.setRowCount(0)
        for label in (self.told, self._question):
            label.setText("")

    def keep_left(self) -> None:
        """The right one's visits go to the left one, whose empty fields are filled."""
        if (pair := self.chosen()) is not None:
            self._merge(pair.first, pair.second)

    def keep_right(self) -> None:
        if (pair := self.chosen()) is not None:
            self._merge(pair.second, pair.first)

    def tell_apart(self) -> None:
        """The two are different people, and are not proposed again."""
        clinic, pair = self.session.clinic, self.chosen()
        if clinic is not None and pair is not None:
            codes = pair.first, pair.second
            self._wait()
            self.ask(partial(clinic.likeness.tell_apart, *codes), partial(self._settled, "apart", codes))

    def refuse(self, error: BaseException) -> None:
        super().refuse(error)
        self._enable()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Patients who look alike"))
        self.left.setText(self.tr("Keep the left one, take the right one in"))
        self.right.setText(self.tr("Keep the right one, take the left one in"))
        self.apart.setText(self.tr("Different people"))
        self.table.setAccessibleName(self.tr("Patients who look alike"))
        self.table.name_columns([self.tr("First"), self.tr("Second"), self.tr("Likeness"), self.tr("Why")])
        self.sides.setAccessibleName(self.tr("The two side by side"))
        self.sides.name_columns(["", self.tr("Left"), self.tr("Right")])
        self._fill()
        self._fill_sides()

    def _merge(self, keep: str, other: str) -> None:
        clinic = self.session.clinic
        if clinic is not None:
            self._wait()
            merged = partial(self._settled, "merged", (keep, other))
            self.ask(partial(clinic.patients.merge, keep, other), merged)

    def _show(self, pairs: list[Pair]) -> None:
        before, row = self.chosen(), max(0, self.table.currentRow())
        self._pairs, self._asked = pairs, True
        if self._done == "merged" and any({one.first, one.second} == set(self._whom) for one in pairs):
            self._done = ""  # it was taken back meanwhile
        self._fill()
        if pairs:
            same = [_codes(one) for one in pairs]
            known = before is not None and _codes(before) in same
            with QSignalBlocker(self.table):  # what is read of the two is asked for once
                self.table.selectRow(same.index(_codes(before)) if before and known else min(row, len(pairs) - 1))
        self._choose()

    def _fill(self) -> None:
        why = {
            "name": self.tr("same name"),
            "sound": self.tr("name sounds alike"),
            "birth": self.tr("same birth date"),
            "birth_slip": self.tr("birth dates but one slip apart"),
            "age": self.tr("age agrees"),
            "sex": self.tr("same sex"),
            "number": self.tr("numbers nearly the same"),
            "chief": self.tr("same complaint"),
        }
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(self._pairs))
        for row, pair in enumerate(self._pairs):
            reasons = ", ".join(why.get(reason, reason) for reason in pair.reasons)
            first, second = f"{pair.first} {pair.first_name}", f"{pair.second} {pair.second_name}"
            self.table.put(row, [first, second, number_text(pair.score, 0), reasons])
        note = self.tr("Two records become one: the visits of both in their order, empty fields filled from the other.")
        if self._asked and not self._pairs:
            note = self.tr("Nobody looks alike: no two patients have names and other data that agree.")
        self.note.setText(note)
        done = {
            "merged": self.tr("{other} is part of {patient} now. Edit > Undo takes it back."),
            "apart": self.tr("{other} and {patient} are different people; they are not proposed again."),
        }
        patient, other = self._whom
        self.told.setText(done[self._done].format(patient=patient, other=other) if self._done else "")
        self.told.setVisible(bool(self._done))

    def _choose(self, *_: object) -> None:
        clinic, pair = self.session.clinic, self.chosen()
        codes = _codes(pair) if pair is not None else ("", "")
        if codes != self._of:  # of the same two what is shown stays until it is read anew
            self._of, self._two = codes, None
            self._fill_sides()
        self._enable()
        question = self.tr("Are {first} and {second} one person?").format(first=codes[0], second=codes[1])
        self._question.setText(question if pair is not None else "")
        if clinic is not None and pair is not None:
            self.read(partial(_read, clinic, *codes), partial(self._show_two, codes))

    def _show_two(self, codes: tuple[str, str], two: tuple[Case, Case]) -> None:
        if codes != self._of:  # another pair was chosen meanwhile
            return
        self._two = two
        self._fill_sides()
        self._enable()

    def _fill_sides(self) -> None:
        """What differs stands out; where one says nothing, nothing differs."""
        self.sides.setRowCount(0)
        if self._two is None:
            return
        left, right = (self._facts(case) for case in self._two)
        for (word, one), (_, other) in zip(left, right, strict=True):
            if one == other == NOTHING:
                continue
            row = self.sides.rowCount()
            self.sides.insertRow(row)
            differ = one != other and NOTHING not in (one, other)
            self.sides.put(row, [word, one, other], tone="text" if differ else "muted")
            for column in (1, 2):
                if differ and (item := self.sides.item(row, column)) is not None:
                    item.setFont(theme.font(bold=True))
        self._fit()

    def _fit(self, *_: object) -> None:
        """A formula takes as many lines as it needs."""
        for row in range(self.sides.rowCount()):
            self.sides.setRowHeight(row, max(ROW_HEIGHT, self.sides.sizeHintForRow(row)))

    def _facts(self, case: Case) -> list[tuple[str, str]]:
        """What tells two people apart: names of fields, and what they say."""
        person, visits = case.patient, case.visits
        given = next((visit.prescriptions for visit in reversed(visits) if visit.prescriptions), ())
        own = ("code", "name", "sex", "birth_date", "age", "chief")
        return [
            *((field_word(name), value_text(name, getattr(person, name))) for name in own),
            (field_word("diagnoses"), diagnosis(case) or NOTHING),
            (self.tr("visits"), number_text(len(visits), 0)),
            (self.tr("first visit"), value_text("date", visits[0].date) if visits else NOTHING),
            (self.tr("last visit"), value_text("date", visits[-1].date) if visits else NOTHING),
            (self.tr("last formula"), value_text("prescriptions", [dataclasses.asdict(one) for one in given])),
            (field_word("note"), value_text("note", person.note)),
            (field_word("attributes"), value_text("attributes", case.attributes)),
        ]

    def _enable(self) -> None:
        """Only who was looked at is decided on."""
        able = self._two is not None and self.session.may(Permission.PATIENTS_WRITE)
        for button in (self.left, self.right, self.apart):
            button.setEnabled(able)

    def _wait(self) -> None:
        for button in (self.left, self.right, self.apart):
            button.setEnabled(False)

    def _settled(self, what: str, whom: tuple[str, str], _: object) -> None:
        if self.session.locked:
            return
        self._done, self._whom = what, whom
        self._fill()
        if what == "apart":  # a merge has told everyone itself
            self.load()


def _codes(pair: Pair) -> tuple[str, str]:
    return pair.first, pair.second


def _read(clinic: Clinic, first: str, second: str) -> tuple[Case, Case]:
    return clinic.queries.case(first), clinic.queries.case(second)
