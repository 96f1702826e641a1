"""Files of every supported kind become a table, or are refused with what to do."""

from __future__ import annotations

import datetime as dt
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from app.domain.errors import KnownError
from app.importing import limits
from app.importing.readers import holds_visits, read_table


def table_of(folder: Path, text: str | bytes, name: str = "a.csv", **options: Any):
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_table(path, **options)


def cells(table) -> list[list]:
    return [list(row.cells) for row in table.rows() if not row.problem]


def problems(table) -> list[int]:
    return [row.number for row in table.rows() if row.problem]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_the_encoding_of_a_chinese_table_is_found(tmp_path: Path, encoding: str):
    table = table_of(tmp_path, "病历号,姓名\n1,喆堃\n".encode(encoding))
    assert table.headers == ("病历号", "姓名")
    assert cells(table) == [["1", "喆堃"]]
    assert table.guessed == (encoding in ("gb18030", "gbk"))


def test_an_encoding_can_be_asked_for_and_a_wrong_one_is_refused(tmp_path: Path):
    big5 = "病歷號,姓名\n1,陳\n".encode("big5")
    assert table_of(tmp_path, big5, encoding="big5").headers == ("病歷號", "姓名")
    with pytest.raises(KnownError, match="ascii"):
        table_of(tmp_path, big5, encoding="ascii")
    with pytest.raises(KnownError, match="no-such"):
        table_of(tmp_path, big5, encoding="no-such")


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_separator_is_found(tmp_path: Path, delimiter: str):
    rows = [["id", "日期", "值"], ["1", "2024-01-02", "1,5" if delimiter != "," else "2"], ["2", "2024-01-03", "3"]]
    text = "\n".join(delimiter.join(row) for row in rows)
    table = table_of(tmp_path, text)
    assert table.delimiter == delimiter
    assert cells(table) == rows[1:]


def test_rows_keep_the_number_the_user_sees(tmp_path: Path):
    table = table_of(tmp_path, "id,v\n1,2\n\n3,4\n")
    assert [row.number for row in table.rows()] == [2, 4]


def test_quoted_line_ends_and_separators_stay_inside_their_cell(tmp_path: Path):
    table = table_of(tmp_path, 'id,v\n1,"a\nb, ""c"""\n2,d\n')
    assert cells(table) == [["1", 'a\nb, "c"'], ["2", "d"]]


def test_ragged_rows_are_refused_alone_with_their_number(tmp_path: Path):
    table = table_of(tmp_path, "id,v\n1\n2,3,4\n5,6,\n7,8\n")
    assert problems(table) == [2, 3]
    assert cells(table) == [["5", "6"], ["7", "8"]]


def test_a_quotation_mark_that_is_never_closed_costs_one_row_not_the_rest(tmp_path: Path):
    text = 'id,v\n1,"open\n' + "".join(f"{n},{n}\n" for n in range(2, 50))
    table = table_of(tmp_path, text)
    assert problems(table) == [2]
    assert len(cells(table)) == 48


def test_two_stray_quotation_marks_do_not_swallow_the_rows_between(tmp_path: Path):
    table = table_of(tmp_path, 'id,v\n1,"open\n2,x\n3,x\n4,"open\n5,x\n')
    assert [row[0] for row in cells(table)] == ["2", "3", "5"]
    assert problems(table) == [2, 5]


def test_many_open_quotation_marks_end_in_bounded_time(tmp_path: Path):
    started = time.monotonic()
    table = table_of(tmp_path, "id,v,w\n" + 'x",,"\n' * 20_000)
    assert len(problems(table)) >= 1
    assert time.monotonic() - started < 5


def test_a_cell_of_two_hundred_thousand_characters_is_read(tmp_path: Path):
    table = table_of(tmp_path, f"id,v\n1,{'长' * 200_000}\n")
    assert len(cells(table)[0][1]) == 200_000


def test_a_cell_beyond_the_limit_and_a_nul_are_refused_with_their_row(tmp_path: Path):
    table = table_of(tmp_path, f"id,v\n1,{'x' * 1_000_002}\n2,a\x00b\n3,ok\n" + "4,fine\n" * 100)
    assert problems(table) == [2, 3]


