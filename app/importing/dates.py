"""One cell to one civil date, in the ways clinics write and spreadsheets store them.

What could be two dates is refused unless the mapping says which: day and month, two-digit years, numbers of a
spreadsheet, lunar dates without a year's name.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, get_args

from app.i18n import t
from app.importing import lunar
from app.importing.parsed import Parsed
from app.importing.tables import Cell, as_text

YEARS = range(1500, 2201)
Order = Literal["auto", "ymd", "dmy", "mdy", "excel1900", "excel1904", "lunar"]
ORDERS: tuple[str, ...] = get_args(Order)

_ISO = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[ T]\s*(\d{1,2}:\d{2}.*))?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_LAST_YEAR = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})")
_SHORT = re.compile(r"(\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_SERIAL = re.compile(r"\d{1,6}(?:\.\d+)?")
_LIKELY_SERIALS = range(15_000, 75_000)  # 1941 to 2105, counted from 1900


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How the dates of a table are written. order: "auto" takes what can only be read in one way.

    century: first of the hundred years two-digit years lie in (1950: 50 is 1950, 49 is 2049), None refuses them
    lunar_epoch: a year near which sexagenary years (甲子年) lie, None refuses those that have no reign
    """

    order: str = "auto"
    century: int | None = None
    lunar_epoch: int | None = None


def date(cell: Cell, style: str | DateStyle = "auto") -> Parsed:
    """A civil date between 1500 and 2200. style: a DateStyle, or its order alone."""
    if isinstance(style, str):
        style = DateStyle(style)
    if isinstance(cell, dt.date):  # a datetime is one
        return _civil(cell.year, cell.month, cell.day)
    if isinstance(cell, bool | dt.time | dt.timedelta):
        return Parsed(reason=t("not a date"))
    text = as_text(cell)
    if style.order in ("excel1900", "excel1904") and _SERIAL.fullmatch(text):
        return _serial(float(text), style.order)
    if style.order == "lunar" and (read := lunar.read(text, "lunar", style.lunar_epoch, style.century)):
        return _in_years(read)
    if found := _ISO.fullmatch(text):
        parsed = _civil(int(found[1]), int(found[2]), int(found[3]))
        return Parsed(parsed.value, parsed.reason, t("time of day left out") if found[4] else "")
    if found := _COMPACT.fullmatch(text):
        return _civil(int(found[1]), int(found[2]), int(found[3]))
    if style.order in ("dmy", "mdy") and (found := _LAST_YEAR.fullmatch(text)):
        day, month = (found[1], found[2]) if style.order == "dmy" else (found[2], found[1])
        return _with_year(found[3], int(month), int(day), style)
    if found := _SHORT.fullmatch(text):
        return _with_year(found[1], int(found[2]), int(found[3]), style)
    if _LAST_YEAR.fullmatch(text):
        return Parsed(reason=t("day and month cannot be told apart: state the date style (dmy or mdy) in the mapping"))
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return Parsed(
            reason=t("looks like a date stored as a number: state the date style excel1900 or excel1904 in the mapping")
        )
    if read := lunar.read(text, style.order, style.lunar_epoch, style.century):
        return _in_years(read)
    return Parsed(reason=t("not a date such as 2024-03-05 or 2024年3月5日"))


def is_likely_serial(cell: Cell) -> bool:
    """A whole number (or one with a time of day) such as spreadsheets count days of our time by."""
    text = as_text(cell) if isinstance(cell, str | int | float) and not isinstance(cell, bool) else ""
    return bool(_SERIAL.fullmatch(text)) and int(float(text)) in _LIKELY_SERIALS


def _serial(number: float, order: str) -> Parsed:
    """A day counted by a spreadsheet. In its 1900 system day 60 is a 29 February that never was."""
    days = int(number)
    if order == "excel1900" and (days == 60 or days == 0):
        return Parsed(reason=t("there is no such day in the calendar"))
    if order == "excel1904":
        origin = dt.date(1904, 1, 1)
    else:
        origin = dt.date(1899, 12, 31) if days < 60 else dt.date(1899, 12, 30)
    made = origin + dt.timedelta(days)
    parsed = _civil(made.year, made.month, made.day)
    return Parsed(parsed.value, parsed.reason, t("day number of a spreadsheet"))


def _with_year(year: str, month: int, day: int, style: DateStyle) -> Parsed:
    if len(year) == 4:
        return _civil(int(year), month, day)
    if style.century is None:
        return Parsed(reason=t("the year has two digits: write four, or state the century in the mapping"))
    full = style.century + (int(year) - style.century) % 100
    parsed = _civil(full, month, day)
    return Parsed(parsed.value, parsed.reason, t("two-digit year"))


def _civil(year: int, month: int, day: int) -> Parsed:
    try:
        return _in_years(Parsed(dt.date(year, month, day))) if 1 <= year <= 9999 else _outside()
    except ValueError:
        return Parsed(reason=t("there is no such day in the calendar"))


def _in_years(parsed: Parsed) -> Parsed:
    return _outside() if isinstance(parsed.value, dt.date) and parsed.value.year not in YEARS else parsed


def _outside() -> Parsed:
    return Parsed(reason=t("the year is outside {low} to {high}", low=YEARS.start, high=YEARS.stop - 1))
