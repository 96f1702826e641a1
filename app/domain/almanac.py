"""What the lunisolar calendar says of a civil date: its lunar date (农历) and the solar term (节气) it lies in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1400, 2300  # what lunar_python tells soundly


@dataclass(frozen=True, slots=True)
class Almanac:
    """year: the two characters of the cycle (丙午); month: 1..12; leap: a second month of that number (闰)

    month_text, day_text: in Chinese, as 闰二月 and 初一; term: Chinese name of the solar term that began last;
    since: days since it began, 0 on its first day
    """

    year: str
    month: int
    leap: bool
    day: int
    month_text: str
    day_text: str
    term: str
    since: int


@lru_cache(maxsize=4096)
def almanac(date: dt.date) -> Almanac | None:
    """None for a date outside 1400 to 2300. Terms begin by the civil day of Beijing."""
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        return None
    from lunar_python import Solar  # only where dates are looked at

    found = Solar.fromYmd(date.year, date.month, date.day).getLunar()
    term = found.getPrevJieQi(True)
    if term is None:
        return None
    began = term.getSolar()
    return Almanac(
        year=found.getYearInGanZhi(),
        month=abs(found.getMonth()),
        leap=found.getMonth() < 0,
        day=found.getDay(),
        month_text=f"{found.getMonthInChinese()}月",
        day_text=found.getDayInChinese(),
        term=str(term.getName()),
        since=(date - dt.date(began.getYear(), began.getMonth(), began.getDay())).days,
    )
