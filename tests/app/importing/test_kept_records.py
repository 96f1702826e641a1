"""JSON rows kept are the rows of the file."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.importing import kept_records
from app.importing.readers import read_table
from app.importing.tables import Row

VALUES = st.sampled_from(
    [None, True, False, 0, 1, -1, 0.0, -0.0, 1.0, 1.5, 1e17, 10**17, "", "1", "病", [1], {"a": []}]
)
RECORDS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)
LINES = st.one_of(RECORDS.map(json.dumps), st.sampled_from(["", "[1]", "{", "NaN"]))


def rows_of(content: str, most: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_records, "MOST_CELLS", most)
        path = Path(folder) / "a.jsonl"
        path.write_text(content, encoding="utf-8")
        return list(read_table(path).rows())


def shown(rows: list[Row]) -> list[Any]:
    return [(row.number, [repr(cell) for cell in row.cells], row.problem) for row in rows]


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.lists(LINES, max_size=12))
def test_rows_kept_in_columns_are_those_read_again(lines: list[str]):
    content = "\n".join(['{"a": 1}', *lines])
    assert shown(rows_of(content, most=1000)) == shown(rows_of(content, most=0))


def test_rows_come_in_the_same_shape_each_time_they_are_asked_for(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"a": 1, "b": "x"}\n{"c": 2.5}\n')
    table = read_table(tmp_path / "a.jsonl")
    for _look in range(2):
        assert [list(row.cells) for row in table.rows()] == [[1, "x", None], [None, None, 2.5]]
