"""A comparison as a Qt table: a column a visit, headings between the groups, each difference with its sign and tone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app import comparison_words as words
from app.domain.comparison import Change, Row, Verdict

MARK, TONE = int(Qt.ItemDataRole.UserRole) + 1, int(Qt.ItemDataRole.UserRole) + 2
AnyIndex = QModelIndex | QPersistentModelIndex


class CompareModel(QAbstractTableModel):
    """``lines``: a heading's words, or a row. columns: names of the visits."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[str | Row] = []
        self._columns: tuple[str, ...] = ()
        self._judged = True

    def show_rows(self, columns: Sequence[str], rows: Sequence[Row], *, judged: bool = True) -> None:
        """judged: False where better and worse mean nothing, as between two patients."""
        self.beginResetModel()
        self._columns, self._judged = tuple(columns), judged
        self.lines = []
        group = ""
        for row in rows:
            if (heading := words.heading(row.kind)) != group:
                self.lines.append(heading)
                group = heading
            self.lines.append(row)
        self.endResetModel()

    def row_at(self, line: int) -> Row | None:
        found = self.lines[line] if 0 <= line < len(self.lines) else None
        return found if isinstance(found, Row) else None

    def headings(self) -> list[int]:
        return [line for line, what in enumerate(self.lines) if isinstance(what, str)]

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._columns) + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section - 1] if 0 < section <= len(self._columns) else ""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line, column = self.lines[index.row()], index.column()
        if isinstance(line, str):
            shown = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return line if column == 0 and role in shown else None
        if column == 0:
            if role == Qt.ItemDataRole.DisplayRole:
                return words.row_label(line)
            return self._spoken(line) if role == Qt.ItemDataRole.AccessibleTextRole else None
        cell = line.cells[column - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return words.cell_text(line, cell.fact)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{words.row_label(line)}, {self._columns[column - 1]}: {self.said(line, column)}"
        if role == MARK:
            verdict = words.verdict(cell) if self._judged else ""
            return " ".join(part for part in (words.mark(line, cell), verdict) if part)
        if role == TONE:
            return self._tone(cell.change, cell.verdict)
        return None

    def said(self, row: Row, column: int) -> str:
        return words.said(row, row.cells[column - 1], judged=self._judged)

    def as_text(self) -> str:
        """The whole table, a tab between the columns."""
        lines = ["\t".join(["", *self._columns])]
        for line in self.lines:
            if isinstance(line, str):
                lines.append(line)
            else:
                cells = (self.said(line, column) for column in range(1, self.columnCount()))
                lines.append("\t".join([words.row_label(line), *cells]))
        return "\n".join(lines)

    def _spoken(self, row: Row) -> str:
        """The whole row, for who hears it."""
        cells = (f"{name}: {self.said(row, place)}" for place, name in enumerate(self._columns, start=1))
        return "; ".join([words.row_label(row), *cells])

    def _tone(self, change: Change, verdict: Verdict) -> str:
        if change in (Change.SAME, Change.FIRST, Change.UNKNOWN):
            return "muted"
        if not self._judged:
            return "accent"
        return {Verdict.BETTER: "green", Verdict.WORSE: "red"}.get(verdict, "accent")
