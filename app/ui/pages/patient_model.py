"""The patient list as a Qt model over ``clinic.queries.search``, page by page, so that a large clinic opens at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

PAGE = 200
ROW = int(Qt.ItemDataRole.UserRole) + 1


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


Search = Callable[[str, int, int], Sequence[PatientLike]]  # text, limit, offset
AnyIndex = QModelIndex | QPersistentModelIndex


class PatientModel(QAbstractListModel):
    """Rows of one search. ``search`` is called in this thread; it must answer in milliseconds."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search: Search | None = None
        self._text = ""
        self._rows: list[PatientLike] = []
        self._more = False

    def show_search(self, search: Search | None, text: str) -> None:
        """Replace all rows by the first page of a search; None empties the list."""
        self.beginResetModel()
        self._search, self._text = search, text.strip()
        self._rows = list(search(self._text, PAGE, 0)) if search is not None else []
        self._more = len(self._rows) == PAGE
        self.endResetModel()

    def row_of(self, code: str) -> int:
        """Row of a patient, -1 where it is not (yet) in the list."""
        return next((i for i, row in enumerate(self._rows) if row.code == code), -1)

    def code_at(self, row: int) -> str:
        return self._rows[row].code if 0 <= row < len(self._rows) else ""

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.name or row.code
        return None

    def canFetchMore(self, parent: AnyIndex) -> bool:
        return self._more and not parent.isValid()

    def fetchMore(self, parent: AnyIndex) -> None:
        if self._search is None or not self._more:
            return
        page = list(self._search(self._text, PAGE, len(self._rows)))
        self._more = len(page) == PAGE
        if page:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(page) - 1)
            self._rows.extend(page)
            self.endInsertRows()
