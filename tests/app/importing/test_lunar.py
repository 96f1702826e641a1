"""Lunar dates become the civil day they name, or are refused because they name several."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lunar_python import Solar

from app.importing import lunar
from app.importing.dates import DateStyle, date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("光绪十年三月初五", dt.date(1884, 3, 31)),
        ("光緒十年三月初五日", dt.date(1884, 3, 31)),
        ("光绪10年3月初5", None),
        ("光绪甲申年三月初五", dt.date(1884, 3, 31)),
        ("光绪十年（甲申）三月初五", dt.date(1884, 3, 31)),
        ("2024年正月初一", dt.date(2024, 2, 10)),
        ("二〇二四年正月初一", dt.date(2024, 2, 10)),
        ("2023年闰二月廿三", dt.date(2023, 4, 13)),
        ("2023年腊月三十", dt.date(2024, 2, 9)),
        ("农历2024年8月15日", dt.date(2024, 9, 17)),
        ("民国三年正月初一", dt.date(1914, 1, 26)),
        ("康熙元年正月初一", dt.date(1662, 2, 18)),
        ("公历民国三年三月五日", dt.date(1914, 3, 5)),
        ("二〇二四年三月十五日", dt.date(2024, 3, 15)),  # how official papers write a civil date
    ],
)
def test_a_year_with_a_name_or_number_gives_the_civil_date(text: str, expected: dt.date | None):
    assert date(text).value == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("甲子年闰四月廿三", "六十年"),
        ("康熙壬寅年三月初五", "六十年"),  # the reign saw two of them
        ("光绪十年（乙酉）三月初五", "矛盾"),
        ("光绪四十年三月初五", "34"),
        ("光绪十年闰三月初五", "农历"),
        ("光绪十年三月三十", "农历"),
        ("三月初五", "年份"),
        ("十年三月初五", "两位"),
        ("民国三年三月五日", "公历"),
        ("二〇二四年三月十五", "公历"),
        ("弘治二年正月初一", "1500"),
    ],
)
def test_what_names_no_day_or_several_is_refused_with_the_reason(text: str, why: str):
    parsed = date(text)
    assert parsed.value is None
    assert why in parsed.reason


def test_a_sexagenary_year_is_resolved_near_the_year_stated():
    text = "甲申年三月初五"
    assert date(text, DateStyle(lunar_epoch=1890)).value == dt.date(1884, 3, 31)
    assert date(text, DateStyle(lunar_epoch=1950)).value == dt.date(1944, 3, 28)
    assert date(text, DateStyle(lunar_epoch=1914)).value is None  # as far from the one as from the other


def test_the_style_says_what_may_be_either():
    assert date("民国三年三月五日", "lunar").value == dt.date(1914, 3, 31)
    assert date("民国三年三月五日", "ymd").value == dt.date(1914, 3, 5)
    assert date("2024-08-15", "lunar").value == dt.date(2024, 9, 17)
    assert date("2024年8月15日", "lunar").value == dt.date(2024, 9, 17)
    assert date("24年正月初一", DateStyle(century=1950)).value == dt.date(2024, 2, 10)


TENS, ONES = ("初", "十", "廿", "三"), "十一二三四五六七八九"
DAYS = [*(f"{TENS[n // 10]}{ONES[n % 10]}" for n in range(1, 30) if n not in (10, 20)), "三十"]
DAYS[9:9], DAYS[19:19] = ["初十"], ["二十"]
MONTHS = "正二三四五六七八九十冬腊"


@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(st.dates(dt.date(1800, 1, 1), dt.date(2100, 12, 31)), st.sampled_from(["number", "cycle", "reign"]))
def test_every_day_of_three_centuries_is_read_back_from_its_lunar_name(day: dt.date, way: str):
    moon = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    year, month = moon.getYear(), moon.getMonth()
    name = f"{'闰' if month < 0 else ''}{MONTHS[abs(month) - 1]}月{DAYS[moon.getDay() - 1]}"
    reign = next((r for r, (first, n) in lunar.REIGNS.items() if 1800 <= first <= year < first + n), "")
    if way == "cycle":
        written = f"{moon.getYearInGanZhi()}年{name}"
    elif way == "reign" and reign:
        written = f"农历{reign}{year - lunar.REIGNS[reign][0] + 1}年{name}"
    else:
        written = f"农历{year}年{name}"
    parsed = date(written, DateStyle(lunar_epoch=year + 20))
    assert parsed.value == day, written
    assert parsed.rule


@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(st.text("光绪甲子申民国元一二三十廿初闰正腊月年日农历0123456789-（） ", max_size=14))
def test_any_words_are_a_date_or_a_reason(text: str):
    for order in ("auto", "lunar", "ymd", "excel1900"):
        parsed = date(text, DateStyle(order, century=1950, lunar_epoch=1900))
        assert (parsed.value is None) == bool(parsed.reason)
