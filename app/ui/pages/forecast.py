"""The forecast page: a small picture of each variable this patient has on record, with the band of what may come."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.analysis import series
from app.domain.records import Case
from app.ui import theme
from app.ui.forecasting import Outlook
from app.ui.pages.empty import EmptyState
from app.ui.pages.forecast_panel import is_seen, order
from app.ui.plots.forecast import ForecastView
from app.ui.translation import Speaking


class ForecastPage(Speaking, QWidget):
    training_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = "no model"
        self._reason = ""
        self.view = ForecastView()
        self.empty = EmptyState("forecast", 1)
        self.empty.buttons[0].clicked.connect(self.training_wanted)
        shown = QWidget()
        margin = QVBoxLayout(shown)
        margin.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        margin.addWidget(self.view)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.retranslate()

    def show_state(self, state: str, reason: str = "") -> None:
        """One of "no patient", "no model", "waiting", "failed": nothing to draw yet, and why."""
        self._state, self._reason = state, reason
        self._stack.setCurrentIndex(0)
        self.view.clear()
        self.retranslate()

    def show_outlook(self, outlook: Outlook, case: Case, card: dict[str, Any]) -> None:
        """card tells which variables the model reads, so that the history is drawn as the model saw it."""
        self._state = "ready"
        plan = series.SeriesPlan.from_dict(card["series"])
        curve = outlook.curve
        names = [curve.names[i] for i in order(curve)]
        seen = [name for name in names if is_seen(curve, name)]
        self.view.show_forecast(series.course(case, plan), curve.select(seen or names))
        self._stack.setCurrentIndex(1)

    def picture(self) -> QPixmap:
        return self.view.grab()

    def retranslate(self) -> None:
        titles = {
            "no patient": self.tr("No patient is chosen"),
            "no model": self.tr("There is no model yet"),
            "waiting": self.tr("Computing the forecast…"),
            "failed": self.tr("The forecast could not be computed"),
            "ready": "",
        }
        texts = {
            "no patient": self.tr("Choose a patient in the list at the left."),
            "no model": self.tr("A trained network shows here where each variable may go, with its interval."),
            "waiting": "",
            "failed": self._reason,
            "ready": "",
        }
        self.empty.say(titles[self._state], texts[self._state], self.tr("Train a model"))
        self.empty.buttons[0].setVisible(self._state == "no model")