def test_headers_are_made_unique_and_named(tmp_path: Path):
    table = table_of(tmp_path, "id,v,,v\n1,2,3,4\n")
    assert table.headers == ("id", "v", "#3", "v#2")
    assert table.notes


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b",,,\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes):
    with pytest.raises(KnownError, match=r"a\.csv"):
        table_of(tmp_path, content)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path):
    with pytest.raises(KnownError, match="nowhere"):
        read_table(tmp_path / "nowhere.csv")
    with pytest.raises(KnownError):
        read_table(tmp_path)


def test_a_file_beyond_the_size_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 4)
    with pytest.raises(KnownError, match="Split"):
        table_of(tmp_path, "id,v\n1,2\n")


def workbook(path: Path, rows: list[list], title: str = "病历") -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.create_sheet("第二").append(["id", "v"])
    book.save(path)
    return path


def test_a_workbook_gives_dates_and_numbers(tmp_path: Path):
    path = workbook(tmp_path / "a.xlsx", [["病历号", "日期", "值"], [1001, dt.date(2024, 3, 5), 2.5]])
    table = read_table(path)
    assert cells(table) == [[1001.0, dt.date(2024, 3, 5), 2.5]]
    assert table.sheets == ("病历", "第二")
    assert read_table(path, sheet="第二").headers == ("id", "v")
    with pytest.raises(KnownError, match="第二"):
        read_table(path, sheet="第三")


def test_a_title_above_the_header_of_a_sheet_is_skipped_and_noted(tmp_path: Path):
    path = workbook(tmp_path / "a.xlsx", [["某医院门诊记录"], ["病历号", "日期", "值"], ["1", "2024-01-01", 2]])
    table = read_table(path)
    assert table.headers == ("病历号", "日期", "值")
    assert [row.number for row in table.rows()] == [3]
    assert table.notes[0][0] == "某医院门诊记录"


def sheet_zip(path: Path, sheet: bytes) -> Path:
    """A workbook whose sheet is given as it is."""
    source = workbook(path.with_suffix(".tmp.xlsx"), [["id", "v"], [1, 2]])
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part, sheet if part.filename.endswith("sheet1.xml") else old.read(part))
    return path


def test_a_zip_bomb_is_refused_without_being_opened(tmp_path: Path):
    path = sheet_zip(tmp_path / "bomb.xlsx", b"<worksheet>" + b" " * 64_000_000 + b"</worksheet>")
    assert path.stat().st_size < 200_000
    with pytest.raises(KnownError, match="zip bomb"):
        read_table(path)


@pytest.mark.parametrize(("address", "row"), [("XFD1048576", 1048576), ("CV900000", 900000)])
def test_a_small_sheet_that_claims_a_million_rows_is_refused(tmp_path: Path, address: str, row: int):
    xml = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{address}"><v>2</v></c></row>'
        "</sheetData></worksheet>"
    )
    with pytest.raises(KnownError, match="rows"):
        read_table(sheet_zip(tmp_path / "far.xlsx", xml.encode()))


def test_an_ods_file_that_repeats_a_row_a_thousand_million_times_is_refused(tmp_path: Path):
    content = (
        '<office:document-content><table:table table:name="s"><table:table-row table:number-rows-repeated="999999999">'
        '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
        "</table:table></office:document-content>"
    )
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    with pytest.raises(KnownError, match="rows"):
        read_table(path)


def test_a_truncated_workbook_is_refused(tmp_path: Path):
    whole = workbook(tmp_path / "a.xlsx", [["id", "v"]] + [[n, n] for n in range(500)]).read_bytes()
    for share in (0.1, 0.5, 0.9, 0.99):
        with pytest.raises(KnownError, match=r"b\.xlsx"):
            table_of(tmp_path, whole[: int(len(whole) * share)], name="b.xlsx")


@pytest.mark.parametrize("name", ["a.pdf", "a.csv", "a.xlsx"])
def test_a_file_that_is_no_table_is_told_by_its_content(tmp_path: Path, name: str):
    with pytest.raises(KnownError, match="CSV"):
        table_of(tmp_path, b"%PDF-1.7 ...", name=name)
    with pytest.raises(KnownError, match="CSV"):
        table_of(tmp_path, bytes(2000), name=name)


