"""The head of the editor: which visit it is, and when."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QDateEdit, QDoubleSpinBox, QHBoxLayout, QWidget

from app.domain.records import Case
from app.domain.visit_form import VisitForm
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.translation import Speaking, locale

LONGEST_GAP = 36500  # days


class VisitHead(Speaking, QWidget):
    """Number and date, or the days since the visit before where the course has no dates."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = VisitForm()
        self._case: Case | None = None
        self._as_shown = 0.0  # the days, as far as the field has digits for them
        self.title = SafeLabel(size=theme.TITLE, bold=True)
        self.origin = SafeLabel(tone="muted", size=theme.SMALL, elide=True)
        self.date = QDateEdit()
        self.date.setCalendarPopup(True)
        self.date.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.days = QDoubleSpinBox()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.addWidget(self.title)
        row.addWidget(self.date)
        row.addWidget(self.days)
        row.addWidget(self.origin, 1)
        self.date.dateChanged.connect(self.changed)
        self.days.valueChanged.connect(self.changed)
        self.retranslate()

    def show_form(self, form: VisitForm, case: Case | None) -> None:
        self._form, self._case = form, case
        self.date.setVisible(form.date is not None)
        self.days.setVisible(form.date is None and form.days_after is not None)
        if form.date is not None:
            self.date.setDate(QDate(form.date.year, form.date.month, form.date.day))
        days = form.days_after or 0.0
        self.days.setDecimals(0 if days == int(days) else 2)  # hours, where an import gave them
        self.days.setRange(0, max(LONGEST_GAP, days))
        self.days.setValue(days)
        self._as_shown = self.days.value()
        self._name()

    def follow(self, case: Case) -> None:
        """The patient's record changed while one types."""
        self._case = case
        self._name()

    def when(self) -> tuple[dt.date | None, float | None]:
        """The date, and the days since the visit before; what the form went without it goes without."""
        if self._form.date is not None:
            date = self.date.date()
            return dt.date(date.year(), date.month(), date.day()), None
        days = self.days.value()
        return None, self._form.days_after if days == self._as_shown or self._form.days_after is None else days

    def enter(self) -> None:
        """The keyboard goes to the field that says when."""
        (self.date if self._form.date is not None else self.days).setFocus()

    def retranslate(self) -> None:
        self.date.setAccessibleName(self.tr("Date of the visit"))
        self.date.setLocale(locale())
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.days.setAccessibleName(self.tr("Days since the visit before"))
        self.days.setSuffix(self.tr(" days later"))
        self._name()

    def _name(self) -> None:
        if self._form.number:
            self.title.setText(self.tr("Visit {number}").format(number=self._form.number))
            self.origin.setText(self.tr("correct"))
            return
        visits = self._case.visits if self._case is not None else ()
        number = max((visit.number for visit in visits), default=0) + 1
        self.title.setText(self.tr("Visit {number}").format(number=number))
        self.origin.setText(self.tr("copied from the last visit") if visits else self.tr("first visit"))
