"""How forecast figures are written: a median with its interval, a chance with its word."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.ui.translation import number_text
from app.wording import interval_text

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
