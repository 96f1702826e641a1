"""What an import did: the figures, and every refused row with its place and reason."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.translation import Speaking, number_text

_IN_CASE = re.compile(r"visits\[(?P<visit>\d+)\](?:\.herbs\[(?P<herb>\d+)\])?(?:\.\w+)?")
SHOWN = 500  # refused rows listed on screen; the saved report has all


class ImportResult(Speaking, QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: dict[str, Any] = {}
        self.title = SafeLabel(size=theme.TITLE, bold=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(2)
        self._figures = [(SafeLabel(size=theme.TITLE), SafeLabel(tone="muted", size=theme.SMALL)) for _ in range(8)]
        for index, (figure, word) in enumerate(self._figures):
            self._grid.addWidget(figure, 2 * (index // 4), index % 4)
            self._grid.addWidget(word, 2 * (index // 4) + 1, index % 4)
        self._refused_title = SafeLabel(bold=True)
        self.table = QTableWidget(0, 5)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        head.setMaximumSectionSize(320)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addLayout(self._grid)
        column.addWidget(self._refused_title)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        self.retranslate()

    def show_report(self, report: dict[str, Any]) -> None:
        """report: ImportReport.to_dict()."""
        self._report = report
        refused = report.get("refused", [])
        self.table.setRowCount(min(len(refused), SHOWN))
        for row, entry in enumerate(refused[:SHOWN]):
            place = str(entry["row"]) if entry["row"] else "–"
            for column, text in enumerate((entry["file"], place, "", entry["value"], entry["reason"])):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.setVisible(bool(refused))
        self.retranslate()

    def clear(self) -> None:
        """Nothing of a report stays."""
        self._report = {}
        self.table.setRowCount(0)
        for figure, _ in self._figures:
            figure.setText("")

    def retranslate(self) -> None:
        self.table.setHorizontalHeaderLabels(
            [self.tr("File"), self.tr("Row"), self.tr("Column"), self.tr("Value"), self.tr("Reason")]
        )
        report = self._report
        if not report:
            return
        for row, entry in enumerate(report.get("refused", [])[:SHOWN]):
            self.table.setItem(row, 2, QTableWidgetItem(self._place(entry["column"])))
        self.title.setText(self.tr("Imported") if report.get("committed") else self.tr("Nothing was imported"))
        figures = [
            (number_text(report["rows_read"], 0), self.tr("rows read")),
            (number_text(report["rows_accepted"], 0), self.tr("rows accepted")),
            (number_text(report["patients"], 0), self.tr("patients")),
            (number_text(report["visits"], 0), self.tr("visits")),
            (number_text(report["rows_refused"], 0), self.tr("rows refused")),
            (share(report["visits_with_symptom"], report["visits"]), self.tr("visits with a coded symptom")),
            (share(report["pulse_terms_coded"], report["pulse_terms_total"]), self.tr("pulse terms coded")),
            (share(report["herb_items_mapped"], report["herb_items_total"]), self.tr("herbs recognised")),
        ]
        for (figure, word), (value, text) in zip(self._figures, figures, strict=True):
            figure.setText(value)
            word.setText(text)
        self._figures[4][0].set_tone("red" if report["rows_refused"] else "text")
        refused = len(report.get("refused", []))
        if not refused:
            self._refused_title.setText(self.tr("Nothing was refused."))
        elif refused > SHOWN:
            self._refused_title.setText(
                self.tr("The first {shown} of {count} refusals; the saved report lists all").format(
                    shown=number_text(SHOWN, 0), count=number_text(refused, 0)
                )
            )
        elif report["rows_refused"]:
            self._refused_title.setText(self.tr("Refused: {count}").format(count=number_text(refused, 0)))
        else:
            text = self.tr("Every row was taken; kept as written, because not recognised: {count}")
            self._refused_title.setText(text.format(count=number_text(refused, 0)))

    def _place(self, column: str) -> str:
        """A column's name, or the place inside a case book: "visits[0].herbs[6].name" is "visit 1, herb 7"."""
        found = _IN_CASE.fullmatch(column)
        if found is None:
            return column
        visit, herb = found["visit"], found["herb"]
        parts = [self.tr("visit {number}").format(number=int(visit) + 1)]
        if herb is not None:
            parts.append(self.tr("herb {number}").format(number=int(herb) + 1))
        return " · ".join(parts)


def share(part: float, whole: float) -> str:
    """Part of whole in percent, a dash where there is no whole."""
    return f"{number_text(100 * part / whole, 1)}%" if whole else "–"
