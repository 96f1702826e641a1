"""The forecast page: a small picture of each variable this patient has on record, with the band of what may come."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from app.analysis import series
from app.domain.records import Case
from app.ui.forecasting import Outlook
from app.ui.pages.forecast_panel import is_seen, order
from app.ui.pages.model_page import ModelPage
from app.ui.plots.forecast import ForecastView


class ForecastPage(ModelPage):
    def __init__(self, parent: QWidget | None = None) -> None:
        self.view = ForecastView()
        super().__init__("forecast", self.view, parent)

    def show_outlook(self, outlook: Outlook, case: Case, card: dict[str, Any]) -> None:
        """card tells which variables the model reads, so that the history is drawn as the model saw it."""
        plan = series.SeriesPlan.from_dict(card["series"])
        curve = outlook.curve
        names = [curve.names[i] for i in order(curve)]
        seen = [name for name in names if is_seen(curve, name)]
        self.view.show_forecast(series.course(case, plan), curve.select(seen or names))
        self.show_view()

    def clear(self) -> None:
        self.view.clear()

    def waiting_text(self) -> str:
        return self.tr("Computing the forecast…")

    def failed_text(self) -> str:
        return self.tr("The forecast could not be computed")

    def promise(self) -> str:
        return self.tr("A trained network shows here where each variable may go, with its interval.")
