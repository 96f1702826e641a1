"""Drift: shifts of inputs, of errors and of coverage are told, and what may be noise is not."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from models import drift
from models.course import Course, Treatment
from models.drift import profile, watch
from models.errors import ModelError, NotFittedError
from models.forecaster import LiquidForecaster
from models.rolling import Errors
from tests.models.cohorts import cohort


@pytest.fixture(scope="module")
def fitted() -> LiquidForecaster:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    model = LiquidForecaster(units=8, epochs=12, hidden=8, unfolds=2, members=2).fit(cohort(80))
    torch.set_num_threads(before)
    return model


@pytest.fixture(scope="module")
def reference(fitted: LiquidForecaster) -> dict:
    return profile(fitted, cohort(80))


def _codes(found: drift.Drift) -> set[tuple[str, str | None]]:
    return {(f.code, f.parameters.get("name")) for f in found.told()}


def test_patients_like_those_trained_on_give_nothing_to_tell(fitted: LiquidForecaster, reference: dict):
    told = [watch(fitted, cohort(80, seed=seed), reference).told() for seed in range(10, 20)]
    assert sum(bool(t) for t in told) <= 2


def test_an_older_population_is_told_by_its_age(fitted: LiquidForecaster, reference: dict):
    older = [replace(c, static={"age": c.static["age"] + 25}) for c in cohort(60, seed=11)]
    found = watch(fitted, older, reference)
    assert ("shift_large", "age") in _codes(found)
    assert found.told()[0].parameters["difference"] > 1
    assert not {n for c, n in _codes(found) if c.startswith("shift")} - {"age"}


def test_a_shape_that_keeps_its_mean_is_told_by_the_stability_index(fitted: LiquidForecaster, reference: dict):
    age = fitted.fitted_.encoder.static_mean[0]
    parted = [replace(c, static={"age": float(age + 12 * (-1) ** i)}) for i, c in enumerate(cohort(60, seed=12))]
    shift = next(s for s in watch(fitted, parted, reference).shifts if s.name == "age")
    assert abs(shift.difference) < drift.NOTICEABLE
    assert shift.size == "large"
    assert next(s for s in watch(fitted, parted).shifts if s.name == "age").stability is None


def test_a_wider_spread_alone_is_told(fitted: LiquidForecaster):
    age = fitted.fitted_.encoder.static_mean[0]
    wide = [replace(c, static={"age": float(age + 40 * (-1) ** i)}) for i, c in enumerate(cohort(60, seed=12))]
    assert ("spread", "age") in _codes(watch(fitted, wide))


def test_a_change_of_course_is_told_by_errors_and_coverage(fitted: LiquidForecaster, reference: dict):
    """Values that jump from visit to visit, with the same mean and spread at large."""
    calm, rng = cohort(60, seed=13), np.random.default_rng(0)
    wild = [replace(c, values=c.values + np.array([0.0, 4.0]) * rng.choice([-1, 1], (len(c), 1))) for c in calm]
    found = watch(fitted, [*calm, *wild], reference)
    codes = {c for c, _ in _codes(found)}
    assert {"error_rising", "coverage_low"} <= codes
    assert found.errors.alarm is not None and found.errors.alarm > 50
    assert found.errors.latest is not None and found.errors.expected is not None
    assert found.errors.latest > found.errors.expected


def test_treatments_never_trained_on_are_told(fitted: LiquidForecaster):
    herb = (Treatment("仙草", 0.0, 100.0, 6.0),)
    courses = [replace(c, treatments=herb) if i % 2 else c for i, c in enumerate(cohort(40, seed=14))]
    assert ("unknown_treatment", "仙草") in _codes(watch(fitted, courses))


def test_few_patients_are_not_judged_and_what_is_told_is_json(fitted: LiquidForecaster, reference: dict):
    assert [f.code for f in watch(fitted, cohort(5), reference).told()] == ["too_few"]
    assert watch(fitted, []).told()[0].parameters["patients"] == 0
    json.dumps(watch(fitted, cohort(30, seed=15), reference).to_dict(), allow_nan=False)
    json.dumps(reference, allow_nan=False)


def _errors(squares: np.ndarray, inside: np.ndarray, values: int = 5) -> Errors:
    count = np.full(len(squares), values)
    return Errors(squares * values, count, inside, count)


def test_the_chart_rarely_gives_a_false_alarm_and_sees_a_rise_soon():
    rng = np.random.default_rng(1)

    def draw(patients: int, times: float = 1.0) -> np.ndarray:
        return times * rng.chisquare(5, patients) / 5

    false = [drift._chart(_errors(draw(200), np.zeros(200, int)), 1.0, 1000).alarm is not None for _ in range(200)]
    assert np.mean(false) < 0.1
    seen = [
        drift._chart(_errors(np.concatenate([draw(50), draw(100, 2.0)]), np.zeros(150, int)), 1.0, 1000).alarm
        for _ in range(100)
    ]
    assert np.mean([a is not None and a > 50 for a in seen]) > 0.8


def test_the_band_holds_nominal_coverage_even_where_values_of_a_patient_are_alike():
    rng = np.random.default_rng(2)
    out = []
    for _ in range(300):
        inside = np.where(rng.random(60) < 0.9, 5, 0)  # all of a patient's values or none of them
        band = drift._band(_errors(np.ones(60), inside), None)
        assert band.latest is not None
        out.append(not band.low <= band.latest <= band.high)
    assert np.mean(out) < 0.05
    low = drift._band(_errors(np.ones(60), rng.binomial(5, 0.6, 60)), 0.9)
    assert low.latest is not None and low.latest < low.low


def test_impossible_requests_are_refused(fitted: LiquidForecaster):
    with pytest.raises(NotFittedError):
        watch(LiquidForecaster(), cohort(5))
    with pytest.raises(ModelError, match="lacks the variables"):
        watch(fitted, [c.select(["pain"]) for c in cohort(12)])


def test_patients_with_one_visit_shift_inputs_but_have_no_errors(fitted: LiquidForecaster):
    single: list[Course] = [c.until_row(1) for c in cohort(30, seed=16)]
    found = watch(fitted, single)
    assert found.errors.latest is None
    assert found.coverage.latest is None
    assert len(found.shifts) == 3
