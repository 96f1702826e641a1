"""Dates of the lunar calendar (农历) as civil dates: 光绪十年三月初五, 甲子年闰四月廿三, 2024年正月初一.

The year is told by a reign, by its number, or by its two characters of the sexagenary cycle (干支). The last comes
round every sixty years and is only resolved near a year the mapping states. The calendar itself is lunar_python's.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from app.domain.almanac import FIRST_YEAR, LAST_YEAR
from app.domain.units import chinese_number
from app.i18n import t
from app.importing.parsed import Parsed

# reign: (its first year 元年, how many years it has); the Gregorian year in which the lunar one begins
REIGNS = {
    "弘治": (1488, 18), "正德": (1506, 16), "嘉靖": (1522, 45), "隆庆": (1567, 6), "万历": (1573, 48),
    "泰昌": (1620, 1), "天启": (1621, 7), "崇祯": (1628, 17), "顺治": (1644, 18), "康熙": (1662, 61),
    "雍正": (1723, 13), "乾隆": (1736, 60), "嘉庆": (1796, 25), "道光": (1821, 30), "咸丰": (1851, 11),
    "同治": (1862, 13), "光绪": (1875, 34), "宣统": (1909, 3), "民国": (1912, 200),
}  # fmt: skip
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
CYCLE = tuple(STEMS[n % 10] + BRANCHES[n % 12] for n in range(60))
_CYCLE_BEGAN = 1864  # a 甲子 year
_REPUBLIC = "民国"  # from then on the civil calendar is Gregorian, so that 民国三年三月五日 says nothing of the moon

_TRADITIONAL = str.maketrans("慶萬曆啟禎順緒統國閏臘歲陰豐曆農舊陽", "庆万历启祯顺绪统国闰腊岁阴丰历农旧阳")
_LUNAR_WORDS, _SOLAR_WORDS = ("农历", "阴历", "夏历", "旧历"), ("公历", "阳历", "新历", "西历")
_DIGITS = "〇零一二三四五六七八九"
_DATE = re.compile(
    rf"(?P<calendar>{'|'.join((*_LUNAR_WORDS, *_SOLAR_WORDS))})?"
    rf"(?P<reign>{'|'.join(REIGNS)})?"
    rf"(?:(?P<year>元|\d{{1,4}}|[{_DIGITS}十廿卅百]{{1,4}})年)?"
    rf"(?:\(?(?P<cycle>[{STEMS}][{BRANCHES}])[年岁]?\)?年?)?"
    r"(?P<leap>闰)?(?P<month>正|冬|腊|[一二三四五六七八九十]{1,2}|\d{1,2})月"
    r"(?P<day>初[一二三四五六七八九十]|[一二三四五六七八九十廿卅]{1,3}|\d{1,2})(?P<ri>[日号])?"
)
_PLAIN = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})")
_MONTHS = {"正": 1, "冬": 11, "腊": 12}


def read(text: str, order: str, epoch: int | None = None, century: int | None = None) -> Parsed | None:
    """A date in words; None where the text has not the form of one.

    text: NFKC, stripped. order: "lunar" takes every date for lunar, "ymd" none that does not say so; otherwise what
    could be either is refused. epoch: a year near which a bare sexagenary year lies; century: as in DateStyle.
    """
    plain = re.sub(r"\s", "", text).translate(_TRADITIONAL)
    if order == "lunar" and (found := _PLAIN.fullmatch(plain)):
        return _lunar(int(found["year"]), int(found["month"]), int(found["day"]))
    found = _DATE.fullmatch(plain)
    if found is None or not (found["year"] or found["cycle"]):
        return Parsed(reason=t("the year is missing")) if found else None
    year = _year(found, epoch, century)
    if isinstance(year, Parsed):
        return year
    month = _MONTHS.get(found["month"]) or int(chinese_number(found["month"]) or 0)
    day = int(chinese_number(found["day"].removeprefix("初")) or 0)
    calendar = _calendar(found, order)
    if calendar == "lunar":
        return _lunar(year, -month if found["leap"] else month, day)
    if calendar == "solar":
        return _solar(year, month, day)
    return Parsed(reason=t("lunar or civil? state the date style (lunar or ymd), or write 农历 before it"))


def _calendar(found: re.Match[str], order: str) -> str:
    """ "lunar", "solar", or "" where neither the words nor the style tell."""
    if found["calendar"]:
        return "lunar" if found["calendar"] in _LUNAR_WORDS else "solar"
    old = found["cycle"] or (found["reign"] and found["reign"] != _REPUBLIC)
    if order == "lunar" or old or found["leap"] or found["month"] in _MONTHS or found["day"][0] in "初廿卅":
        return "lunar"
    return "solar" if order == "ymd" or (found["ri"] and not found["reign"]) else ""


def _year(found: re.Match[str], epoch: int | None, century: int | None) -> int | Parsed:
    """The year, or why it cannot be told."""
    reign, cycle = found["reign"], found["cycle"]
    number = _number_of_year(found["year"]) if found["year"] else None
    if number is not None and not reign and number < 1000:
        if century is None or not found["year"].isdigit() or len(found["year"]) != 2:
            return Parsed(reason=t("the year has two digits: write four, or state the century in the mapping"))
        number = century + (number - century) % 100
    if reign:
        first, length = REIGNS[reign]
        if number is not None and not 1 <= number <= length:
            return Parsed(reason=t("{reign} has {n} years only", reign=reign, n=length))
        years = list(range(first, first + length)) if number is None else [first + number - 1]
    elif number is not None:
        years = [number]
    else:
        years = [] if epoch is None else list(range(epoch - 30, epoch + 31))
    told = [year for year in years if not cycle or cycle_of(year) == cycle]
    if len(told) == 1:
        return told[0]
    if told or not years:
        return Parsed(
            reason=t("the year {year} comes every sixty years: state a year near it in the mapping", year=cycle)
        )
    return Parsed(reason=t("the two ways of naming the year contradict each other"))


def cycle_of(year: int) -> str:
    """The two characters of the lunar year that begins in this Gregorian one."""
    return CYCLE[(year - _CYCLE_BEGAN) % 60]


def _number_of_year(text: str) -> int:
    if text == "元":
        return 1
    return int(chinese_number(text.replace("〇", "零")) or 0)


def _solar(year: int, month: int, day: int) -> Parsed:
    try:
        return Parsed(dt.date(year, month, day), rule=t("date"))
    except ValueError:
        return Parsed(reason=t("there is no such day in the calendar"))


def _lunar(year: int, month: int, day: int) -> Parsed:
    date = civil(year, month, day)
    if date is None:
        return Parsed(reason=t("there is no such day in the lunar calendar"))
    return Parsed(date, rule=t("lunar date"))


@lru_cache(maxsize=8192)
def civil(year: int, month: int, day: int) -> dt.date | None:
    """The (proleptic) Gregorian date of a lunar one. month: negative for a leap month. None where there is no such
    day, or the year lies outside what the calendar tells soundly."""
    from lunar_python import LunarYear

    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    found = LunarYear.fromYear(year).getMonth(month) if month else None
    if found is None or not 1 <= day <= found.getDayCount():
        return None
    julian = int(found.getFirstJulianDay() + 0.5) + day - 1
    return dt.date.fromordinal(julian - 1_721_425)
