"""The fast reader of long tables against the plain one, on tables with every fault there is a rule for."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import KnownError
from app.domain.records import Case
from app.importing import long_table, measurements
from app.importing.long_table import LongReader
from app.importing.mapping import Mapping, suggest
from app.importing.people import People
from app.importing.readers import read_table
from app.importing.report import ImportReport
from app.importing.tables import Table
from tests.app.importing.plain_long_table import PlainReader

PATIENTS = st.sampled_from(["1", "2", "P001", " p001", "Ｐ００１", "", "9" * 101, "-"])
NAMES = st.sampled_from(["王明", "王 明", "李红", "", "NA"])
TIMES = st.sampled_from(["0", "1", "1.0", "-3", "7.5", "", "NA", "soon", "1e9", "２"])
DATES = st.sampled_from(["2024-01-05", "2024年1月5日", "5/1/2024", "20240108", "", "2024-02-30", "99-1-1"])
VARIABLES = st.sampled_from(
    ["失眠", "bili", "bili ", "x", "arm", "sex", "age", "treatment:黄芪", "药:炒白术", "treatment:zzz", "", "a\nb"]
)
VALUES = st.sampled_from(
    [
        *(
            "1",
            "1.0",
            "1.25",
            "-0",
            "2",
            "4",
            "0",
            " 3 ",
            "30",
            "58.5",
            "1,200",
            "１２",
            "10²",
            "1e400",
            "inf",
            "9" * 17,
        ),
        *("重", "无", "<0.1", "NA", "", "f", "男", "words", "x" * 201),
    ]
)
UNITS = st.sampled_from(["", "", "mg/dL", "g/L", "mg", "g", "克", "umol/L"])
ROWS = st.lists(st.tuples(PATIENTS, NAMES, TIMES, DATES, VARIABLES, VALUES, UNITS, NAMES), max_size=25)
HEADERS = ("patient", "姓名", "time", "date", "variable", "value", "unit", "arm")
LEFT_OUT = st.sampled_from(["", "time", "date"]).flatmap(  # one of both has to tell the time
    lambda time: st.sets(st.sampled_from(["姓名", "unit", "arm"])).map(lambda others: others | {time})
)
few = settings(
    max_examples=250,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def fast(table: Table, mapping: Mapping) -> tuple[list[Case], dict[str, Any]]:
    report = ImportReport()
    people = People(report)
    reader = LongReader(mapping, people, report)
    for _count in reader.read(table):
        """Every row is read."""
    reader.finish()
    return list(people.cases()), report.to_dict()


def plain(table: Table, mapping: Mapping) -> tuple[list[Case], dict[str, Any]]:
    report = ImportReport()
    return PlainReader(mapping, report).cases(table), report.to_dict()


def both_agree(content: str, name: str, known: bool = True) -> None:
    """known: the mapping tells the variables; else each is met first in its row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(content, encoding="utf-8")
        try:
            table = read_table(path)
            mapping = suggest(table, "long")
        except KnownError:
            return
        if not known:
            mapping = mapping.model_copy(update={"variables": {}})
        expected, found = plain(table, mapping), fast(table, mapping)
    assert found[1] == expected[1]
    assert [repr(case) for case in found[0]] == [repr(case) for case in expected[0]]  # -0.0 is not 0.0
    assert found[0] == expected[0]


def as_csv(rows: list[tuple[str, ...]], left_out: set[str]) -> str:
    kept = [at for at, header in enumerate(HEADERS) if header not in left_out]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([[row[at] for at in kept] for row in [HEADERS, *rows]])
    return out.getvalue()


@few
@given(ROWS, LEFT_OUT, st.booleans())
def test_a_table_of_text_is_read_as_it_is_plainly(rows: list[tuple[str, ...]], left_out: set[str], known: bool):
    both_agree(as_csv(rows, left_out), "a.csv", known)


@few
@given(ROWS, LEFT_OUT)
def test_nothing_remembered_changes_nothing(rows: list[tuple[str, ...]], left_out: set[str]):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_table, "REMEMBERED", 0)
        patch.setattr(measurements, "_KEPT", 1)
        patch.setattr(LongReader, "__init__", _without_room(LongReader.__init__))
        both_agree(as_csv(rows, left_out), "a.csv")


def _without_room(init: Any) -> Any:
    def made(self: LongReader, *given: Any) -> None:
        init(self, *given, _room=0)

    return made


CELLS = st.sampled_from([None, True, False, 0, 1, 2, 1.0, 1.5, -0.0, 0.0, "1", "a", 10**17, 1e17, [1], {"a": 1}])
RECORDS = st.fixed_dictionaries(
    {
        "patient": st.sampled_from([1, 1.0, True, "1", None]),
        "time": CELLS,
        "variable": st.sampled_from(["x", "失眠", 1, 1.0, True, "treatment:黄芪"]),
        "value": CELLS,
        "unit": st.sampled_from([None, "g", "mg", 1, 1.0, True]),
    }
)


@few
@given(st.lists(RECORDS, max_size=20))
def test_a_table_of_numbers_and_truths_is_read_as_it_is_plainly(records: list[dict[str, Any]]):
    both_agree("\n".join(json.dumps(record) for record in records), "a.jsonl")


def test_the_plain_reader_does_find_the_faults():
    rows = [("1", "王明", "0", "", "bili", "1", "mg/dL", "a"), ("1", "李红", "1", "", "bili", "<1", "", "b")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(as_csv(rows, {"date"}), encoding="utf-8")
        cases, report = plain(read_table(path), suggest(read_table(path)))
    assert [dataclasses.replace(case, visits=()).patient.name for case in cases] == ["王明"]
    assert [(entry["row"], entry["column"]) for entry in report["refused"]] == [(3, "姓名")]
