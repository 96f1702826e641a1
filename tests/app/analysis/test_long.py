"""A long table becomes courses in one documented way."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.frames import events_frame, static_frame, treatments_frame, values_frame
from app.analysis.long import courses_from_long
from models.course import Course, Event, Treatment, Variable
from tests.app.analysis.long_tables import TWO, table


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


def test_many_measurements_are_put_together_as_pandas_does_it():
    random, count = np.random.default_rng(0), 50_000
    frame = pd.DataFrame(
        {
            "patient": random.integers(0, 300, count),
            "time": random.integers(0, 100, count),
            "variable": np.array([f"v{k}" for k in range(10)], dtype=object)[random.integers(0, 10, count)],
            "value": random.normal(size=count),
        }
    )
    expected = frame.pivot_table(index=["patient", "time"], columns="variable", values="value", aggfunc="mean")
    courses = courses_from_long(frame)
    assert len(courses) == 300
    for course in courses[::20]:
        theirs = expected.loc[int(course.patient)]
        np.testing.assert_array_equal(course.times, theirs.index)
        np.testing.assert_allclose(course.select(sorted(course.names)).values, theirs[sorted(course.names)])
