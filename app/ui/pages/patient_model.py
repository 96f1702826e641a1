"""The patient list as a Qt model over rows that were found: only what is on screen is read, from any place at once."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

PAGE, KEPT = 32, 64  # rows read together, such pages in memory
ROW = int(Qt.ItemDataRole.UserRole) + 1
LAST_PIN = ROW + 1  # of the last pinned patient, below whom the others begin


class PatientLike(Protocol):
    """What the list shows of a patient; app.store.queries.PatientRow is one."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def sex(self) -> str: ...
    @property
    def age(self) -> float | None: ...
    @property
    def visits(self) -> int: ...
    @property
    def last_date(self) -> dt.date | None: ...
    @property
    def spark(self) -> Sequence[float]: ...
    @property
    def pinned(self) -> bool: ...
    @property
    def tags(self) -> Sequence[str]: ...


class Rows(Protocol):
    """Reads lines of the list. Called in the window's thread: it must answer in milliseconds."""

    def rows(self, ids: Sequence[int]) -> Mapping[int, PatientLike]: ...

    def row_of(self, code: str) -> int | None: ...


AnyIndex = QModelIndex | QPersistentModelIndex


class PatientModel(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source: Rows | None = None
        self._ids: Sequence[int] = ()
        self._pinned = 0
        self._pages: OrderedDict[int, list[PatientLike | None]] = OrderedDict()

    def show_found(self, source: Rows | None, ids: Sequence[int], pinned: int = 0) -> None:
        """List these rows. Where they are the same as before, what they say is read anew and nothing moves."""
        if source is not None and self._source is not None and ids == self._ids:
            self._source, self._pinned = source, pinned
            self._pages.clear()
            if ids:
                self.dataChanged.emit(self.index(0), self.index(len(ids) - 1))
            return
        self.beginResetModel()
        self._source, self._ids, self._pinned = source, ids, pinned
        self._pages.clear()
        self.endResetModel()

    @property
    def ids(self) -> Sequence[int]:
        return self._ids

    def place(self, key: int) -> int:
        """Where a row of the clinic stands in the list, -1 where it does not."""
        try:
            return self._ids.index(key)
        except ValueError:
            return -1

    def row_of(self, code: str) -> int:
        """Where a patient stands in the list, -1 where they do not."""
        for page, rows in self._pages.items():
            for at, row in enumerate(rows):
                if row is not None and row.code == code:
                    return page * PAGE + at
        key = self._source.row_of(code) if self._source is not None and code else None
        return -1 if key is None else self.place(key)

    def line(self, row: int) -> PatientLike | None:
        """None past the ends, and for who was taken out a moment ago."""
        if not 0 <= row < len(self._ids) or self._source is None:
            return None
        page, at = divmod(row, PAGE)
        if page not in self._pages:
            ids = self._ids[page * PAGE : (page + 1) * PAGE]
            found = self._source.rows(ids)
            self._pages[page] = [found.get(key) for key in ids]
            if len(self._pages) > KEPT:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page][at]

    def code_at(self, row: int) -> str:
        line = self.line(row)
        return line.code if line is not None else ""

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == LAST_PIN:
            return 0 < self._pinned < len(self._ids) and index.row() == self._pinned - 1
        if role not in (ROW, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        line = self.line(index.row())
        if line is None or role == ROW:
            return line
        name = line.name or line.code
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        return ", ".join((name, *((self.tr("pinned"),) if line.pinned else ()), *line.tags))
