"""The last visit beside what the visits before it let expect."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from app import i18n
from app.analysis import series
from app.jobs import forecasting, surprising
from app.store.clinic import Clinic
from models.surprise import Surprise, overall


def test_the_expectation_is_the_forecast_of_the_case_as_it_stood_before(clinic: Clinic):
    forecaster = forecasting.load(clinic, "m")
    case = max(clinic.queries.cases(), key=lambda one: len(one.visits))
    result = forecasting.predict(clinic, forecaster, case.patient.code)
    told = [Surprise.from_dict(one) for one in result["surprises"]]
    cut = replace(case, visits=case.visits[:-1])
    plan = series.SeriesPlan.from_dict(forecaster.card["series"])
    found = forecaster.predict(series.course(cut, plan), [case.visits[-1].day])
    recorded = dict(zip(found.names, series.course(case, plan).select(found.names).values[-1], strict=True))
    assert {one.name for one in told} == {name for name, value in recorded.items() if np.isfinite(value)}
    for one in told:
        assert one.day == case.visits[-1].day
        assert one.value == recorded[one.name]
        if next(v for v in found.variables if v.name == one.name).kind in ("ordinal", "continuous"):
            assert one.low == pytest.approx(found.quantile(0.05)[one.name][0], abs=1e-4)
            assert one.high == pytest.approx(found.quantile(0.95)[one.name][0], abs=1e-4)
    json.dumps(result, allow_nan=False)


def test_after_a_first_visit_nothing_was_expected(clinic: Clinic):
    forecaster = forecasting.load(clinic, "m")
    case = next(iter(clinic.queries.cases()))
    assert surprising.before_last(replace(case, visits=case.visits[:1])) is None
    assert surprising.beyond(forecaster, [replace(case, visits=case.visits[:1])]) == {}


def test_two_visits_of_one_day_are_expected_together(clinic: Clinic):
    case = max(clinic.queries.cases(), key=lambda one: len(one.visits))
    again = replace(case.visits[-1], number=len(case.visits) + 1)
    earlier = surprising.before_last(replace(case, visits=(*case.visits, again)))
    assert earlier is not None
    assert earlier.visits == case.visits[:-1]


def test_each_patient_has_one_number_and_a_wild_last_visit_the_highest(clinic: Clinic):
    forecaster = forecasting.load(clinic, "m")
    cases = [case for case in clinic.queries.cases() if len(case.visits) > 1][:6]
    calm = surprising.beyond(forecaster, cases)
    for case in cases[:2]:
        found = forecasting.predict(clinic, forecaster, case.patient.code)["surprises"]
        assert calm[case.patient.code] == pytest.approx(overall([Surprise.from_dict(s) for s in found]), abs=1e-4)
    last = cases[0].visits[-1]
    wild = replace(
        last,
        observations=tuple(
            replace(o, number=90.0) if o.concept.startswith("sym.") and o.number is not None else o
            for o in last.observations
        ),
    )
    case = replace(cases[0], visits=(*cases[0].visits[:-1], wild))
    assert surprising.beyond(forecaster, [case])[case.patient.code] > max(0.99, calm[case.patient.code])


def test_the_words_name_what_lay_outside_and_nothing_else(clinic: Clinic):
    forecaster = forecasting.load(clinic, "m")
    patient = next(iter(clinic.queries.cases())).patient.code
    result = forecasting.predict(clinic, forecaster, patient)
    calm = [{**one, "beyond": 0.2} for one in result["surprises"]]
    first = {**calm[0], "beyond": 0.97, "value": 4.0, "low": 0.5, "high": 3.25}
    with i18n.speaking("en"):
        told = forecasting.describe(forecasting.document({**result, "surprises": [first, *calm[1:]]}, forecaster.card))
        place = told.index("Beyond expectation at the last visit:")
        label = forecasting.document(result, forecaster.card)["variables"][first["name"]]["label"]
        assert told[place + 1] in (f"  {label} 4, expected 0.50 to 3.25", f"  {label} had a chance of <2%")
        told = forecasting.describe(forecasting.document({**result, "surprises": calm}, forecaster.card))
        assert "Beyond expectation at the last visit:" not in told


def test_the_course_before_the_last_visit_is_that_of_the_case_cut_there(clinic: Clinic):
    plan = series.SeriesPlan.from_dict(forecasting.load(clinic, "m").card["series"])
    for case in clinic.queries.cases():
        earlier = surprising.before_last(case)
        if earlier is not None:
            made, wanted = (
                surprising.earlier_course(series.course(case, plan), earlier, plan),
                series.course(earlier, plan),
            )
            np.testing.assert_array_equal(made.times, wanted.times)
            np.testing.assert_array_equal(made.values, wanted.values)
            assert made.treatments == wanted.treatments
            np.testing.assert_equal(made.static, wanted.static)
