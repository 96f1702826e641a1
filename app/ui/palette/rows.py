"""The palette's list: a title with the found letters marked, where it stands, and its keys. Painted plain text."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme
from app.ui.palette.entries import Found

FOUND = int(Qt.ItemDataRole.UserRole) + 1
HEIGHT, MARGIN = 34, 14
AnyIndex = QModelIndex | QPersistentModelIndex
_LINE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class FoundModel(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Found] = []

    def show_found(self, rows: list[Found]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def found(self, row: int) -> Found | None:
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        found = self.found(index.row()) if index.isValid() else None
        if found is None:
            return None
        if role == FOUND:
            return found
        entry = found.entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.title, entry.path, entry.shortcut) if part)
        return None


class FoundDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(theme.px(200), theme.px(HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        found: Found | None = index.data(FOUND)
        if found is None:
            return
        colors = theme.current()
        rect = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colors.color("selection"))
            painter.fillRect(QRectF(rect.left(), rect.top(), theme.px(3), rect.height()), colors.color("accent"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colors.color("sunk", 0.6))
        rect.adjust(theme.px(MARGIN), 0, -theme.px(MARGIN), 0)
        small = theme.font(theme.SMALL)
        measure = QFontMetricsF(small)
        painter.setFont(small)
        entry = found.entry
        if entry.shortcut:
            width = measure.horizontalAdvance(entry.shortcut)
            painter.setPen(colors.color("accent"))
            painter.drawText(QRectF(rect.right() - width, rect.top(), width + 1, rect.height()), _LINE, entry.shortcut)
            rect.setRight(rect.right() - width - theme.px(MARGIN))
        most = rect.width() * 0.45
        path = measure.elidedText(entry.path, Qt.TextElideMode.ElideRight, most)
        width = measure.horizontalAdvance(path)
        painter.setPen(colors.color("muted"))
        painter.drawText(QRectF(rect.right() - width, rect.top(), width + 1, rect.height()), _LINE, path)
        rect.setRight(rect.right() - width - theme.px(MARGIN))
        _paint_title(painter, rect, found)
        painter.restore()


def pieces(title: str, marks: tuple[int, ...]) -> list[tuple[str, bool]]:
    """The title in runs, each marked or not."""
    found = set(marks)
    out: list[tuple[str, bool]] = []
    for place, character in enumerate(title):
        marked = place in found
        if out and out[-1][1] == marked:
            out[-1] = (out[-1][0] + character, marked)
        else:
            out.append((character, marked))
    return out


def _paint_title(painter: QPainter, rect: QRectF, found: Found) -> None:
    """Marked letters are bold and underlined by colour: by two things, not by colour alone."""
    colors = theme.current()
    fonts: dict[bool, QFont] = {False: theme.font(), True: theme.font(bold=True)}
    x = rect.left()
    for text, marked in pieces(found.entry.title, found.marks):
        measure = QFontMetricsF(fonts[marked])
        room = rect.right() - x
        if room <= 0:
            return
        shown = measure.elidedText(text, Qt.TextElideMode.ElideRight, room + 0.5)
        painter.setFont(fonts[marked])
        painter.setPen(colors.color("accent" if marked else "text"))
        painter.drawText(QRectF(x, rect.top(), room + 1, rect.height()), _LINE, shown)
        if shown != text:
            return
        x += measure.horizontalAdvance(text)
