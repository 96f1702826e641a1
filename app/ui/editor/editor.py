"""The side panel in which a visit is entered: kept while one types, saved as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from app.domain.errors import KnownError
from app.domain.records import Case
from app.domain.visit_form import VisitForm, copied_forward, corrected
from app.domain.visit_making import Fault, faults_of
from app.i18n import explain
from app.ui import theme
from app.ui.editor import WIDTH
from app.ui.editor.draft import Draft
from app.ui.editor.form_body import FormBody
from app.ui.editor.going import GoingAbout
from app.ui.editor.saved import SavedCard
from app.ui.editor.visit_head import VisitHead
from app.ui.labels import SafeLabel, SafeText
from app.ui.translation import Speaking
from app.version_words import Difference

DIFFERENCES = 112  # pixels; more of them are scrolled to
KEEP_MS = 800  # after the last key until what was typed is kept


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
        self.head, self.body = VisitHead(), FormBody()
        self._name_fields()
        self.scroller = QScrollArea()
        self.scroller.setWidgetResizable(True)
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroller.setWidget(self.body)
        self.fault = SafeLabel(tone="red", size=theme.SMALL, wrap=True)
        self.state = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self.save, self.save_and_print, self.cancel = QPushButton(), QPushButton(), QPushButton()
        self.save.setProperty("filled", True)
        for button in (self.save, self.save_and_print, self.cancel):
            button.setAutoDefault(True)  # Enter leads down the form to them, and gives them, too
        self.card = SavedCard()
        entry = QWidget()
        whole = QVBoxLayout(entry)
        whole.setContentsMargins(0, 12, 0, 12)
        whole.setSpacing(8)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 0, 16, 0)
        for button in (self.save, self.save_and_print, self.cancel):
            foot.addWidget(button)
        foot.addStretch(1)
        told = QVBoxLayout()
        told.setContentsMargins(16, 0, 16, 0)
        told.addWidget(self.fault)
        self.differences = SafeText()
        theme.follow(self.differences, "setFixedHeight", DIFFERENCES)
        self.differences.setTabChangesFocus(True)
        self.differences.hide()
        told.addWidget(self.state)
        told.addWidget(self.differences)
        whole.addWidget(self.head)
        whole.addWidget(self.scroller, 1)
        whole.addLayout(told)
        whole.addLayout(foot)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(entry)
        self._stack.addWidget(self.card)
        below: list[QWidget] = [self.save, self.save_and_print, self.cancel]
        self.going = GoingAbout(self.body, self.scroller, [self.date, self.days], below, self)
        self.setTabOrder(self.cancel, self.differences)

    def _name_fields(self) -> None:
        """The fields, by name, are the editor's: who asks for the pulse need not know which widget lays it out."""
        head, body = self.head, self.body
        self.title, self.origin, self.date, self.days = head.title, head.origin, head.date, head.days
        self.scores, self.symptom, self.pulse = body.scores, body.symptom, body.pulse
        self.tongue, self.sign, self.photos = body.tongue, body.sign, body.photos
        self.disease, self.syndrome, self.formula = body.disease, body.syndrome, body.formula
        self.labs, self.note, self.outcome = body.labs, body.note, body.outcome

    def _wire(self) -> None:
        self.head.changed.connect(self._touch)
        self.body.changed.connect(self._touch)
        self.scores.refused.connect(self._tell_refused)
        self.labs.refused.connect(self._tell_refused)
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
            "F6": self.going.next_section,
            "Shift+F6": self.going.previous_section,
            "Esc": self.close_wanted.emit,
        }
        for key, slot in keys.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

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
        self.head.follow(case)

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
        date, days_after = self.head.when()
        return replace(self.body.form(), date=date, days_after=days_after)

    def enter(self) -> None:
        """The keyboard goes to the first field there is."""
        self.body.enter()

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
        if state in ("", "before", "changed"):
            self.show_differences([])

    def show_differences(self, found: Sequence[Difference]) -> None:
        """How the record's version of this visit differs from what stands in the fields; [] puts the list away."""
        line = self.tr("{field}: theirs {theirs} / yours {ours}")
        told = [line.format(field=one.name, theirs=one.theirs, ours=one.ours) for one in found]
        self.differences.setPlainText("\n".join(told))
        self.differences.setVisible(bool(told))

    def set_busy(self, busy: bool) -> None:
        self._busy = busy
        for button in (self.save, self.save_and_print):
            button.setEnabled(not busy)

    def retranslate(self) -> None:
        self.save.setText(self.tr("Save"))
        self.save_and_print.setText(self.tr("Save and print"))
        self.cancel.setText(self.tr("Close"))
        self.differences.setAccessibleName(self.tr("What differs between their version and yours"))
        self.tell_state(self._state)

    def _show(self, case: Case | None, form: VisitForm, draft: Draft | None) -> None:
        self._busy = True
        self.case, self._form = case, form
        self._stack.setCurrentIndex(0)
        self.head.show_form(form, case)
        self.body.show_form(form, case, () if draft is None else draft.photos)
        self._show_faults([])
        self._state = "before" if draft is not None else ""
        self.show_differences([])
        self.card.clear()
        self.touched, self._sure = draft is not None, False
        self.going.order_tabs()
        self.scroller.verticalScrollBar().setValue(0)
        self.retranslate()
        self.set_busy(False)
        self._timer.stop()

    # -- while one types

    def _touch(self, *_: object) -> None:
        if self._busy or self.case is None:
            return
        self.touched = True
        QTimer.singleShot(0, self, self.going.reveal_focus)  # what was typed can have made lines below it
        self.going.order_tabs()
        self.fault.hide()
        self._timer.start()

    def _tell_kept(self) -> None:
        if self.case is not None:
            self.kept.emit()

    def _save(self) -> None:
        if self.entering and not self._busy and self.check():
            self.save_wanted.emit(False)

    def _save_and_print(self) -> None:
        if self.entering and not self._busy and self.check():
            self.save_wanted.emit(True)

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
            "date": self.head.enter,
            "pulse": self.pulse.enter,
            "formula": self.formula.enter,
        }
        if kind == "labs":
            self.labs.enter_row(int(which))
        elif kind == "reasons":
            self.formula.enter_reason(which)
        else:
            goals.get(kind, self.enter)()
