"""Filters of the patient list beside the window: what is asked for holds at once, and can be kept under a name."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QWidget,
)

from app.domain.patient_filter import EVERYONE, TERMS, PatientFilter
from app.store.roles import Permission
from app.ui import theme
from app.ui.flow import FlowLayout
from app.ui.labels import SafeLabel
from app.ui.pages.chips import Chip
from app.ui.pages.filter_words import CONTEXT, KINDS
from app.ui.pages.records_dialog import RecordsDialog, Tell
from app.ui.pages.suggester import Option, option
from app.ui.pages.term_field import TermField
from app.ui.session import Session
from app.ui.translation import number_text, translate
from app.ui.words import CONTEXT as WORDS
from app.ui.words import SEXES
from app.wording import concept_label

if TYPE_CHECKING:
    from app.store.clinic import Clinic
    from app.store.filters import Saved

WITHIN = (0, 7, 30, 90, 365)
BETWEEN = -1
NO_AGE = -1
FLAGS = ("worse", "beyond", "at_risk", "pinned")


class FilterDialog(RecordsDialog):
    """changed carries the filter as it now stands."""

    changed = Signal(object)

    def __init__(self, session: Session, tell: Tell, parent: QWidget | None = None) -> None:
        super().__init__(session, tell, parent)
        self._asked = EVERYONE
        self.terms = {kind: TermField(plain=kind == "tags") for kind in TERMS}
        self.seen = QComboBox()
        self.first, self.last = (QDateEdit(QDate.currentDate()) for _ in range(2))
        self.sex = QComboBox()
        self.young, self.old = QSpinBox(), QSpinBox()
        self.flags = {name: QCheckBox() for name in FLAGS}
        self.name = QLineEdit()
        self.save, self.clear = QPushButton(), QPushButton()
        self.forget = QPushButton()
        self.kept = QComboBox()
        self.use = QPushButton()
        self._labels = {
            name: SafeLabel(tone="muted") for name in (*TERMS, "seen", "sex", "age", "also", "name", "kept")
        }
        self.buttons.addButton(self.clear, QDialogButtonBox.ButtonRole.ResetRole)
        asked = QWidget()
        asked.setLayout(self._form())
        scroller = QScrollArea()  # at twice the text size it is higher than a small screen
        scroller.setObjectName("plain")
        scroller.setWidgetResizable(True)
        scroller.setFrameShape(QFrame.Shape.NoFrame)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setWidget(asked)
        scroller.setMinimumWidth(asked.minimumSizeHint().width() + theme.px(12))
        self._lay_out((scroller, 1), width=480, height=560)
        self._wire()
        self.retranslate()
        self.load()
        self._read_choices()

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setHorizontalSpacing(theme.WIDE_GAP)
        form.setVerticalSpacing(theme.GAP)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for kind, field in self.terms.items():
            self._row(form, kind, field, field.edit)
        for edit in (self.first, self.last):
            edit.setCalendarPopup(True)
            edit.hide()
        self._row(form, "seen", _beside(self.seen, self.first, self.last), self.seen)
        self._row(form, "sex", self.sex)
        for box in (self.young, self.old):
            box.setRange(NO_AGE, 150)
        self._row(form, "age", _beside(self.young, self.old), self.young)
        flags = QWidget()
        flow = FlowLayout(flags, gap=theme.WIDE_GAP)
        for box in self.flags.values():
            flow.addWidget(box)
        self._row(form, "also", flags, self.flags["worse"])
        self._row(form, "name", _beside(self.name, self.save), self.name)
        self._row(form, "kept", _beside(self.kept, self.use, self.forget), self.kept)
        for button in (self.save, self.clear, self.use, self.forget):
            button.setAutoDefault(False)
        return form

    def _row(self, form: QFormLayout, name: str, field: QWidget, buddy: QWidget | None = None) -> None:
        label = self._labels[name]
        label.setBuddy(buddy if buddy is not None else field)
        form.addRow(label, field)

    def _wire(self) -> None:
        for field in self.terms.values():
            field.changed.connect(self._tell)
        self.seen.currentIndexChanged.connect(self._seen_chosen)
        for edit in (self.first, self.last):
            edit.dateChanged.connect(self._tell)
        self.sex.currentIndexChanged.connect(self._tell)
        for box in (self.young, self.old):
            box.valueChanged.connect(self._tell)
        for box in self.flags.values():
            box.toggled.connect(self._tell)
        self.name.returnPressed.connect(self._save)
        self.save.clicked.connect(self._save)
        self.clear.clicked.connect(self._clear)
        self.use.clicked.connect(self._use)
        self.forget.clicked.connect(self._forget)
        self.kept.currentIndexChanged.connect(self._allow)

    # -- the filter

    def show_filter(self, asked: PatientFilter) -> None:
        """Without telling anybody."""
        self._asked = asked
        blocked = [
            QSignalBlocker(one)
            for one in (self.seen, self.first, self.last, self.sex, self.young, self.old, *self.flags.values())
        ]
        for kind, field in self.terms.items():
            field.show_terms(getattr(asked, kind))
        dated = asked.seen_from is not None or asked.seen_to is not None
        wanted = BETWEEN if dated else asked.seen_within
        if wanted is not None and self.seen.findData(wanted) < 0:
            self.seen.addItem(self._within(wanted), wanted)
        self.seen.setCurrentIndex(max(self.seen.findData(wanted), 0))
        for edit, date in ((self.first, asked.seen_from), (self.last, asked.seen_to)):
            edit.setVisible(dated)
            if date is not None:
                edit.setDate(QDate(date.year, date.month, date.day))
        self.sex.setCurrentIndex(max(self.sex.findData(asked.sex), 0))
        for box, age in ((self.young, asked.age_from), (self.old, asked.age_to)):
            box.setValue(NO_AGE if age is None else round(age))
        for name, box in self.flags.items():
            box.setChecked(getattr(asked, name))
        del blocked

    def _tell(self, *_: object) -> None:
        between = self.seen.currentData() == BETWEEN
        first, last = (_date(edit) if between else None for edit in (self.first, self.last))
        young, old = (None if box.value() == NO_AGE else float(box.value()) for box in (self.young, self.old))
        crossed = between and first is not None and last is not None and first > last
        odd = young is not None and old is not None and young > old
        self.trouble.setVisible(crossed or odd)
        if crossed or odd:
            self.trouble.setText(self.tr("The first is after the last: nobody can be found so."))
            return
        asked = replace(
            self._asked,
            **{kind: field.terms for kind, field in self.terms.items()},
            **{name: box.isChecked() for name, box in self.flags.items()},
            seen_from=first,
            seen_to=last,
            seen_within=None if between else self.seen.currentData(),
            sex=self.sex.currentData() or "",
            age_from=young,
            age_to=old,
        )
        if asked != self._asked:
            self._asked = asked
            self.changed.emit(asked)

    def _seen_chosen(self, *_: object) -> None:
        for edit in (self.first, self.last):
            edit.setVisible(self.seen.currentData() == BETWEEN)
        self._tell()

    def _clear(self, *_: object) -> None:
        self.show_filter(EVERYONE)
        self.changed.emit(EVERYONE)

    # -- saved ones

    def load(self) -> None:
        clinic = self.session.clinic
        if clinic is not None and not self.session.locked:
            self.read(clinic.filters.list, self._show_kept)

    def _show_kept(self, kept: list[Saved]) -> None:
        chosen = self.kept.currentText()
        self.kept.clear()
        for one in kept:
            if one.filter is not None:
                self.kept.addItem(one.name, one.filter)
        self.kept.setCurrentIndex(max(self.kept.findText(chosen), 0) if self.kept.count() else -1)
        self._allow()

    def _allow(self, *_: object) -> None:
        writes = self.session.may(Permission.PATIENTS_WRITE)
        self.save.setEnabled(writes)
        self.use.setEnabled(self.kept.count() > 0)
        self.forget.setEnabled(writes and self.kept.count() > 0)

    def _save(self, *_: object) -> None:
        clinic, name = self.session.clinic, self.name.text()
        if clinic is not None and self.save.isEnabled():
            self.ask(partial(clinic.filters.save, name, self._asked), partial(self._saved, name))

    def _saved(self, name: str, _: object) -> None:
        self.name.clear()
        if self.kept.findText(name) < 0:
            self.kept.addItem(" ".join(name.split()), self._asked)
        self.kept.setCurrentIndex(self.kept.findText(" ".join(name.split())))

    def _use(self, *_: object) -> None:
        asked = self.kept.currentData()
        if isinstance(asked, PatientFilter):
            self.show_filter(asked)
            self.changed.emit(asked)

    def _forget(self, *_: object) -> None:
        clinic = self.session.clinic
        if clinic is not None and self.kept.currentIndex() >= 0:
            self.ask(partial(clinic.filters.remove, self.kept.currentText()), self._forgotten)

    def _forgotten(self, _: object) -> None:
        self.load()

    # -- what there is to choose from

    def _read_choices(self) -> None:
        clinic = self.session.clinic
        if clinic is not None and not self.session.locked:
            for kind in TERMS:
                self.read(partial(choices, clinic, kind), partial(self._show_choices, kind))

    def _show_choices(self, kind: str, found: list[Option]) -> None:
        self.terms[kind].set_options(found)

    def empty(self) -> None:
        for field in self.terms.values():
            field.set_options(())
            field.edit.clear()
        self.show_filter(EVERYONE)
        self.kept.clear()
        self.name.clear()

    def unseal(self) -> None:
        super().unseal()
        self._read_choices()

    # -- words

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Filter patients"))
        for kind, field in self.terms.items():
            self._labels[kind].setText(translate(CONTEXT, KINDS[kind]))
            field.name(translate(CONTEXT, KINDS[kind]))
            field.edit.setPlaceholderText(self.tr("Name, pinyin or initials"))
        texts = {
            "seen": self.tr("Last visit"),
            "sex": self.tr("Sex"),
            "age": self.tr("Age"),
            "also": self.tr("And"),
            "name": self.tr("Save as"),
            "kept": self.tr("Saved"),
        }
        for name, text in texts.items():
            self._labels[name].setText(text)
        with QSignalBlocker(self.seen), QSignalBlocker(self.sex):
            seen = self.seen.currentData()
            self.seen.clear()
            self.seen.addItem(self.tr("at any time"), None)
            for days in WITHIN:
                self.seen.addItem(self._within(days), days)
            self.seen.addItem(self.tr("between two dates"), BETWEEN)
            self.seen.setCurrentIndex(max(self.seen.findData(seen), 0))
            sex = self.sex.currentData()
            self.sex.clear()
            self.sex.addItem(self.tr("any"), "")
            for code, word in SEXES.items():
                self.sex.addItem(translate(WORDS, word), code)
            self.sex.setCurrentIndex(max(self.sex.findData(sex), 0))
        for box, text in ((self.young, self.tr("from any")), (self.old, self.tr("to any"))):
            box.setSpecialValueText(text)
            box.setAccessibleName(text)
        self.seen.setAccessibleName(texts["seen"])
        self.sex.setAccessibleName(texts["sex"])
        self.first.setAccessibleName(self.tr("From"))
        self.last.setAccessibleName(self.tr("To"))
        self.flags["worse"].setText(self.tr("Worse than at first"))
        self.flags["beyond"].setText(self.tr("Beyond expectation"))
        self.flags["at_risk"].setText(self.tr("At risk"))
        self.flags["pinned"].setText(self.tr("Pinned"))
        self.name.setPlaceholderText(self.tr("Name of the filter"))
        self.name.setAccessibleName(self.tr("Name of the filter"))
        self.save.setText(self.tr("Save"))
        self.clear.setText(self.tr("Clear"))
        self.use.setText(self.tr("Show"))
        self.forget.setText(self.tr("Remove"))
        self.kept.setAccessibleName(self.tr("Saved filters"))
        self.show_filter(self._asked)
        self._allow()

    def _within(self, days: int) -> str:
        return self.tr("within {days} days").format(days=number_text(days, 0)) if days else self.tr("today")


def choices(clinic: Clinic, kind: str) -> list[Option]:
    """What the clinic's records hold of a kind, ready to be typed for. Takes a moment: for a thread."""
    return [option(one.key, _words(kind, one.key, one.text), one.count) for one in clinic.filters.choices(kind)]


def _words(kind: str, key: str, text: str) -> str:
    if kind == "tags":
        return text
    known = concept_label(key)
    return known if known != key else text


def _beside(*parts: QWidget) -> QWidget:
    holder = QWidget()
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(theme.GAP)
    for part in parts:
        line.addWidget(part, 0 if isinstance(part, QPushButton | Chip) else 1)
    return holder


def _date(edit: QDateEdit) -> dt.date:
    date = edit.date()
    return dt.date(date.year(), date.month(), date.day())
