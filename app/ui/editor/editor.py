"""The side panel in which a visit is entered: sections one below the other, kept while one types, saved as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol

from PySide6.QtCore import QDate, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import KnownError
from app.domain.lookup import Found
from app.domain.records import Case
from app.domain.scores import CURED, EFFECTIVE, INEFFECTIVE, MARKED
from app.domain.visit_form import VisitForm, copied_forward, corrected
from app.domain.visit_making import Fault, faults_of
from app.i18n import explain
from app.ui import theme
from app.ui.editor import WIDTH
from app.ui.editor.draft import Draft
from app.ui.editor.formula_field import FormulaField
from app.ui.editor.photo_strip import PhotoStrip
from app.ui.editor.pulse_board import PulseBoard
from app.ui.editor.saved import SavedCard
from app.ui.editor.score_board import ScoreBoard
from app.ui.editor.term_line import TermLine
from app.ui.editor.tongue_tiles import TongueTiles
from app.ui.labels import SafeLabel
from app.ui.translation import Speaking, locale
from app.ui.words import effect_word

MARGIN = 40  # pixels in sight above and below the field the keyboard is in
KEEP_MS = 800  # after the last key until what was typed is kept
SECTIONS = ("scores", "pulse", "tongue", "syndrome", "formula", "note")
OUTCOMES = ("", CURED, MARKED, EFFECTIVE, INEFFECTIVE)


class Section(Protocol):
    def enter(self) -> None: ...


class VisitEditor(Speaking, QWidget):
    """Shows one form. What it is told: ``show_new`` or ``show_visit``; what it tells: by signal.

    today: the day a new visit is of; tests give their own
    """

    kept = Signal()  # something was typed, and a moment has passed
    save_wanted = Signal(bool)  # with the prescription printed, or not
    close_wanted = Signal()
    print_wanted = Signal()
    trouble = Signal(object)

    def __init__(self, parent: QWidget | None = None, today: Callable[[], dt.date] = dt.date.today) -> None:
        super().__init__(parent)
        self.setObjectName("editor")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.follow(self, "setFixedWidth", WIDTH)
        self.setContentsMargins(1, 0, 0, 0)  # the line at the left is drawn there
        self._today = today
        self.case: Case | None = None
        self._form = VisitForm()
        self._busy = False
        self._state = ""  # see ``tell_state``
        self.touched = False
        self._sure = False  # that a visit is to be saved just as it was copied
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_MS)
        self._timer.timeout.connect(self._tell_kept)
        self._build()
        self._wire()
        self.retranslate()

    # -- putting together

    def _build(self) -> None:
        self.title = SafeLabel(size=theme.TITLE, bold=True)
        self.origin = SafeLabel(tone="muted", size=theme.SMALL, elide=True)
        self.date = QDateEdit()
        self.date.setCalendarPopup(True)
        self.date.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.days = QDoubleSpinBox()
        self.days.setRange(0, 3650)
        self.days.setDecimals(0)
        self.scores, self.symptom = ScoreBoard(), TermLine("symptom", clears=True)
        self.pulse, self.tongue, self.sign = PulseBoard(), TongueTiles(), TermLine("tongue", clears=True)
        self.photos = PhotoStrip()
        self.disease, self.syndrome = TermLine("disease"), TermLine("syndrome")
        self.formula, self.note, self.outcome = FormulaField(), QPlainTextEdit(), QComboBox()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(64)
        for _ in OUTCOMES:
            self.outcome.addItem("")
        self._titles = {
            name: SafeLabel(bold=True) for name in ("scores", "pulse", "tongue", "syndrome", "formula", "note")
        }
        self._body = QWidget()
        self._body.setObjectName("side")
        self._body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(16, 0, 16, 12)
        column.setSpacing(6)
        blocks: dict[str, tuple[QWidget, ...]] = {
            "scores": (self.scores, self.symptom),
            "pulse": (self.pulse,),
            "tongue": (self.tongue, self.sign, self.photos),
            "syndrome": (self.disease, self.syndrome),
            "formula": (self.formula,),
            "note": (self.note, self.outcome),
        }
        for name, widgets in blocks.items():
            column.addWidget(self._titles[name])
            for widget in widgets:
                column.addWidget(widget)
            column.addSpacing(8)
        column.addStretch(1)
        self.scroller = QScrollArea()
        self.scroller.setWidgetResizable(True)
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroller.setWidget(self._body)
        self.fault = SafeLabel(tone="red", size=theme.SMALL, wrap=True)
        self.state = SafeLabel(tone="muted", size=theme.SMALL)
        self.save, self.save_and_print, self.cancel = QPushButton(), QPushButton(), QPushButton()
        self.save.setProperty("filled", True)
        for button in (self.save, self.save_and_print, self.cancel):
            button.setAutoDefault(True)  # Enter leads down the form to them, and gives them, too
        self.card = SavedCard()
        entry = QWidget()
        whole = QVBoxLayout(entry)
        whole.setContentsMargins(0, 12, 0, 12)
        whole.setSpacing(8)
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 16, 0)
        head.addWidget(self.title)
        head.addWidget(self.date)
        head.addWidget(self.days)
        head.addWidget(self.origin, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 0, 16, 0)
        for button in (self.save, self.save_and_print, self.cancel):
            foot.addWidget(button)
        foot.addStretch(1)
        told = QVBoxLayout()
        told.setContentsMargins(16, 0, 16, 0)
        told.addWidget(self.fault)
        told.addWidget(self.state)
        whole.addLayout(head)
        whole.addWidget(self.scroller, 1)
        whole.addLayout(told)
        whole.addLayout(foot)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(entry)
        self._stack.addWidget(self.card)

    def _wire(self) -> None:
        for signal in (
            self.scores.changed,
            self.pulse.changed,
            self.tongue.changed,
            self.photos.changed,
            self.formula.changed,
            self.note.textChanged,
            self.disease.textEdited,
            self.syndrome.textEdited,
            self.outcome.activated,
            self.date.dateChanged,
            self.days.valueChanged,
        ):
            signal.connect(self._touch)
        self.symptom.picked.connect(self._add_symptom)
        self.sign.picked.connect(self._add_sign)
        self.scores.refused.connect(self._tell_refused)
        self.scores.left.connect(self._leave_scores)
        self.symptom.onward.connect(self.pulse.enter)
        self.pulse.line.onward.connect(self.formula.enter)
        self.formula.line.onward.connect(self._leave_formula)
        self.save.clicked.connect(self._save)
        self.save_and_print.clicked.connect(self._save_and_print)
        self.cancel.clicked.connect(self.close_wanted)
        self.card.close_wanted.connect(self.close_wanted)
        self.card.print_wanted.connect(self.print_wanted)
        self.photos.refused.connect(self.trouble)
        keys = {
            "Ctrl+S": self._save,
            "Ctrl+Return": self._save,
            "Ctrl+Shift+Return": self._save_and_print,
            "F6": self.next_section,
            "Shift+F6": self.previous_section,
            "Esc": self.close_wanted.emit,
        }
        for key, slot in keys.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._reveal)

    # -- what is shown

    def show_new(self, case: Case, draft: Draft | None = None) -> None:
        """A new visit, copied forward; draft: what was typed before."""
        self._show(case, copied_forward(case, self._today()) if draft is None else draft.form, draft)

    def show_visit(self, case: Case, number: int, draft: Draft | None = None) -> None:
        """A visit to be corrected. Raises KnownError where there is none of this number."""
        self._show(case, corrected(case, number) if draft is None else draft.form, draft)

    def follow(self, case: Case) -> None:
        """The patient's record changed while one types: what was typed stays."""
        self.case = case
        if self.formula.follow(case):
            self.state.setText(self.tr("The prescription before was changed meanwhile: look over the formula."))
        self.retranslate()

    def clear(self) -> None:
        """Nothing of a record stays in any field."""
        self._timer.stop()
        self.case, self.touched = None, False
        self.card.clear()
        self._show(None, VisitForm(), None)

    def show_saved(self, number: int) -> None:
        """The visit is in the record; what the forecast makes of it comes a moment later."""
        self._timer.stop()
        self.touched = False
        self.card.show_visit(number)
        self._stack.setCurrentWidget(self.card)
        self.card.enter()

    @property
    def entering(self) -> bool:
        return self.case is not None and self._stack.currentWidget() is not self.card

    @property
    def number(self) -> int:
        """Of the visit that is corrected, 0 for a new one."""
        return self._form.number

    def form(self) -> VisitForm:
        """What stands in the fields."""
        date = self.date.date()
        return replace(
            self._form,
            date=dt.date(date.year(), date.month(), date.day()) if self._form.date is not None else None,
            days_after=None if self._form.date is not None or self._form.days_after is None else self.days.value(),
            findings=self.scores.findings(),
            tongue=self.tongue.signs(),
            pulses=self.pulse.pulses(),
            disease=self.disease.text().strip(),
            syndrome=self.syndrome.text().strip(),
            formula=self.formula.text().strip(),
            further=self.formula.further.isChecked(),
            note=self.note.toPlainText().strip(),
            outcome=OUTCOMES[self.outcome.currentIndex()] if self.outcome.currentIndex() >= 0 else self._form.outcome,
            reasons=self.formula.reasons(),
        )

    def enter(self) -> None:
        """The keyboard goes to the first field there is."""
        if self.scores.rows:
            self.scores.enter()
        else:
            self.symptom.setFocus(Qt.FocusReason.OtherFocusReason)

    def check(self) -> bool:
        """Whether it can be saved; what keeps it from that is told where it is, and gone to."""
        if self.case is None:
            return False
        faults = faults_of(self.form(), self.case, self._today())
        if self.photos.pending:
            faults.insert(0, Fault("photos", KnownError("A picture is still being read; save again in a moment.")))
        self._show_faults(faults)
        if faults:
            self._go_to(faults[0].where)
        elif not (self.touched or self.number or self._sure):
            self._sure = True
            self.fault.setText(self.tr("Nothing was changed against the last visit. Save again if that is so."))
            self.fault.show()
            return False
        return not faults

    def tell_kept(self) -> None:
        """What was typed is safe."""
        self.tell_state("kept")

    def tell_state(self, state: str) -> None:
        """Of the draft: "kept", one of "before", of a record that "changed" since, or does "meanwhile"; "" none."""
        self._state = state
        words = {
            "": "",
            "kept": self.tr("Kept as a draft"),
            "before": self.tr("Your draft of before"),
            "changed": self.tr("The record has changed since this draft: look over date and formula."),
            "meanwhile": self.tr("Somebody changed this visit meanwhile. Saving again puts yours over it."),
        }
        self.state.setText(words[state])

    def set_busy(self, busy: bool) -> None:
        self._busy = busy
        for button in (self.save, self.save_and_print):
            button.setEnabled(not busy)

    def retranslate(self) -> None:
        words = {
            "scores": self.tr("Symptoms"),
            "pulse": self.tr("Pulse"),
            "tongue": self.tr("Tongue"),
            "syndrome": self.tr("Disease and syndrome"),
            "formula": self.tr("Formula"),
            "note": self.tr("Note and outcome"),
        }
        for name, label in self._titles.items():
            label.setText(words[name])
        lines = {
            self.symptom: self.tr("Add a symptom: pinyin initials, such as xt"),
            self.sign: self.tr("Further sign of the tongue"),
            self.disease: self.tr("Disease"),
            self.syndrome: self.tr("Syndrome"),
            self.note: self.tr("Note of this visit"),
        }
        for line, text in lines.items():
            line.setPlaceholderText(text)
            line.setAccessibleName(text)
        self.date.setAccessibleName(self.tr("Date of the visit"))
        self.date.setLocale(locale())
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.days.setAccessibleName(self.tr("Days since the visit before"))
        self.days.setSuffix(self.tr(" days later"))
        self.outcome.setAccessibleName(self.tr("Outcome"))
        for index, outcome in enumerate(OUTCOMES):
            self.outcome.setItemText(index, effect_word(outcome) if outcome else self.tr("No outcome yet"))
        self.save.setText(self.tr("Save"))
        self.save_and_print.setText(self.tr("Save and print"))
        self.cancel.setText(self.tr("Close"))
        self.tell_state(self._state)
        self._name()

    def _name(self) -> None:
        if self._form.number:
            self.title.setText(self.tr("Visit {number}").format(number=self._form.number))
            self.origin.setText(self.tr("correct"))
            return
        visits = self.case.visits if self.case is not None else ()
        number = max((visit.number for visit in visits), default=0) + 1
        self.title.setText(self.tr("Visit {number}").format(number=number))
        self.origin.setText(self.tr("copied from the last visit") if visits else self.tr("first visit"))

    def _show(self, case: Case | None, form: VisitForm, draft: Draft | None) -> None:
        self._busy = True
        self.case, self._form = case, form
        self._stack.setCurrentIndex(0)
        self.date.setVisible(form.date is not None)
        self.days.setVisible(form.date is None and form.days_after is not None)
        if form.date is not None:
            self.date.setDate(QDate(form.date.year, form.date.month, form.date.day))
        self.days.setValue(form.days_after or 0.0)
        self.scores.show_findings(form.findings)
        self.symptom.clear()
        self.pulse.show_pulses(form.pulses)
        self.tongue.show_signs(form.tongue)
        self.sign.clear()
        self.photos.show_photos(() if draft is None else draft.photos)
        self.disease.setText(form.disease)
        self.syndrome.setText(form.syndrome)
        if case is not None:
            self.formula.show_formula(form, case)
        else:
            self.formula.clear()
        self.note.setPlainText(form.note)
        self.outcome.setCurrentIndex(OUTCOMES.index(form.outcome) if form.outcome in OUTCOMES else -1)
        self._show_faults([])
        self._state = "before" if draft is not None else ""
        self.card.clear()
        self.touched, self._sure = draft is not None, False
        self._order_tabs()
        self.scroller.verticalScrollBar().setValue(0)
        self.retranslate()
        self.set_busy(False)
        self._timer.stop()

    def _order_tabs(self) -> None:
        """Tab goes down the form, whatever row was made last."""
        chain = [
            self.date,
            self.days,
            *self.scores.rows,
            self.symptom,
            self.pulse.line,
            self.pulse.map,
            *self.tongue.tiles(),
            self.sign,
            self.photos,
            self.disease,
            self.syndrome,
            *self.formula.fields(),
            self.note,
            self.outcome,
            self.save,
            self.save_and_print,
            self.cancel,
        ]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    # -- while one types

    def _touch(self, *_: object) -> None:
        if self._busy or self.case is None:
            return
        self.touched = True
        QTimer.singleShot(0, self, self._reveal_focus)  # what was typed can have made lines below it
        self._order_tabs()
        self.fault.hide()
        self._timer.start()

    def _tell_kept(self) -> None:
        if self.case is not None:
            self.kept.emit()

    def _add_symptom(self, found: Found) -> None:
        self.scores.add(found.code)

    def _add_sign(self, found: Found) -> None:
        self.tongue.add(found.code)

    def _leave_scores(self, by: int) -> None:
        (self.symptom if by > 0 else self.cancel).setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave_formula(self) -> None:
        reasons = self.formula.unanswered()
        if reasons:
            self.formula.enter_reason(reasons[0])
        else:
            self.save.setFocus(Qt.FocusReason.OtherFocusReason)

    def _save(self) -> None:
        if self.entering and not self._busy and self.check():
            self.save_wanted.emit(False)

    def _save_and_print(self) -> None:
        if self.entering and not self._busy and self.check():
            self.save_wanted.emit(True)

    def _sections(self) -> list[tuple[QWidget, Callable[[], None]]]:
        def enter(widget: QWidget) -> Callable[[], None]:
            return widget.setFocus

        return [
            (self.scores, self.enter),
            (self.symptom, enter(self.symptom)),
            (self.pulse, self.pulse.enter),
            (self.tongue, self.tongue.enter),
            (self.syndrome, enter(self.syndrome)),
            (self.formula, self.formula.enter),
            (self.note, enter(self.note)),
            (self.save, enter(self.save)),
        ]

    def next_section(self) -> None:
        self._go_section(1)

    def previous_section(self) -> None:
        self._go_section(-1)

    def _go_section(self, by: int) -> None:
        sections = self._sections()
        focus = self.focusWidget()
        at = next(
            (
                i
                for i, (one, _) in enumerate(sections)
                if focus is not None and (focus is one or one.isAncestorOf(focus))
            ),
            -1,
        )
        sections[min(max(at + by, 0), len(sections) - 1)][1]()

    def _reveal(self, _: QWidget | None, now: QWidget | None) -> None:
        """Wherever the keyboard goes, by whichever key: it is in sight, with what belongs to it where there is room."""
        if now is not None and self._body.isAncestorOf(now):
            section = next((one for one, _ in self._sections() if one.isAncestorOf(now)), now)
            for widget in (section, now):  # whole: Qt's own way would show where the cursor is
                top = widget.mapTo(self._body, QPoint(0, 0)).y()
                self.scroller.ensureVisible(0, top + widget.height(), 0, MARGIN)
                self.scroller.ensureVisible(0, top, 0, MARGIN)

    def _reveal_focus(self) -> None:
        self._reveal(None, QApplication.focusWidget())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()  # what no field wanted is not a command of the window beneath

    def _tell_refused(self, error: KnownError) -> None:
        self.fault.setText(explain(error))
        self.fault.show()

    def _show_faults(self, faults: list[Fault]) -> None:
        self.fault.setText(explain(faults[0].error) if faults else "")
        self.fault.setVisible(bool(faults))

    def _go_to(self, where: str) -> None:
        kind, _, which = where.partition(".")
        goals: dict[str, Callable[[], Any]] = {
            "date": self.date.setFocus if self._form.date is not None else self.days.setFocus,
            "pulse": self.pulse.enter,
            "formula": self.formula.enter,
        }
        if kind == "reasons":
            self.formula.enter_reason(which)
        else:
            goals.get(kind, self.enter)()
