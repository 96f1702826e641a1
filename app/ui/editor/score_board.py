"""Symptoms with their steps: a number key gives the score and goes on to the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.domain.errors import KnownError
from app.domain.records import ValueKind
from app.domain.scores import scale_of
from app.domain.visit_form import Finding, steps_of
from app.ui import theme
from app.ui.plots.ink import Ink
from app.ui.translation import Speaking, number_text
from app.wording import concept_label

_PAD = 10
_WIDE, _NARROW = 26.0, 19.0  # a step's cell; the narrow one where there are many


class ScoreRow(Speaking, QWidget):
    """One symptom. A copied value is outlined until somebody has touched it, a given one is filled."""

    changed = Signal()
    onward = Signal(int)  # to the row so many below
    refused = Signal(object)  # KnownError: no step of the scale

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self._steps = steps_of(finding)
        self._typed = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.notifier.changed.connect(self._repaint)
        self.retranslate()

    def sizeHint(self) -> QSize:
        return QSize(240, self._ink().metrics(self._ink().base).height().__ceil__() + 12)

    def retranslate(self) -> None:
        value = self.tr("not asked") if self.finding.value is None else number_text(self.finding.value, 0)
        copied = self.tr("copied") if self.finding.copied and self.finding.value is not None else ""
        self.setAccessibleName(" ".join(word for word in (concept_label(self.finding.concept), value, copied) if word))
        steps = " ".join(_step_text(step) for step in self._steps)
        self.setAccessibleDescription(self.tr("Number keys: {steps}; Delete: not asked").format(steps=steps))
        self.update()

    def choose(self, value: float | None) -> None:
        """The value a person gives; None: nobody asked."""
        self.finding = replace(self.finding, value=value, copied=False)
        self.retranslate()
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, text = event.key(), event.text()
        if text.isascii() and text.isdecimal() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._type(text)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Minus):
            self.choose(None)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(1 if key == Qt.Key.Key_Right else -1)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.onward.emit(1)
        elif key == Qt.Key.Key_Up:
            self.onward.emit(-1)
        else:
            super().keyPressEvent(event)

    def _type(self, digit: str) -> None:
        """A number that can still grow into another step (1 of 10) waits for its second digit."""
        typed = self._typed + digit if int(self._typed + digit) in self._steps else digit
        self._typed = ""
        if int(typed) not in self._steps:
            steps = ", ".join(_step_text(step) for step in self._steps)
            template = "{value} is not a score of this scale; possible are {steps}."
            self.refused.emit(KnownError(template, value=typed, steps=steps))
            return
        self.choose(float(typed))
        if any(_step_text(step) != typed and _step_text(step).startswith(typed) for step in self._steps):
            self._typed = typed
        else:
            self.onward.emit(1)

    def _step(self, by: int) -> None:
        if self.finding.value not in self._steps:
            self.choose(float(self._steps[0 if by > 0 else -1]))
            return
        place = self._steps.index(self.finding.value) + by
        self.choose(float(self._steps[min(max(place, 0), len(self._steps) - 1)]))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for step, cell in self._cells():
            if cell.contains(event.position()):
                self.choose(None if step == self.finding.value and not self.finding.copied else float(step))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._typed = ""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _cells(self) -> list[tuple[float, QRectF]]:
        width = _WIDE if len(self._steps) <= 7 else _NARROW
        left, height = self.width() - width * len(self._steps) - 4, self.height() - 8.0
        return [(step, QRectF(left + i * width, 4, width - 2, height)) for i, step in enumerate(self._steps)]

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = self._ink()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(ink.colour("accent"), 2))
            painter.setBrush(ink.colour("selection"))
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.CONTROL_RADIUS, theme.CONTROL_RADIUS
            )
        cells = self._cells()
        name = concept_label(self.finding.concept)
        room = QRectF(_PAD - 2, 0, cells[0][1].left() - _PAD - 4, self.height())
        ink.text(painter, room, name, ink.colour("text"), font=ink.base)
        after = room.left() + ink.width(name, ink.base) + 6
        if after + ink.width(self._scale(), ink.small) <= room.right():
            ink.text(painter, QRectF(after, 0, room.right() - after, self.height()), self._scale(), ink.colour("muted"))
        for step, cell in cells:
            self._paint_step(painter, ink, step, cell)
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), ink.colour("grid"))

    def _paint_step(self, painter: QPainter, ink: Ink, step: float, cell: QRectF) -> None:
        chosen = self.finding.value == step
        if chosen and self.finding.copied:
            ink.box(painter, cell, ink.colour("surface"), ink.colour("accent"), 4)
        elif chosen:
            ink.box(painter, cell, ink.colour("accent"), None, 4)
        tone = "on_accent" if chosen and not self.finding.copied else ("accent" if chosen else "text")
        word = self._word(step)
        ink.text(painter, cell, word, ink.colour(tone), font=ink.base, align=Qt.AlignmentFlag.AlignCenter, elide=False)

    def _word(self, step: float) -> str:
        if self.finding.kind is ValueKind.SCORE:
            return _step_text(step)
        return self.tr("no") if step == 0 else self.tr("yes")

    def _scale(self) -> str:
        if self.finding.kind is not ValueKind.SCORE or not self.finding.concept.startswith("sym."):
            return ""
        return self.tr("main") if scale_of(self.finding.concept) == "main" else self.tr("secondary")

    def _ink(self) -> Ink:
        return Ink(theme.current())

    def _repaint(self, *_: object) -> None:
        self.updateGeometry()
        self.update()


class ScoreBoard(QWidget):
    """The rows one below the other. left: the keyboard goes on below the last row, or above the first."""

    changed = Signal()
    left = Signal(int)
    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ScoreRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        for finding in findings:
            self._add(finding)

    def findings(self) -> tuple[Finding, ...]:
        return tuple(row.finding for row in self.rows)

    def add(self, concept: str) -> None:
        """A further symptom, and the keyboard goes to it; one that has a row is gone to."""
        row = next((row for row in self.rows if row.finding.concept == concept), None)
        if row is None:
            row = self._add(Finding(concept, None))
            self.changed.emit()
        row.setFocus(Qt.FocusReason.OtherFocusReason)

    def enter(self) -> None:
        """The keyboard goes to the first row."""
        if self.rows:
            self.rows[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, finding: Finding) -> ScoreRow:
        row = ScoreRow(finding)
        row.changed.connect(self.changed)
        row.onward.connect(self._go)
        row.refused.connect(self.refused)
        self.rows.append(row)
        self._column.addWidget(row)
        row.show()  # at once: the keyboard may go there before the layout is done
        return row

    def _go(self, by: int) -> None:
        row = self.sender()
        place = next((i for i, one in enumerate(self.rows) if one is row), 0) + by
        if 0 <= place < len(self.rows):
            self.rows[place].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.left.emit(by)


def _step_text(step: float) -> str:
    return f"{step:g}"
