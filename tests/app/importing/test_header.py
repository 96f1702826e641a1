"""The header is found below titles, units below the header, and either is only believed on evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from app.domain.errors import KnownError
from app.importing.mapping import suggest
from app.importing.readers import read_table
from tests.app.importing.tables_in_text import table_of

HEADER = ["病历号", "就诊日期", "失眠", "体重", "血红蛋白"]
UNITS = ["", "", "分", "kg", "g/L"]
ROWS = [["1", "2024-01-01", 4, 61.5, 120], ["1", "2024-01-08", 2, 61, 121]]


def sheet(path: Path, rows: list[list], merged: str = "") -> Path:
    book = Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(row)
    if merged:
        page.merge_cells(merged)
    book.save(path)
    return path


def as_csv(rows: list[list]) -> str:
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)


def test_a_merged_title_and_a_line_of_printing_are_skipped_and_told(tmp_path: Path):
    above = [["某医院门诊病例表"], ["打印日期", "2024-02-01", "填表人", "某"], []]
    table = read_table(sheet(tmp_path / "a.xlsx", [*above, HEADER, *ROWS], "A1:E1"))
    assert table.headers == tuple(HEADER)
    assert table.header_row == 4
    assert [row.number for row in table.rows()] == [5, 6]
    assert [note[0] for note in table.notes] == ["某医院门诊病例表", "打印日期 2024-02-01 填表人 某"]


@pytest.mark.parametrize("title", [["某医院门诊病例表"], ["某医院门诊病例表", "", "", "", ""]])
def test_a_title_line_of_a_text_table_is_skipped(tmp_path: Path, title: list[str]):
    table = table_of(tmp_path, as_csv([title, [], HEADER, *ROWS]))
    assert (table.header_row, table.headers) == (3, tuple(HEADER))
    assert [row.number for row in table.rows()] == [4, 5]


def test_units_below_the_header_become_units_of_the_variables(tmp_path: Path):
    table = table_of(tmp_path, as_csv([HEADER, UNITS, *ROWS]))
    assert [row.number for row in table.rows()] == [3, 4]
    assert table.units == ("", "", "分", "kg", "g/L")
    assert {n: v.unit for n, v in suggest(table).variables.items()} == {"失眠": "分", "体重": "kg", "血红蛋白": "g/L"}


@pytest.mark.parametrize(
    "second",
    [
        ["7", "2024-01-01", "2", "60", "120"],  # a patient like any other
        ["7", "", "", "kg", ""],  # a patient is named
        ["", "", "轻", "kg", ""],  # one of the cells is no unit
        ["", "", "", "", ""],
    ],
)
def test_a_row_that_may_be_data_is_not_taken_for_units(tmp_path: Path, second: list[str]):
    table = table_of(tmp_path, as_csv([HEADER, second, *ROWS]))
    assert table.units == ("",) * 5
    assert len(list(table.rows())) == 3 - (not any(second))


def test_units_need_a_number_below_them(tmp_path: Path):
    text = as_csv([["id", "arm"], ["", "g"], ["1", "g"], ["2", "mg"]])
    assert [list(row.cells) for row in table_of(tmp_path, text).rows()] == [["", "g"], ["1", "g"], ["2", "mg"]]


def test_words_of_the_data_that_are_names_of_columns_do_not_move_the_header(tmp_path: Path):
    text = "id,what,when\n1,性别,a\n1,年龄,b\n2,失眠,c\n"
    table = table_of(tmp_path, text)
    assert (table.header_row, table.headers) == (1, ("id", "what", "when"))


def test_a_first_row_without_any_known_name_stays_the_header(tmp_path: Path):
    table = table_of(tmp_path, "alpha,beta\ngamma,delta\n1,2\n")
    assert table.headers == ("alpha", "beta")


def test_the_row_of_the_header_can_be_overruled(tmp_path: Path):
    text = as_csv([["病历号", "日期", "失眠", "a", "b"], HEADER, UNITS, *ROWS])
    table = table_of(tmp_path, text)
    assert table.header_row == 1
    again = read_table(tmp_path / "a.csv", header_row=2)
    assert (again.headers, again.header_row) == (tuple(HEADER), 2)
    assert [row.number for row in again.rows()] == [4, 5]


@pytest.mark.parametrize("row", [3, 50])
def test_an_empty_row_asked_for_as_the_header_is_refused_with_its_number(tmp_path: Path, row: int):
    table_of(tmp_path, as_csv([HEADER, ROWS[0], [], *ROWS]))
    with pytest.raises(KnownError, match=str(row)):
        read_table(tmp_path / "a.csv", header_row=row)


def test_the_separator_can_be_overruled_and_must_be_one_character(tmp_path: Path):
    table_of(tmp_path, "id~v\n1~2\n")
    table = read_table(tmp_path / "a.csv", delimiter="~")
    assert (table.headers, table.delimiter) == (("id", "v"), "~")
    for wrong in ("::", '"', "\n"):
        with pytest.raises(KnownError):
            read_table(tmp_path / "a.csv", delimiter=wrong)


def test_known_sheets_are_read_from_where_their_table_begins(shared_data: Path):
    folder = shared_data / "bad" / "calamine-tests" / "tests"
    inner = read_table(folder / "temperature-in-middle.xlsx")
    assert inner.headers[-2:] == ("label", "value")
    assert [row.number for row in inner.rows()] == [5, 6]
    merged = [list(row.cells) for row in read_table(folder / "merge_cells.xls", header_row=1).rows()]
    assert [row[0] for row in merged] == ["Column Merge"]
    repeated = [list(row.cells) for row in read_table(folder / "number_rows_repeated.ods").rows()]
    assert repeated[:2] == [["C", "D"], ["C", "D"]]
