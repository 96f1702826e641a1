"""What cannot be read of a long table is refused where it stands, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from app import i18n
from app.analysis.long import courses_from_long
from app.domain.errors import KnownError
from models.course import Variable
from tests.app.analysis.long_tables import TWO

# ---- refusals

GIVEN = pd.DataFrame({"patient": ["b"], "treatment": ["x"], "start": [0.0], "end": [5.0]})
ENDS = pd.DataFrame({"patient": ["b"], "time": [9.0], "event": ["death"]})
AGES = pd.DataFrame({"patient": ["a", "b"], "age": [50, 60]})
GRADE = Variable("bili", kind="categorical", levels=("1", "2"))
DATES = pd.to_datetime(["2024-01-01"])


def changed(column: str, row: int, value: Any) -> pd.DataFrame:
    frame = TWO.astype({column: object})
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "more", "told"),
    [
        (TWO[:0], {}, "frame is empty"),
        (TWO.drop(columns="time"), {}, "frame has no column time; it has patient, variable, value"),
        (TWO.assign(twice=0).rename(columns={"twice": "value"}), {}, "two columns value"),
        (changed("patient", 2, None), {}, "row 2: the column patient is empty"),
        (changed("variable", 2, " "), {}, "row 2: the column variable is empty"),
        (changed("time", 1, None), {}, "row 1, patient b: there is no time"),
        (changed("time", 1, "day 7"), {}, "row 1, patient b: time is day 7, neither a number of days nor a date"),
        (changed("time", 1, np.inf), {}, "row 1, patient b: time is inf"),
        (changed("value", 1, "<0.1"), {}, "row 1, patient b: bili is <0.1 in the column value, where numbers"),
        (changed("value", 1, np.inf), {}, "row 1, patient b: bili is inf in the column value, not finite"),
        (changed("value", 0, "x"), {"kinds": {"bili": "count"}}, "row 0, patient b: bili is x"),
        (TWO, {"kinds": {"bili": "binary"}}, r"row 1, patient b: bili is 2.0 .* not 0 or 1 \(binary\)"),
        (changed("value", 1, -2.0), {"kinds": {"bili": "count"}}, "row 1, patient b: bili is -2.0"),
        (TWO, {"kinds": {"bili": GRADE}}, "row 2, patient a: bili is 3.0 in the column value, not 1, 2"),
        (TWO, {"kinds": {"bili": "number"}}, "bili cannot be number; kinds are continuous, ordinal"),
        (TWO, {"kinds": {"billi": "count"}}, "no billi was measured; there are bili, albumin"),
        (TWO.assign(unit=["mg", "g", "mg", "g"]), {}, "row 1, patient b: bili is in g, but in mg before"),
        (TWO, {"static": pd.concat([AGES, AGES[:1]], ignore_index=True)}, "static, row 2: patient a has a row already"),
        (TWO, {"static": AGES.assign(patient=["x", "y"])}, "static tells of none .* it has x, y, they are b, a"),
        (TWO, {"static": AGES.assign(age=[50, "old"])}, "static, row 1, patient b: age is old; a finite number"),
        (TWO, {"static": AGES.assign(age=[50, np.inf])}, "static, row 1, patient b: age is inf"),
        (TWO, {"static": AGES.assign(age=DATES[0])}, "static: the column age holds dates"),
        (TWO, {"static": ["age"]}, "frame has no column age"),
        (TWO.assign(age=[40, 41, 50, 40]), {"static": ["age"]}, "frame, row 1, patient b: age is 41, but 40 before"),
        (TWO.assign(sex=["F", "M", "F", "F"]), {"static": "sex"}, "frame, row 1, patient b: sex is M, but F before"),
        (TWO, {"treatments": GIVEN.drop(columns="treatment")}, "treatments has no column treatment"),
        (TWO, {"treatments": GIVEN.assign(patient="z")}, "treatments, row 0: patient z has no measurement"),
        (TWO, {"treatments": GIVEN.assign(end=-1.0)}, r"row 0, patient b: the treatment ends \(-1.0\) before"),
        (TWO, {"treatments": GIVEN.assign(start=None)}, "treatments, row 0, patient b: there is no start"),
        (TWO, {"treatments": GIVEN.assign(dose="much")}, "treatments, row 0, patient b: dose is much"),
        (TWO, {"treatments": GIVEN.assign(start=DATES)}, "treatments: the column start holds dates"),
        (TWO, {"events": ENDS.assign(patient="z")}, "events, row 0: patient z has no measurement"),
        (TWO, {"events": ENDS.assign(event=1)}, "events, row 0, patient b: the event is 1. Name it in words"),
        (TWO, {"events": ENDS.assign(time=DATES)}, "events: the column time holds dates"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_where_it_stands(frame: pd.DataFrame, more: dict[str, Any], told: str):
    with pytest.raises(KnownError, match=told):
        courses_from_long(frame, **more)


def test_rows_are_called_by_the_index_of_the_frame():
    with pytest.raises(KnownError, match="row r1, patient b: time is soon"):
        courses_from_long(changed("time", 1, "soon").set_index(pd.Index(["r0", "r1", "r2", "r3"])))


def test_a_refusal_speaks_chinese():
    with pytest.raises(KnownError) as refused:
        courses_from_long(TWO, treatments=GIVEN.assign(patient="z"))
    assert i18n.explain(refused.value) == "treatments 第 0 行：患者 z 在 frame 中没有测量值。"


def test_the_tables_given_are_left_as_they_are():
    frame, static = TWO.assign(sex=["F", "F", "M", "F"]), AGES.set_index("patient")
    before = frame.copy(), static.copy()
    courses_from_long(frame, static=static, treatments=GIVEN, events=ENDS)
    pd.testing.assert_frame_equal(frame, before[0])
    pd.testing.assert_frame_equal(static, before[1])
