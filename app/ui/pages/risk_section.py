"""What may befall the patient: the chance of each event by the days of the forecast."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.labels import SafeLabel
from app.ui.translation import Speaking
from app.wording import chance_text, event_label
from models.forecast import Forecast


class RiskSection(Speaking, QWidget):
    """Hidden where the model waits for nothing, or what it waits for has come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forecast: Forecast | None = None
        self._end = 0.0
        self.title = SafeLabel(bold=True)
        self.note = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addLayout(self._grid)
        column.addWidget(self.note)
        self.hide()
        self.retranslate()

    def show_forecast(self, forecast: Forecast | None, course_end: float = 0.0) -> None:
        """course_end: day of the last visit, from which the days are counted."""
        self._forecast, self._end = forecast, course_end
        self._fill()

    def rows(self) -> list[list[str]]:
        """What stands in the table, line by line."""
        found: dict[int, list[str]] = {}
        for place in range(self._grid.count()):
            item = self._grid.itemAt(place)
            label = item.widget() if item is not None else None
            if isinstance(label, SafeLabel):
                row = cast("tuple[int, int, int, int]", self._grid.getItemPosition(place))[0]
                found.setdefault(row, []).append(label.text())
        return list(found.values())

    def retranslate(self) -> None:
        self.title.setText(self.tr("What may come"))
        self.note.setText(self.tr("The chance that it has come by then, of what this clinic's records tell of"))
        self._fill()

    def _fill(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        forecast = self._forecast
        self.setVisible(forecast is not None and bool(forecast.survival))
        if forecast is None:
            return
        for column, day in enumerate(forecast.at - self._end, start=1):
            words = self.tr("+{days} days").format(days=f"{day:g}")
            self._put(SafeLabel(words, tone="muted", size=theme.SMALL), 0, column)
        for row, (event, living) in enumerate(forecast.survival.items(), start=1):
            self._grid.addWidget(SafeLabel(event_label(event), elide=True), row, 0)
            for column, share in enumerate(living.tolist(), start=1):
                self._put(SafeLabel(chance_text(1.0 - share), bold=True), row, column)

    def _put(self, label: SafeLabel, row: int, column: int) -> None:
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(label, row, column)
