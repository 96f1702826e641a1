"""No text of a record comes alive as a formula, in CSV or in a workbook; numbers stay numbers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from app.cells import safe_cell, write_text

pytestmark = pytest.mark.promise("R10")

STARTERS = tuple("=+-@\t\r\n＝＋－＠")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1＋1", "－1", "＠a", "  =1"]
)
def test_what_a_program_could_run_gets_an_apostrophe(text: str):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-1.5", "+3", "1e-5", "-.5", "-20%", "黄芪30g", "a=b", "'=1", "5-6", "\n"])
def test_numbers_and_other_words_stay_as_they_are(text: str):
    assert safe_cell(text) == text


@given(st.text(st.characters(codec="utf-8"), max_size=12))
def test_any_text_keeps_its_words_and_begins_harmlessly(text: str):
    safe = safe_cell(text)
    assert safe in (text, f"'{text}")
    if safe.strip().startswith(STARTERS):
        float(safe.rstrip("%"))


def payloads(shared_data: Path) -> list[str]:
    found = (shared_data / "bad" / "formula-injection" / "payloads.txt").read_text(encoding="utf-8").splitlines()
    return found + json.loads((shared_data / "bad" / "blns" / "blns.json").read_text(encoding="utf-8"))


def test_known_payloads_are_harmless_in_a_csv_file(shared_data: Path):
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell(text)] for text in payloads(shared_data))
    for (cell,) in (row for row in csv.reader(io.StringIO(out.getvalue())) if row):
        if cell.startswith(STARTERS) and cell.strip():
            float(cell)


def test_known_payloads_are_text_in_a_workbook(shared_data: Path, tmp_path: Path):
    texts = payloads(shared_data)
    book = Workbook()
    for row, text in enumerate(texts, start=1):
        write_text(book.worksheets[0].cell(row, 1), text)
    book.save(tmp_path / "a.xlsx")
    cells = [row[0] for row in load_workbook(tmp_path / "a.xlsx").worksheets[0].iter_rows(max_row=len(texts))]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}  # n: empty
    assert sum(cell.value is not None for cell in cells) >= len([text for text in texts if text.strip()]) - 5
    for cell in cells:
        if isinstance(cell.value, str) and cell.value.startswith(STARTERS) and cell.value.strip():
            float(cell.value)


def test_a_character_no_workbook_holds_is_shown_as_lost(tmp_path: Path):
    book = Workbook()
    write_text(book.worksheets[0].cell(1, 1), "a\x00b\ud800" + "c" * 40_000)
    book.save(tmp_path / "a.xlsx")
    value = load_workbook(tmp_path / "a.xlsx").worksheets[0].cell(1, 1).value
    assert value == "a\ufffdb\ufffd" + "c" * 32_763
