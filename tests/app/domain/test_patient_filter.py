from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import KnownError
from app.domain.patient_filter import EVERYONE, MOST_DAYS, PatientFilter

terms = st.lists(st.text(min_size=1, max_size=8), max_size=4, unique=True).map(tuple)
dates = st.none() | st.dates()
ages = st.none() | st.floats(0, 150)


@st.composite
def filters(draw: st.DrawFn) -> PatientFilter:
    def span(values: st.SearchStrategy) -> tuple:
        low, high = draw(values), draw(values)
        return (high, low) if low is not None and high is not None and low > high else (low, high)

    (seen_from, seen_to), (age_from, age_to) = span(dates), span(ages)
    return PatientFilter(
        text=draw(st.text(max_size=8)),
        diagnoses=draw(terms),
        syndromes=draw(terms),
        formulas=draw(terms),
        herbs=draw(terms),
        tags=draw(terms),
        pinned=draw(st.booleans()),
        seen_from=seen_from,
        seen_to=seen_to,
        seen_within=draw(st.none() | st.integers(0, MOST_DAYS)),
        worse=draw(st.booleans()),
        sex=draw(st.sampled_from(("", "F", "M"))),
        age_from=age_from,
        age_to=age_to,
        beyond=draw(st.booleans()),
        at_risk=draw(st.booleans()),
    )


@given(filters())
def test_a_filter_comes_back_from_json_as_it_was(asked: PatientFilter):
    assert PatientFilter.from_json(json.loads(json.dumps(asked.to_json()))) == asked


def test_what_is_not_asked_for_is_not_written():
    assert EVERYONE.to_json() == {}
    assert PatientFilter(herbs=("herb.chaihu",), seen_within=0).to_json() == {
        "herbs": ["herb.chaihu"],
        "seen_within": 0,
    }


def test_only_the_text_is_no_question_of_its_own():
    assert not PatientFilter(text="王").asks
    assert PatientFilter(text="王", worse=True).asks


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "herbs",
        {"horoscope": "leo"},
        {1: 2},
        {"text": 5},
        {"text": "x" * 1000},
        {"herbs": "herb.chaihu"},
        {"herbs": [1]},
        {"herbs": [""]},
        {"herbs": ["x"] * 1000},
        {"pinned": 1},
        {"worse": "yes"},
        {"sex": "X"},
        {"seen_from": "yesterday"},
        {"seen_to": 20240101},
        {"seen_within": -1},
        {"seen_within": True},
        {"seen_within": 1.5},
        {"age_from": float("nan")},
        {"age_to": 999},
        {"age_from": "old"},
        {"age_from": 50, "age_to": 40},
        {"seen_from": "2024-02-01", "seen_to": "2024-01-01"},
    ],
)
def test_what_is_no_filter_is_refused_in_words(data: object):
    with pytest.raises(KnownError):
        PatientFilter.from_json(data)


def test_a_filter_of_dates_survives():
    asked = PatientFilter(seen_from=dt.date(2024, 1, 1), seen_to=dt.date(2024, 3, 1))
    assert PatientFilter.from_json({"seen_from": "2024-01-01", "seen_to": "2024-03-01"}) == asked
