"""The fields of a visit: sections one below the other, filled from a form and read back into one."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.domain.labs import last_values
from app.domain.lookup import Found
from app.domain.photos import NewPhoto
from app.domain.records import Case
from app.domain.scores import CURED, EFFECTIVE, INEFFECTIVE, MARKED
from app.domain.visit_form import VisitForm, visits_before
from app.ui.editor.formula_field import FormulaField
from app.ui.editor.lab_board import LabBoard
from app.ui.editor.photo_strip import PhotoStrip
from app.ui.editor.pulse_board import PulseBoard
from app.ui.editor.score_board import ScoreBoard
from app.ui.editor.section_title import SectionTitle
from app.ui.editor.term_line import TermLine
from app.ui.editor.tongue_tiles import Tile, TongueTiles
from app.ui.translation import Speaking
from app.ui.words import effect_word

SECTIONS = ("scores", "pulse", "tongue", "labs", "syndrome", "formula", "note")
OUTCOMES = ("", CURED, MARKED, EFFECTIVE, INEFFECTIVE)


class FormBody(Speaking, QWidget):
    """changed: somebody touched a field, or a field was filled."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._form = VisitForm()
        self.scores, self.symptom = ScoreBoard(), TermLine("symptom", clears=True)
        self.pulse, self.tongue, self.sign = PulseBoard(), TongueTiles(), TermLine("tongue", clears=True)
        self.photos = PhotoStrip()
        self.labs = LabBoard()
        self.disease, self.syndrome = TermLine("disease"), TermLine("syndrome")
        self.formula, self.note, self.outcome = FormulaField(), QPlainTextEdit(), QComboBox()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(64)
        for _ in OUTCOMES:
            self.outcome.addItem("")
        self._titles = {name: SectionTitle() for name in SECTIONS}
        self._copied: set[str] = set()  # see ``VisitForm.copied``
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 0, 16, 12)
        column.setSpacing(6)
        blocks: dict[str, tuple[QWidget, ...]] = {
            "scores": (self.scores, self.symptom),
            "pulse": (self.pulse,),
            "tongue": (self.tongue, self.sign, self.photos),
            "labs": (self.labs,),
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
        self._wire()
        self.retranslate()

    def _wire(self) -> None:
        for signal in (
            self.scores.changed,
            self.pulse.changed,
            self.tongue.changed,
            self.photos.changed,
            self.labs.changed,
            self.formula.changed,
            self.note.textChanged,
            self.disease.textEdited,
            self.syndrome.textEdited,
            self.outcome.activated,
        ):
            signal.connect(self._touch)
        for signal in (
            self.pulse.changed,
            self.tongue.changed,
            self.disease.textEdited,
            self.syndrome.textEdited,
            self.formula.line.textEdited,
        ):
            signal.connect(self._look_at)
        self.symptom.picked.connect(self._add_symptom)
        self.sign.picked.connect(self._add_sign)

    def show_form(self, form: VisitForm, case: Case | None, photos: tuple[NewPhoto, ...] = ()) -> None:
        """Nothing of another form stays in any field. case: None where there is no patient."""
        self._form = form
        self.scores.show_findings(form.findings)
        self.symptom.clear()
        self.pulse.show_pulses(form.pulses)
        self.tongue.show_signs(form.tongue)
        self.sign.clear()
        self.photos.show_photos(photos)
        self.labs.show_labs(form.labs, {} if case is None else last_values(visits_before(case, form.number)))
        self.disease.setText(form.disease)
        self.syndrome.setText(form.syndrome)
        if case is not None:
            self.formula.show_formula(form, case)
        else:
            self.formula.clear()
        self.note.setPlainText(form.note)
        self.outcome.setCurrentIndex(OUTCOMES.index(form.outcome) if form.outcome in OUTCOMES else -1)
        self._copied = set(form.copied)
        self._mark()

    def form(self) -> VisitForm:
        """The form that was shown, with what stands in the fields now."""
        return replace(
            self._form,
            findings=self.scores.findings(),
            tongue=self.tongue.signs(),
            pulses=self.pulse.pulses(),
            labs=self.labs.labs(),
            disease=self.disease.text().strip(),
            syndrome=self.syndrome.text().strip(),
            formula=self.formula.text().strip(),
            further=self.formula.further.isChecked(),
            note=self.note.toPlainText().strip(),
            outcome=OUTCOMES[self.outcome.currentIndex()] if self.outcome.currentIndex() >= 0 else self._form.outcome,
            reasons=self.formula.reasons(),
            copied=tuple(name for name in self._form.copied if name in self._copied),
        )

    def enter(self) -> None:
        """The keyboard goes to the first field there is."""
        if self.scores.rows:
            self.scores.enter()
        else:
            self.symptom.setFocus(Qt.FocusReason.OtherFocusReason)

    def fields(self) -> list[QWidget]:
        """What Tab goes through, from top to bottom."""
        return [
            *self.scores.rows,
            self.symptom,
            self.pulse.line,
            self.pulse.map,
            *self.tongue.tiles(),
            self.sign,
            self.photos,
            *self.labs.fields(),
            self.disease,
            self.syndrome,
            *self.formula.fields(),
            self.note,
            self.outcome,
        ]

    def retranslate(self) -> None:
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
        self.outcome.setAccessibleName(self.tr("Outcome"))
        for index, outcome in enumerate(OUTCOMES):
            self.outcome.setItemText(index, effect_word(outcome) if outcome else self.tr("No outcome yet"))
        self._mark()

    def _mark(self) -> None:
        """Titles, and beside them what is of the visit before; a screen reader says it of the fields."""
        copied = self.tr("copied")
        words = {
            "scores": self.tr("Symptoms"),
            "pulse": self.tr("Pulse"),
            "tongue": self.tr("Tongue"),
            "labs": self.tr("Laboratory and measurements"),
            "syndrome": self.tr("Disease and syndrome"),
            "formula": self.tr("Formula"),
            "note": self.tr("Note and outcome"),
        }
        alone = {"disease": self.tr("disease copied"), "syndrome": self.tr("syndrome copied")}
        marks = dict.fromkeys(self._copied - alone.keys(), copied)
        kept = self._copied & alone.keys()
        if kept:
            marks["syndrome"] = copied if len(kept) == len(alone) else alone[min(kept)]
        for name, title in self._titles.items():
            title.set_words(words[name], marks.get(name, ""))
        fields: dict[str, tuple[QWidget, ...]] = {
            "pulse": (self.pulse.line, self.pulse.map),
            "tongue": (self.tongue, *self.tongue.tiles()),
            "disease": (self.disease,),
            "syndrome": (self.syndrome,),
            "formula": (self.formula.line,),
        }
        shown = set(self.tongue.signs())
        for name, widgets in fields.items():
            for widget in widgets:
                absent = isinstance(widget, Tile) and widget.concept.code not in shown
                widget.setAccessibleDescription(copied if name in self._copied and not absent else "")

    def _look_at(self, *_: object) -> None:
        """It was touched: whatever stands there now is of today."""
        fields = {
            "pulse": self.pulse,
            "tongue": self.tongue,
            "disease": self.disease,
            "syndrome": self.syndrome,
            "formula": self.formula.line,
        }
        touched = self.sender()
        self._copied -= {name for name, field in fields.items() if field is touched}
        self._mark()

    def _touch(self, *_: object) -> None:
        self.changed.emit()

    def _add_symptom(self, found: Found) -> None:
        self.scores.add(found.code)

    def _add_sign(self, found: Found) -> None:
        self.tongue.add(found.code)