def test_a_workbook_named_csv_is_still_read_as_a_workbook(tmp_path: Path):
    path = workbook(tmp_path / "a.xlsx", [["id", "v"], [1, 2]])
    path.rename(tmp_path / "b.csv")
    assert read_table(tmp_path / "b.csv").headers == ("id", "v")


def test_json_lines_are_rows_and_bad_ones_are_refused_alone(tmp_path: Path):
    lines = [
        '{"patient": "1", "time": 0, "value": 2}',
        '{"patient": "1", "time": 1, "value": NaN}',
        '{"patient": "1", "time": 2, "value": -Infinity}',
        '{"patient": "1", "time": ' + "9" * 5000 + "}",
        "[1, 2]",
        "{" + '"a":{' * 3000,
        "",
        '{"patient": "2", "unit": "g"}',
    ]
    table = table_of(tmp_path, "\n".join(lines), name="a.jsonl")
    assert table.headers == ("patient", "time", "value", "unit")
    assert problems(table) == [2, 3, 4, 5, 6]
    assert cells(table) == [["1", 0, 2, None], ["2", None, None, "g"]]


def test_a_json_list_of_records_is_a_table(tmp_path: Path):
    table = table_of(tmp_path, json.dumps([{"id": 1, "v": 2}, {"id": 2, "v": None}]), name="a.json")
    assert cells(table) == [[1, 2], [2, None]]
    with pytest.raises(KnownError, match="list"):
        table_of(tmp_path, "{}", name="a.json")
    with pytest.raises(KnownError, match="JSON"):
        table_of(tmp_path, "[1,", name="a.json")


def test_case_books_are_told_from_flat_records(tmp_path: Path):
    book, flat = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    book.write_text('{"case_id": "1", "visits": [{"text": ""}]}\n', encoding="utf-8")
    flat.write_text('{"patient": "1", "visits": 3}\n', encoding="utf-8")
    assert holds_visits(book)
    assert not holds_visits(flat)


def test_every_hostile_file_is_read_or_refused_with_its_name(shared_data: Path):
    started = time.monotonic()
    refused = 0
    for path in sorted((shared_data / "bad").rglob("*")):
        if path.is_file():
            told = ""
            try:
                for row in read_table(path).rows():
                    assert row.number >= 1
            except KnownError as error:
                told = str(error)
            refused += bool(told)
            assert not told or path.name in told
    assert refused >= 10
    assert time.monotonic() - started < 20


def test_spreadsheet_csv_edge_cases_read_as_their_json_says(shared_data: Path):
    folder = shared_data / "bad" / "csv-spectrum"
    for path in sorted((folder / "csvs").glob("*.csv")):
        if path.stem == "location_coordinates":  # its JSON tells another telephone number than its CSV
            continue
        expected = json.loads((folder / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
        expected = expected if isinstance(expected, list) else [expected]
        table = read_table(path)
        read = [dict(zip(table.headers, row, strict=True)) for row in cells(table)]
        # line ends inside cells are unified: no record of a patient depends on them
        unified = [{key: value.replace("\r\n", "\n") for key, value in row.items()} for row in expected]
        assert read == unified, path.name


def test_reading_twice_gives_the_same_rows(tmp_path: Path):
    table = table_of(tmp_path, "id,v\n1,2\n3,4\n")
    assert list(table.rows()) == list(table.rows())


def test_a_password_is_told_as_such(shared_data: Path):
    with pytest.raises(KnownError, match="password"):
        read_table(shared_data / "bad" / "calamine-tests" / "tests" / "pass_protected.ods")


def test_an_old_date_system_gives_the_right_day(shared_data: Path):
    table = read_table(shared_data / "bad" / "calamine-tests" / "tests" / "date_1904.xls")
    assert table.headers[0] == "2021-01-01"
    assert cells(table)[0][0] == dt.date(2021, 1, 2)


def test_rows_past_the_limit_refuse_the_file_instead_of_vanishing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.importing.tables.MAX_ROWS", 2)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3,4\n5,6\n", encoding="utf-8")
    with pytest.raises(KnownError, match="more than 2 rows"):
        list(read_table(path).rows())
