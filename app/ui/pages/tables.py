"""Tables that only show: no editing, no grid, rows of one height; plain text in every cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from app.ui import theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ROW_HEIGHT = 30
WIDEST = 320  # of a column that takes the width of its contents


class _RowDelegate(QStyledItemDelegate):
    """The row is what is chosen: no frame around one of its cells."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus


class ShowTable(QTableWidget):
    """stretch: the columns that share what is left of the width; numbers: those set to the right."""

    def __init__(self, columns: int, *, stretch: Sequence[int], numbers: Sequence[int] = ()) -> None:
        super().__init__(0, columns)
        self._numbers = frozenset(numbers)
        self._tones: dict[int, str] = {}
        self._fitted = [column for column in range(columns) if column not in stretch]
        self._fit = QTimer(self)  # once after all is put in: Qt itself would measure the column at every cell
        self._fit.setSingleShot(True)
        self._fit.timeout.connect(self._fit_columns)
        theme.notifier.changed.connect(self._dress)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setItemDelegate(_RowDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        theme.follow(self.verticalHeader(), "setDefaultSectionSize", ROW_HEIGHT)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setMaximumSectionSize(theme.px(WIDEST))
        for column in range(columns):
            fit = QHeaderView.ResizeMode.Stretch if column in stretch else QHeaderView.ResizeMode.Fixed
            head.setSectionResizeMode(column, fit)

    def name_columns(self, names: Sequence[str]) -> None:
        self.setHorizontalHeaderLabels(list(names))
        for column in range(len(names)):
            if (head := self.horizontalHeaderItem(column)) is not None:
                head.setTextAlignment(RIGHT if column in self._numbers else LEFT)
        self._fit.start(0)

    def put(self, row: int, texts: Sequence[str], *, tone: str = "text") -> None:
        """Texts of one row; tone: theme token of the whole row."""
        self._tones[row] = tone
        self._fit.start(0)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(" ".join(text.split()))
            item.setTextAlignment(RIGHT if column in self._numbers else LEFT)
            item.setForeground(theme.current().color(tone))
            self.setItem(row, column, item)

    def showEvent(self, event: QShowEvent) -> None:
        self._fit_columns()
        super().showEvent(event)

    def _fit_columns(self) -> None:
        for column in self._fitted:
            self.resizeColumnToContents(column)

    def _dress(self, *_: object) -> None:
        self._fit.start(0)
        for row in range(self.rowCount()):
            for column in range(self.columnCount()):
                if (item := self.item(row, column)) is not None:
                    item.setForeground(theme.current().color(self._tones.get(row, "text")))

    def text_at(self, row: int, column: int) -> str:
        item = self.item(row, column)
        return item.text() if item is not None else ""


def moment_text(moment: dt.datetime) -> str:
    """In the time of this computer, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
