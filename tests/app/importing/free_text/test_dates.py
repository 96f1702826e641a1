"""Dates as they are written."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lunar_python import Solar

from app.importing.free_text.dates import clock, date_at, year_near


def civil(*texts: str, near: int | None = None) -> list[str]:
    return [str(date) for date, _ in clock([date_at(text, 0) for text in texts], near)]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024年3月5日", "2024-03-05"),
        ("2024.3.5", "2024-03-05"),
        ("2024年正月初一", "2024-02-10"),
        ("光绪十年三月初五日", "1884-03-31"),
        ("民国元年正月初一", "1912-02-18"),
        ("2023年闰二月初一日", "2023-03-22"),
        ("2024-02-31", "None"),
    ],
)
def test_a_date_with_its_year_is_a_civil_date(text: str, date: str):
    assert civil(text) == [date]


@pytest.mark.parametrize("text", ["三日", "前方", "十二至十九日", "三月", "2024", "初诊", "数十日"])
def test_what_is_no_date_or_only_part_of_one_has_no_civil_date(text: str):
    assert civil(text) in ([], ["None"])


def test_the_cycle_of_sixty_needs_a_year_it_lies_near():
    assert civil("乙酉五月十二日") == ["None"]
    assert civil("乙酉五月十二日", near=1820) == ["1825-06-27"]
    assert civil("乙酉五月十二日", near=1880) == ["1885-06-24"]
    assert year_near(0, 1804) == 1804


def test_what_a_date_leaves_out_is_carried_on():
    assert civil("2024年三月初五", "十一日", "初二日", "五月初一日") == [
        "2024-04-13", "2024-04-19", "2024-05-09", "2024-06-06",
    ]  # fmt: skip
    assert civil("2023年腊月二十日", "初三日") == ["2024-01-30", "2024-02-12"]
    assert civil("2024-12-30", "1月2日") == ["2024-12-30", "2025-01-02"]


def test_without_a_year_only_the_days_between_are_known():
    told = clock([date_at(text, 0) for text in ("腊月二十八日", "正月初三日", "初九日")])
    days = [day for _, day in told]
    assert all(date is None for date, _ in told)
    assert days[0] is not None and days[1] is not None and days[2] is not None
    assert 3 <= days[1] - days[0] <= 6
    assert days[2] - days[1] == 6


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.dates(dt.date(1650, 1, 1), dt.date(2090, 12, 31)))
def test_a_lunar_date_written_with_its_year_comes_back(day: dt.date):
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    leap = "闰" if lunar.getMonth() < 0 else ""
    months = "正二三四五六七八九十冬腊"
    text = f"{lunar.getYear()}年{leap}{months[abs(lunar.getMonth()) - 1]}月{lunar.getDayInChinese()}日"
    assert civil(text) == [day.isoformat()]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.text("甲乙子丑年月日初廿正闰光绪一二十0123456789-.", max_size=10), max_size=5))
def test_whatever_is_written_no_date_breaks_the_clock(texts: list[str]):
    told = clock([date_at(text, 0) for text in texts], 1820)
    assert len(told) == len(texts)
    assert all(date is None or day is None for date, day in told)
