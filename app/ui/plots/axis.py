"""What stands under a place on the time axis: a date only where dates were recorded, else days or visit numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from app.domain.records import DateBasis, Visit
from app.ui.plots.scale import Steps, TimeScale

_DAY_STEPS = (1, 2, 5, 7, 14, 28)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_DAYS_A_MONTH = 30.44
TICK_SPACING = 90.0  # pixels between labels, at least


class AxisMode(StrEnum):
    CALENDAR = "calendar"  # dates where dates are known
    DAYS = "days"  # since the first visit
    VISITS = "visits"  # numbers of visits at equal steps, then the days after the last one


class TimeAxis:
    """Labels of one case's clock.

    mode: as wished; a case of which only the order is known counts visits in every mode
    basis: EXACT where every visit has a civil date, ORDER where any day was only placed by convention, else RELATIVE
    """

    def __init__(self, visits: Sequence[Visit] = (), language: str = "zh", mode: AxisMode = AxisMode.CALENDAR) -> None:
        self.language, self.mode = language, mode
        self._locale = QLocale("zh_CN") if language == "zh" else QLocale("en_GB")
        self._visits = tuple(visits)
        self.basis = _basis(self._visits)
        first = self._visits[0] if self._visits else None
        exact = self.basis is DateBasis.EXACT and first is not None and first.date is not None
        self._origin = first.date - dt.timedelta(days=round(first.day)) if exact and first and first.date else None
        years = {v.date.year for v in self._visits if v.date is not None} if self._origin else set()
        self._with_year = len(years) > 1
        self.years = (min(years), max(years)) if years else None

    def date_text(self, date: dt.date, *, year: bool | None = None) -> str:
        year = self._with_year if year is None else year
        short, long = ("M月d日", "yyyy年M月d日") if self.language == "zh" else ("d MMM", "d MMM yyyy")
        return self._locale.toString(QDate(date.year, date.month, date.day), long if year else short)

    def visit_number(self, number: int) -> str:
        return QCoreApplication.translate("TimeAxis", "Visit {n}").format(n=number)

    def day_number(self, day: float) -> str:
        text = f"{day:.0f}" if abs(day - round(day)) < 0.05 else f"{day:.1f}"
        return QCoreApplication.translate("TimeAxis", "Day {n}").format(n=text)

    def steps(self) -> Steps | None:
        """Where the visits stand in the mode of visit numbers; None in the others, and for a single day."""
        days = {visit.day for visit in self._visits}
        return Steps(sorted(days)) if self.mode is AxisMode.VISITS and len(days) > 1 else None

    def date_at(self, day: float) -> dt.date | None:
        """The civil date of a day; None where dates were not recorded."""
        return None if self._origin is None else self._origin + dt.timedelta(days=round(day))

    def visit_label(self, visit: Visit, *, year: bool | None = None) -> str:
        """The place of one visit in words: its date in a dated case; in others its day, or its number where days
        are by convention. ``visit_date`` tells the date a single visit of such a case may have."""
        if self._counts_visits:
            return self.visit_number(visit.number)
        if self._dated and visit.date is not None:
            return self.date_text(visit.date, year=year)
        return self.day_number(visit.day)

    def visit_date(self, visit: Visit) -> str:
        """The recorded date of a visit, "" where none was; with the year where the axis does not say it."""
        if visit.date is None or visit.basis is not DateBasis.EXACT:
            return ""
        return self.date_text(visit.date, year=None if self.basis is DateBasis.EXACT else True)

    def place(self, day: float) -> str:
        """Any day in words; "" where only the order of visits is known."""
        if self.basis is DateBasis.ORDER:
            return ""
        if self._dated and self._origin is not None:
            return self.date_text(self._origin + dt.timedelta(days=round(day)))
        return self.day_number(day)

    @property
    def _counts_visits(self) -> bool:
        return self.mode is AxisMode.VISITS or self.basis is DateBasis.ORDER

    @property
    def _dated(self) -> bool:
        return self.mode is AxisMode.CALENDAR and self._origin is not None

    def caption(self) -> str:
        """What the axis counts, for the label column."""
        if self.basis is DateBasis.ORDER:
            return QCoreApplication.translate("TimeAxis", "by visit order")
        if self.mode is AxisMode.VISITS:
            return QCoreApplication.translate("TimeAxis", "by visit number")
        if self.years is None or not self._dated:
            return QCoreApplication.translate("TimeAxis", "by day")
        low, high = self.years
        text = str(low) if low == high else f"{low}–{high}"
        return QCoreApplication.translate("TimeAxis", "year {years}").format(years=text)

    def ticks(self, scale: TimeScale) -> list[tuple[float, str]]:
        """(day, label) at even places in view, none where only the order of visits is known."""
        if self._counts_visits:
            return []
        wanted = scale.span / max(scale.width / TICK_SPACING, 1.0)
        step = next((s for s in _DAY_STEPS if s >= wanted), None)
        if step is None and self._dated:
            return self._month_ticks(scale, wanted)
        step = step or _nice(wanted)
        count = int(scale.span / step) + 2
        start = int(scale.low // step)
        days = [float((start + i) * step) for i in range(count)]
        return [(d, self.place(d)) for d in days if scale.low <= d <= scale.high]

    def _month_ticks(self, scale: TimeScale, wanted: float) -> list[tuple[float, str]]:
        assert self._origin is not None
        months = next((m for m in _MONTH_STEPS if m * _DAYS_A_MONTH >= wanted), _MONTH_STEPS[-1])
        start = self._origin + dt.timedelta(days=int(scale.low))
        index = (start.year * 12 + start.month - 1) // months * months
        out: list[tuple[float, str]] = []
        while True:
            date = dt.date(index // 12, index % 12 + 1, 1)
            day = float((date - self._origin).days)
            if day > scale.high:
                return out
            if day >= scale.low:
                out.append((day, self._month_text(date, whole_years=months % 12 == 0)))
            index += months

    def _month_text(self, date: dt.date, *, whole_years: bool) -> str:
        if self.language == "zh":
            pattern = "yyyy年" if whole_years else "yyyy年M月"
        else:
            pattern = "yyyy" if whole_years else "MMM yyyy"
        return self._locale.toString(QDate(date.year, date.month, date.day), pattern)


def _basis(visits: Sequence[Visit]) -> DateBasis:
    if any(v.basis is DateBasis.ORDER for v in visits):
        return DateBasis.ORDER
    if visits and all(v.basis is DateBasis.EXACT and v.date is not None for v in visits):
        return DateBasis.EXACT
    return DateBasis.RELATIVE


def _nice(value: float) -> int:
    """The next of 10, 20, 50, 100 ... at or above a value."""
    unit = 10
    while True:
        for factor in (1, 2, 5):
            if unit * factor >= value:
                return unit * factor
        unit *= 10
