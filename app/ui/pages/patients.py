"""The patient list: a search field that stays in view, how many there are, and the list itself."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListView, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.patient_model import PatientModel, Search
from app.ui.pages.patient_row import PatientRowDelegate
from app.ui.translation import Speaking, number_text

DEBOUNCE_MS = 120
WIDTH = 264


class SearchField(QLineEdit):
    """Down and Enter go on into the list."""

    leave = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.leave.emit()
            return
        super().keyPressEvent(event)


class PatientPanel(Speaking, QWidget):
    """chosen carries the patient's code."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._search: Search | None = None
        self._total = 0
        self._found = ""  # what the list was searched for
        self._quiet = False  # a choice that was told from outside is not told back
        self.field = SearchField()
        self.field.setObjectName("patient_search")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._type)
        self.field.leave.connect(self._enter_list)
        self._count = SafeLabel(tone="muted", size=theme.SMALL)
        self.model = PatientModel(self)
        self.list = QListView()
        self.list.setObjectName("patients")
        self.list.setModel(self.model)
        self.list.setItemDelegate(PatientRowDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DEBOUNCE_MS)
        self._pause.timeout.connect(self.search_now)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 1, 0)
        column.setSpacing(theme.GAP)
        top = QVBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        top.setSpacing(theme.GAP)
        top.addWidget(self.field)
        top.addWidget(self._count)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        theme.notifier.changed.connect(self._repaint)
        self.retranslate()

    def show_patients(self, search: Search | None, total: int) -> None:
        """Search this clinic from now on; total is how many patients it has."""
        self._search, self._total = search, total
        self.search_now()

    def search_now(self) -> None:
        """Run the search that is typed, keep the patient who was chosen where still listed."""
        self._pause.stop()
        kept = self.current()
        bar, again = self.list.verticalScrollBar(), self.field.text() == self._found
        height, rows = bar.value(), self.model.rowCount()
        self._found = self.field.text()
        self.model.show_search(self._search, self.field.text())
        while again and self.model.rowCount() < rows and self.model.canFetchMore(QModelIndex()):
            self.model.fetchMore(QModelIndex())
        self._tell_count()
        if kept:
            self.mark(kept)
        if again:  # the same list, read anew because somebody wrote: nothing jumps
            bar.setValue(height)

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
        row = self.list.currentIndex().row()
        row = max(0, row + by)
        if row >= self.model.rowCount() and self.model.canFetchMore(QModelIndex()):
            self.model.fetchMore(QModelIndex())
        row = min(row, self.model.rowCount() - 1)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row))

    def focus_search(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def retranslate(self) -> None:
        self.field.setPlaceholderText(self.tr("Name, pinyin, initials, number"))
        self.field.setAccessibleName(self.tr("Search patients"))
        self.list.setAccessibleName(self.tr("Patients"))
        self._tell_count()
        self.list.viewport().update()

    def _type(self) -> None:
        self._pause.start()

    def _enter_list(self) -> None:
        self.search_now()
        self.list.setFocus()
        if not self.list.currentIndex().isValid():
            self.step(1)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid() and not self._quiet:
            self.chosen.emit(self.model.code_at(index.row()))

    def _tell_count(self) -> None:
        shown = self.model.rowCount()
        if not self.field.text().strip():
            text = self.tr("All {count}").format(count=number_text(self._total, 0))
        elif shown == 0:
            text = self.tr("No patient found")
        elif self.model.canFetchMore(QModelIndex()):
            text = self.tr("More than {count} found").format(count=number_text(shown, 0))
        else:
            text = self.tr("{count} found").format(count=number_text(shown, 0))
        self._count.setText(text)

    def _repaint(self, *_: object) -> None:
        self.list.doItemsLayout()  # rows are as high as their words
        self.list.viewport().update()
