"""Cox's model agrees with lifelines and with theory; survival is a chance given the history."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.baselines.cox import Cox, Hazard, cumulative_incidence, fit_hazard
from models.course import Course, Event, Variable
from models.errors import ModelError

LEVEL = (Variable("level"),)


def _cohort(patients: int = 400, seed: int = 0, other: float = 0.0) -> list[Course]:
    """One visit each; a daily hazard of exp(level) / 100 of death, of ``other`` of moving away; followed 200 days."""
    rng = np.random.default_rng(seed)
    out = []
    for i in range(patients):
        level = rng.normal()
        death = rng.exponential(100 * np.exp(-level))
        moved = rng.exponential(1 / other) if other else np.inf
        came = min((death, "death"), (moved, "moved"))
        events = (Event(came[1], came[0]),) if came[0] < 200 else ()
        out.append(Course(f"c{i}", np.zeros(1), np.array([[level]]), LEVEL, events=events, followed=200.0))
    return out


def _at(level: float) -> Course:
    return Course("new", np.zeros(1), np.array([[level]]), LEVEL)


def test_its_coefficients_are_those_of_lifelines():
    lifelines = pytest.importorskip("lifelines")
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 3))
    waits = np.ceil(rng.exponential(np.exp(-x @ [0.8, -0.4, 0.0])) * 10)  # whole days: many ties
    came = rng.random(200) < 0.7
    frame = pandas.DataFrame(x, columns=list("abc")).assign(waits=waits, came=came)
    reference = lifelines.CoxPHFitter().fit(frame, "waits", "came")
    np.testing.assert_allclose(fit_hazard(x, waits, came, 0.0).beta, reference.params_.to_numpy(), atol=1e-4)


def test_the_ridge_is_that_of_lifelines():
    lifelines = pytest.importorskip("lifelines")
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(2)
    x = rng.normal(size=(150, 2))
    x = (x - x.mean(0)) / x.std(0, ddof=1)
    waits, came = rng.exponential(np.exp(-x[:, 0])), rng.random(150) < 0.7
    frame = pandas.DataFrame(x, columns=list("ab")).assign(waits=waits, came=came)
    reference = lifelines.CoxPHFitter(penalizer=0.3).fit(frame, "waits", "came")
    np.testing.assert_allclose(fit_hazard(x, waits, came, 0.3).beta, reference.params_.to_numpy(), atol=1e-3)


def test_survival_is_what_it_was_drawn_from():
    model = Cox(ridge=0.0).fit(_cohort(1000))
    for level in (-1.0, 0.0, 1.0):
        found = model.predict(_at(level), [0.0, 20.0, 80.0]).survival["death"]
        np.testing.assert_allclose(found, np.exp(-np.exp(level) / 100 * np.array([0.0, 20.0, 80.0])), atol=0.06)


def test_competing_events_share_the_incidence():
    model = Cox(ridge=0.0).fit(_cohort(1500, other=0.02))
    days = np.array([30.0, 100.0])
    survival = model.predict(_at(0.0), days).survival
    gone = 1 - np.exp(-0.03 * days)
    np.testing.assert_allclose(1 - survival["death"], gone / 3, atol=0.06)
    np.testing.assert_allclose(1 - survival["moved"], gone * 2 / 3, atol=0.06)


def test_the_longer_a_patient_is_known_to_live_the_later_the_waiting_begins():
    model = Cox().fit(_cohort())
    course = _at(0.0)
    later = model.predict(replace(course, followed=50.0), [50.0, 90.0]).survival["death"]
    at_once = model.predict(course, [50.0, 90.0]).survival["death"]
    assert later[0] == 1.0
    assert later[1] == pytest.approx(at_once[1] / at_once[0])


def test_the_variables_keep_their_last_value_and_without_events_there_is_no_survival():
    forecast = Cox().fit([replace(c, events=()) for c in _cohort(40)]).predict(_at(0.3), [5.0])
    assert forecast.survival == {}
    assert forecast.median["level"][0] == 0.3


def test_a_column_that_tells_events_apart_entirely_does_not_break_it():
    x = np.linspace(-1, 1, 40)[:, None]
    hazard = fit_hazard(x, np.linspace(2, 1, 40), x[:, 0] > 0, 1e-2)
    assert np.isfinite(hazard.beta).all()
    assert hazard.beta[0] > 1


def test_incidences_and_the_chance_of_none_make_one():
    hazards = [Hazard(np.zeros(1), np.array([1.0, 3.0]), np.array([0.2, 0.3])),
               Hazard(np.ones(1), np.array([2.0, 3.0]), np.array([0.1, 0.4]))]  # fmt: skip
    incidence, free = cumulative_incidence(hazards, np.array([0.5]), np.array([0.0, 1.0, 2.5, 9.0]))
    np.testing.assert_allclose(incidence.sum(0) + free, 1.0)
    np.testing.assert_allclose(incidence[:, 0], 0.0)
    assert free[1] == pytest.approx(np.exp(-0.2))


def test_a_negative_ridge_is_refused():
    with pytest.raises(ModelError, match="ridge"):
        Cox(ridge=-1.0).fit(_cohort(5))
