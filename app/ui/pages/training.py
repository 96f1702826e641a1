"""The training page: models of this clinic, what they learned from, and how well they forecast held-out cases."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.domain import standing
from app.ui import theme
from app.ui.figures import percent_text
from app.ui.labels import SafeLabel
from app.ui.pages.empty import EmptyState
from app.ui.translation import Speaking, number_text
from app.wording import interval_text, model_name, variable_label
from models.course import Variable, variable_from

COLUMNS, DETAIL_COLUMNS, BESIDE_COLUMNS = 7, 5, 4
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
JUST_NOTHING = 0.005  # a change that rounds to 0 %
NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TrainingPage(Speaking, QWidget):
    """model_preferred: the model that is to forecast from now on; preference_ended: the one that is so no longer;
    model_chosen: one that is looked through for now."""

    training_wanted = Signal()
    model_chosen = Signal(str)
    model_preferred = Signal(str)
    preference_ended = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: list[Any] = []
        self._current, self._may_choose = "", False
        self.empty = EmptyState("training", 1)
        self.empty.buttons[0].clicked.connect(self.training_wanted)
        self.table = QTableWidget(0, COLUMNS)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.itemDoubleClicked.connect(self._look_through)
        self.table.currentCellChanged.connect(self._fill_detail)
        self.detail = QTableWidget(0, DETAIL_COLUMNS)
        self.beside = QTableWidget(0, BESIDE_COLUMNS)
        for table in (self.table, self.detail, self.beside):
            _calm(table)
        # no word is cut: of the narrow tables neither names nor heads, of the wide one the verdict
        self.table.horizontalHeader().setSectionResizeMode(COLUMNS - 1, QHeaderView.ResizeMode.ResizeToContents)
        for table in (self.detail, self.beside):
            table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._detail_title, self._beside_title = SafeLabel(bold=True, wrap=True), SafeLabel(bold=True, wrap=True)
        self._title = SafeLabel(size=theme.TITLE, bold=True, elide=True)
        self._note = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self.use = QPushButton()
        self.use.clicked.connect(self._prefer)
        self._clicked = QElapsedTimer()
        self.train = QPushButton()
        self.train.setProperty("filled", True)
        self.train.clicked.connect(self.training_wanted)
        head = QHBoxLayout()
        head.setSpacing(theme.GAP)
        head.addWidget(self._title, 1)
        head.addWidget(self.use)
        head.addWidget(self.train)
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(16, 14, 16, 14)
        inside.setSpacing(12)
        inside.addLayout(head)
        inside.addWidget(self.table, 1)
        halves = QHBoxLayout()
        halves.setSpacing(theme.GAP)
        for share, title, table in ((4, self._detail_title, self.detail), (3, self._beside_title, self.beside)):
            half = QVBoxLayout()
            half.addWidget(title)
            half.addWidget(table, 1)
            halves.addLayout(half, share)
        inside.addLayout(halves, 2)
        inside.addWidget(self._note)
        shown = QWidget()
        margin = QVBoxLayout(shown)
        margin.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        margin.addWidget(card)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        theme.notifier.changed.connect(self._fill)
        self.retranslate()

    def show_models(self, models: list[Any], current: str, may_choose: bool = False) -> None:
        """models: rows of clinic.models.list() (name, created, card); current forecasts now; may_choose: for all."""
        self._models, self._current, self._may_choose = models, current, may_choose
        self._stack.setCurrentIndex(1 if models else 0)
        self._fill()

    def picture(self) -> QPixmap:
        return self._stack.grab()

    def retranslate(self) -> None:
        self.empty.say(
            self.tr("There is no model yet"),
            self.tr("Train a liquid network on the cases of this clinic; it is checked on cases it has not seen."),
            self.tr("Train a model"),
        )
        self._title.setText(self.tr("Models"))
        self.table.setAccessibleName(self.tr("Models"))
        self.detail.setAccessibleName(self.tr("Error by variable"))
        self.beside.setAccessibleName(self.tr("Beside simple forecasts"))
        self.train.setText(self.tr("Train a model…"))
        self._note.setText(
            self.tr(
                "Error: root mean square over held-out cases, in spreads of each variable; lower is better. "
                "A model that does not beat repeating the last value should not be relied on."
            )
        )
        heads = [
            self.tr("Name"),
            self.tr("Made"),
            self.tr("Cases"),
            self.tr("Error"),
            self.tr("Last value's error"),
            self.tr("90% interval held"),
            self.tr("Verdict"),
        ]
        self.table.setHorizontalHeaderLabels(heads)
        _align_heads(self.table, numbers=range(2, 6))
        self.detail.setHorizontalHeaderLabels(
            [
                self.tr("Variable"),
                self.tr("Error"),
                self.tr("Last value's error"),
                self.tr("Change"),
                self.tr("Values checked"),
            ]
        )
        _align_heads(self.detail, numbers=range(1, 5))
        self.beside.setHorizontalHeaderLabels(
            [self.tr("Compared with"), self.tr("Error"), self.tr("90% interval"), self.tr("Behind by")]
        )
        _align_heads(self.beside, numbers=range(1, 4))
        self._fill()

    def _fill(self, *_: object) -> None:
        self.table.setRowCount(len(self._models))
        colors = theme.current()
        for row, model in enumerate(self._models):
            card: dict[str, Any] = dict(model.card)
            score, found = card.get("score", {}), standing.verdict(card)
            words = {
                "better": self.tr("beats all simple ones"),
                "alike": self.tr("as good as the best simple one"),
                "worse": self.tr("do not rely on it"),
                None: "",
            }
            preferred = bool(card.get(standing.PREFERRED))
            texts = [
                self.tr("{name} (chosen)").format(name=model.name) if preferred else model.name,
                model.created.astimezone().strftime("%Y-%m-%d %H:%M"),
                _number(card.get("training", {}).get("patients"), 0),
                _number(score.get("model"), 2),
                _number(score.get("last_value"), 2),
                _percent(card.get("coverage90")),
                words[found],
            ]
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if 2 <= column <= 5:
                    item.setTextAlignment(NUMBERS)
                if column == 0:
                    item.setFont(theme.font(bold=model.name == self._current))
                if column == 6 and found is not None:
                    item.setForeground(colors.color("red" if found == "worse" else "green"))
                self.table.setItem(row, column, item)
            if model.name == self._current:
                self.table.selectRow(row)
        if self._models and self.table.currentRow() < 0:  # none is in use: the newest is looked at
            self.table.selectRow(0)
        self._fill_detail(self.table.currentRow())  # the row may be the same, its words and colours are not

    def _fill_detail(self, row: int, *_: object) -> None:
        """Errors of each variable in its own unit, the best gain first."""
        ends = self._ends_preference(row)
        self.use.setText(self.tr("Choose automatically again") if ends else self.tr("Forecast with this one"))
        if not 0 <= row < len(self._models):
            self.detail.setRowCount(0)
            self.beside.setRowCount(0)
            return
        card: dict[str, Any] = dict(self._models[row].card)
        self._fill_beside(card)
        self._detail_title.setText(
            self.tr("{name}: each variable, in its own unit").format(name=self._models[row].name)
        )
        labels = {v["name"]: variable_from(v) for v in card.get("series", {}).get("variables", [])}
        found = card.get("score", {}).get("per_variable", {})
        lines = sorted(((gain(f), name, f) for name, f in found.items()), key=_by_gain)
        self.detail.setRowCount(len(lines))
        for line, (change, name, figures) in enumerate(lines):
            texts = [
                variable_label(labels.get(name, Variable(name))),
                _number(figures.get("model"), 2),
                _number(figures.get("last_value"), 2),
                change_text(change),
                _number(figures.get("values"), 0),
            ]
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(NUMBERS if column else LEFT)
                if column == 3 and change is not None and abs(change) >= JUST_NOTHING:
                    item.setForeground(theme.current().color("green" if change > 0 else "red"))
                self.detail.setItem(line, column, item)

    def _fill_beside(self, card: dict[str, Any]) -> None:
        """The table its training ended with, its own line first."""
        own = standing.own_line(card)
        lines = [] if own is None else [own, *standing.rivals(card)]
        self._beside_title.setText(
            self.tr("Beside others, on {n} cases it has not seen").format(n=card["comparison"]["patients"])
            if lines
            else self.tr("Not compared with others")
        )
        self.beside.setRowCount(len(lines))
        best = min((line["rmse"] for line in lines if line["rmse"] is not None), default=None)
        for row, line in enumerate(lines):
            known = line["rmse"] is not None
            interval = interval_text(_number(line["low"], 2), _number(line["high"], 2)) if known else "–"
            behind = line["behind"][0] if line["behind"] is not None else None
            texts = [model_name(line["model"]), _number(line["rmse"], 3), interval, signed_text(behind)]
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(NUMBERS if column else LEFT)
                item.setFont(theme.font(bold=known and line["rmse"] == best))
                self.beside.setItem(row, column, item)

    def _look_through(self, item: QTableWidgetItem) -> None:
        self.model_chosen.emit(self._models[item.row()].name)

    def _prefer(self) -> None:
        row = self.table.currentRow()
        if self._clicked.isValid() and self._clicked.elapsed() < QApplication.doubleClickInterval():
            return  # the second half of a double click would take the choice back
        self._clicked.start()
        if self._ends_preference(row):
            self.preference_ended.emit(self._models[row].name)
        elif 0 <= row < len(self._models):
            self.model_preferred.emit(self._models[row].name)

    def _ends_preference(self, row: int) -> bool:
        """Whether the button ends that the model there is preferred: it is, and nothing else is looked through."""
        found = self._models[row] if self._may_choose and 0 <= row < len(self._models) else None
        return found is not None and found.name == self._current and bool(found.card.get(standing.PREFERRED))


def gain(figures: dict[str, Any]) -> float | None:
    """Share of the last value's error that the model saves, negative where it adds; None where unknown."""
    model, last = figures.get("model"), figures.get("last_value")
    return None if model is None or not last else 1 - model / last


