"""What a file holds and what each column is taken for, to be looked at and changed before anything is written."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.importing import roles
from app.importing.mapping import Mapping, variable_for
from app.importing.roles import Role
from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.pages.convention_box import ConventionBox
from app.ui.translation import Speaking

ENCODINGS = ("", "utf-8", "gb18030", "big5")
COLUMN_WIDTH = 136


class ImportPreview(Speaking, QWidget):
    """``reread`` asks for the file again in another encoding or sheet; ``mapping()`` is what the user settled on."""

    reread = Signal(str, str)  # encoding ("" finds it out), sheet ("" takes the first)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: dict[str, Any] = {}
        self.encoding, self.sheet, self.convention = QComboBox(), QComboBox(), ConventionBox()
        for encoding in ENCODINGS:
            self.encoding.addItem("", encoding)
        self.encoding.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.encoding.activated.connect(self._ask_again)
        self.sheet.activated.connect(self._ask_again)
        self._words = {key: SafeLabel(tone="muted", size=theme.SMALL) for key in ("encoding", "sheet", "convention")}
        self._pairs = {key: QWidget() for key in self._words}
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        for key, box in (("encoding", self.encoding), ("sheet", self.sheet), ("convention", self.convention)):
            self._words[key].setBuddy(box)
            pair = QHBoxLayout(self._pairs[key])
            pair.setContentsMargins(0, 0, theme.GAP, 0)
            pair.setSpacing(theme.GAP)
            pair.addWidget(self._words[key])
            pair.addWidget(box)
            row.addWidget(self._pairs[key])
        row.addStretch(1)
        self.kind = SafeLabel(bold=True)
        self.warning = SafeLabel(tone="gold", size=theme.SMALL, wrap=True)
        self.table = QTableWidget()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.notes = SafeLabel(tone="muted", wrap=True)
        self.notes.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addLayout(row)
        column.addWidget(self.kind)
        column.addWidget(self.warning)
        column.addWidget(self.table, 1)
        column.addWidget(self.notes)
        self.retranslate()

    def show_preview(self, shown: dict[str, Any]) -> None:
        """shown: result of app.jobs.importing:preview."""
        self._shown = shown
        cases = shown["kind"] == "cases"
        self.notes.setVisible(cases)
        self.sheet.clear()
        self.sheet.addItems(shown["sheets"])
        self.sheet.setCurrentIndex(self.sheet.findText(shown["sheet"]))
        self._pairs["sheet"].setVisible(len(shown["sheets"]) > 1)
        spreadsheet = shown["format"] not in ("cases", "csv", "tsv", "json", "jsonl")
        self._pairs["encoding"].setVisible(not spreadsheet)
        if cases:
            self._fill_cases()
        else:
            self._fill_table()
        self.retranslate()

    def mapping(self) -> dict[str, Any]:
        """The mapping with the roles as chosen. Raises ValueError (its text is for the user) where it cannot work."""
        data = dict(self._shown["mapping"])
        if data["kind"] == "cases":
            return data
        columns = dict(data["columns"])
        variables = dict(data["variables"])
        for index, header in enumerate(self._shown["headers"]):
            role = self._role_box(index).currentData()
            columns[header] = role
            if role == Role.OBSERVATION and header not in variables and data["kind"] == "wide":
                cells = [row[index] for row in self._shown["rows"]]
                variables[header] = variable_for(header, cells).model_dump(mode="json")
        data |= {"columns": columns, "variables": variables}
        return Mapping.model_validate(data).model_dump(mode="json")

    def chosen_encoding(self) -> str | None:
        return self.encoding.currentData() or None

    def retranslate(self) -> None:
        self._words["encoding"].setText(self.tr("Encoding"))
        self._words["sheet"].setText(self.tr("Sheet"))
        self._words["convention"].setText(self.tr("One qian is"))
        found = (self._shown.get("encoding") or "").upper()
        automatic = self.tr("Found: {encoding}").format(encoding=found) if found else self.tr("Automatic")
        for index, text in enumerate((automatic, "UTF-8", "GB18030 (GBK)", "Big5")):
            self.encoding.setItemText(index, text)
        kinds = {
            "long": self.tr("Long table: one measurement a row"),
            "wide": self.tr("Wide table: one visit a row"),
            "cases": self.tr("Case book: one case a line"),
        }
        self.kind.setText(kinds.get(self._shown.get("kind", ""), ""))
        self.notes.setText(
            self.tr(
                "Symptoms, tongue, pulse and herbs are read from the text of every visit. "
                "What is not recognised is kept as written and listed after the import."
            )
        )
        guessed = bool(self._shown.get("guessed"))
        self.warning.setText(
            self.tr("The encoding is a guess: if the words below look wrong, choose another.") if guessed else ""
        )
        self.warning.setVisible(guessed)
        if self._shown.get("kind") == "cases":
            self.table.setHorizontalHeaderLabels(
                [self.tr("Patient"), self.tr("Chapter"), self.tr("Visits"), self.tr("First visit")]
            )
            return
        names = [roles.label(role) for role in Role]
        for column in range(self.table.columnCount()):
            box = self._role_box(column)
            for index, name in enumerate(names):
                box.setItemText(index, name)

    def _fill_table(self) -> None:
        headers, rows = self._shown["headers"], self._shown["rows"]
        self.table.clear()
        self.table.horizontalHeader().setStretchLastSection(False)
        self.table.setColumnCount(len(headers))
        self.table.setRowCount(len(rows) + 1 if headers else 0)
        self.table.setHorizontalHeaderLabels(headers)
        given = self._shown["mapping"].get("columns", {})
        for column, header in enumerate(headers):
            box = QComboBox()
            box.setAccessibleName(header)
            for role in Role:
                box.addItem("", role.value)  # named by retranslate
            box.setCurrentIndex(box.findData(given.get(header, Role.IGNORE.value)))
            self.table.setCellWidget(0, column, box)
            self.table.setColumnWidth(column, COLUMN_WIDTH)
            for line, cells in enumerate(rows):
                self.table.setItem(line + 1, column, QTableWidgetItem(cells[column] if column < len(cells) else ""))

    def _fill_cases(self) -> None:
        found = self._shown.get("cases", [])
        self.table.clear()
        self.table.setColumnCount(4)
        self.table.setRowCount(len(found))
        self.table.horizontalHeader().setStretchLastSection(True)
        for line, case in enumerate(found):
            for column, key in enumerate(("who", "about", "visits", "text")):
                self.table.setItem(line, column, QTableWidgetItem(str(case[key])))
        for column, width in enumerate((COLUMN_WIDTH, COLUMN_WIDTH, COLUMN_WIDTH // 2)):
            self.table.setColumnWidth(column, width)

    def _role_box(self, column: int) -> QComboBox:
        box = self.table.cellWidget(0, column)
        assert isinstance(box, QComboBox)
        return box

    def _ask_again(self, *_: object) -> None:
        self.reread.emit(self.encoding.currentData() or "", self.sheet.currentText())
