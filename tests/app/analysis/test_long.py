"""A long table becomes courses in one documented way, and what cannot be read is refused where it stands."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import i18n
from app.analysis.frames import events_frame, static_frame, treatments_frame, values_frame
from app.analysis.long import courses_from_long
from app.domain.errors import KnownError
from models.course import Course, Event, Treatment, Variable


def table(*rows: tuple[Any, ...], more: tuple[str, ...] = ()) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=pd.Index(["patient", "time", "variable", "value", *more]))


TWO = table(("b", 0, "bili", 1.0), ("b", 7, "bili", 2.0), ("a", 0, "bili", 3.0), ("b", 7, "albumin", 4.0))


def test_a_patient_is_a_course_and_comes_in_the_order_first_seen():
    b, a = courses_from_long(TWO)
    assert (b.patient, a.patient) == ("b", "a") and b.names == a.names == ("bili", "albumin")
    assert b.times.tolist() == [0, 7] and a.times.tolist() == [0]
    np.testing.assert_array_equal(b.values, [[1, np.nan], [2, 4]])
    np.testing.assert_array_equal(a.values, [[3, np.nan]])


def test_columns_go_by_the_names_given():
    renamed = TWO.set_axis(["id", "day", "test", "result"], axis=1)
    given = pd.DataFrame({"id": ["a"], "treatment": ["x"], "start": [0], "end": [2]})
    ends = pd.DataFrame({"id": ["a"], "day": [9], "event": ["death"]})
    b, a = courses_from_long(renamed, "id", "day", "test", "result", treatments=given, events=ends)
    assert b.names == ("bili", "albumin") and a.treatments[0].name == "x" and a.events == (Event("death", 9.0),)


def test_rows_may_come_in_any_order():
    shuffled = courses_from_long(TWO.iloc[::-1])
    (b,) = (c for c in shuffled if c.patient == "b")
    assert b.times.tolist() == [0, 7] and b.column("bili").tolist() == [1, 2]


def test_the_patient_may_be_in_the_index():
    assert [c.patient for c in courses_from_long(TWO.set_index("patient"))] == ["b", "a"]
    assert [len(c) for c in courses_from_long(TWO.set_index(["patient", "time"]))] == [2, 1]


def test_patients_of_whole_numbers_are_the_same_with_and_without_gaps_in_the_column():
    frame = table((1, 0, "bili", 1.0), (2, 0, "bili", 2.0))
    static = pd.DataFrame({"patient": [1.0, 2.0], "age": [50, 60]})
    assert [(c.patient, c.static["age"]) for c in courses_from_long(frame, static=static)] == [("1", 50), ("2", 60)]


def test_a_value_that_is_nan_is_not_observed_but_its_row_is_a_visit():
    (course,) = courses_from_long(table(("a", 0, "bili", 1.0), ("a", 5, "bili", None)))
    assert course.times.tolist() == [0, 5] and np.isnan(course.values[1, 0])


# ---- several values at one time


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


# ---- time


def test_dates_become_days_since_the_first_row_of_the_patient():
    frame = TWO.assign(time=pd.to_datetime(["2024-01-01T12", "2024-01-09T00", "2030-05-01T00", "2024-01-09T00"]))
    b, a = courses_from_long(frame)
    assert b.times.tolist() == [0, 7.5] and a.times.tolist() == [0]


@pytest.mark.parametrize(
    "days",
    [
        [dt.date(2024, 1, 1), dt.date(2024, 1, 8)],
        [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 8)],
        pd.to_datetime(["2024-01-01", "2024-01-08"]).tz_localize("Asia/Shanghai"),
        pd.to_timedelta([0, 7], unit="D"),
        ["0", "7"],
    ],
)
def test_times_may_be_dates_of_python_with_a_zone_or_lengths_of_time(days: Any):
    frame = table(("a", 0, "bili", 1.0), ("a", 1, "bili", 2.0)).assign(time=days)
    assert courses_from_long(frame)[0].times.tolist() == [0, 7]


def test_dates_of_treatments_and_events_count_from_the_same_day():
    frame = TWO.assign(time=pd.to_datetime(["2024-01-01", "2024-01-08", "2030-05-01", "2024-01-08"]))
    given = pd.DataFrame({"patient": ["b"], "name": ["x"], "start": [pd.Timestamp("2023-12-31")], "end": [pd.NaT]})
    ends = pd.DataFrame({"patient": ["a"], "time": [pd.Timestamp("2030-05-11")], "event": ["death"]})
    b, a = courses_from_long(frame, treatments=given, events=ends)
    assert b.treatments == (Treatment("x", -1.0, np.inf),) and a.events == (Event("death", 10.0),)


# ---- static


@pytest.mark.parametrize("indexed", [False, True])
def test_static_numbers_stay_and_words_become_a_column_a_level(indexed: bool):
    static = pd.DataFrame(
        {"patient": ["a", "b", "c"], "age": [50, None, 1], "smokes": [True, False, True], "sex": ["F", "M", None]}
    )
    b, a = courses_from_long(TWO, static=static.set_index("patient") if indexed else static)
    assert a.static == {"age": 50, "smokes": 1, "sex=F": 1, "sex=M": 0}
    assert np.isnan(b.static["age"]) and b.static["sex=M"] == 1


def test_an_index_without_a_name_tells_the_patients_of_static():
    b, a = courses_from_long(TWO, static=pd.DataFrame({"age": [50, 60]}, index=["a", "b"]))
    assert (b.static, a.static) == ({"age": 60}, {"age": 50})


def test_of_a_patient_without_a_static_row_nothing_is_known():
    b, _ = courses_from_long(TWO, static=pd.DataFrame({"patient": ["a"], "sex": ["F"]}))
    assert list(b.static) == ["sex=F"] and np.isnan(b.static["sex=F"])


def test_columns_of_the_table_itself_may_be_static():
    more = pd.DataFrame({"sex": ["F", None, "M", "F"], "age": [None, 40, 50, 40.0]})
    frame = pd.concat([TWO, more], axis=1)
    b, a = courses_from_long(frame, static=["age", "sex"])
    assert b.static == {"age": 40, "sex=F": 1, "sex=M": 0} and a.static == {"age": 50, "sex=F": 0, "sex=M": 1}


def test_categories_of_a_static_column_stay_where_nobody_has_them():
    sex = pd.Categorical(["F", "F"], categories=["M", "F"])
    b, _ = courses_from_long(TWO, static=pd.DataFrame({"patient": ["a", "b"], "sex": sex}))
    assert b.static == {"sex=M": 0, "sex=F": 1}


# ---- treatments and events


def test_a_treatment_without_an_end_goes_on():
    given = pd.DataFrame(
        {"patient": ["b", "a", "b"], "treatment": ["x", "x", "y"], "start": [0, 0, 1], "end": [None, None, 3]}
    )
    ends = pd.DataFrame({"patient": ["a"], "time": [20], "event": [None]})
    b, a = courses_from_long(TWO, treatments=given, events=ends)
    assert b.treatments == (Treatment("x", 0.0, np.inf), Treatment("y", 1.0, 3.0))
    assert a.treatments == (Treatment("x", 0.0, np.inf),) and a.followed == 20.0


def test_a_dose_not_given_is_one():
    given = pd.DataFrame({"patient": "b", "treatment": ["x", "y"], "start": 0, "end": 9, "dose": [None, 2.5]})
    assert [t.dose for t in courses_from_long(TWO, treatments=given)[0].treatments] == [1.0, 2.5]


def test_an_event_without_a_name_ends_the_follow_up():
    ends = pd.DataFrame({"patient": ["a", "b", "b"], "time": [30, 50, 60], "event": ["death", "", np.nan]})
    b, a = courses_from_long(TWO, events=ends)
    assert (b.events, b.followed) == ((), 60.0)
    assert (a.events, a.followed) == ((Event("death", 30.0),), None)


def test_empty_tables_of_treatments_and_events_are_none():
    b, _ = courses_from_long(TWO, treatments=treatments_frame([]), events=events_frame([]))
    assert b.treatments == () and b.events == () and b.followed is None


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


# ---- there and back

_days = st.floats(-1e4, 1e5)
_values = st.floats(-1e9, 1e9)
_words = st.text("abxyz失眠=.,;", min_size=1, max_size=4)
_VARIABLES = (
    Variable("bili", "胆红素", unit="mg/dL", lower=-1e9),
    Variable("pain", "痛", "ordinal", "", 0.0, 6.0, "symptom"),
    Variable("fever", kind="binary", lower=0.0, upper=1.0),
    Variable("stools", kind="count"),
    Variable("tongue", "舌", "categorical", levels=("red", "pale", "3", "true")),
)
_OBSERVED = (
    _values,
    st.sampled_from(range(7)),
    st.sampled_from(range(2)),
    st.integers(0, 99),
    st.sampled_from(range(4)),
)


@st.composite
def _a_course(draw: st.DrawFn, patient: str) -> Course:
    times = sorted(draw(st.lists(_days, min_size=1, max_size=5, unique=True)))
    values = np.array([[draw(st.none() | o) for o in _OBSERVED] for _ in times], dtype=np.float64)
    empty = np.isnan(values).all(1)  # a row that nothing was observed in is none in a long table
    values[empty, 0] = 1.0
    begins = draw(st.lists(st.tuples(_words, _days, st.floats(0.01, 1e3), _values), max_size=3))
    return Course(
        patient,
        np.array(times),
        values,
        _VARIABLES,
        static=draw(st.fixed_dictionaries({"age": _values, "sex=F": st.sampled_from([0.0, 1.0, np.nan])})),
        treatments=tuple(Treatment(name, start, start + length, dose) for name, start, length, dose in begins),
        events=tuple(draw(st.lists(st.builds(Event, _words, _days), max_size=2))),
        followed=draw(st.none() | _days),
    )


_cohorts = st.lists(_words, min_size=1, max_size=4, unique=True).flatmap(lambda ids: st.tuples(*map(_a_course, ids)))


@settings(deadline=None)
@given(_cohorts)
def test_courses_come_back_from_their_tables(courses: tuple[Course, ...]):
    back = courses_from_long(
        values_frame(courses),
        static=static_frame(courses),
        treatments=treatments_frame(courses),
        events=events_frame(courses),
        kinds={v.name: v for v in _VARIABLES},
    )
    assert len(back) == len(courses)
    for course, again in zip(courses, back, strict=True):
        assert (again.patient, again.variables) == (course.patient, course.variables)
        np.testing.assert_array_equal(again.times, course.times)
        np.testing.assert_array_equal(again.values, course.values)
        np.testing.assert_equal(again.static, course.static)
        assert again.treatments == course.treatments
        assert (again.events, again.followed) == (course.events, course.followed)


def test_a_million_measurements_are_read_without_going_row_by_row():
    random, count = np.random.default_rng(0), 1_000_000
    frame = pd.DataFrame(
        {
            "patient": random.integers(0, 10_000, count),
            "time": random.integers(0, 2_000, count),
            "variable": np.array([f"v{k}" for k in range(10)], dtype=object)[random.integers(0, 10, count)],
            "value": random.normal(size=count),
        }
    )
    begun = time.process_time()
    courses = courses_from_long(frame)
    assert len(courses) == 10_000 and time.process_time() - begun < 15