def change_text(saved: float | None) -> str:
    """How the error compares with the last value's: "−18%" is less, "+4%" more."""
    if saved is None:
        return "–"
    if abs(saved) < JUST_NOTHING:
        return "0%"
    return f"{'−' if saved > 0 else '+'}{number_text(abs(100 * saved), 0)}%"


def signed_text(value: float | None) -> str:
    """ "+0.031" or "−0.004"; "–" where there is none."""
    if value is None:
        return "–"
    return f"{'−' if value < 0 else '+'}{number_text(abs(value), 3)}"


def _by_gain(line: tuple[float | None, str, dict[str, Any]]) -> tuple[float, str]:
    return (-line[0] if line[0] is not None else 1e9, line[1])


def _calm(table: QTableWidget) -> None:
    """No editing, no grid, no row numbers, columns that share the width."""
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.verticalHeader().hide()
    theme.follow(table.verticalHeader(), "setDefaultSectionSize", 32)
    table.setShowGrid(False)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)


def _align_heads(table: QTableWidget, numbers: range) -> None:
    for column in range(table.columnCount()):
        if (head := table.horizontalHeaderItem(column)) is not None:
            head.setTextAlignment(NUMBERS if column in numbers else LEFT)


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else number_text(value, digits)


def _percent(share: float | None) -> str:
    return "–" if share is None else percent_text(share)
