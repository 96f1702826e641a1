"""The table of a comparison: what each visit says, and beside it the sign of the change in its colour."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.domain.comparison import Kind
from app.ui import theme
from app.ui.pages.compare_model import MARK, TONE, CompareModel

LABEL_WIDTH = 190
ROW_HEIGHT, HEADING_HEIGHT = 28, 34
MARGIN = 10
SCORED = (Kind.SCORE, Kind.ELEMENT)  # whose 0 is a figure as any other
MOST_LINES = 4  # of a long cell, such as a diagnosis in words
_WORDS = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
_LINE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class _Delegate(QStyledItemDelegate):
    def __init__(self, table: CompareTable) -> None:
        super().__init__(table)
        self._table = table

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        if self._table.rows.row_at(index.row()) is None:
            return QSize(theme.px(LABEL_WIDTH), theme.px(HEADING_HEIGHT))
        metrics = QFontMetrics(theme.font())
        width = max(self._room(index), 40)
        text = str(index.data() or "")
        tall = metrics.boundingRect(QRect(0, 0, width, 2000), _WORDS, text).height()
        return QSize(width, max(theme.px(ROW_HEIGHT), min(tall, MOST_LINES * metrics.lineSpacing()) + 10))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colors, rect = theme.current(), QRect(option.rect)
        heading = self._table.rows.row_at(index.row()) is None
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colors.color("selection"))
        elif heading:
            painter.fillRect(rect, colors.color("sunk", 0.5))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), colors.color("grid"))
        if index.row() == self._table.currentIndex().row() and self._table.hasFocus() and index.column() == 0:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), colors.color("accent"))
        text, mark = str(index.data() or ""), str(index.data(MARK) or "")
        painter.setFont(theme.font(bold=heading))
        painter.setPen(colors.color(self._text_tone(index)))
        inner = rect.adjusted(MARGIN, 2, -MARGIN, -2)
        painter.setClipRect(rect)
        if mark:
            self._paint_pair(painter, inner, text, mark, str(index.data(TONE)))
        else:
            painter.drawText(inner, _WORDS, text)
        painter.restore()

    def _paint_pair(self, painter: QPainter, inner: QRect, text: str, mark: str, tone: str) -> None:
        """The words, and the sign right of them; below one another the signs stand in one line where they can."""
        measure = QFontMetrics(theme.font(bold=True))
        mark_width = measure.horizontalAdvance(mark) + 4
        words = QRect(inner)
        words.setWidth(max(inner.width() - mark_width - theme.GAP, 40))
        painter.drawText(words, _WORDS, text)
        place = max(self._table.mark_at(inner.width()), QFontMetrics(theme.font()).horizontalAdvance(text) + theme.GAP)
        left = inner.left() + min(place, inner.width() - mark_width)
        painter.setFont(theme.font(bold=tone != "muted"))
        painter.setPen(theme.current().color(tone))
        painter.drawText(QRect(left, inner.top(), mark_width, inner.height()), _LINE, mark)

    def _text_tone(self, index: QModelIndex | QPersistentModelIndex) -> str:
        row = self._table.rows.row_at(index.row())
        if row is None or index.column() == 0:
            return "text"
        fact = row.cells[index.column() - 1].fact
        return "muted" if fact is None or (row.kind not in SCORED and not fact.present) else "text"

    def _room(self, index: QModelIndex | QPersistentModelIndex) -> int:
        mark = str(index.data(MARK) or "")
        taken = QFontMetrics(theme.font(bold=True)).horizontalAdvance(mark) + 4 + theme.GAP if mark else 0
        return self._table.columnWidth(index.column()) - 2 * MARGIN - taken


class CompareTable(QTableView):
    """stepped: Left or Right was pressed (-1, 1), and whether Shift with it."""

    stepped = Signal(int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = CompareModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(_Delegate(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        theme.follow(self.verticalHeader(), "setMinimumSectionSize", ROW_HEIGHT)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.sectionResized.connect(self._fit)
        theme.notifier.changed.connect(self._repaint)
        self.rows.modelReset.connect(self._lay_out)

    def mark_at(self, width: int) -> int:
        """Where in a column of this width the signs stand below one another."""
        return min(width // 2, 130)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self.stepped.emit(step, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def _lay_out(self) -> None:
        self.clearSpans()
        columns = self.rows.columnCount()
        for line in self.rows.headings():
            self.setSpan(line, 0, 1, columns)
        head = self.horizontalHeader()
        for column in range(columns):
            fixed = QHeaderView.ResizeMode.Fixed if column == 0 else QHeaderView.ResizeMode.Stretch
            head.setSectionResizeMode(column, fixed)
        self.setColumnWidth(0, LABEL_WIDTH)
        self._fit()

    def _fit(self, *_: object) -> None:
        self.resizeRowsToContents()

    def _repaint(self, *_: object) -> None:
        self.viewport().update()
