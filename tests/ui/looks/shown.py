"""The windows that are open, their visible widgets, and every text those widgets hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QTreeView,
    QWidget,
)

from tests.ui.looks.finding import Text, path_of

ROWS, COLUMNS = 80, 20  # of a table; what lies further down is not on screen


def open_windows() -> list[QWidget]:
    return [one for one in QApplication.topLevelWidgets() if one.isVisible() and one.width() > 1]


def visible(root: QWidget) -> Iterator[QWidget]:
    """root and all it shows; dialogs and menus it opened are windows of their own."""
    if root.isVisible():
        yield root
    for widget in root.findChildren(QWidget):
        if widget.isVisible() and widget.window() is root.window() and widget.width() > 0 and widget.height() > 0:
            yield widget


def plain(text: str) -> str:
    """Without the mnemonic."""
    return re.sub(r"\(&\w\)|&(?=\w)", "", text)


def shown_texts(root: QWidget) -> list[Text]:
    found: list[Text] = []
    for widget in visible(root):
        where, font = path_of(widget), widget.font()
        found += [Text(where, words, font, data) for words, data in _words(widget) if words.strip()]
        if widget.accessibleName():
            found.append(Text(f"{where} (accessible name)", widget.accessibleName()))
    if root.isWindow() and root.windowTitle():
        found.append(Text(f"{path_of(root)} (title)", root.windowTitle()))
    return found


def _words(widget: QWidget) -> Iterator[tuple[str, bool]]:
    if isinstance(widget, QLabel | QGroupBox | QAbstractButton):
        yield plain(widget.title() if isinstance(widget, QGroupBox) else widget.text()), False
    elif isinstance(widget, QLineEdit):
        typed = widget.displayText() if widget.text() else ""
        inside_spin = isinstance(widget.parentWidget(), QAbstractSpinBox)
        yield (typed, not inside_spin) if typed else (widget.placeholderText(), False)
    elif isinstance(widget, QPlainTextEdit):
        typed = widget.toPlainText()
        yield (typed, not widget.isReadOnly()) if typed else (widget.placeholderText(), False)
    elif isinstance(widget, QComboBox):
        for index in range(widget.count()):
            yield widget.itemText(index), False
    elif isinstance(widget, QTabBar):
        for index in range(widget.count()):
            yield plain(widget.tabText(index)), False
    elif isinstance(widget, QMenu | QMenuBar):
        for action in widget.actions():
            if action.isVisible():
                yield plain(action.text()), False
    elif isinstance(widget, QHeaderView):
        yield from _headings(widget)
    elif isinstance(widget, QAbstractItemView):
        yield from _cells(widget)


def _headings(header: QHeaderView) -> Iterator[tuple[str, bool]]:
    model = header.model()
    if model is None:
        return
    for section in range(min(header.count(), ROWS)):
        if not header.isSectionHidden(section):
            yield str(model.headerData(section, header.orientation()) or ""), False


def _cells(view: QAbstractItemView) -> Iterator[tuple[str, bool]]:
    model = view.model()
    if model is None:
        return
    columns = 1 if isinstance(view, QListView) else model.columnCount()
    for row in range(min(model.rowCount(), ROWS)):
        for column in range(min(columns, COLUMNS)):
            if isinstance(view, QTableView | QTreeView) and view.isColumnHidden(column):
                continue
            yield _said(model.index(row, column), Qt.ItemDataRole.DisplayRole), False
            yield _said(model.index(row, column), Qt.ItemDataRole.AccessibleTextRole), False


def _said(index: QModelIndex, role: Qt.ItemDataRole) -> str:
    value = index.data(role)
    return value if isinstance(value, str) else ""
