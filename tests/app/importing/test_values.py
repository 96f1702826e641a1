"""One cell, one value, or a reason."""

from __future__ import annotations

import datetime as dt

import pytest

from app.importing import values


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("12.5", 12.5), ("１２", 12), ("1,234.5", 1234.5), (3, 3), ("-.5", -0.5), ("1e3", 1000), (" 7 ", 7)],
)
def test_numbers_are_read(cell: object, expected: float):
    assert values.number(cell).value == expected


@pytest.mark.parametrize(
    "cell",
    [
        "<0.1",
        "0.1↓",
        "1_000",
        "12%",
        "0x10",
        "1e999",
        "inf",
        float("inf"),
        True,
        "1.2.3",
        "10²",
        "①",
        dt.date(2024, 1, 1),
        "一",
    ],
)
def test_what_is_no_number_is_refused_with_a_reason(cell: object):
    parsed = values.number(cell)
    assert parsed.value is None
    assert parsed.reason


def test_an_integer_too_large_for_a_float_is_refused():
    assert values.number(10**400).reason


@pytest.mark.parametrize("cell", ["", None, "NA", "nan", float("nan"), "-", "不详", " ", "　"])
def test_words_for_nothing_are_missing(cell: object):
    assert values.is_missing(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-3-5", "2024/03/05", "2024年3月5日", "20240305", "2024.3.5", "２０２４-０３-０５", "2024-03-05 09:30:00",
        20240305, 20240305.0, dt.date(2024, 3, 5), dt.datetime(2024, 3, 5, 9, 30), "2024年3月5号", "2024-03-05T09:30",
    ],
)  # fmt: skip
def test_dates_are_read_in_the_ways_they_are_written(cell: object):
    assert values.date(cell).value == dt.date(2024, 3, 5)


@pytest.mark.parametrize(
    "cell",
    ["2024-02-30", "24-3-5", "03/05/2024", "45356", 45356.0, "三月初五", "2024-03", "0001-01-01", "9999-12-31", "x"],
)
def test_what_is_no_certain_date_is_refused_with_a_reason(cell: object):
    parsed = values.date(cell)
    assert parsed.value is None
    assert parsed.reason


def test_day_and_month_are_told_apart_only_by_a_stated_order():
    assert values.date("03/05/2024", "dmy").value == dt.date(2024, 5, 3)
    assert values.date("03/05/2024", "mdy").value == dt.date(2024, 3, 5)


@pytest.mark.parametrize(("cell", "years"), [("45", 45), ("45岁", 45), (45.0, 45), ("18个月", 1.5), ("3岁6月", 3.5)])
def test_ages_are_years(cell: object, years: float):
    assert values.age(cell).value == pytest.approx(years)


@pytest.mark.parametrize("cell", ["999", "-3", "四十", "", True])
def test_an_impossible_age_is_refused(cell: object):
    assert values.age(cell).value is None


def test_sex_is_read_in_both_languages_and_numbers_are_not_guessed():
    assert [values.sex(c).value for c in ("男", "女性", "f", "Male")] == ["M", "F", "F", "M"]
    assert values.sex("1").reason


def test_scores_stand_on_their_scale():
    assert values.score("4", "main").value == 4
    assert values.score("3", "main").reason
    assert values.score("3", "secondary").value == 3
    assert values.score("11", "vas10").reason
    assert values.score("重度", "main").value == 6
    assert values.score("++", "secondary").value == 2


def test_only_exact_conversions_of_units_are_made():
    assert values.convert(5, "umol/L", "mmol/L") == pytest.approx(0.005)
    assert values.convert(5, "μmol/L", "µmol/l") == 5
    assert values.convert(3, "克", "g") == 3
    assert values.convert(1, "mg/dL", "mmol/L") is None  # depends on the substance
