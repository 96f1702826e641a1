"""Static facts of a long table: numbers stay, words become a column a level."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from app.analysis.long import courses_from_long
from tests.app.analysis.long_tables import TWO


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
