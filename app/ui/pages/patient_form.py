"""A new patient, or a patient's own data corrected: number, name, sex, birth date or age, complaint, note."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QDoubleSpinBox, QFormLayout, QLineEdit, QWidget

from app.domain.records import Patient
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import FormDialog
from app.ui.session import Session
from app.ui.translation import locale, translate
from app.ui.words import CONTEXT, SEXES

if TYPE_CHECKING:
    from app.store.clinic import Clinic
    from app.store.queries import PatientRow

SEX = ("", "F", "M")
UNKNOWN = QDate(1890, 1, 1)  # stands for no birth date: nobody of today was born before
PAUSE_MS = 250  # after the last key until namesakes are looked for


class PatientForm(FormDialog):
    """version: of the patient that is corrected, as read. done_well carries the number."""

    done_well = Signal(str)

    def __init__(
        self, session: Session, person: Patient | None = None, version: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._person, self._version = session, person, version
        self.code, self.name, self.chief, self.note = (QLineEdit() for _ in range(4))
        self.sex, self.birth, self.age = QComboBox(), QDateEdit(), QDoubleSpinBox()
        for _ in SEX:
            self.sex.addItem("")
        self.birth.setCalendarPopup(True)
        self.birth.setMinimumDate(UNKNOWN)
        self.birth.setMaximumDate(QDate.currentDate())
        self.birth.setDate(UNKNOWN)
        self.age.setRange(-1, 130)
        self.age.setDecimals(0)
        self.age.setValue(-1)
        self.namesakes = SafeLabel(tone="gold", wrap=True)
        self._words = [SafeLabel(tone="muted") for _ in range(7)]
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        fields = (self.name, self.code, self.sex, self.birth, self.age, self.chief, self.note)
        for word, field in zip(self._words, fields, strict=True):
            word.setBuddy(field)
            form.addRow(word, field)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._look_for_namesakes)
        self.name.textChanged.connect(self._name_typed)
        self.code.textChanged.connect(self._tell)
        self.birth.dateChanged.connect(self._tell)
        self.go.clicked.connect(self.store)
        self.leave.clicked.connect(self.reject)
        self._lay_out(form, self.namesakes)
        theme.follow(self, "setMinimumWidth", 460)
        self._fill()
        self.retranslate()
        self.name.setFocus()

    def person(self) -> Patient:
        """What stands in the fields."""
        born = self.birth.date()
        date = None if born == UNKNOWN else dt.date(born.year(), born.month(), born.day())
        return Patient(
            code=self.code.text().strip(),
            name=self.name.text().strip(),
            sex=SEX[self.sex.currentIndex()],
            birth_date=date,
            age=self.age.value() if date is None and self.age.value() >= 0 else None,
            chief=self.chief.text().strip(),
            note=self.note.text().strip(),
        )

    def store(self) -> None:
        clinic = self._session.clinic
        if clinic is None or not self.go.isEnabled():
            return
        person = self.person()
        if self._person is None:
            work = partial(clinic.patients.add, person)
        else:
            changed = {
                name: getattr(person, name) for name in ("code", "name", "sex", "birth_date", "age", "chief", "note")
            }
            work = partial(clinic.patients.change, self._person.code, version=self._version, **changed)
        self._work(True)
        self._session.errands.run(work, self._stored, self._refused)

    def seal(self) -> None:
        """The clinic is locked: nothing of a person stays on a form nobody looks at."""
        self.reject()

    def unseal(self) -> None:
        """It is closed by then."""

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("New patient") if self._person is None else self.tr("Data of the patient"))
        words = (
            self.tr("Name"),
            self.tr("Number"),
            self.tr("Sex"),
            self.tr("Born"),
            self.tr("Age at the first visit"),
            self.tr("Chief complaint"),
            self.tr("Note"),
        )
        for label, word in zip(self._words, words, strict=True):
            label.setText(word)
        for index, sex in enumerate(SEX):
            self.sex.setItemText(index, translate(CONTEXT, SEXES[sex]) if sex else self.tr("not given"))
        self.birth.setLocale(locale())
        self.birth.setDisplayFormat("yyyy-MM-dd")
        self.birth.setSpecialValueText(self.tr("not known"))
        self.age.setSpecialValueText(self.tr("not known"))
        self.go.setText(self.tr("Save"))
        self.leave.setText(self.tr("Cancel"))
        self._tell()

    def _fill(self) -> None:
        person = self._person
        if person is None:
            clinic = self._session.clinic
            if clinic is not None:
                self._session.errands.run(partial(_next_number, clinic), self._propose, self._refused)
            return
        self.code.setText(person.code)
        self.name.setText(person.name)
        self.sex.setCurrentIndex(SEX.index(person.sex) if person.sex in SEX else 0)
        if person.birth_date is not None:
            self.birth.setDate(QDate(person.birth_date.year, person.birth_date.month, person.birth_date.day))
        if person.age is not None:
            self.age.setDecimals(0 if float(person.age).is_integer() else 2)
            self.age.setValue(person.age)
        self.chief.setText(person.chief)
        self.note.setText(person.note)

    def _propose(self, number: str) -> None:
        if not self.code.text():
            self.code.setText(number)

    def _name_typed(self, _: str) -> None:
        self.namesakes.setText("")
        self._pause.start()
        self._tell()

    def _look_for_namesakes(self) -> None:
        """The same person entered twice is the commonest mistake; a namesake is told of, and nothing is forbidden."""
        clinic, name = self._session.clinic, self.name.text().strip()
        if clinic is not None and name:
            work = partial(clinic.queries.search, name, limit=20)
            self._session.errands.run(work, partial(self._tell_namesakes, name), self._refused)

    def _tell_namesakes(self, name: str, found: list[PatientRow]) -> None:
        own = self._person.code if self._person is not None else ""
        same = [row.code for row in found if row.name == name and row.code != own]
        if name == self.name.text().strip() and same:
            self.namesakes.setText(self.tr("There is a patient of this name: {codes}").format(codes=", ".join(same)))
        self._tell()

    def _stored(self, _: Any) -> None:
        self.accept()
        self.done_well.emit(self.person().code)

    def _tell(self, *_: object) -> None:
        self.go.setEnabled(bool(self.code.text().strip()) and not self._working)
        self.age.setEnabled(self.birth.date() == UNKNOWN)
        self.namesakes.setVisible(bool(self.namesakes.text()))
        super()._tell()


def _next_number(clinic: Clinic) -> str:
    """The number after the one given last, in its style: P0008 -> P0009; "1" in an empty clinic."""
    codes = clinic.queries.patient_codes()
    taken = {code.casefold() for code in codes}
    last = next((found for code in reversed(codes) if (found := re.search(r"^(.*?)(\d+)$", code))), None)
    start, digits = (last[1], last[2]) if last else ("", "0")
    number = int(digits)
    while True:
        number += 1
        code = f"{start}{number:0{len(digits)}d}"
        if code.casefold() not in taken:
            return code
