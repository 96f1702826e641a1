"""What is compared: visits of one patient, a course of treatment, or a visit beside another patient's."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from app import comparison_words as words
from app.domain.comparison import By, Treatment, treatments, under
from app.domain.records import Case, Visit
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.patients import DEBOUNCE_MS, SearchField
from app.ui.translation import Speaking

FEWEST, MOST = 2, 4
WIDEST, NARROW = 210, 34


class Steps(Speaking, QWidget):
    """Two buttons, back and on."""

    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.back, self.on = QPushButton("←"), QPushButton("→")
        self.back.clicked.connect(self._back)
        self.on.clicked.connect(self._on)
        row = _row(self)
        row.setSpacing(4)
        for button in (self.back, self.on):
            theme.follow(button, "setFixedWidth", NARROW)
            button.setProperty("narrow", True)
            row.addWidget(button)
        self.retranslate()

    def retranslate(self) -> None:
        self.back.setAccessibleName(self.tr("Previous"))
        self.on.setAccessibleName(self.tr("Next"))

    def allow(self, back: bool, on: bool) -> None:
        self.back.setEnabled(back)
        self.on.setEnabled(on)

    def _back(self) -> None:
        self.stepped.emit(-1)

    def _on(self) -> None:
        self.stepped.emit(1)


class VisitChoice(Speaking, QWidget):
    """Two to four visits, always in the order of time; at first the first and the last."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._visits: tuple[Visit, ...] = ()
        self._places: list[int] = []  # chosen ones, ascending
        self.boxes = [QComboBox() for _ in range(MOST)]
        self.steps = Steps()
        self.more, self.fewer = QPushButton("+"), QPushButton("−")
        row = _row(self)
        for box in self.boxes:
            shorten(box, 9)
            theme.follow(box, "setMaximumWidth", WIDEST)
            box.activated.connect(self._choose)
            row.addWidget(box, 100)
        row.addWidget(self.steps)
        for button in (self.more, self.fewer):
            theme.follow(button, "setFixedWidth", NARROW)
            button.setProperty("narrow", True)
            row.addWidget(button)
        row.addStretch(1)
        self.steps.stepped.connect(self.step)
        self.more.clicked.connect(self.add)
        self.fewer.clicked.connect(self.remove)
        self.retranslate()

    def show_case(self, case: Case | None, *, keep: bool) -> None:
        """keep: the same patient read anew; what was chosen stays where it is still there."""
        numbers = {visit.number for visit in self.chosen()} if keep else set()
        self._visits = case.visits if case is not None else ()
        kept = [place for place, visit in enumerate(self._visits) if visit.number in numbers]
        ends = sorted({0, len(self._visits) - 1}) if self._visits else []
        self._places = kept if len(kept) >= FEWEST else ends
        self._fill()

    def chosen(self) -> list[Visit]:
        return [self._visits[place] for place in self._places]

    def choose(self, numbers: Sequence[int]) -> None:
        """Show the visits of these numbers; those the patient has not are left out."""
        self._places = [place for place, visit in enumerate(self._visits) if visit.number in numbers][:MOST]
        self._fill()
        self.changed.emit()

    def step(self, by: int, first: bool = False) -> None:
        """Move the last column, or the first, to the visit before or after; columns never cross."""
        if not self._may_step(by, first):
            return
        self._places[0 if first else -1] += by
        self._fill()
        self.changed.emit()

    def add(self) -> None:
        """One more, in the middle of the widest gap."""
        free = self._free()
        if free is None or len(self._places) >= MOST:
            return
        self._places = sorted([*self._places, free])
        self._fill()
        self.changed.emit()

    def remove(self) -> None:
        """The last of those between the first and the last."""
        if len(self._places) > FEWEST:
            del self._places[-2]
            self._fill()
            self.changed.emit()

    def hint(self) -> str:
        """What Left and Right do in the table."""
        return self.tr("← → last visit, with Shift the first")

    def retranslate(self) -> None:
        for place, box in enumerate(self.boxes):
            box.setAccessibleName(self.tr("Visit of column {number}").format(number=place + 1))
        self.more.setAccessibleName(self.tr("Add a visit"))
        self.fewer.setAccessibleName(self.tr("One visit fewer"))
        self._fill()

    def _may_step(self, by: int, first: bool) -> bool:
        if len(self._places) < FEWEST:
            return False
        low, high = (0, self._places[1] - 1) if first else (self._places[-2] + 1, len(self._visits) - 1)
        return low <= self._places[0 if first else -1] + by <= high

    def _free(self) -> int | None:
        gaps = [(b - a, (a + b) // 2) for a, b in zip(self._places, self._places[1:], strict=False) if b - a > 1]
        if gaps:
            return max(gaps, key=lambda gap: gap[0])[1]
        return next((place for place in range(len(self._visits)) if place not in self._places), None)

    def _choose(self) -> None:
        wanted = [box.currentIndex() for box in self.boxes[: len(self._places)]]
        if len(set(wanted)) == len(wanted):  # a visit that stands in another column already is not taken twice
            self._places = sorted(wanted)
            self.changed.emit()
        self._fill()

    def _fill(self) -> None:
        names = [words.visit_name(visit) for visit in self._visits]
        for column, box in enumerate(self.boxes):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(names)
                if column < len(self._places):
                    box.setCurrentIndex(self._places[column])
            box.setVisible(column < len(self._places))
        self.steps.allow(self._may_step(-1, False), self._may_step(1, False))
        self.more.setEnabled(FEWEST <= len(self._places) < MOST and self._free() is not None)
        self.fewer.setEnabled(len(self._places) > FEWEST)


class FormulaChoice(Speaking, QWidget):
    """A course of treatment; at first the latest that has a visit under it."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._case: Case | None = None
        self._treatments: tuple[Treatment, ...] = ()
        self.box = QComboBox()
        shorten(self.box, 18)
        self.box.activated.connect(self._choose)
        self.steps = Steps()
        self.steps.stepped.connect(self.step)
        row = _row(self)
        theme.follow(self.box, "setMaximumWidth", 2 * WIDEST)
        row.addWidget(self.box, 100)
        row.addWidget(self.steps)
        row.addStretch(1)
        self.retranslate()

    def show_case(self, case: Case | None, *, keep: bool) -> None:
        before = self.box.currentIndex() if keep else -1
        self._case = case
        self._treatments = treatments(case) if case is not None else ()
        self._fill()
        ends = [i for i, one in enumerate(self._treatments) if case is not None and under(case, one).after is not None]
        place = before if 0 <= before < len(self._treatments) else (ends[-1] if ends else len(self._treatments) - 1)
        self.box.setCurrentIndex(place)
        self._allow()

    def chosen(self) -> Treatment | None:
        place = self.box.currentIndex()
        return self._treatments[place] if 0 <= place < len(self._treatments) else None

    def step(self, by: int, first: bool = False) -> None:
        place = self.box.currentIndex() + by
        if 0 <= place < len(self._treatments):
            self.box.setCurrentIndex(place)
            self._choose()

    def hint(self) -> str:
        """What Left and Right do in the table."""
        return self.tr("← → other formulas")

    def retranslate(self) -> None:
        self.box.setAccessibleName(self.tr("Formula"))
        place = self.box.currentIndex()
        self._fill()
        self.box.setCurrentIndex(place)

    def _choose(self) -> None:
        self._allow()
        self.changed.emit()

    def _allow(self) -> None:
        place = self.box.currentIndex()
        self.steps.allow(place > 0, 0 <= place < len(self._treatments) - 1)

    def _fill(self) -> None:
        self.box.clear()
        visits = self._case.visits if self._case is not None else ()
        self.box.setEnabled(bool(self._treatments))
        self.box.addItems([words.treatment_name(one, visits) for one in self._treatments])


class OtherField(SearchField):
    """Escape goes back to what is compared."""

    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
            return
        super().keyPressEvent(event)


class OtherChoice(Speaking, QWidget):
    """Who is looked for, which visit of this patient stands at the left, and what the other's is chosen by."""

    changed = Signal()
    typed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._visits: tuple[Visit, ...] = ()
        self.field = OtherField()
        theme.follow(self.field, "setMinimumWidth", 120)
        theme.follow(self.field, "setMaximumWidth", 270)
        self.field.setClearButtonEnabled(True)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DEBOUNCE_MS)
        self._pause.timeout.connect(self.typed)
        self.field.textEdited.connect(self._type)
        self.visit, self.by, self.steps = QComboBox(), QComboBox(), Steps()
        self._by_label = SafeLabel(tone="muted", elide=True)
        shorten(self.visit, 9)
        shorten(self.by, 5)
        for one in By:
            self.by.addItem("", one.value)
        self.visit.activated.connect(self._choose)
        self.by.activated.connect(self._choose)
        self.steps.stepped.connect(self.step)
        row = _row(self)
        for widget in (self.field, self.visit, self.steps, self._by_label, self.by):
            row.addWidget(widget, 100 if widget in (self.field, self.visit, self.by) else 0)
        for box in (self.visit, self.by):
            theme.follow(box, "setMaximumWidth", WIDEST)
        row.addStretch(1)
        self.retranslate()

    def show_case(self, case: Case | None, *, keep: bool) -> None:
        before = self.visit.currentIndex() if keep else -1
        self._visits = case.visits if case is not None else ()
        self._fill()
        self.visit.setCurrentIndex(before if 0 <= before < len(self._visits) else len(self._visits) - 1)
        self._allow()

    def chosen(self) -> Visit | None:
        place = self.visit.currentIndex()
        return self._visits[place] if 0 <= place < len(self._visits) else None

    def aligned_by(self) -> By:
        return By(self.by.currentData())

    def step(self, by: int, first: bool = False) -> None:
        place = self.visit.currentIndex() + by
        if 0 <= place < len(self._visits):
            self.visit.setCurrentIndex(place)
            self._choose()

    def hint(self) -> str:
        """What Left and Right do in the table."""
        return self.tr("← → visit")

    def retranslate(self) -> None:
        self.field.setPlaceholderText(self.tr("Other patient: name, pinyin, number"))
        self.field.setAccessibleName(self.tr("Search another patient"))
        self.visit.setAccessibleName(self.tr("Visit of this patient"))
        self.by.setAccessibleName(self.tr("Aligned by"))
        self._by_label.setText(self.tr("aligned by"))
        for place, one in enumerate(By):
            self.by.setItemText(place, words.by_word(one))
        place = self.visit.currentIndex()
        self._fill()
        self.visit.setCurrentIndex(place)

    def _type(self) -> None:
        self._pause.start()

    def _choose(self) -> None:
        self._allow()
        self.changed.emit()

    def _allow(self) -> None:
        place = self.visit.currentIndex()
        self.steps.allow(place > 0, 0 <= place < len(self._visits) - 1)

    def _fill(self) -> None:
        self.visit.clear()
        self.visit.addItems([words.visit_name(visit) for visit in self._visits])


def shorten(box: QComboBox, letters: int) -> None:
    """A box wants room for so many letters and not for its longest words: these are whole in its list."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(letters)


def _row(owner: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(owner)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.GAP)
    return row
