"""Who is on screen: name, sex and age, diagnosis, visit, days, effect; and the things one does from here."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.domain.records import Case
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.summary import summarise
from app.ui.translation import Speaking, number_text
from app.ui.words import effect_word, person

HEIGHT = 52
LEAST, NARROW = 340, 520  # pixels: the narrowest header, and one without room for every button
NAME, FIGURE = 150, 36  # a longer name, and the word after the figure, may be shortened
STEPS = ("compare", "other", "import", "train", "report", "figure", "visit")
# what gives its place to others unless it is the next step: on most pages, and on the page of the state
ASIDE = {False: ("import", "train", "other", "figure"), True: ("import", "train", "compare", "report")}


class CaseHeader(Speaking, QWidget):
    """The likely next step is the one filled button."""

    visit_wanted = Signal()
    compare_wanted = Signal()
    other_wanted = Signal()  # another patient beside this one
    figure_wanted = Signal()
    import_wanted = Signal()
    training_wanted = Signal()
    report_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.follow(self, "setFixedHeight", HEIGHT)
        self._case: Case | None = None
        self._folded: set[str] = set()
        self._about_state = False
        self.name = SafeLabel(size=theme.TITLE, bold=True, elide=True)
        self.about = SafeLabel(tone="muted", elide=True)
        self.effect = SafeLabel(bold=True, elide=True)
        self.buttons = {step: QPushButton() for step in STEPS}
        self.buttons["visit"].setObjectName("new_visit")  # the tour stops there
        self.buttons["visit"].clicked.connect(self.visit_wanted)
        self.buttons["compare"].clicked.connect(self.compare_wanted)
        self.buttons["other"].clicked.connect(self.other_wanted)
        self.buttons["figure"].clicked.connect(self.figure_wanted)
        self.buttons["import"].clicked.connect(self.import_wanted)
        self.buttons["train"].clicked.connect(self.training_wanted)
        self.buttons["report"].clicked.connect(self.report_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.WIDE_GAP, 0, theme.WIDE_GAP, 0)
        row.setSpacing(12)
        row.addWidget(self.name)
        row.addWidget(self.about)
        row.addWidget(self.effect)
        row.addStretch(1)
        for step in STEPS:
            row.addWidget(self.buttons[step])
        theme.notifier.changed.connect(self._share_width)
        self.set_next("import")
        self.retranslate()

    def show_case(self, case: Case | None) -> None:
        self._case = case
        for step in ("compare", "other", "report", "figure", "visit"):
            self.buttons[step].setEnabled(case is not None)
        self._fill()

    def set_next(self, step: str) -> None:
        """Fill the button of one of STEPS; the others are outlined."""
        self._next = step
        self.offer()
        for name, button in self.buttons.items():
            button.setProperty("filled", name == step)
            button.style().unpolish(button)
            button.style().polish(button)

    def _share_width(self, *_: object) -> None:
        """In a narrow window the name stays, and the figure; what lies between is shortened."""
        self.name.setMinimumWidth(min(self.name.sizeHint().width(), theme.px(NAME)))
        self.effect.setMinimumWidth(min(self.effect.sizeHint().width(), theme.px(FIGURE)))
        self._fold()

    def show_for(self, about_state: bool) -> None:
        """about_state: the page in view shows the network's state; whoever tells so then asks for ``offer``."""
        self._about_state = about_state

    def offer(self) -> None:
        """Import and training give their place to what is done every day; the state has its figure and its likes."""
        for step in ASIDE[self._about_state]:
            if step != self._next:
                self.buttons[step].hide()
        self._folded.clear()
        self._fold()

    def minimumSizeHint(self) -> QSize:
        """Buttons that are not the next step go before the window would be kept from becoming narrower."""
        return QSize(theme.px(LEAST), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fold()
        super().resizeEvent(event)

    def _fold(self) -> None:
        """What is put away in a narrow window stands in the menus all the same."""
        narrow = self.width() < theme.px(NARROW)
        if not narrow:
            folded, self._folded = self._folded, set()  # showing one may widen the header, which asks again
            for step in folded:
                self.buttons[step].show()
            return
        for step, button in self.buttons.items():
            if step != self._next and not button.isHidden():
                self._folded.add(step)
                button.hide()

    def retranslate(self) -> None:
        self.buttons["visit"].setText(self.tr("New visit"))
        self.buttons["compare"].setText(self.tr("Compare"))
        self.buttons["other"].setText(self.tr("Compare with another patient"))
        self.buttons["figure"].setText(self.tr("Export figure"))
        self.buttons["import"].setText(self.tr("Import"))
        self.buttons["train"].setText(self.tr("Train"))
        self.buttons["report"].setText(self.tr("Report"))
        self._fill()

    def _fill(self) -> None:
        if self._case is None:
            self.name.setText(self.tr("Mailiu"))
            self.about.setText("")
            self.effect.setText("")
            self._share_width()
            return
        case, summary = self._case, summarise(self._case)
        who = person(case.patient.sex, case.patient.age)
        if case.patient.age is not None:
            who = self.tr("{who} years").format(who=who)
        parts = [who, summary.diagnosis, self.tr("visit {number}").format(number=summary.visits)]
        if summary.days is not None:
            parts.append(self.tr("%n day(s)", "", round(summary.days)))
        elif summary.visits > 1:
            parts.append(self.tr("order of visits only"))
        self.name.setText(" ".join((case.patient.name or case.patient.code).split()))
        self.about.setText(" · ".join(part for part in parts if part))
        if summary.effect is None:
            self.effect.setText("")
        else:
            word = effect_word(summary.effect_class)
            self.effect.setText(f"{number_text(100 * summary.effect, 0)}% {word}")
            self.effect.set_tone("red" if summary.effect < 0 else "green")
        self.effect.setVisible(bool(self.effect.text()))
        self._share_width()
