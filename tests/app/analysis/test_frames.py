"""Courses as tables lose nothing and invent nothing."""

from __future__ import annotations

import numpy as np

from app.analysis.frames import treatments_frame, values_frame
from models.course import Course, Treatment, Variable


def courses() -> list[Course]:
    variables = (Variable("sym.insomnia", "失眠"), Variable("x.bili", unit="mg/dL"))
    values = np.array([[6.0, np.nan], [np.nan, np.nan], [2.0, 1.5]])
    given = (Treatment("herb.suanzaoren", 0.0, 7.0, 15.0),)
    return [Course("甲", np.array([0.0, 3.0, 9.0]), values, variables, treatments=given)]


def test_a_row_is_an_observed_value_and_nothing_else():
    frame = values_frame(courses())
    assert frame[["time", "variable", "value"]].to_numpy().tolist() == [
        [0.0, "sym.insomnia", 6.0],
        [9.0, "sym.insomnia", 2.0],
        [9.0, "x.bili", 1.5],
    ]
    assert set(frame["patient"]) == {"甲"}


def test_a_row_of_treatments_has_its_days_and_dose():
    frame = treatments_frame(courses())
    assert frame.iloc[0].tolist() == ["甲", "herb.suanzaoren", 0.0, 7.0, 15.0]


def test_no_courses_make_a_table_with_its_columns():
    assert list(values_frame([]).columns) == ["patient", "time", "variable", "label", "unit", "value"]
