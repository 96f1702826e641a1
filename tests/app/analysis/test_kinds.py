"""The kind of a variable, told or found out, and what several values at one time come to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.analysis.long import courses_from_long
from models.course import Variable
from tests.app.analysis.long_tables import TWO, table


def test_several_values_at_one_time_are_averaged():
    (course,) = courses_from_long(table(("a", 3, "bili", 1.0), ("a", 3, "bili", None), ("a", 3, "bili", 4.0)))
    assert course.times.tolist() == [3] and course.values.tolist() == [[2.5]]


def test_of_several_words_at_one_time_the_last_counts():
    (course,) = courses_from_long(
        table(("a", 3, "tongue", "red"), ("a", 3, "tongue", "pale"), ("a", 4, "tongue", "red"))
    )
    assert [course.variables[0].levels[int(v)] for v in course.values[:, 0]] == ["pale", "red"]


@pytest.mark.parametrize("kind", ["ordinal", "binary", "count"])
def test_of_several_scores_signs_or_counts_at_one_time_the_last_counts_as_there_are_no_halves(kind: Any):
    (course,) = courses_from_long(table(("a", 3, "x", 0), ("a", 3, "x", 1)), kinds={"x": kind})
    assert course.values.tolist() == [[1.0]]


# ---- kinds


def kind_of(values: list[Any], **told: Any) -> Variable:
    frame = table(*(("a", day, "x", value) for day, value in enumerate(values)))
    return courses_from_long(frame, kinds=told)[0].variables[0]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.5, 1.0], "continuous"),
        ([0, 1, 1], "binary"),
        ([1.0, None], "binary"),
        ([1, 2, 3], "continuous"),
        ([True, False], "binary"),
        (["True", "False"], "binary"),
        (["red", "pale"], "categorical"),
        (["1.5", " 2 "], "continuous"),
        ([None, None], "continuous"),
    ],
)
def test_the_kind_of_a_variable_is_found_out_from_its_values(values: list[Any], kind: str):
    assert kind_of(values).kind == kind


def test_the_kind_can_be_told():
    assert kind_of([0, 1], x="continuous").kind == "continuous"
    assert kind_of([1, 2, 4], x="ordinal") == Variable("x", kind="ordinal", lower=1.0, upper=4.0)
    assert kind_of([0, 7], x="count").kind == "count"
    assert kind_of([10, 9, 10], x="categorical").levels == ("9", "10")


def test_amounts_that_are_never_negative_stay_so():
    assert kind_of([0.0, 2.5]).lower == 0.0
    assert kind_of([-1.0, 2.5]).lower is None


def test_levels_are_sorted():
    frame = table(("a", 0, "tongue", "red"), ("a", 1, "tongue", "pale"), ("a", 2, "tongue", ""))
    (course,) = courses_from_long(frame)
    assert course.variables[0].levels == ("pale", "red")
    np.testing.assert_array_equal(course.values[:, 0], [1, 0, np.nan])


def test_a_pandas_categorical_orders_the_levels_of_its_variables():
    frame = table(("a", 0, "pain", "much"), ("a", 1, "pain", "none"), ("a", 2, "pain", "some"), ("a", 2, "bili", 1.5))
    frame["value"] = pd.Categorical(frame["value"], categories=["none", "some", "much", 1.5], ordered=True)
    pain, bili = courses_from_long(frame)[0].variables
    assert pain.levels == ("none", "some", "much") and bili.kind == "continuous"


def test_words_and_numbers_of_different_variables_stand_in_one_column():
    frame = table(("a", 0, "tongue", "red"), ("a", 0, "bili", "1.5"), ("a", 1, "bili", 2.5), ("a", 1, "fever", True))
    (course,) = courses_from_long(frame)
    assert [v.kind for v in course.variables] == ["categorical", "continuous", "binary"]
    np.testing.assert_array_equal(course.values, [[0, 1.5, np.nan], [np.nan, 2.5, 1]])


def test_a_whole_variable_told_reads_a_later_table_as_the_one_learnt_from():
    known = {
        "age": Variable("age", unit="a"),
        "tongue": Variable("tongue", "舌", "categorical", levels=("pale", "red", "purple")),
    }
    (course,) = courses_from_long(table(("a", 0, "new", 0.5), ("a", 0, "tongue", "red")), kinds=known)
    assert course.variables[:2] == tuple(known.values()) and course.names == ("age", "tongue", "new")
    np.testing.assert_array_equal(course.values, [[np.nan, 1, 0.5]])


def test_units_and_labels_are_read_where_they_are_given():
    frame = table(("a", 0, "bili", 1.5, "mg/dL"), ("a", 1, "bili", 1.5, None), ("a", 1, "x", 1.5, None), more=("unit",))
    assert [v.unit for v in courses_from_long(frame)[0].variables] == ["mg/dL", ""]
    assert courses_from_long(TWO.assign(label="胆红素"))[0].variables[0].label == "胆红素"
