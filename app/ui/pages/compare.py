"""The comparison page: visits side by side, a course before and after a formula, or this patient beside another."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import comparison_words as words
from app.domain import comparison
from app.domain.comparison import By, Row
from app.domain.records import Case, Visit
from app.ui import theme
from app.ui.flow import FlowLayout
from app.ui.labels import SafeLabel, SafeText
from app.ui.pages.compare_choice import FormulaChoice, OtherChoice, VisitChoice
from app.ui.pages.compare_effect import EffectBlock
from app.ui.pages.compare_found import FoundList, Search
from app.ui.pages.compare_table import CompareTable
from app.ui.pages.empty import EmptyState
from app.ui.plots.two_courses import TwoCoursesPlot
from app.ui.translation import Speaking
from app.ui.words import effect_word

VISITS, FORMULA, OTHER = range(3)
_EMPTY, _LIST, _CONTENT = range(3)


class ComparePage(Speaking, QWidget):
    """other_wanted: the number of the patient to put beside this one; history_wanted: of the chosen row; copied: the
    table as text, for the clipboard."""

    other_wanted = Signal(str)
    history_wanted = Signal()
    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._case: Case | None = None
        self._other: Case | None = None
        self._search: Search | None = None
        self._stale = False
        self._unread = True  # what can be chosen of the case is not in the boxes yet
        self._boxes_of = ""  # whose visits are in them
        self._shown: list[tuple[Case, int]] = []  # whose visit stands in each column, and its number
        self.visits, self.formula, self.patient = VisitChoice(), FormulaChoice(), OtherChoice()
        self.modes = [QPushButton() for _ in (VISITS, FORMULA, OTHER)]
        self.only, self.history, self.copy = QCheckBox(), QPushButton(), QPushButton()
        self.hint = SafeLabel(tone="muted", size=theme.SMALL, elide=True)
        self.effects = [EffectBlock(), EffectBlock()]
        self.plot = TwoCoursesPlot()
        self.herbs = SafeText()
        self.table = CompareTable()
        self.empty = EmptyState("compare", 0)
        self.found = FoundList()
        self._lay_out()
        self._wire()
        self.modes[VISITS].setChecked(True)
        self.retranslate()

    # -- what is shown

    @property
    def mode(self) -> int:
        return next((mode for mode, button in enumerate(self.modes) if button.isChecked()), VISITS)

    @property
    def other_code(self) -> str:
        return self._other.patient.code if self._other is not None else ""

    def show_case(self, case: Case | None) -> None:
        self._case, self._unread = case, True
        self._refresh()

    def show_other(self, case: Case | None) -> None:
        self._other = case
        searching = self.patient.field.hasFocus() or self.found.hasFocus()
        self.patient.field.setText(_name(case) if case is not None else "")
        self._refresh()
        if searching and case is not None:
            self.table.setFocus()

    def show_search(self, search: Search | None) -> None:
        """How patients are looked for; None: nobody may be."""
        self._search = search
        if search is None or self._body.currentIndex() == _LIST:
            self.found.show_search(search, self.patient.field.text())
        elif self.mode == OTHER and self._other is None:
            self._refresh()

    def empty_all(self) -> None:
        """Nothing of a record stays in any widget."""
        self.found.show_search(None, "")
        self._search = None
        self.show_other(None)
        self.show_case(None)

    def choose_mode(self, mode: int) -> None:
        self.modes[mode].setChecked(True)
        self._refresh()
        if mode == OTHER and self._other is None:
            self.patient.field.setFocus()

    def focus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def step(self, by: int, first: bool = False) -> None:
        """Left and Right: the last column's visit (with Shift the first one's), the treatment, or the visit."""
        (self.visits, self.formula, self.patient)[self.mode].step(by, first)

    def as_text(self) -> str:
        """What is shown, a tab between the columns."""
        blocks = [block for block in self.effects if not block.isHidden()]
        lines = [" ".join(part for part in (b.title.text(), b.large.text(), b.basis.text()) if part) for b in blocks]
        if self.mode == OTHER:
            lines.append(self.herbs.toPlainText())
        return "\n".join([self.table.rows.as_text(), *lines])

    def field_chosen(self) -> tuple[Row, list[tuple[Case, int]]] | None:
        """The row that is chosen, and the visits it is of: whose, and which number. None where none is shown."""
        row = self.table.rows.row_at(self.table.currentIndex().row())
        if not self.isVisible() or self._body.currentIndex() != _CONTENT or row is None:
            return None
        return row, list(self._shown)

    def copy_table(self) -> None:
        if self._body.currentIndex() == _CONTENT:
            self.copied.emit(self.as_text())

    def picture(self) -> QPixmap:
        return self._body.grab()

    def retranslate(self) -> None:
        names = (self.tr("Visits"), self.tr("Before and after a formula"), self.tr("Another patient"))
        for button, name in zip(self.modes, names, strict=True):
            button.setText(name)
        self.only.setText(self.tr("Only differences"))
        self.history.setText(self.tr("History"))
        self.history.setAccessibleName(self.tr("History of the chosen row"))
        self.copy.setText(self.tr("Copy table"))
        self.table.setAccessibleName(self.tr("Comparison"))
        self.herbs.setAccessibleName(self.tr("Herbs of both patients"))
        self.found.setAccessibleName(self.tr("Patients found"))
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        if self._stale:
            self._refresh(shown=True)
        super().showEvent(event)

    # -- putting together

    def _lay_out(self) -> None:
        top = QWidget()
        line = FlowLayout(top)  # a narrow page takes a second line for them, and keeps the window from nothing
        group = QButtonGroup(self)
        for button in self.modes:
            button.setCheckable(True)
            button.setProperty("segment", True)
            group.addButton(button)
            line.addWidget(button)
        theme.follow(self.only, "setMinimumHeight", 32)  # as high as the buttons beside it
        for widget in (self.only, self.history, self.copy):
            line.addWidget(widget)
        self._choices = QStackedWidget()
        for choice in (self.visits, self.formula, self.patient):
            self._choices.addWidget(choice)
        theme.follow(self._choices, "setFixedHeight", 40)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        blocks = QHBoxLayout()
        blocks.setSpacing(theme.GAP)
        for block in self.effects:
            blocks.addWidget(block, 1)
        column.addLayout(blocks)
        beside = QHBoxLayout()
        beside.setSpacing(theme.GAP)
        self.herbs.setMaximumHeight(self.plot.maximumHeight())
        self.herbs.setTabChangesFocus(True)
        beside.addWidget(self.plot, 2)
        beside.addWidget(self.herbs, 1)
        column.addLayout(beside)
        column.addWidget(self.table, 1)
        self._body = QStackedWidget()
        for part in (self.empty, self.found, content):
            self._body.addWidget(part)
        page = QVBoxLayout(self)
        page.setContentsMargins(theme.WIDE_GAP, 12, theme.WIDE_GAP, 12)
        page.setSpacing(theme.GAP)
        page.addWidget(top)
        choices = QHBoxLayout()
        choices.addWidget(self._choices, 1)
        choices.addWidget(self.hint)
        page.addLayout(choices)
        page.addWidget(self._body, 1)

    def _wire(self) -> None:
        for button in self.modes:
            button.clicked.connect(self._mode_chosen)
        for choice in (self.visits, self.formula, self.patient):
            choice.changed.connect(self._refresh_now)
        self.only.toggled.connect(self._refresh_now)
        self.copy.clicked.connect(self.copy_table)
        self.history.clicked.connect(self.history_wanted)
        self.table.activated.connect(self._activated)
        self.table.stepped.connect(self.step)
        self.patient.typed.connect(self._look_for)
        self.patient.field.leave.connect(self._into_list)
        self.patient.field.given_up.connect(self._give_up)
        self.found.picked.connect(self.other_wanted)
        self.found.given_up.connect(self._give_up)
        copying = QAction(self.table)
        copying.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copying.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copying.triggered.connect(self.copy_table)
        self.table.addAction(copying)

    # -- what was chosen

    def _mode_chosen(self) -> None:
        self.choose_mode(self.mode)

    def _refresh_now(self, *_: object) -> None:
        self._refresh()

    def _look_for(self) -> None:
        if self.found.show_search(self._search, self.patient.field.text()):
            self._body.setCurrentIndex(_LIST)
        else:
            self._say_empty(self.tr("No patient found"), self.tr("Names, pinyin, initials and numbers are searched."))

    def _into_list(self) -> None:
        self._look_for()
        if self._body.currentIndex() == _LIST:
            self.found.enter()

    def _give_up(self) -> None:
        self.patient.field.setText(_name(self._other) if self._other is not None else "")
        self._refresh()

    def _activated(self, index: QModelIndex) -> None:
        if self.table.rows.row_at(index.row()) is not None:
            self.history_wanted.emit()

    # -- filling

    def _refresh(self, *, shown: bool = False) -> None:
        """Out of sight nothing is computed: walking the list of patients waits for no comparison. But nobody's records
        are emptied out of sight, too: the clinic may be locked."""
        self._stale = not (shown or self.isVisible())
        mode = self.mode
        self._choices.setCurrentIndex(mode)
        self.hint.setText((self.visits, self.formula, self.patient)[mode].hint())
        self.plot.setVisible(mode == OTHER)
        self.herbs.setVisible(mode == OTHER)
        self.effects[0].stack(mode == OTHER)
        self.effects[1].stack(mode == OTHER)
        self.effects[1].setVisible(mode == OTHER)
        if self._stale and self._case is not None:
            return
        if self._unread:
            self._fill_choices()
        {VISITS: self._show_visits, FORMULA: self._show_formula, OTHER: self._show_two}[mode]()

    def _fill_choices(self) -> None:
        code = self._case.patient.code if self._case is not None else ""
        for choice in (self.visits, self.formula, self.patient):
            choice.show_case(self._case, keep=code == self._boxes_of)
        self._unread, self._boxes_of = False, code

    def _show_visits(self) -> None:
        chosen = self.visits.chosen()
        if self._case is None:
            self._say_empty(self.tr("Choose a patient"), self.tr("The comparison shows two to four of the visits."))
        elif len(chosen) < 2:
            self._say_empty(
                self.tr("Only one visit so far"), self.tr("With the next visit there is something to compare.")
            )
        else:
            self._side_by_side(chosen)

    def _show_formula(self) -> None:
        treatment, case = self.formula.chosen(), self._case
        if treatment is None or case is None:
            self._say_empty(
                self.tr("No formula was given yet"),
                self.tr("With a prescription, the visit before it and the last one under it are compared."),
            )
            return
        found = comparison.under(case, treatment)
        if found.after is None:
            self._say_empty(
                self.tr("No visit under this formula yet"),
                self.tr("It was given at {visit}. Nobody saw the patient again before it ended.").format(
                    visit=words.visit_name(found.before)
                ),
            )
        else:
            self._side_by_side([found.before, found.after])

    def _side_by_side(self, chosen: Sequence[Visit]) -> None:
        effects = [comparison.effect_between(chosen[0], later) for later in chosen[1:]]
        names = [words.visit_name(visit) for visit in chosen]
        between = [
            f"{name}: {words.effect_title(effect, effect_word)}"
            for name, effect in zip(names[1:-1], effects[:-1], strict=True)
        ]
        title = self.tr("Effect index, {first} to {last}").format(first=_short(chosen[0]), last=_short(chosen[-1]))
        self.effects[0].tell(title, effects[-1], between)
        assert self._case is not None
        self._shown = [(self._case, visit.number) for visit in chosen]
        self._show_table(chosen, names, judged=True)

    def _show_two(self) -> None:
        case, other, visit = self._case, self._other, self.patient.chosen()
        if case is None or visit is None:
            self._say_empty(self.tr("Choose a patient"), self.tr("The comparison needs one with visits."))
            return
        if other is None:
            self._look_for()
            return
        by = self.patient.aligned_by()
        beside = comparison.counterpart(visit, case, other, by)
        two = comparison.compare_patients(case, other, by)
        names = (_name(case), _name(other))
        marked = (_at(case, visit, by), _at(other, beside, by) if beside is not None else None)
        self.plot.show_courses(two, names, marked)
        for block, name, course in zip(self.effects, names, (two.first, two.second), strict=True):
            span = ""
            if course.effect_of is not None:
                span = self.tr(", visit {first} to {last}").format(first=course.effect_of[0], last=course.effect_of[1])
            block.tell(name + span, course.effect)
        herbs = words.herb_lines(two, names)
        if by is By.DAYS and not (two.first.days_known and two.second.days_known):
            herbs.append(self.tr("Of some visits only the order is known: their days are placed by convention."))
        if beside is None:
            herbs.append(self.tr("The other patient has no visit of this number."))
        self.herbs.setPlainText("\n".join(herbs))
        if beside is None:
            self._shown = []
            self._show_table([], [], judged=False)
            return
        self._shown = [(case, visit.number), (other, beside.number)]
        columns = [f"{name} · {words.visit_name(one)}" for name, one in zip(names, (visit, beside), strict=True)]
        self._show_table([visit, beside], columns, judged=False)

    def _show_table(self, chosen: Sequence[Visit], columns: Sequence[str], *, judged: bool) -> None:
        line = self.table.currentIndex().row()
        kept = self.table.rows.row_at(line)
        rows = [row for row in comparison.compare(chosen) if row.differs or not self.only.isChecked()]
        self.table.rows.show_rows(columns, rows, judged=judged)
        same = (i for i in range(self.table.rows.rowCount()) if _same(self.table.rows.row_at(i), kept))
        first = next((i for i in range(self.table.rows.rowCount()) if self.table.rows.row_at(i) is not None), -1)
        place = next(same, first)
        if place >= 0:
            self.table.setCurrentIndex(self.table.rows.index(place, 0))
        self._body.setCurrentIndex(_CONTENT)

    def _say_empty(self, title: str, text: str) -> None:
        self._shown = []
        self.table.rows.show_rows([], [])
        self.plot.show_courses(None)
        for block in self.effects:
            block.tell("", None)
        self.herbs.setPlainText("")
        self.empty.say(title, text)
        self._body.setCurrentIndex(_EMPTY)


def _name(case: Case) -> str:
    return " ".join((case.patient.name or case.patient.code).split())


def _short(visit: Visit) -> str:
    return words.t("Visit {number}", number=visit.number)


def _at(case: Case, visit: Visit, by: By) -> float:
    return visit.day - case.visits[0].day if by is By.DAYS else float(visit.number)


def _same(one: Row | None, other: Row | None) -> bool:
    return (
        one is not None and other is not None and (one.kind, one.key, one.unit) == (other.kind, other.key, other.unit)
    )
