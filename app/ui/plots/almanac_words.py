"""Lunar date and solar term of a civil date in the window's language."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QCoreApplication

from app.domain.almanac import Almanac, almanac

# the usual English names of the 24 solar terms; in Chinese they are told as the calendar has them
_ENGLISH = {
    "立春": "Beginning of Spring", "雨水": "Rain Water", "惊蛰": "Awakening of Insects", "春分": "Spring Equinox",
    "清明": "Pure Brightness", "谷雨": "Grain Rain", "立夏": "Beginning of Summer", "小满": "Grain Buds",
    "芒种": "Grain in Ear", "夏至": "Summer Solstice", "小暑": "Minor Heat", "大暑": "Major Heat",
    "立秋": "Beginning of Autumn", "处暑": "End of Heat", "白露": "White Dew", "秋分": "Autumn Equinox",
    "寒露": "Cold Dew", "霜降": "Frost's Descent", "立冬": "Beginning of Winter", "小雪": "Minor Snow",
    "大雪": "Major Snow", "冬至": "Winter Solstice", "小寒": "Minor Cold", "大寒": "Major Cold",
}  # fmt: skip


def almanac_text(date: dt.date, language: str) -> str:
    """ "农历三月初六 · 谷雨后 2 日"; "" where the calendar does not reach."""
    found = almanac(date)
    return "" if found is None else f"{lunar_text(found, language)} · {term_text(found, language)}"


def lunar_text(found: Almanac, language: str) -> str:
    if language == "zh":
        return f"农历{found.month_text}{found.day_text}"
    return f"lunar {'leap ' if found.leap else ''}{found.month}/{found.day}"


def full_lunar_text(found: Almanac, language: str) -> str:
    """With the year, where the row says already that it is lunar."""
    if language == "zh":
        return f"{found.year}年{found.month_text}{found.day_text}"
    return f"{found.year}, {lunar_text(found, language).removeprefix('lunar ')}"


def term_text(found: Almanac, language: str) -> str:
    name = found.term if language == "zh" else _ENGLISH[found.term]
    if not found.since:
        return name
    return QCoreApplication.translate("TimelineAlmanac", "{term} + {n} days").format(n=found.since, term=name)
