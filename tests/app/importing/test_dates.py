"""Dates by a stated style: spreadsheets' numbers, two-digit years; and what a column's values tell by themselves."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from app.domain.errors import KnownError
from app.importing.dates import DateStyle, date
from app.importing.mapping import Mapping, suggest
from app.importing.readers import read_table
from app.importing.roles import Role
from tests.app.importing.tables_in_text import cases_of, refused, table_of


@pytest.mark.parametrize(
    ("cell", "order", "expected"),
    [
        ("43891", "excel1900", dt.date(2020, 3, 1)),
        (43891.75, "excel1900", dt.date(2020, 3, 1)),
        (42429, "excel1904", dt.date(2020, 3, 1)),
        ("2020-03-01", "excel1900", dt.date(2020, 3, 1)),
        ("20200301", "excel1904", dt.date(2020, 3, 1)),
        (dt.date(2020, 3, 1), "excel1904", dt.date(2020, 3, 1)),
        (59, "excel1900", dt.date(1900, 2, 28)),
        (61, "excel1900", dt.date(1900, 3, 1)),
        (60, "excel1900", None),
        (43891, "auto", None),
        (999999, "excel1900", None),
        ("24-3-5", "ymd", None),
        ("5/3/24", "dmy", None),
    ],
)
def test_numbers_are_days_only_where_the_style_says_so(cell: object, order: str, expected: dt.date | None):
    assert date(cell, order).value == expected


@pytest.mark.parametrize(
    ("text", "order", "century", "expected"),
    [
        ("49-3-5", "auto", 1950, dt.date(2049, 3, 5)),
        ("50年3月5日", "auto", 1950, dt.date(1950, 3, 5)),
        ("24.3.5", "ymd", 2000, dt.date(2024, 3, 5)),
        ("5/3/24", "dmy", 1900, dt.date(1924, 3, 5)),
        ("3/5/24", "mdy", 2000, dt.date(2024, 3, 5)),
    ],
)
def test_two_digit_years_lie_in_the_century_stated(text: str, order: str, century: int, expected: dt.date):
    parsed = date(text, DateStyle(order, century=century))
    assert parsed.value == expected
    assert parsed.rule


def test_a_column_of_day_numbers_is_seen_and_read_as_dates(tmp_path: Path):
    text = "病历号,就诊日期,失眠\n1,43891,4\n1,43898,2\n1,2020-03-20,2\n"
    mapping = suggest(table_of(tmp_path, text))
    assert (mapping.columns["就诊日期"], mapping.date_style) == (Role.DATE, "excel1900")
    cases, report = cases_of(tmp_path, text)
    assert [visit.date for visit in cases["1"].visits] == [
        dt.date(2020, 3, 1), dt.date(2020, 3, 8), dt.date(2020, 3, 20),
    ]  # fmt: skip
    assert not report.refused


def test_days_of_a_study_are_not_taken_for_day_numbers(tmp_path: Path):
    mapping = suggest(table_of(tmp_path, "id,date,x\n1,0,4\n1,28,2\n1,56,2\n2,0,2\n2,28,1\n2,20000,2\n"))
    assert (mapping.columns["date"], mapping.date_style) == (Role.TIME, "auto")


def test_a_workbook_that_counts_from_1904_is_seen(tmp_path: Path):
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (["病历号", "就诊日期", "失眠"], ["1", 42429, 4], ["1", dt.date(2020, 3, 8), 2], ["2", 42429, 4]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert re.search(rb'date1904="(1|true)"', archive.read("xl/workbook.xml"))
    table = read_table(tmp_path / "a.xlsx")
    assert table.date_system == 1904
    mapping = suggest(table)
    assert mapping.date_style == "excel1904"
    assert [date(row.cells[1], mapping.dates).value for row in table.rows()] == [
        dt.date(2020, 3, 1), dt.date(2020, 3, 8), dt.date(2020, 3, 1),
    ]  # fmt: skip


def test_the_style_of_the_mapping_overrules_what_was_seen(tmp_path: Path):
    text = "病历号,就诊日期,失眠\n1,42429,4\n1,43898,2\n"
    mapping = suggest(table_of(tmp_path, text)).model_copy(update={"date_style": "excel1904"})
    cases, _report = cases_of(tmp_path, text, mapping)
    assert cases["1"].visits[0].date == dt.date(2020, 3, 1)
    cases, report = cases_of(tmp_path, text, mapping.model_copy(update={"date_style": "ymd"}))
    assert not cases
    assert refused(report) == [(2, "就诊日期", "42429"), (3, "就诊日期", "43898")]


def test_lunar_visits_of_a_table_are_placed_on_civil_days(tmp_path: Path):
    text = "病历号,就诊日期,失眠\n1,光绪十年三月初五,4\n1,甲申年三月十二,2\n"
    mapping = suggest(table_of(tmp_path, text)).model_copy(update={"lunar_epoch": 1880})
    cases, report = cases_of(tmp_path, text, mapping)
    assert [(visit.date, visit.day) for visit in cases["1"].visits] == [
        (dt.date(1884, 3, 31), 0), (dt.date(1884, 4, 7), 7),
    ]  # fmt: skip
    assert {entry["to"] for entry in report.normalised} >= {"1884-03-31", "1884-04-07"}


def test_a_number_with_its_unit_in_the_cell_is_a_measurement(tmp_path: Path):
    text = "病历号,就诊日期,体重\n1,2024-01-01,61.5kg\n1,2024-01-08,61000 g\n1,2024-01-15,60\n1,2024-01-22,5斗\n"
    text += "1,2024-01-29,\n2,2024-01-01,70kg\n"
    cases, report = cases_of(tmp_path, text)
    found = [(o.number, o.unit, o.raw) for visit in cases["1"].visits for o in visit.observations]
    assert found == [(61.5, "kg", "61.5kg"), (61.0, "kg", "61000 g"), (60.0, "kg", "60")]
    assert refused(report) == [(5, "体重", "5斗")]


def test_an_older_mapping_keeps_its_order_of_day_and_month():
    mapping = Mapping.of({"kind": "wide", "columns": {"号": "patient"}, "date_format": "dmy"})
    assert mapping.date_style == "dmy"


@pytest.mark.parametrize("wrong", [{"date_style": "moon"}, {"century": 19}, {"header_row": 0}, {"delimiter": "::"}])
def test_an_impossible_overrule_is_refused_with_its_field(wrong: dict):
    with pytest.raises(KnownError, match=next(iter(wrong))):
        Mapping.of({"kind": "wide", "columns": {"号": "patient"}, **wrong})
