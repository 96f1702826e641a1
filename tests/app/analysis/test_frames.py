"""Courses and forecasts as tables lose nothing and invent nothing."""

from __future__ import annotations

import numpy as np

from app.analysis.frames import (
    chances_frame,
    events_frame,
    forecast_frame,
    static_frame,
    treatments_frame,
    values_frame,
)
from models.course import Course, Event, Treatment, Variable
from models.forecast import Forecast


def courses() -> list[Course]:
    variables = (Variable("sym.insomnia", "失眠"), Variable("x.bili", unit="mg/dL"))
    values = np.array([[6.0, np.nan], [np.nan, np.nan], [2.0, 1.5]])
    given = (Treatment("herb.suanzaoren", 0.0, 7.0, 15.0),)
    return [Course("甲", np.array([0.0, 3.0, 9.0]), values, variables, treatments=given)]


def forecast() -> Forecast:
    variables = (
        Variable("bili"),
        Variable("fever", kind="binary"),
        Variable("tongue", kind="categorical", levels=("red", "pale")),
    )
    values = np.array([[[1, 2, 3], [0.1, 0.2, 0.3], [1, 1, 1]], [[4, 5, 6], [0.4, 0.5, 0.6], [0, 0, 0]]])
    return Forecast(
        "甲",
        np.array([7.0, 30.0]),
        variables,
        values,
        quantile_levels=(0.1, 0.5, 0.9),
        probabilities={"tongue": np.array([[0.25, 0.75], [0.625, 0.375]])},
        classes={"tongue": (0.0, 1.0)},
        survival={"death": np.array([0.75, 0.5])},
    )


def test_a_row_is_an_observed_value_and_nothing_else():
    frame = values_frame(courses())
    assert frame[["time", "variable", "value"]].to_numpy().tolist() == [
        [0.0, "sym.insomnia", 6.0],
        [9.0, "sym.insomnia", 2.0],
        [9.0, "x.bili", 1.5],
    ]
    assert set(frame["patient"]) == {"甲"}


def test_numbers_alone_make_a_column_of_numbers_and_levels_stand_in_words():
    assert values_frame(courses())["value"].dtype == np.float64
    tongue = Variable("tongue", kind="categorical", levels=("red", "pale"))
    frame = values_frame([Course("甲", np.array([0.0, 1.0]), np.array([[1.0], [0.0]]), (tongue,))])
    assert frame["value"].tolist() == ["pale", "red"]


def test_a_row_of_treatments_has_its_days_and_dose():
    frame = treatments_frame(courses())
    assert frame.iloc[0].tolist() == ["甲", "herb.suanzaoren", 0.0, 7.0, 15.0]


def test_a_row_of_static_covariates_is_a_patient():
    none = np.zeros(0), np.zeros((0, 0)), ()
    frame = static_frame([Course("甲", *none, static={"age": 50.0}), Course("乙", *none, static={"female": 1.0})])
    assert list(frame.columns) == ["patient", "age", "female"]
    np.testing.assert_array_equal(frame[["age", "female"]], [[50, np.nan], [np.nan, 1]])


def test_a_row_of_events_has_no_name_where_the_patient_was_only_followed():
    none = np.zeros(0), np.zeros((0, 0)), ()
    frame = events_frame([Course("甲", *none, events=(Event("death", 9.0),)), Course("乙", *none, followed=20.0)])
    assert frame.to_numpy().tolist() == [["甲", 9.0, "death"], ["乙", 20.0, ""]]


def test_a_row_of_a_forecast_is_a_variable_on_a_day():
    frame = forecast_frame(forecast())
    assert list(frame.columns) == ["patient", "time", "variable", "median", "q0.1", "q0.9", "chance"]
    assert frame["variable"].tolist() == ["bili", "bili", "fever", "fever", "tongue", "tongue"]
    assert frame[["time", "median", "q0.1", "q0.9"]][:2].to_numpy().tolist() == [[7, 2, 1, 3], [30, 5, 4, 6]]


def test_a_sign_has_a_chance_and_no_quantiles_and_a_measurement_quantiles_and_no_chance():
    frame = forecast_frame(forecast())
    bili, others = frame[frame["variable"] == "bili"], frame[frame["variable"] != "bili"]
    np.testing.assert_array_equal(others["chance"], [0.2, 0.5, np.nan, np.nan])
    assert others[["median", "q0.1", "q0.9"]].isna().to_numpy().all()
    assert bili["chance"].isna().all()


def test_forecasts_of_several_patients_make_one_table():
    frame = forecast_frame(forecast(), forecast())
    assert len(frame) == 12 and len(forecast_frame()) == 0


def test_a_row_of_chances_is_a_class_or_an_event_that_has_come():
    frame = chances_frame(forecast())
    assert frame[["time", "variable", "level", "chance"]].to_numpy().tolist() == [
        [7.0, "tongue", "red", 0.25],
        [7.0, "tongue", "pale", 0.75],
        [30.0, "tongue", "red", 0.625],
        [30.0, "tongue", "pale", 0.375],
        [7.0, "death", "", 0.25],
        [30.0, "death", "", 0.5],
    ]


def test_no_courses_make_a_table_with_its_columns():
    assert list(values_frame([]).columns) == ["patient", "time", "variable", "label", "unit", "value"]
    assert list(events_frame([]).columns) == ["patient", "time", "event"]
    assert list(static_frame([]).columns) == ["patient"]
