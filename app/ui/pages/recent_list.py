"""Clinics opened lately, to open again with one key; what is gone is grey and can be taken off the list."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.form_dialog import button_row
from app.ui.pages.tables import ROW_HEIGHT, ShowTable
from app.ui.translation import Speaking

WIDTH, HEAD = 620, 40


class RecentList(Speaking, QWidget):
    """chosen, removed: the place, as ``show_places`` had it."""

    chosen = Signal(str)
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: list[str] = []
        self._missing: frozenset[str] = frozenset()
        self.title = SafeLabel(bold=True)
        self.table = ShowTable(3, stretch=(1,))
        self.table.itemActivated.connect(self._open)
        self.table.currentCellChanged.connect(self._tell)
        self.open, self.forget = QPushButton(), QPushButton()
        self.open.clicked.connect(self._open)
        self.forget.clicked.connect(self._remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.WIDE_GAP, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self.title)
        column.addWidget(self.table, 20)
        column.addLayout(button_row(self.open, self.forget))
        column.addStretch(1)
        theme.follow(self, "setMaximumWidth", WIDTH)
        theme.notifier.changed.connect(self._grow)
        self.retranslate()

    def show_places(self, places: Sequence[str], missing: Collection[str]) -> None:
        """Paths and addresses, the latest first; those that are missing cannot be opened."""
        self._places, self._missing = list(places), frozenset(missing)
        self._fill()

    def place(self) -> str:
        """The one that is marked, "" for none."""
        row = self.table.currentRow()
        return self._places[row] if 0 <= row < len(self._places) else ""

    def retranslate(self) -> None:
        self.title.setText(self.tr("Recent clinics"))
        self.table.setAccessibleName(self.tr("Recent clinics"))
        self.table.name_columns((self.tr("Clinic"), self.tr("Where it lies"), ""))
        self.open.setText(self.tr("Open"))
        self.forget.setText(self.tr("Remove from list"))
        self._fill()

    def _fill(self) -> None:
        from app.ui.recent import clinic_name, folder_name

        row = max(self.table.currentRow(), 0)
        self.table.setRowCount(len(self._places))
        for number, place in enumerate(self._places):
            gone = place in self._missing
            state = self.tr("missing") if gone else ""
            self.table.put(number, (clinic_name(place), folder_name(place), state), tone="muted" if gone else "text")
        self.setVisible(bool(self._places))
        if self._places:
            self.table.setCurrentCell(min(row, len(self._places) - 1), 0)
        self._grow()
        self._tell()

    def _grow(self, *_: object) -> None:
        """As high as its rows, less where there is no room."""
        self.table.setMaximumHeight(theme.px(HEAD + ROW_HEIGHT * max(len(self._places), 1)))
        self.table.setMinimumHeight(theme.px(HEAD + ROW_HEIGHT))

    def _tell(self, *_: object) -> None:
        place = self.place()
        self.open.setEnabled(bool(place) and place not in self._missing)
        self.forget.setEnabled(bool(place))

    def _open(self, *_: object) -> None:
        if self.open.isEnabled():
            self.chosen.emit(self.place())

    def _remove(self) -> None:
        self.removed.emit(self.place())
