"""The formula as one types it, with the herbs it comes to, what changed, and what to look at before signing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app import i18n
from app.domain.formula_line import Base, Change, FormulaLine, Line, content, read_line
from app.domain.herbs import herbs
from app.domain.records import Case
from app.domain.safety import Caution
from app.domain.visit_form import VisitForm, further_before, read_formula
from app.domain.visit_making import caution_key, cautions_of
from app.ui import theme
from app.ui.editor.term_line import TermLine
from app.ui.labels import SafeLabel
from app.ui.plots.ink import RIGHT, Ink
from app.ui.translation import Speaking, dose_text


class HerbTable(Speaking, QWidget):
    """A line a herb: name, what changed, what is to be looked at, grams a day."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Line, ...] = ()
        self._cautions: tuple[Caution, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.notifier.changed.connect(self._repaint)

    def show_line(self, line: FormulaLine, cautions: tuple[Caution, ...]) -> None:
        self._lines, self._cautions = line.lines, cautions
        self.retranslate()
        self._repaint()

    def sizeHint(self) -> QSize:
        return QSize(240, len(self._lines) * self._height())

    def rows(self) -> list[tuple[str, str, str, bool]]:
        """What is written: herb, remark, dose, whether it warns."""
        return [self._row(line) for line in self._lines]

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Herbs") + ": " + "; ".join(" ".join(row[:3]) for row in self.rows()))
        self.update()

    def _row(self, line: Line) -> tuple[str, str, str, bool]:
        item, herb = line.item, herbs().get(line.item.herb)
        name = herb.en if herb is not None and i18n.language() == "en" else item.raw_name
        dose = f"{dose_text(item.grams)} g" if item.grams is not None else item.raw_dose or "–"
        if item.note or (item.processing and item.processing not in item.raw_name):
            asides = [word for word in (item.processing, item.note) if word and word not in item.raw_name]
            name += f" ({', '.join(asides)})"
        remark = self._change(line)
        grave = line.change is not Change.REMOVED and next((c for c in self._cautions if item.herb in c.herbs), None)
        if grave:
            remark = "  ".join(part for part in (remark, self._short(grave, item.herb)) if part)
        return name, remark, dose, bool(grave and grave.countersign)

    def _change(self, line: Line) -> str:
        if line.change is Change.ADDED:
            return self.tr("added")
        if line.change is Change.REMOVED:
            return self.tr("left out")
        if line.change in (Change.RAISED, Change.LOWERED) and line.before is not None:
            arrow = "↑" if line.change is Change.RAISED else "↓"
            return f"{arrow} {dose_text(line.before)}"
        return self.tr("changed") if line.change is Change.OTHER else ""

    def _short(self, caution: Caution, code: str) -> str:
        others = [herbs()[one] for one in caution.herbs if one != code]
        other = (others[0].en if i18n.language() == "en" else others[0].zh) if others else ""
        words = {
            "incompatible": self.tr("clashes with {herb}"),
            "antagonistic": self.tr("fears {herb}"),
            "pregnancy_forbidden": self.tr("not in pregnancy"),
            "pregnancy_caution": self.tr("with caution in pregnancy"),
            "dose_above": self.tr("dose above the usual"),
            "dose_below": self.tr("dose below the usual"),
            "no_oral_dose": self.tr("no dose by mouth"),
            "toxic": self.tr("poisonous"),
            "repeated": self.tr("stands twice"),
        }
        return words[caution.rule].format(herb=other)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, painter, height = Ink(theme.current()), QPainter(self), self._height()
        for place, (line, row) in enumerate(zip(self._lines, self.rows(), strict=True)):
            name, remark, dose, warns = row
            box = QRectF(0, place * height, self.width(), height - 1)
            gone = line.change is Change.REMOVED
            wide = min(ink.width(name, ink.base), box.width() * 0.5)
            ink.text(
                painter,
                QRectF(0, box.top(), wide + 1, height),
                name,
                ink.colour("muted" if gone else "text"),
                font=ink.base,
            )
            if gone:
                painter.fillRect(QRectF(0, box.center().y(), wide, 1), ink.colour("muted"))
            tone = "red" if warns or gone else ("green" if line.change is not Change.NONE else "gold")
            end = ink.width(dose, ink.base) + 8
            ink.text(
                painter, QRectF(wide + 8, box.top(), box.width() - wide - 8 - end, height), remark, ink.colour(tone)
            )
            ink.text(painter, box, "" if gone else dose, ink.colour("text"), font=ink.base, align=RIGHT)
            painter.fillRect(QRectF(0, box.bottom(), box.width(), 1), ink.colour("grid"))

    def _height(self) -> int:
        ink = Ink(theme.current())
        return round(ink.metrics(ink.base).height()) + 8

    def _repaint(self, *_: object) -> None:
        self.updateGeometry()
        self.update()


class FormulaField(Speaking, QWidget):
    """The line, the table, a word for what is not understood, and a reason for each caution that wants a signature."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._case: Case | None = None
        self._form = VisitForm()
        self._cautions: tuple[Caution, ...] = ()
        self.reading = read_line("")
        self.line = TermLine("formula", "herb", words=True)
        self.base = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self.table = HerbTable()
        self.further = QCheckBox()
        self.remark = SafeLabel(tone="red", size=theme.SMALL, wrap=True)
        self._reasons: dict[str, tuple[SafeLabel, QLineEdit]] = {}
        self._kept: dict[str, str] = {}  # reasons of cautions that may come back while one types
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        for widget in (self.line, self.base, self.table, self.further, self.remark):
            self._column.addWidget(widget)
        self.line.textEdited.connect(self._typed)
        self.further.clicked.connect(self.changed)
        self.further.hide()
        self.retranslate()

    def show_formula(self, form: VisitForm, case: Case) -> None:
        """Nothing of another form stays: a reason signs for the visit it was written for."""
        self.clear()
        self._form, self._case, self._kept = form, case, dict(form.reasons)
        self.line.setText(form.formula)
        further = further_before(case) if not form.number else ()
        names = "、".join(one.formula or "…" for one in further)
        self.further.setText(self.tr("Goes on with: {names}").format(names=names))
        self.further.setChecked(form.further)
        self.further.setVisible(bool(further))
        self._read()

    def clear(self) -> None:
        """No word of a record stays."""
        self._case, self._cautions = None, ()
        self._ask_for_reasons()
        self._kept.clear()
        self.line.clear()
        self.reading = read_line("")
        self.table.show_line(self.reading, ())
        self.further.setText("")
        self.further.hide()
        self._tell()

    def follow(self, case: Case) -> bool:
        """The record changed while one types: the line is read again; True where it comes to something else."""
        before = content(self.reading.prescription)
        self._case = case
        self._read()
        return content(self.reading.prescription) != before

    def offer_reasons(self, reasons: Mapping[str, str]) -> None:
        """Reasons this prescription was signed with before: they stand where nobody has written another."""
        for key, reason in reasons.items():
            self._kept.setdefault(key, reason)
            if key in self._reasons and not self._reasons[key][1].text():
                self._reasons[key][1].setText(reason)

    def text(self) -> str:
        return self.line.text()

    def reasons(self) -> dict[str, str]:
        """By ``caution_key``, of the cautions there are."""
        return {key: line.text().strip() for key, (_, line) in self._reasons.items() if line.text().strip()}

    def fields(self) -> list[QWidget]:
        """What the keyboard goes through."""
        return [self.line, self.further, *(line for _, line in self._reasons.values())]

    def unanswered(self) -> list[str]:
        """Cautions whose reason is still to be given."""
        return [key for key, (_, line) in self._reasons.items() if not line.text().strip()]

    def enter(self) -> None:
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.line.deselect()
        self.line.end(False)

    def enter_reason(self, key: str) -> None:
        if key in self._reasons:
            self._reasons[key][1].setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        self.line.setAccessibleName(self.tr("Formula"))
        self.line.setPlaceholderText(self.tr("Formula and changes, such as 酸枣仁汤 去黄连 加百合12"))
        self.table.retranslate()
        self._tell()

    def _typed(self, _: str = "") -> None:
        self._read()
        self.changed.emit()

    def _read(self) -> None:
        if self._case is None:
            return
        self.reading = read_formula(replace(self._form, formula=self.line.text()), self._case)
        self._cautions = cautions_of(self.reading, self._case)
        self.table.show_line(self.reading, self._cautions)
        self._ask_for_reasons()
        self._tell()

    def _ask_for_reasons(self) -> None:
        wanted = {caution_key(one): one for one in self._cautions if one.countersign}
        for key in [key for key in self._reasons if key not in wanted]:
            label, line = self._reasons.pop(key)
            self._kept[key] = line.text()
            for widget in (label, line):
                self._column.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        for key in wanted:
            if key in self._reasons:
                continue
            label, line = SafeLabel(tone="red", size=theme.SMALL, wrap=True), QLineEdit(self._kept.get(key, ""))
            line.textEdited.connect(self.changed)
            label.setBuddy(line)
            self._reasons[key] = (label, line)
            for widget in (label, line):
                self._column.addWidget(widget)
                widget.show()  # at once: it may be gone to before the layout is done

    def _tell(self) -> None:
        """What the line builds on, and what of it is not understood."""
        words = {
            Base.NONE: "",
            Base.BEFORE: self.tr("Builds on the prescription before"),
            Base.BOOK: self.tr("Builds on the formula of the book"),
            Base.OWN: self.tr("The prescription this visit has"),
        }
        self.base.setText(words[self.reading.base])
        self.base.setVisible(bool(words[self.reading.base]))
        parts = []
        if self.reading.unknown:
            parts.append(self.tr("Not understood: {words}").format(words="、".join(self.reading.unknown)))
        if self.reading.missing:
            parts.append(self.tr("Not in the formula: {words}").format(words="、".join(self.reading.missing)))
        if self.reading.unclear:
            text = self.tr("Could be meant in two ways: {words}; write 黄芪改30")
            parts.append(text.format(words="、".join(self.reading.unclear)))
        if self.reading.idle:
            parts.append(self.tr("Changes nothing: {words}").format(words="、".join(self.reading.idle)))
        if self.reading.undosed:
            names = "、".join(item.raw_name for item in self.reading.undosed)
            parts.append(self.tr("Without a dose: {words}").format(words=names))
        self.remark.setText("\n".join(parts))
        self.remark.setVisible(bool(parts))
        told = {caution_key(one): _words(one) for one in self._cautions}
        for key, (label, line) in self._reasons.items():
            label.setText(told.get(key, ""))
            line.setPlaceholderText(self.tr("Reason; by it you sign a second time"))
            line.setAccessibleName(self.tr("Reason") + ": " + label.text())


def _words(caution: Caution) -> str:
    message = caution.message(i18n.language())
    return i18n.t(message.template, **message.params)
