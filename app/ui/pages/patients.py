"""The patient list: a search field that stays in view, what it is narrowed to, how many there are, the list itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from app.domain.patient_filter import EVERYONE, PatientFilter
from app.ui import icons, theme
from app.ui.labels import SafeLabel
from app.ui.pages.chips import Chip
from app.ui.pages.filter_bar import FilterBar
from app.ui.pages.patient_list import PatientList
from app.ui.pages.patient_model import PatientModel, Rows
from app.ui.pages.tag_strip import TagStrip
from app.ui.translation import Speaking, number_text

DEBOUNCE_MS = 120
WIDTH = 264


class FoundLike(Protocol):
    """app.store.finding.Found is one."""

    @property
    def ids(self) -> Sequence[int]: ...
    @property
    def pinned(self) -> int: ...


class Source(Rows, Protocol):
    """Finds patients and reads their lines."""

    def ask(self, asked: PatientFilter, told: Callable[[FoundLike], None]) -> None:
        """``told`` is called in this thread: at once, or once it is known."""
        ...


class SearchField(QLineEdit):
    """Down and Enter go on into the list."""

    leave = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.leave.emit()
            return
        super().keyPressEvent(event)


class PatientPanel(Speaking, QWidget):
    """chosen carries the patient's code; narrowed: the filter is another one (PatientFilter)."""

    chosen = Signal(str)
    narrowed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._source: Source | None = None
        self._total = 0
        self._asked = EVERYONE  # without the text
        self._shown: PatientFilter | None = None  # what the list was searched for
        self._question = 0  # the number of the last one; answers to older ones come too late
        self._waiting = False
        self._steps = 0  # to take once the list is there
        self._quiet = False  # a choice that was told from outside is not told back
        self.field = SearchField()
        self.field.setObjectName("patient_search")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._type)
        self.field.leave.connect(self._enter_list)
        self.filters = QToolButton()
        self.filters.setObjectName("filter")
        self.filters.setCheckable(True)
        self.filters.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar = FilterBar()
        self.bar.changed.connect(self.narrow)
        self._count = SafeLabel(tone="muted", size=theme.SMALL, elide=True)
        self._work = SafeLabel(tone="muted", size=theme.SMALL, elide=True)
        self.stop = Chip(checkable=False)
        self.model = PatientModel(self)
        self.list = PatientList(self.model)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.list.jump_wanted.connect(self._jump)
        self.tags = TagStrip()
        self.tags.left.connect(self.list.setFocus)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DEBOUNCE_MS)
        self._pause.timeout.connect(self.search_now)
        self._lay_out()
        theme.notifier.changed.connect(self._repaint)
        self.retranslate()
        self._repaint()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 1, 0)
        column.setSpacing(theme.GAP)
        top = QVBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        top.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.field, 1)
        line.addWidget(self.filters)
        top.addLayout(line)
        top.addWidget(self.bar)
        top.addWidget(self._count)
        work = QHBoxLayout()
        work.addWidget(self._work, 1)
        work.addWidget(self.stop)
        top.addLayout(work)
        self.tell_work("")
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addWidget(self.tags)

    # -- what is listed

    @property
    def asked(self) -> PatientFilter:
        """What the list is narrowed to, with the text of the field."""
        return replace(self._asked, text=self.field.text().strip())

    def narrow(self, asked: PatientFilter) -> None:
        """List these patients; the text of the field stays as it is."""
        asked = replace(asked, text="")
        if asked != self._asked:
            self._asked = asked
            self.bar.show_filter(asked)
            self.filters.setChecked(asked.asks)
            self.narrowed.emit(asked)
            self.search_now()

    def show_patients(self, source: Source | None, total: int) -> None:
        """Search this clinic from now on; total is how many patients it has."""
        self._source, self._total = source, total
        self.bar.show_total(total)
        for part in (self.bar, self.filters):
            part.setEnabled(source is not None)
        if source is None:
            self._shown, self._steps = None, 0
            self.tags.clear()
        self.search_now()

    def reset(self) -> None:
        """Ask for everyone again, of another clinic or after the lock; nothing is searched yet."""
        self.field.clear()
        self._pause.stop()
        self._asked = EVERYONE
        self.bar.show_filter(EVERYONE)
        self.bar.show_saved(())
        self.filters.setChecked(False)
        self.tags.clear()
        self.narrowed.emit(EVERYONE)

    def search_now(self) -> None:
        """Run the search that is typed, keep the patient who was chosen where still listed."""
        self._pause.stop()
        self._question += 1
        self._waiting = self._source is not None
        if self._source is None:
            self._show_found(self._question, EVERYONE, _NOBODY)
        else:
            asked = self.asked
            self._source.ask(asked, partial(self._show_found, self._question, asked))
        self._tell_count()

    def _show_found(self, question: int, asked: PatientFilter, found: FoundLike) -> None:
        if question != self._question:
            return
        self._waiting = False
        kept, again = self.current(), asked == self._shown
        top, beyond = self.list.top()
        anchor = self.model.ids[top] if again and 0 <= top < len(self.model.ids) else None
        self._shown = asked
        self._quiet = True
        self.model.show_found(self._source, found.ids, found.pinned)
        self._quiet = False
        if kept:
            self.mark(kept)
        if anchor is not None and (place := self.model.place(anchor)) >= 0:
            self.list.put_top(place, beyond)  # the same list, read anew because somebody wrote: nothing jumps
        self._tell_count()
        if self._steps:
            self.step(self._steps)

    def current(self) -> str:
        return self.model.code_at(self.list.currentIndex().row())

    def mark(self, code: str) -> bool:
        """Show this patient as the chosen one without telling anybody; False where the list lacks it."""
        row = self.model.row_of(code)
        if row < 0:
            return False
        self._quiet = True
        self.list.setCurrentIndex(self.model.index(row))
        self._quiet = False
        return True

    def step(self, by: int) -> None:
        """Choose the patient by rows below (above where negative); the ends hold."""
        self._steps = by if self._waiting else 0
        row = min(max(0, self.list.currentIndex().row() + by), self.model.rowCount() - 1)
        if row >= 0 and not self._waiting:
            self.list.setCurrentIndex(self.model.index(row))

    def tell_work(self, text: str) -> None:
        """What is under way over the whole list, with a way to stop it; "": nothing."""
        self._work.setText(text)
        for part in (self._work, self.stop):
            part.setVisible(bool(text))

    def focus_search(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def retranslate(self) -> None:
        self.field.setPlaceholderText(self.tr("Name or number"))
        self.field.setAccessibleName(self.tr("Search patients"))
        self.filters.setAccessibleName(self.tr("Filters"))
        self.list.setAccessibleName(self.tr("Patients"))
        self.stop.say(self.tr("Stop"))
        self._tell_count()
        self.list.viewport().update()

    def _type(self) -> None:
        self._pause.start()

    def _enter_list(self) -> None:
        self.search_now()
        self.list.setFocus()
        if not self.list.currentIndex().isValid():
            self.step(1)

    def _choose(self, index: object) -> None:
        row = self.list.currentIndex().row()
        code = self.model.code_at(row)
        if code and not self._quiet:
            self.chosen.emit(code)

    def _jump(self, typed: str, begins: bool) -> None:
        """To the next patient of whom this is typed; the letters of one word may stay on the same."""
        if self._source is not None:
            start = self.list.currentIndex().row() + (1 if begins else 0)
            self._source.ask(PatientFilter(text=typed), partial(self._land, self._question, max(start, 0)))

    def _land(self, question: int, start: int, found: FoundLike) -> None:
        meant, ids = set(found.ids), self.model.ids
        if question != self._question or not meant:
            return
        places = (*range(start, len(ids)), *range(min(start, len(ids))))
        at = next((place for place in places if ids[place] in meant), -1)
        if at >= 0:
            self.list.setCurrentIndex(self.model.index(at))

    def _tell_count(self) -> None:
        shown = self.model.rowCount()
        if self._waiting:
            text = self.tr("Searching…")
        elif self.asked == EVERYONE:
            text = self.tr("The latest visit first")
        elif shown == 0:
            text = self.tr("No patient found")
        else:
            text = self.tr("{count} found").format(count=number_text(shown, 0))
        self._count.setText(text)

    def _repaint(self, *_: object) -> None:
        self.filters.setIcon(icons.icon("filter", theme.current().text, 18))
        self.list.doItemsLayout()  # rows are as high as their words
        self.list.viewport().update()


class _Nobody:
    ids: Sequence[int] = ()
    pinned = 0


_NOBODY = _Nobody()
