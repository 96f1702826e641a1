"""What follows a save: the visit's number, and what the forecast makes of it beside what it said before."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.figures import forecast_figures
from app.ui.forecasting import Outlook
from app.ui.labels import SafeLabel
from app.ui.pages.forecast_panel import order
from app.ui.translation import Speaking
from app.wording import variable_label

SHOWN = 6


class SavedCard(Speaking, QWidget):
    """before: the forecast that stood there when the visit was saved."""

    close_wanted = Signal()
    print_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._before: Outlook | None = None
        self._after: Outlook | None = None
        self.title = SafeLabel(size=theme.TITLE, bold=True)
        self.heading = SafeLabel(bold=True)
        self.note = SafeLabel(tone="muted", size=theme.SMALL, wrap=True)
        self._table = QWidget()
        self.close_button, self.print_button = QPushButton(), QPushButton()
        self.close_button.setProperty("filled", True)
        for button in (self.close_button, self.print_button):
            button.setAutoDefault(True)  # the keyboard stands there after saving: Enter goes on
        self.close_button.clicked.connect(self.close_wanted)
        self.print_button.clicked.connect(self.print_wanted)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(theme.GAP)
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(0, 0, 0, 0)
        foot = QHBoxLayout()
        foot.addWidget(self.close_button)
        foot.addWidget(self.print_button)
        foot.addStretch(1)
        for widget in (self.title, self.heading, self._table, self.note):
            self._column.addWidget(widget)
        self._column.addLayout(foot)
        self._column.addStretch(1)
        self.retranslate()

    def keep(self, outlook: Outlook | None) -> None:
        """What the forecast says now, before the visit is saved."""
        self._before, self._after = outlook, None

    def show_visit(self, number: int) -> None:
        self._number = number
        self._fill()

    def show_outlook(self, outlook: Outlook) -> None:
        """What it says with the visit."""
        self._after = outlook
        self._fill()

    def clear(self) -> None:
        self._number, self._before, self._after = 0, None, None
        self._fill()

    @property
    def waits(self) -> bool:
        """A visit was saved, and the forecast with it is not here yet."""
        return bool(self._number) and self._after is None

    def enter(self) -> None:
        self.close_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        self.close_button.setText(self.tr("Done"))
        self.print_button.setText(self.tr("Print the prescription"))
        self._fill()

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Variable, median of before, median with the visit, its interval or word: at the forecast's last day."""
        if self._after is None:
            return []
        after, earlier = self._after.forecast, self._before.forecast if self._before is not None else None
        places = {} if earlier is None else {v.name: i for i, v in enumerate(earlier.variables)}
        found: list[tuple[str, str, str, str]] = []
        for index in order(after)[:SHOWN]:
            variable = after.variables[index]
            old = "–"
            if earlier is not None and variable.name in places:
                old = forecast_figures(earlier, places[variable.name])[-1][0]
            found.append((variable_label(variable), f"{old} →", *forecast_figures(after, index)[-1]))
        return found

    def _fill(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.title.setText(self.tr("Visit {number} is saved").format(number=self._number) if self._number else "")
        days = "" if self._after is None else f"{self._after.forecast.at[-1] - self._after.course_end:g}"
        self.heading.setText(self.tr("Expected {days} days on, before and now").format(days=days) if days else "")
        for row, texts in enumerate(self.rows()):
            for column, text in enumerate(texts):
                tone = "muted" if column in (1, 3) else "text"
                label = SafeLabel(text, tone=tone, bold=column == 2, elide=column == 0)
                self._grid.addWidget(label, row, column)
        self._grid.setColumnStretch(0, 1)
        self.note.setText(self._remark())

    def _remark(self) -> str:
        if not self._number:
            return ""
        if self._after is None:
            return self.tr("The forecast with this visit follows as soon as a model is in use.")
        return self.tr("For reference only; it does not replace a physician's diagnosis.")
