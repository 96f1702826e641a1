"""Whatever a file holds, it is imported, or refused with row, column and reason; and what is accepted can be stored."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from app.domain.errors import KnownError
from app.domain.records import Case
from app.domain.scope import NOTHING, LocalVocabulary
from app.importing.report import ImportReport
from app.importing.run import import_files
from app.importing.values import MISSING
from app.store.content import check_case
from app.store.imports import ImportResult

pytestmark = pytest.mark.promise("R8")

WIDE_HEADERS = (
    "病历号", "姓名", "性别", "年龄", "出生日期", "就诊日期", "诊次", "主诉", "诊断", "证型", "失眠", "口苦", "体重",
    "舌质", "舌苔", "脉象", "左关", "方名", "处方", "剂数", "疗效", "备注", "现病史",
)  # fmt: skip
LONG_HEADERS = ("patient", "time", "variable", "value", "unit", "sex", "trt")


TIMES = int(os.environ.get("MAILIU_FUZZ", "1"))  # the long run multiplies the examples, see test_fuzz_long


def examples(number: int) -> settings:
    """Always the same examples: the suite must not fail by chance."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=number * TIMES, deadline=None, database=None, derandomize=True, suppress_health_check=slow
    )


class _Imports:
    """Stands for the store: its gate must let every accepted case through."""

    def commit(
        self, cases: Sequence[Case], *, files: object, report_json: Callable[[], str], **_more: object
    ) -> ImportResult:
        for case in cases:
            check_case(case)
        json.loads(report_json())
        return ImportResult(1, len(cases), 0, 0, 0, 0)


class _Terms:
    def local(self) -> LocalVocabulary:
        return NOTHING


class _Profiles:
    def find(self, _signature: str) -> None:
        return None

    def remember(self, _signature: str, mapping: Mapping[str, Any]) -> None:
        json.dumps(mapping, allow_nan=False)


class _Clinic:
    """As much of a clinic as an import needs, without a database."""

    is_file = False
    imports = _Imports()
    terms = _Terms()
    profiles = _Profiles()


def taken_in(content: bytes, name: str) -> ImportReport | None:
    """The report, or None where the file was refused as a whole; anything else is a failure."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            report = import_files([path], _Clinic())  # type: ignore[arg-type]
        except KnownError:
            return None
    assert report.rows_read == report.rows_accepted + report.rows_refused
    for refusal in report.refused:
        assert refusal.file == name
        assert refusal.row >= 1
        assert refusal.reason
    assert len(report.refused) >= report.rows_refused
    return report


def as_csv(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headers)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


ODD = st.sampled_from(
    [
        "=1+1", "-", "NaN", "inf", "1e400", "9" * 5000, "２０２４-０１-０１", "2024-02-30", "99999999", "\x00",
        "\u202e", "\ufeff", "<img src=x>", "黄芪30g、白术", "去白术加当归", "于前方内去X加Y", "弦滑数", "左弦右滑",
        "舌红苔黄", "无", "重", "男", "0", "-1", "(((((", "第十三诊", "各三钱", "三钱半", "1,2,3", "10²", "½", "Ⅻ",
        "\U0001f600", "ﷺ", "a\u0301" * 50, "'", '"', "\n", "\t",
    ]
)  # fmt: skip
CELL = st.one_of(ODD, st.text(max_size=30), st.floats().map(str), st.dates().map(str), st.integers(0, 6).map(str))


@examples(120)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda s: s.encode("utf-8", "surrogatepass"))))
def test_any_bytes_are_imported_or_refused(content: bytes):
    taken_in("病历号,就诊日期,失眠\n".encode() + content, "a.csv")
    taken_in(content, "b.csv")


@examples(120)
@given(st.lists(st.lists(CELL, min_size=len(WIDE_HEADERS), max_size=len(WIDE_HEADERS)), min_size=1, max_size=4))
def test_any_cells_of_a_wide_table_are_imported_or_refused(rows: list[list[str]]):
    for at, row in enumerate(rows):
        row[0], row[5] = f"{at % 2}", row[5] if at % 3 == 2 else f"2024-01-{at + 1:02d}"
    taken_in(as_csv(WIDE_HEADERS, rows), "wide.csv")


@examples(120)
@given(st.lists(st.lists(CELL, min_size=len(LONG_HEADERS), max_size=len(LONG_HEADERS)), min_size=1, max_size=8))
def test_any_cells_of_a_long_table_are_imported_or_refused(rows: list[list[str]]):
    taken_in(as_csv(LONG_HEADERS, rows), "long.csv")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
RECORD = st.fixed_dictionaries(dict.fromkeys(("patient", "time", "variable", "value"), JSON))


@examples(100)
@given(
    st.lists(st.one_of(RECORD, JSON), min_size=1, max_size=6),
    st.sampled_from(["a.jsonl", "a.json"]),
    st.integers(0, 200),
)
def test_any_json_is_imported_or_refused(values: list[object], name: str, cut: int):
    good = {"patient": "1", "time": 0, "variable": "x", "value": 1}
    text = "\n".join(json.dumps(value) for value in [good, *values])
    taken_in(text.encode(), name)
    taken_in(text.encode()[:cut], name)
    taken_in(json.dumps([good, *values]).encode(), "a.json")


def small_workbook() -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["病历号", "就诊日期", "失眠"])
    for n in range(20):
        sheet.append([n, "2024-01-01", n % 4 * 2])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WORKBOOK = small_workbook()


@examples(60)
@given(st.integers(0, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=8), st.booleans())
def test_a_damaged_workbook_is_imported_or_refused(at: int, noise: bytes, cut: bool):
    taken_in(WORKBOOK[:at] if cut else WORKBOOK[:at] + noise + WORKBOOK[at + len(noise) :], "a.xlsx")


def test_the_undamaged_workbook_is_imported():
    report = taken_in(WORKBOOK, "a.xlsx")
    assert report is not None
    assert (report.rows_accepted, report.refused) == (20, [])


def test_naughty_strings_go_through_every_text_column(shared_data: Path):
    strings = json.loads((shared_data / "bad" / "blns" / "blns.json").read_text(encoding="utf-8"))
    strings += (shared_data / "bad" / "formula-injection" / "payloads.txt").read_text(encoding="utf-8").splitlines()
    rows = []
    for at, text in enumerate(strings):
        row = [text] * len(WIDE_HEADERS)
        row[0], row[5] = f"P{at}", "2024-01-01"
        rows.append(row)
    report = taken_in(as_csv(WIDE_HEADERS, rows), "naughty.csv")
    assert report is not None
    assert report.rows_read == len(strings)
    assert report.rows_accepted > 0.9 * len(strings)


def test_a_naughty_string_as_a_patient_number_is_one_patient_or_refused(shared_data: Path):
    strings = json.loads((shared_data / "bad" / "blns" / "blns.json").read_text(encoding="utf-8"))
    report = taken_in(as_csv(["病历号", "就诊日期", "失眠"], [[text, "2024-01-01", "2"] for text in strings]), "n.csv")
    assert report is not None
    assert report.rows_refused < 0.2 * len(strings)
    assert report.patients > 0.7 * len(strings)


@pytest.mark.parametrize("folder", ["calamine-tests", "csv-spectrum", "cjkencodings", "formula-injection", "blns"])
def test_real_bad_files_are_imported_or_refused(shared_data: Path, folder: str):
    for path in sorted((shared_data / "bad" / folder).rglob("*")):
        if path.is_file():
            taken_in(path.read_bytes(), path.name)


def test_words_for_nothing_are_folded_as_cells_are():
    assert all(word == word.casefold() for word in MISSING)
