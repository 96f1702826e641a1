"""Dates as case books write them: 2024-03-05, 2024年3月5日, 光绪十年三月初五, 乙酉五月十二日, 三月初五, 十一日.

What a date leaves out is carried on from the one before it: 十一日 behind 三月初五 is the third month's, or the next
month's where the days would run backwards. Lunar dates become civil ones where a year is known: by era, by a number,
or by the cycle of sixty where the reader is told near which year it lies.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from app.domain.units import chinese_number

LUNAR_MONTH_DAYS = 29.53
LEAP_MONTHS_A_YEAR = 7 / 19
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
# first year of each era
_ERAS = {
    "顺治": 1644, "康熙": 1662, "雍正": 1723, "乾隆": 1736, "嘉庆": 1796, "道光": 1821, "咸丰": 1851, "同治": 1862,
    "光绪": 1875, "宣统": 1909, "民国": 1912,
}  # fmt: skip
_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_CN = "[元〇零一二三四五六七八九十廿卅]"

_CIVIL = re.compile(
    r"(?P<year>(?:1[5-9]|20|21)\d\d)\s?(?:[-/.]\s?(?P<m1>\d{1,2})\s?[-/.]\s?(?P<d1>\d{1,2})(?!\d)"
    r"|年\s?(?P<m2>\d{1,2})\s?月\s?(?P<d2>\d{1,2})\s?[日号])"
)
_CIVIL_SHORT = re.compile(r"(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?[日号]")
_LUNAR_DAY = f"(?:初{_CN}|[二三]?十{_CN}?|[廿卅]{_CN}?|{_CN}(?=日))"
_LUNAR = re.compile(
    rf"(?:(?:(?P<era>{'|'.join(_ERAS)})(?P<count>{_CN}{{1,3}}|\d{{1,2}})年|(?P<number>\d{{4}})年)?"
    rf"(?:(?P<cycle>[{_STEMS}][{_BRANCHES}])年?)?"
    rf"(?P<leap>闰)?(?P<month>[正冬腊]|十[一二]|[一二三四五六七八九十])月)?"
    rf"(?P<day>{_LUNAR_DAY})(?:日|(?<=[初廿].)(?![日月年]))"
)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date at text[start:end]; None where it leaves a part out. lunar: month and day are of the Chinese calendar.

    year: civil, of a lunar date the one its first month begins in; cycle: 0-59, 0 is 甲子
    """

    start: int
    end: int
    year: int | None
    month: int | None
    day: int
    lunar: bool
    leap: bool = False
    cycle: int | None = None


def date_at(text: str, at: int) -> WrittenDate | None:
    """The date that begins exactly here."""
    if civil := _CIVIL.match(text, at):
        month, day = int(civil["m1"] or civil["m2"]), int(civil["d1"] or civil["d2"])
        return WrittenDate(*civil.span(), int(civil["year"]), month, day, lunar=False)
    if short := _CIVIL_SHORT.match(text, at):
        return WrittenDate(*short.span(), None, int(short["month"]), int(short["day"]), lunar=False)
    found = _LUNAR.match(text, at)
    day = _number(found["day"].removeprefix("初")) if found else None
    if found is None or day is None or not 1 <= day <= 30:
        return None
    month = _MONTHS.get(found["month"] or "") or _number(found["month"] or "")
    year = int(found["number"]) if found["number"] else None
    if found["era"]:
        count = 1 if found["count"] == "元" else _number(found["count"])
        year = None if count is None else _ERAS[found["era"]] + count - 1
    cycle = _cycle_of(found["cycle"]) if found["cycle"] else None
    return WrittenDate(*found.span(), year, month, day, lunar=True, leap=bool(found["leap"]), cycle=cycle)


def _number(text: str) -> int | None:
    number = chinese_number(text) if text else None
    return None if number is None else int(number)


def _cycle_of(name: str) -> int | None:
    stem, branch = _STEMS.index(name[0]), _BRANCHES.index(name[1])
    return next((n for n in range(60) if n % 10 == stem and n % 12 == branch), None)


def year_near(cycle: int, near: int) -> int:
    """The civil year of that place in the cycle of sixty nearest to ``near`` (the earlier of two equally near)."""
    first = 4 + cycle  # AD 4 was 甲子
    return min((first + 60 * n for n in range(40)), key=lambda year: (abs(year - near), year))


def clock(dates: list[WrittenDate | None], near: int | None = None) -> list[tuple[dt.date | None, float | None]]:
    """(civil date, days on a common clock) of each visit's date; (None, None) where nothing is known.

    near: a year near which dates of the cycle of sixty lie. Without a year the days are counted by lunar months of
    ``LUNAR_MONTH_DAYS`` days (right to a day or two) or civil months, and no civil date is given.
    """
    known: list[tuple[dt.date | None, float | None]] = []
    first: int | None = None  # year of the cycle the days are counted from
    past: WrittenDate | None = None
    for date in dates:
        if date is None:
            known.append((None, None))
            continue
        past = _completed(date, past, near)
        civil = _civil(past)
        first = past.cycle or 0 if first is None else first
        known.append((civil, None) if civil is not None else (None, _days(past, first)))
    if any(civil is not None for civil, _ in known):  # two clocks never meet: civil dates win
        return [(civil, None) for civil, _ in known]
    return known


def _completed(date: WrittenDate, past: WrittenDate | None, near: int | None) -> WrittenDate:
    year, month, cycle = date.year, date.month, date.cycle
    if year is None and cycle is not None and near is not None:
        year = year_near(cycle, near)
    if past is not None and past.month is not None and past.lunar == date.lunar:
        if month is None:
            month = past.month if date.day >= past.day else past.month % 12 + 1
        if year is None and cycle is None:
            turned = month < past.month
            year = None if past.year is None else past.year + turned
            cycle = (past.cycle or 0) + turned  # without a year only how many have turned counts
    return WrittenDate(date.start, date.end, year, month, date.day, date.lunar, date.leap, cycle)


def _civil(date: WrittenDate) -> dt.date | None:
    """The civil date; None where year or month is unknown or the calendar has no such day."""
    if date.year is None or date.month is None:
        return None
    if not date.lunar:
        try:
            return dt.date(date.year, date.month, date.day)
        except ValueError:
            return None
    from lunar_python import Lunar

    try:
        solar = Lunar.fromYmd(date.year, -date.month if date.leap else date.month, date.day).getSolar()
    except Exception:  # noqa: BLE001  # the library raises bare Exception for a day its calendar lacks
        return None
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


def _days(date: WrittenDate, first: int) -> float | None:
    """Days since the new year of ``first`` in the cycle of sixty; None without a month."""
    if date.month is None:
        return None
    years = ((date.cycle or 0) - first) % 60
    months = 12 * years + int(years * LEAP_MONTHS_A_YEAR) + date.month - 1 + (0.5 if date.leap else 0.0)
    return float(round(months * (LUNAR_MONTH_DAYS if date.lunar else 30.44)) + date.day)
