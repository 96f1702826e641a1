"""How forecast figures are written: a median with its interval, a chance with its word."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.ui.translation import number_text
from app.wording import chance_text, interval_text
from models.forecast import Forecast

_LIKELY, _UNLIKELY = 0.8, 0.2


def percent_text(share: float) -> str:
    return f"{number_text(100 * share, 0)}%"


def likelihood(share: float) -> str:
    """A chance in one word, in the place where other figures have their interval."""
    if share >= _LIKELY:
        return QCoreApplication.translate("figures", "likely")
    if share <= _UNLIKELY:
        return QCoreApplication.translate("figures", "unlikely")
    return QCoreApplication.translate("figures", "open")


def figure_texts(median: float, low: float, high: float, digits: int = 1) -> tuple[str, str]:
    """Median and interval; no decimals from 100 on."""
    digits = 0 if max(abs(median), abs(low), abs(high)) >= 100 else digits
    return number_text(median, digits), interval_text(number_text(low, digits), number_text(high, digits))


def forecast_figures(forecast: Forecast, index: int) -> list[tuple[str, str]]:
    """For each day a figure and what stands beside it: median and interval, or a chance and its word."""
    variable = forecast.variables[index]
    if variable.kind == "binary":
        return [(chance_text(share), likelihood(share)) for share in forecast.chance[variable.name].tolist()]
    low, mid, high = (forecast.quantile(q)[variable.name].tolist() for q in (0.05, 0.5, 0.95))
    return [figure_texts(*values) for values in zip(mid, low, high, strict=True)]
