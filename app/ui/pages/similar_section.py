"""Past courses like this one: number, diagnosis, how it went and in how many days; a click goes there."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.domain import scores
from app.domain.records import Case
from app.ui import theme
from app.ui.insight import Alike
from app.ui.labels import SafeLabel
from app.ui.summary import summarise
from app.ui.translation import Speaking, number_text
from app.ui.words import effect_word

ROWS, ROW_HEIGHT = 5, 30


class SimilarRow(QPushButton):
    """One course; the labels let the mouse through to the button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("flat", True)
        theme.follow(self, "setFixedHeight", ROW_HEIGHT)
        self.code = ""
        self.who = SafeLabel(size=theme.SMALL, elide=True)
        self.how = SafeLabel(size=theme.SMALL, tone="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 2, 0)
        row.addWidget(self.who, 1)
        row.addWidget(self.how)
        for label in (self.who, self.how):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_course(self, code: str, who: str, how: str, tone: str) -> None:
        self.code = code
        self.who.setText(who)
        self.how.setText(how)
        self.how.set_tone(tone)
        self.setAccessibleName(f"{who} {how}".strip())


class SimilarSection(Speaking, QWidget):
    """Keeps its height whether the courses are there or not."""

    wanted = Signal(str)  # number of the patient to go to

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._alike: Alike | None = None
        self._cases: Mapping[str, Case] = {}
        self._reason = ""
        self.title = SafeLabel(bold=True)
        self.caption = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self.rows = [SimilarRow() for _ in range(ROWS)]
        box = QWidget()
        theme.follow(box, "setFixedHeight", ROWS * ROW_HEIGHT)
        lines = QVBoxLayout(box)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        for row in self.rows:
            row.clicked.connect(self._go)
            lines.addWidget(row)
        lines.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        for widget in (self.title, self.caption, box):
            column.addWidget(widget)
        self.retranslate()

    def wait(self) -> None:
        self._set(None, {}, "")

    def fail(self, reason: str) -> None:
        self._set(None, {}, reason)

    def show_similar(self, alike: Alike, cases: Mapping[str, Case]) -> None:
        """cases: by number; a neighbour without one is not shown."""
        self._set(alike, cases, "")

    def retranslate(self) -> None:
        self.title.setText(self.tr("Similar courses"))
        self._fill()

    def _set(self, alike: Alike | None, cases: Mapping[str, Case], reason: str) -> None:
        self._alike, self._cases, self._reason = alike, cases, reason
        self._fill()

    def _fill(self) -> None:
        shown = [one for one in self._alike.neighbours if one.patient in self._cases] if self._alike else []
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(shown))
            if place < len(shown):
                row.show_course(*self._words(self._cases[shown[place].patient]))
            else:
                row.show_course("", "", "", "muted")
        if self._alike is None:
            self.caption.setText(self._reason or self.tr("Being compared…"))
        elif not shown:
            self.caption.setText(self.tr("There is no other course to compare with yet."))
        else:
            self.caption.setText(self.tr("nearest in the network's state, of %n course(s)", "", self._alike.compared))

    def _words(self, case: Case) -> tuple[str, str, str, str]:
        """Number; number and diagnosis; outcome and days; its tone."""
        summary = summarise(case)
        who = " · ".join(part for part in (case.patient.code, summary.diagnosis) if part)
        outcome = next((v.outcome for v in reversed(case.visits) if v.outcome), summary.effect_class)
        parts = [effect_word(outcome)] if outcome else []
        if summary.days is not None:
            parts.append(self.tr("{days} days").format(days=number_text(summary.days, 0)))
        return case.patient.code, " ".join(who.split()), " ".join(parts), _tone(summary.effect, outcome)

    def _go(self) -> None:
        row = self.sender()
        if isinstance(row, SimilarRow) and row.code:
            self.wanted.emit(row.code)


def _tone(effect: float | None, outcome: str) -> str:
    """Worse, or better to a degree that counts; else neither."""
    if effect is not None and effect < 0:
        return "red"
    return "green" if outcome in (scores.CURED, scores.MARKED, scores.EFFECTIVE) else "muted"
