"""Lunar dates and solar terms, against dates of published almanacs."""

from __future__ import annotations

import datetime as dt

import pytest

from app.domain.almanac import almanac


@pytest.mark.parametrize(
    ("date", "lunar", "term", "since"),
    [
        (dt.date(2024, 2, 10), ("甲辰", 1, False, 1), "立春", 6),  # new year's day of the dragon
        (dt.date(2024, 2, 9), ("癸卯", 12, False, 30), "立春", 5),
        (dt.date(2023, 3, 22), ("癸卯", 2, True, 1), "春分", 1),  # the leap second month of 2023
        (dt.date(2024, 12, 21), ("甲辰", 11, False, 21), "冬至", 0),
        (dt.date(2026, 4, 22), ("丙午", 3, False, 6), "谷雨", 2),
        (dt.date(1949, 10, 1), ("己丑", 8, False, 10), "秋分", 8),
    ],
)
def test_a_civil_date_has_its_lunar_date_and_solar_term(
    date: dt.date, lunar: tuple[str, int, bool, int], term: str, since: int
):
    found = almanac(date)
    assert found is not None
    assert (found.year, found.month, found.leap, found.day) == lunar
    assert (found.term, found.since) == (term, since)


def test_a_leap_month_is_named_as_one():
    found = almanac(dt.date(2023, 3, 22))
    assert found is not None
    assert found.month_text + found.day_text == "闰二月初一"


def test_terms_follow_each_other_about_every_fifteen_days():
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=n) for n in range(365)]
    found = [one for one in map(almanac, days) if one is not None]
    assert len({one.term for one in found}) == 24
    assert max(one.since for one in found) <= 15
    assert sum(one.since == 0 for one in found) == 24


def test_outside_the_years_the_calendar_is_sound_for_nothing_is_told():
    assert almanac(dt.date(1399, 12, 31)) is None
    assert almanac(dt.date(2301, 1, 1)) is None
