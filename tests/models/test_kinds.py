"""A forecaster of every kind of variable and of events: what each is told as, whatever the cell."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models import fitting, trees
from models.backbone import CELLS
from models.course import Course, Event
from models.errors import ModelError
from models.forecast import QUANTILE_LEVELS, Forecast
from models.forecaster import LiquidForecaster
from models.training import TrainingProgress
from tests.models.kinds import VARIABLES, cohort, patient

TINY: dict[str, Any] = {"units": 8, "hidden": 8, "members": 2, "epochs": 3, "unfolds": 2}


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module", autouse=True)
def few_trees():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "TREES", 6)
        patch.setattr(trees, "_MORE_TREES", 6)  # so few rows have those
        yield


@pytest.fixture(scope="module")
def courses() -> list[Course]:
    return cohort(40)


@pytest.fixture(scope="module")
def fitted(courses: list[Course]) -> LiquidForecaster:
    return LiquidForecaster(**TINY).fit(courses)


@pytest.fixture(scope="module")
def someone() -> Course:
    course = patient(999, np.random.default_rng(7), visits=5)
    return replace(course, events=(), followed=None)


def _ahead(course: Course, *days: float) -> np.ndarray:
    return float(course.times[-1]) + np.array(days)


DAYS = (0.0, 7.0, 60.0, 400.0, 1e5)


@pytest.fixture(scope="module")
def forecast(fitted: LiquidForecaster, someone: Course) -> Forecast:
    return fitted.predict(someone, _ahead(someone, *DAYS))


def test_the_chances_of_all_classes_sum_to_1_on_every_day(forecast: Forecast):
    assert set(forecast.probabilities) == {"pain", "red", "coat"}
    for name, chances in forecast.probabilities.items():
        assert chances.shape == (len(DAYS), len(forecast.classes[name])), name
        assert (chances >= 0).all(), name
        np.testing.assert_allclose(chances.sum(1), 1.0, err_msg=name)


def test_the_classes_are_the_values_the_variable_takes(forecast: Forecast, courses: list[Course]):
    assert forecast.classes == {"pain": (0.0, 1.0, 2.0, 3.0), "red": (0.0, 1.0), "coat": (0.0, 1.0, 2.0)}
    odd = [replace(c, values=np.where(np.arange(5) == 1, 10 + 2 * c.values, c.values)) for c in courses]
    odd = [replace(c, variables=tuple(replace(v, upper=None) for v in VARIABLES)) for c in odd]
    other = LiquidForecaster(**{**TINY, "members": 1, "epochs": 1}).fit(odd)
    assert other.predict(odd[0], _ahead(odd[0], 3.0)).classes["pain"] == (10.0, 12.0, 14.0, 16.0)


def test_what_is_told_beside_the_chances_agrees_with_them(forecast: Forecast):
    coat = forecast.names.index("coat")
    likeliest = forecast.probabilities["coat"].argmax(1)
    np.testing.assert_array_equal(forecast.values[:, coat], np.tile(likeliest[:, None], len(QUANTILE_LEVELS)))
    np.testing.assert_array_equal(forecast.chance["red"], forecast.probabilities["red"][:, 1])
    assert list(forecast.chance) == ["red"]


def test_every_kind_stays_inside_its_range(forecast: Forecast):
    assert np.isfinite(forecast.values).all()
    assert (np.diff(forecast.values, axis=-1) >= 0).all()
    stools = forecast.values[:, forecast.names.index("stools")]
    np.testing.assert_array_equal(stools, np.round(stools))
    assert (stools >= 0).all()
    pain = forecast.values[:, forecast.names.index("pain")]
    assert (pain >= 0).all() and (pain <= 3).all()


def test_survival_falls_from_certain_and_the_events_share_what_is_left(forecast: Forecast):
    assert set(forecast.survival) == {"relapse", "death"}
    for event, alive in forecast.survival.items():
        assert alive[0] == 1.0, event
        assert (np.diff(alive) <= 0).all(), event
        assert (alive >= 0).all(), event
    incidence = np.sum([1 - alive for alive in forecast.survival.values()], 0)
    assert (incidence <= 1 + 1e-9).all()
    np.testing.assert_allclose(incidence[-1], 1.0, atol=1e-3)  # in the end one of them has come


def test_survival_counts_from_the_last_day_known_of(fitted: LiquidForecaster, someone: Course):
    last = float(someone.times[-1])
    longer = fitted.predict(replace(someone, followed=last + 50), last + np.array([10.0, 50.0, 51.0, 90.0]))
    for alive in longer.survival.values():
        assert (alive[:2] == 1.0).all()
        assert alive[2] < 1.0
        assert alive[3] < alive[2]
    plain = fitted.predict(someone, last + np.array([10.0]))
    assert all(alive[0] < 1.0 for alive in plain.survival.values())


def test_the_chance_of_an_event_does_not_hang_on_the_days_asked_beside_it(fitted: LiquidForecaster, someone: Course):
    alone, among = (fitted.predict(someone, _ahead(someone, *days)) for days in ((60.0,), (1.0, 60.0, 900.0)))
    for event in alone.survival:
        np.testing.assert_allclose(alone.survival[event][0], among.survival[event][1], rtol=1e-6)
    np.testing.assert_allclose(alone.values[0], among.values[1], rtol=1e-5, atol=1e-6)


def test_a_patient_without_a_visit_has_every_chance_too(fitted: LiquidForecaster):
    empty = Course("new", np.zeros(0), np.zeros((0, 5)), VARIABLES, {"age": 40.0})
    forecast = fitted.predict(empty, [0.0, 30.0])
    assert np.isfinite(forecast.values).all()
    for chances in forecast.probabilities.values():
        np.testing.assert_allclose(chances.sum(1), 1.0)
    assert all(((a >= 0) & (a <= 1)).all() for a in forecast.survival.values())


def test_what_comes_after_the_last_row_told_changes_nothing(fitted: LiquidForecaster, someone: Course):
    day = float(someone.times[2])
    known = someone.until(day)
    later = replace(someone, values=np.where(np.arange(5)[:, None] > 2, 0.0, someone.values))
    later = replace(later, events=(Event("death", day + 100.0),)).until(day)
    first, second = (fitted.predict(c, [day + 200.0]) for c in (known, later))
    np.testing.assert_array_equal(first.values, second.values)
    for event in first.survival:
        np.testing.assert_array_equal(first.survival[event], second.survival[event])


def test_a_saved_forecaster_answers_the_same(
    fitted: LiquidForecaster, forecast: Forecast, someone: Course, tmp_path: Path
):
    fitted.save(tmp_path, "every kind")
    again = LiquidForecaster.load(tmp_path, "every kind").predict(someone, forecast.at)
    np.testing.assert_array_equal(again.values, forecast.values)
    assert again.classes == forecast.classes
    for mine, theirs in ((again.probabilities, forecast.probabilities), (again.survival, forecast.survival)):
        assert mine.keys() == theirs.keys()
        for name in mine:
            np.testing.assert_array_equal(mine[name], theirs[name])


def test_a_forecast_of_every_kind_comes_back_from_json(forecast: Forecast):
    again = Forecast.from_dict(json.loads(json.dumps(forecast.to_dict(), allow_nan=False)))
    for name in ("at", "values"):
        np.testing.assert_array_equal(getattr(again, name), getattr(forecast, name))
    assert again.variables == forecast.variables
    assert again.classes == forecast.classes
    assert again.basis == forecast.basis
    for part in ("probabilities", "survival", "last_value"):
        assert getattr(again, part).keys() == getattr(forecast, part).keys()
        for name, values in getattr(forecast, part).items():
            np.testing.assert_array_equal(getattr(again, part)[name], values)
    chosen = again.select(["coat", "stools"])
    assert list(chosen.probabilities) == list(chosen.classes) == ["coat"]
    assert chosen.survival.keys() == forecast.survival.keys()


def test_the_card_tells_what_is_forecast(fitted: LiquidForecaster):
    card = json.loads(json.dumps(fitted.card, allow_nan=False))
    assert card["targets"] == [v.name for v in VARIABLES]
    assert card["events"] == ["death", "relapse"]
    assert set(card["score"]["per_variable"]) == {v.name for v in VARIABLES}


def test_targets_alone_are_forecast_and_the_others_still_looked_at(
    courses: list[Course], someone: Course, tmp_path: Path
):
    model = LiquidForecaster(**TINY, targets=["coat", "pressure"]).fit(courses)
    forecast = model.predict(someone, _ahead(someone, 5.0, 90.0))
    assert forecast.names == ("pressure", "coat")
    assert list(forecast.probabilities) == ["coat"]
    assert set(forecast.last_value) == {"pressure", "coat"}
    assert set(model.card["score"]["per_variable"]) == {"pressure", "coat"}
    assert set(forecast.survival) == {"relapse", "death"}
    other = replace(someone, values=np.where(np.arange(5) == 4, 30.0, someone.values))  # no target: the stools
    assert not np.array_equal(model.predict(other, forecast.at).values, forecast.values)
    model.save(tmp_path, "two")
    np.testing.assert_array_equal(
        LiquidForecaster.load(tmp_path, "two").predict(someone, forecast.at).values, forecast.values
    )
    with pytest.raises(ModelError, match="unknown targets sleep"):
        LiquidForecaster(**TINY, targets=["sleep"]).fit(courses)


def test_origins_cut_every_history_at_the_same_days(courses: list[Course], someone: Course):
    origins = (0.0, 30.0)
    model = LiquidForecaster(**{**TINY, "members": 1}, origins=origins, holdout_share=0.0).fit(courses)
    forecast = model.predict(someone, _ahead(someone, 5.0))
    assert np.isfinite(forecast.values).all()
    parts = fitting.split(courses, None, 0, (0.2, 0.0))
    ready = fitting.prepare(parts, model.get_params())
    asked = [
        (number, int(np.searchsorted(c.times, origin, side="right")), row)
        for number, c in enumerate(parts.courses)
        for origin in origins
        for row in range(int(np.searchsorted(c.times, origin, side="right")), len(c))
        if not np.isnan(c.values[row]).all()
    ]
    near = ready.cohort.next
    values = near.cause < 0  # the questions about values, not those about events
    found = list(zip(near.owner[values].tolist(), near.prefix[values].tolist(), strict=True))
    assert sorted(found) == sorted((owner, prefix) for owner, prefix, _ in asked)


def test_without_events_nothing_is_said_of_survival(courses: list[Course], someone: Course):
    model = LiquidForecaster(**{**TINY, "members": 1, "epochs": 1}).fit([replace(c, events=()) for c in courses])
    assert model.predict(someone, _ahead(someone, 5.0)).survival == {}


def test_an_event_of_few_is_forecast_as_rare(courses: list[Course], someone: Course):
    one = [replace(c, events=c.events if c is courses[3] else (), followed=c.known_until) for c in courses]
    assert one[3].events
    model = LiquidForecaster(**{**TINY, "members": 1, "epochs": 1}).fit(one)
    (alive,) = model.predict(someone, _ahead(someone, 30.0)).survival.values()
    assert 0.8 < alive[0] <= 1.0


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_learns(cell: str, courses: list[Course], someone: Course, tmp_path: Path):
    heard: list[TrainingProgress] = []
    steady = {"dropout": 0.0, "far": 0.0, "weight_decay": 0.0, "trees": False, "batch_size": 6}
    model = LiquidForecaster(**{**TINY, **steady}, cell=cell).fit(courses[:24], progress=heard.append)
    losses = [p.train_loss for p in heard if p.member == heard[0].member]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    forecast = model.predict(someone, _ahead(someone, 5.0, 90.0))
    assert np.isfinite(forecast.values).all()
    path = model.trajectory(someone, points=5)
    assert path.state.shape == path.tau.shape == (len(path.times), len(path.neurons))
    model.save(tmp_path, cell)
    np.testing.assert_array_equal(
        LiquidForecaster.load(tmp_path, cell).predict(someone, forecast.at).values, forecast.values
    )


@pytest.mark.parametrize("cell", CELLS)
def test_the_loss_pulls_at_every_cell_by_finite_gradients(cell: str, courses: list[Course]):
    settings = LiquidForecaster(**TINY, cell=cell, trees=False).get_params()
    ready = fitting.prepare(fitting.split(courses[:12], None, 0, (0.5, 0.0)), settings)
    network = fitting.build(ready.encoder, ready.plan, ready.grid, settings, 0)
    torch.nn.init.normal_(network.outer.weight, std=0.1)  # at first the read-out does not listen to the state
    network.loss(ready.cohort.batch(range(12), torch.arange(len(ready.cohort.far))), squared=1.0).backward()
    pulls = {name: p.grad for name, p in network.named_parameters() if p.requires_grad}
    for name, gradient in pulls.items():
        assert gradient is None or torch.isfinite(gradient).all(), name
    assert any(g is not None and bool(g.any()) for name, g in pulls.items() if name.startswith("layer."))
