"""Patients like this one: who they are, and what is told of what came then."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from models.course import Course, Event, Variable
from models.errors import ModelError
from models.explain import Past, alike, remember, together
from models.forecaster import LiquidForecaster
from tests.models.explain.conftest import QUICK, Shaken


@pytest.fixture(scope="module")
def model(shaken: Shaken) -> LiquidForecaster:
    return shaken("ltc")


@pytest.mark.parametrize("cell", ["ltc", "cfc", "ctrnn", "gru", "lstm", "gru_d", "ode_rnn"])
def test_a_twin_under_another_name_is_the_nearest(cell: str, shaken: Shaken, courses: list[Course], someone: Course):
    twin = replace(someone, patient="twin", followed=500.0)
    told = alike(shaken(cell), someone.until_row(3), [*courses, twin, someone], k=4)
    first = told.neighbours[0]
    assert (first.patient, first.day) == ("twin", someone.times[2])
    assert first.distance == pytest.approx(0.0, abs=1e-5)
    distances = [n.distance for n in told.neighbours]
    assert distances == sorted(distances)
    assert distances[1] > 1e-3
    names = [n.patient for n in told.neighbours]
    assert len(set(names)) == 4
    assert someone.patient not in names
    assert told.typical > distances[0]


def test_the_nearest_states_are_those_of_the_trajectory(shaken: Shaken, courses: list[Course], someone: Course):
    model = shaken("ltc", members=1)
    past = remember(model, courses)
    assert len(past.day) == sum(len(set(c.times)) for c in courses)
    course = courses[int(past.owner[7])]
    path = model.trajectory(course)
    state = path.state[list(path.times).index(past.day[7])]
    np.testing.assert_allclose(past.state[7], state, atol=1e-5)
    told = alike(model, someone, past, k=1)
    here = model.trajectory(someone).state[-1]
    distance = np.sqrt((((past.state - here) / past.state.std(0)) ** 2).mean(1))
    known = np.array([c.known_until for c in courses])[past.owner] > past.day
    assert told.neighbours[0].distance == pytest.approx(distance[known].min(), rel=1e-4)


def test_what_came_then_is_counted_from_the_day_of_likeness(model: LiquidForecaster, someone: Course):
    nan = np.nan
    values = np.array([[120.0, 2, 1, 0, 3], [118, nan, nan, nan, nan], [110, 1, 0, 2, 4], [100, nan, 0, 1, 1]])
    then = Course(
        "then", np.array([0.0, 20.0, 35.0, 80.0]), values, someone.variables, someone.static,
        events=(Event("relapse", 95.0),), followed=95.0,
    )  # fmt: skip
    start = then.until_row(1)
    told = alike(model, replace(start, patient="now"), [then], after=(30, 90, 365))
    (first,) = told.neighbours
    assert (first.day, first.known_days) == (0.0, 95.0)
    np.testing.assert_array_equal(first.now, values[0])
    np.testing.assert_array_equal(first.then[0], [110, 1, 0, 2, 4])  # day 35 is nearer to 30 than day 20
    np.testing.assert_array_equal(first.then[1], [100, nan, 0, 1, 1])  # pain: day 35 is too far from 90
    assert np.isnan(first.then[2]).all()
    np.testing.assert_array_equal(first.change[0], [-10, -1, -1, nan, 1])  # no change of a colour
    assert first.events == (Event("relapse", 95.0),)
    np.testing.assert_array_equal(told.mean_change, first.change)
    np.testing.assert_array_equal(told.known[1], [1, 0, 1, 0, 1])
    told = json.loads(json.dumps(told.to_dict(), allow_nan=False))
    assert told["neighbours"][0]["change"][0][3] is None


def test_only_those_followed_long_enough_count(model: LiquidForecaster, courses: list[Course], someone: Course):
    told = alike(model, someone, courses, k=50, followed=100.0)
    assert 0 < len(told.neighbours) < len(courses)
    assert all(n.known_days > 100.0 for n in told.neighbours)
    nobody = alike(model, someone, courses, followed=1e6)
    assert nobody.neighbours == ()
    assert np.isnan(nobody.mean_change).all()
    assert json.dumps(nobody.to_dict(), allow_nan=False)


LEVEL = (Variable("level"), Variable("other"))


def swinging(patients: int, seed: int) -> list[Course]:
    """A level swings around 0 with a period of 80 days, so what it does next depends on where and whither."""
    rng = np.random.default_rng(seed)
    out = []
    for i in range(patients):
        times = np.cumsum(rng.uniform(6, 14, 12))
        phase, size = rng.uniform(0, 2 * np.pi), rng.uniform(1.0, 2.0)
        level = size * np.sin(2 * np.pi * times / 80 + phase) + rng.normal(0, 0.1, 12)
        out.append(Course(f"S{seed}-{i}", times - times[0], np.stack([level, rng.normal(size=12)], -1), LEVEL))
    return out


def test_the_futures_of_those_alike_tell_more_than_those_of_anyone():
    past = swinging(60, 1)
    model = LiquidForecaster(**{**QUICK, "units": 12}).fit(past)
    remembered = remember(model, past)
    rng = np.random.default_rng(0)
    near, anyone, nothing = [], [], []
    for course in swinging(25, 2):
        now = course.until_row(7)
        day = float(now.times[-1])
        later = course.times[(course.times > day + 15) & (course.times < day + 45)]
        known = course.until(float(later[np.argmin(np.abs(later - day - 30))]))
        change = known.values[-1, 0] - now.values[-1, 0]
        near.append(alike(model, now, remembered, k=7, after=(30,), followed=45).mean_change[0, 0] - change)
        drawn = [p for p in rng.permutation(len(remembered.day))[:60] if remembered.day[p] < 60][:7]
        futures = [_change(past[remembered.owner[p]], float(remembered.day[p])) for p in drawn]
        anyone.append(np.nanmean(futures) - change)
        nothing.append(change)
    error, by_chance, spread = (np.sqrt(np.mean(np.square(e))) for e in (near, anyone, nothing))
    assert error < 0.8 * by_chance
    assert error < 0.8 * spread


def _change(course: Course, day: float) -> float:
    rows = np.flatnonzero((course.times > day + 15) & (course.times < day + 45))
    if not len(rows):
        return np.nan
    row = rows[np.argmin(np.abs(course.times[rows] - day - 30))]
    return float(course.values[row, 0] - course.last_values(day)[0])


def test_impossible_questions_are_refused(
    model: LiquidForecaster, shaken: Shaken, courses: list[Course], someone: Course
):
    past = remember(model, courses)
    assert isinstance(past, Past)
    for settings, words in (
        ({"k": 0}, "k must be at least 1"),
        ({"after": (0.0,)}, "above 0"),
        ({"past": remember(shaken("cfc"), courses)}, "another forecaster"),
        ({"course": someone.until_row(0)}, "has no visit"),
        ({"past": [someone.until_row(0)]}, "nobody to be like"),
    ):
        given = {"course": someone, "past": past, **settings}
        with pytest.raises(ModelError, match=words):
            alike(model, **given)


def test_courses_remembered_in_parts_are_as_if_remembered_at_once(
    model: LiquidForecaster, courses: list[Course], someone: Course, shaken: Shaken
):
    parts = together([remember(model, courses[:5]), remember(model, courses[5:6]), remember(model, courses[6:])])
    whole = remember(model, courses)
    np.testing.assert_array_equal(parts.owner, whole.owner)
    np.testing.assert_allclose(parts.scale, whole.scale, atol=1e-5)
    told = [alike(model, someone, past, k=4).neighbours for past in (parts, whole)]
    assert [(n.patient, n.day) for n in told[0]] == [(n.patient, n.day) for n in told[1]]
    with pytest.raises(ModelError, match="one forecaster"):
        together([whole, remember(shaken("cfc"), courses[:3])])
    with pytest.raises(ModelError, match="one forecaster"):
        together([])
