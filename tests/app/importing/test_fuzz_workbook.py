"""Workbooks with any change inside their parts, and tables read by any overrule, are imported or refused."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import KnownError
from app.importing.column_map import Mapping
from app.importing.dates import ORDERS
from app.importing.detected import detected
from app.importing.mapping import suggest
from app.importing.people import People
from app.importing.readers import read_table
from app.importing.report import ImportReport
from app.importing.roles import Role
from app.importing.wide_table import WideReader
from app.store.content import check_case
from tests.app.importing.test_fuzz import CELL, WORKBOOK, as_csv, examples, taken_in

pytestmark = pytest.mark.promise("R8")


def parts_of(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


PARTS = parts_of(WORKBOOK)
AT_NAMES = sorted(at for name in PARTS for at in (WORKBOOK.find(name.encode()), WORKBOOK.rfind(name.encode())))
PART = st.sampled_from(sorted(PARTS))
NOISE = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [
            b"<", b'"', b"&", b"</row>", b"<row r='1048577'>", b'r="XFD9"', b'r="A0"', b"1e400", b"9" * 20, b"-1",
            b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>", b"&b;", b't="s"><v>4294967295</v>', b't="d"',
            b"=1+1", b"\x00", b"&#x0;", b'date1904="1"', b"<mergeCell ref='A1:XFD1048576'/>",
        ]
    ),
)  # fmt: skip


def test_the_rebuilt_workbook_is_imported():
    report = taken_in(zipped(PARTS), "a.xlsx")
    assert report is not None
    assert report.rows_accepted == 20


@examples(150)
@given(st.lists(st.tuples(PART, st.floats(0, 1), NOISE, st.integers(0, 12)), min_size=1, max_size=4))
def test_any_change_inside_the_parts_of_a_workbook_is_imported_or_refused(changes: list[tuple[str, float, bytes, int]]):
    parts = dict(PARTS)
    for name, where, noise, taken in changes:
        content = parts[name]
        at = int(where * len(content))
        parts[name] = content[:at] + noise + content[at + taken :]
    taken_in(zipped(parts), "a.xlsx")


@pytest.mark.parametrize("number", range(len(AT_NAMES)))  # not the places: they differ from process to process
def test_a_part_whose_two_names_differ_is_imported_or_refused(number: int):
    at = AT_NAMES[number]
    taken_in(WORKBOOK[:at] + b"\x00" + WORKBOOK[at + 1 :], "a.xlsx")


@examples(60)
@given(st.sets(PART, max_size=3), PART, PART)
def test_a_workbook_of_missing_and_exchanged_parts_is_imported_or_refused(gone: set[str], one: str, other: str):
    parts = {name: content for name, content in PARTS.items() if name not in gone}
    parts[one], parts[other] = PARTS[other], PARTS[one]
    taken_in(zipped(parts), "a.xlsx")


HEADERS = ("病历号", "出生日期", "就诊日期", "体重(kg)", "证型", "舌质", "处方")


@examples(150)
@given(
    st.lists(st.lists(CELL, min_size=7, max_size=7), min_size=1, max_size=5),
    st.integers(0, 3),
    st.sampled_from(ORDERS),
    st.none() | st.integers(1500, 2100),
    st.none() | st.integers(1, 9),
    st.none() | st.characters(codec="utf-8"),
)
def test_any_overrule_of_reading_gives_cases_or_a_refusal(
    rows: list[list[str]], titles: int, order: str, year: int | None, header_row: int | None, delimiter: str | None
):
    report = ImportReport()
    people = People(report)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes("某医院门诊病例表\n".encode() * titles + as_csv(HEADERS, rows))
        try:
            table = read_table(path, None, None, header_row, delimiter)
            suggested = suggest(table)
            mapping = Mapping.of(
                suggested.model_dump(mode="json") | {"date_style": order, "century": year, "lunar_epoch": year}
            )
            assert all(found.text for found in detected(table, mapping))
            reader = WideReader(mapping, people, report) if mapping.kind == "wide" else None
            for _count in reader.read(table) if reader else ():
                """Every row is read."""
        except KnownError:
            return
    assert report.rows_read == report.rows_accepted + report.rows_refused
    for case in people.cases():
        check_case(case)


def test_titles_and_overrules_do_not_keep_a_good_table_from_being_read():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        good = [["1", "1980-01-01", "2024-01-05", "61kg", "心脾两虚证", "淡", "黄芪15g"]]
        path.write_bytes("某医院门诊病例表\n".encode() * 3 + as_csv(HEADERS, good))
        table = read_table(path)
        assert table.header_row == 4
        assert Role.IGNORE not in suggest(table).columns.values()
