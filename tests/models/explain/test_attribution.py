"""What a forecast rests on: exact removals of the whole, complete gradients of the correction."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from models.batching import Batch, Questions
from models.cells.gru import GRUCell
from models.course import Course, Treatment, Variable
from models.errors import ModelError, NotFittedError
from models.explain import attribute
from models.explain.asking import question
from models.explain.recalling import RecallingEncoder
from models.explain.removal import nothing_known
from models.forecaster import LiquidForecaster
from models.looking import BLOCKS
from tests.models.explain.conftest import Shaken

DRIVEN = (Variable("driver"), Variable("outcome"), Variable("noise"))


def day(course: Course) -> float:
    return float(course.times[-1]) + 20.0


def without(course: Course, rows: Any = slice(None), columns: Any = slice(None)) -> Course:
    values = course.values.copy()
    values[rows, columns] = np.nan
    return replace(course, values=values)


@pytest.fixture(scope="module")
def ltc(shaken: Shaken) -> LiquidForecaster:
    return shaken("ltc")


@pytest.fixture(scope="module")
def treated(someone: Course) -> Course:
    return replace(someone, treatments=(Treatment("黄连", 0.0, 300.0, 6.0), Treatment("仙草", 3.0, 9.0)))


def test_removal_is_the_difference_of_two_forecasts(ltc: LiquidForecaster, treated: Course):
    told = attribute(ltc, treated, day(treated), "pressure", each_value=True)

    def lost(course: Course) -> float:
        forecasts = (ltc.predict(c, [day(treated)]).mean["pressure"][0] for c in (treated, course))
        return next(forecasts) - next(forecasts)

    expected = [lost(without(treated, r)) for r in range(len(treated))]
    np.testing.assert_allclose(told.removal.visits, expected, atol=1e-4)
    expected = [lost(without(treated, columns=v)) for v in range(5)]
    np.testing.assert_allclose(told.removal.variables, expected, atol=1e-4)
    assert told.treatments == ("仙草", "黄连")
    untreated = replace(treated, treatments=treated.treatments[1:])
    np.testing.assert_allclose(told.removal.treatments, [0.0, lost(untreated)], atol=1e-4)
    assert told.statics == ("age",)
    np.testing.assert_allclose(told.removal.statics, [lost(replace(treated, static={}))], atol=1e-4)
    assert told.removal.values is not None
    np.testing.assert_allclose(told.removal.values[2, 0], lost(without(treated, 2, 0)), atol=1e-4)
    assert (told.removal.values[~told.observed] == 0).all()
    assert np.abs(told.removal.variables).max() > 0.1
    blank = replace(without(treated), treatments=(), static={})
    assert told.baseline == pytest.approx(ltc.predict(blank, [day(treated)]).mean["pressure"][0], abs=1e-4)


def test_a_plan_is_taken_away_with_the_treatment(ltc: LiquidForecaster, someone: Course):
    last = float(someone.times[-1])
    plan = [Treatment("黄连", last, last + 60, 6.0)]
    told = attribute(ltc, someone, day(someone), "pressure", plan=plan)
    planned, nothing = (ltc.predict(someone, [day(someone)], plan=p).mean["pressure"][0] for p in (plan, []))
    assert told.treatments == ("黄连",)
    assert not someone.treatments
    np.testing.assert_allclose(told.removal.treatments, [planned - nothing], atol=1e-4)


def test_a_chance_is_explained_as_a_chance_and_a_level_as_the_chance_of_it(ltc: LiquidForecaster, someone: Course):
    forecast = ltc.predict(someone, [day(someone)])
    lost = ltc.predict(without(someone, columns=0), [day(someone)])
    red = attribute(ltc, someone, day(someone), "red")
    assert red.scale == "chance"
    assert red.gradients is not None and red.gradients.scale == "log odds"
    assert red.forecast == pytest.approx(forecast.chance["red"][0], abs=1e-6)
    assert red.removal.variables[0] == pytest.approx(forecast.chance["red"][0] - lost.chance["red"][0], abs=1e-6)
    likely = int(np.argmax(forecast.probabilities["coat"][0]))
    for level in (None, 0, 1, 2):
        coat = attribute(ltc, someone, day(someone), "coat", level=level, gradients=False)
        place = likely if level is None else level
        assert coat.level == place
        assert coat.forecast == pytest.approx(forecast.probabilities["coat"][0, place], abs=1e-6)
        moved = forecast.probabilities["coat"][0, place] - lost.probabilities["coat"][0, place]
        assert coat.removal.variables[0] == pytest.approx(moved, abs=1e-6)


@pytest.mark.parametrize(
    ("cell", "settings"),
    [
        ("ltc", {}),
        ("ltc", {"solver": "exponential_midpoint"}),
        ("ltc", {"mixed_memory": True}),
        ("cfc", {}),
        ("cfc", {"mixed_memory": True}),
        ("ctrnn", {}),
        ("gru", {}),
        ("lstm", {}),
    ],
)
def test_gradients_add_up_to_what_the_networks_add(cell: str, settings: dict, shaken: Shaken, someone: Course):
    model = shaken(cell, **settings)
    blank = nothing_known(question(model, someone, day(someone), "pressure", None).patient).course
    for variable in ("pressure", "red", "coat", "stools"):
        told = attribute(model, someone, day(someone), variable)
        found = told.gradients
        assert found is not None
        change = found.correction - found.baseline
        assert abs(found.gap) <= max(0.01 * abs(change), 0.02)
        assert found.total + found.gap == pytest.approx(change, abs=1e-5)
        assert abs(change) > 1e-3
        if variable == "pressure":  # the same by the forecaster's own road
            assert found.correction == pytest.approx(told.correction, abs=2e-3)
            nothing = attribute(model, blank, day(someone), variable, gradients=False)
            assert found.baseline == pytest.approx(nothing.correction, abs=2e-3)


@pytest.mark.parametrize("cell", ["gru_d", "ode_rnn"])
def test_a_cell_without_gradients_says_which_have_them(cell: str, shaken: Shaken, someone: Course):
    model = shaken(cell)
    with pytest.raises(ModelError, match="ltc, cfc, ctrnn, gru, lstm"):
        attribute(model, someone, day(someone), "pressure")
    told = attribute(model, someone, day(someone), "pressure", gradients=False)
    assert told.gradients is None
    assert np.abs(told.removal.variables).max() > 0.1


def test_gradients_are_those_of_small_changes_along_the_path(shaken: Shaken, someone: Course):
    model = shaken("ltc", members=1)
    empty = replace(someone.until_row(0), treatments=(Treatment("黄连", -5.0, 300.0, 9.0),), static={"age": 66.0})
    told = attribute(model, empty, 30.0, "pressure")
    assert told.gradients is not None
    asked = question(model, empty, 30.0, "pressure", None)
    network = asked.parts.networks[0].double()
    actual, nothing = (_doubled(asked.batch([v])) for v in (asked.patient, nothing_known(asked.patient)))
    unit = asked.parts.encoder.scale[0] * asked.parts.trust[0]
    drugs = 2 * len(asked.parts.encoder.columns)
    wide = BLOCKS * len(asked.parts.encoder.columns)
    points, step, drug, age = 32, 1e-6, 0.0, 0.0

    @torch.no_grad()
    def correction(share: float, *moved: tuple[str, int]) -> float:
        parts = {n: torch.lerp(_part(nothing, n), _part(actual, n), share) for n in _PARTS}
        for name, place in moved:
            parts[name][0, place] += step
        batch = replace(actual, static=parts["static"])
        batch = replace(batch, questions=replace(batch.questions, **{n: parts[n] for n in _PARTS if n != "static"}))
        answers = network(batch)
        return float(unit * (answers.mixture.mean - answers.start)[0, 0])

    for k in range(points):
        share = (k + 0.5) / points
        here = correction(share)
        for name, place in (("drive", drugs), ("wide", wide)):
            slope = (correction(share, (name, place)) - here) / step
            drug += slope * float((_part(actual, name) - _part(nothing, name))[0, place]) / points
        for name, place in (("static", 0), ("drive", drugs + 1), ("wide", wide + 1)):
            slope = (correction(share, (name, place)) - here) / step
            age += slope * float((_part(actual, name) - _part(nothing, name))[0, place]) / points
    assert abs(drug) > 1e-2 and abs(age) > 1e-2
    np.testing.assert_allclose(told.gradients.treatments, [drug], rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(told.gradients.statics, [age], rtol=2e-3, atol=2e-3)


_PARTS = ("static", "drive", "wide", "simple")


def _part(batch: Batch, name: str) -> torch.Tensor:
    return batch.static if name == "static" else getattr(batch.questions, name)


def _doubled(batch: Batch) -> Batch:
    def double(value: Any) -> Any:
        if isinstance(value, Questions):
            return Questions(**{k: double(v) for k, v in vars(value).items()})
        return value.double() if value.is_floating_point() else value

    return Batch(**{k: double(v) for k, v in vars(batch).items()})


def test_variables_the_network_hears_alike_get_alike(shaken: Shaken, someone: Course):
    model = shaken("gru")
    encoder = model.fitted_.encoder
    a, b, columns = 0, encoder.places(["stools"])[0], len(encoder.columns)
    with torch.no_grad():
        for network in model.fitted_.networks:
            cell = network.layer.cell
            assert isinstance(cell, GRUCell)
            heard = cell.input_map.weight
            for first in (0, columns):
                heard[:, first + b] = heard[:, first + a]
            for block in range(7):
                here = network.units + block * columns
                network.inner.weight[:, here + b] = network.inner.weight[:, here + a]
    values = someone.values.copy()
    z = np.linspace(-1.0, 1.0, len(someone))
    for column, at in (("pressure", a), ("stools", b)):
        own = encoder.mean[at] + encoder.scale[at] * z
        values[:, someone.names.index(column)] = own if column == "pressure" else np.expm1(own)
    told = attribute(model, replace(someone, values=values), day(someone), "pain")
    found = told.gradients
    assert found is not None
    pressure, stools = (told.variables.index(n) for n in ("pressure", "stools"))
    assert np.abs(found.values[:, pressure]).max() > 1e-4
    np.testing.assert_allclose(found.values[:, pressure], found.values[:, stools], rtol=1e-3, atol=1e-6)


def driven(patients: int, seed: int) -> list[Course]:
    """Today's driver is the next visit's outcome; the noise is nobody's."""
    rng = np.random.default_rng(seed)
    out = []
    for i in range(patients):
        driver, noise = rng.normal(size=(2, 7))
        outcome = np.concatenate([rng.normal(size=1), driver[:-1] + rng.normal(0, 0.2, 6)])
        values = np.stack([driver, outcome, noise], -1)
        out.append(
            Course(f"D{i}", 10.0 * np.arange(7, dtype=np.float64), values, DRIVEN, {"age": float(rng.normal(50, 9))})
        )
    return out


def test_what_drives_the_outcome_ranks_first_and_noise_counts_for_nothing():
    settings: dict[str, Any] = {"validation_share": 0.4, "holdout_share": 0.0}
    model = LiquidForecaster(**settings, units=8, epochs=1, hidden=8, unfolds=2, members=1).fit(driven(50, 0))
    told = [attribute(model, c, day(c) - 10.0, "outcome", gradients=False, each_value=True) for c in driven(6, 1)]
    whole = np.mean([np.abs(t.removal.variables) for t in told], 0)
    visits = np.mean([np.abs(t.removal.visits) for t in told], 0)
    values = np.mean([np.abs(t.removal.values) for t in told if t.removal.values is not None], 0)
    assert np.argmax(whole) == 0
    assert whole[2] < 0.15 * whole[0]
    assert np.argmax(visits) == 6
    assert np.unravel_index(np.argmax(values), values.shape) == (6, 0)


def test_of_a_correction_too_the_driver_moves_it_and_noise_does_not():
    """With nothing but the last value beneath it, the network has to hear the driver and to forget the outcome."""
    settings: dict[str, Any] = {
        "weight_decay": 0.0,
        "dropout": 0.0,
        "far": 0.0,
        "batch_size": 16,
        "epochs": 45,
        "hidden": 16,
    }
    model = LiquidForecaster(**settings, units=8, unfolds=2, members=1, plain=True).fit(driven(64, 0))
    assert model.fitted_.trust[1] > 0.5
    courses = driven(12, 1)
    found = [attribute(model, c, day(c) - 10.0, "outcome").gradients for c in courses]
    values = np.stack([g.values for g in found if g is not None])
    now = values[:, -1]
    assert np.argmax(np.abs(values[..., 0]).mean(0)) == 6
    assert np.corrcoef(now[:, 0], [c.values[-1, 0] for c in courses])[0, 1] > 0.9
    assert np.corrcoef(now[:, 1], [c.values[-1, 1] for c in courses])[0, 1] < -0.8
    # that it was seen at all may count, what it was does not
    assert now[:, 2].std() < 0.35 * now[:, 0].std()


def test_exposures_are_recalled_to_the_last_bit(shaken: Shaken):
    encoder = shaken("ltc").fitted_.encoder
    given = [Treatment("黄连", 0.0, 9.0, 6.0), Treatment("仙草", 3.0, 9.0), Treatment("黄连", 5.0, 40.0, 50.0)]
    start, end = np.array([0.0, 3.0, 30.0]), np.array([3.0, 30.0, 30.0])
    recalling = RecallingEncoder.of(encoder)
    for chosen in (given, given[1:], given, []):
        expected = encoder.exposure(chosen, start, end)
        np.testing.assert_array_equal(recalling.exposure(chosen, start, end), expected)


def test_an_untrained_network_adds_nothing_to_the_simple_forecasts(shaken: Shaken, someone: Course):
    model = shaken("ltc")
    with torch.no_grad():
        for network in model.fitted_.networks:
            network.outer.weight.zero_()
    told = attribute(model, someone, day(someone), "pressure")
    assert told.correction == pytest.approx(0.0, abs=1e-4)
    np.testing.assert_allclose(told.removal.variables, told.removal_simple.variables, atol=1e-4)
    assert told.gradients is not None
    assert np.abs(told.gradients.values).max() < 1e-5


def test_the_same_question_gets_the_same_answer_and_changes_nothing(ltc: LiquidForecaster, someone: Course):
    before = ltc.predict(someone, [day(someone)]).values
    first = json.dumps(attribute(ltc, someone, day(someone), "pain").to_dict(), allow_nan=False)
    again = json.dumps(attribute(ltc, someone, day(someone), "pain").to_dict(), allow_nan=False)
    assert first == again
    np.testing.assert_array_equal(ltc.predict(someone, [day(someone)]).values, before)


def test_a_patient_without_a_visit_rests_on_static_facts(ltc: LiquidForecaster, someone: Course):
    told = attribute(ltc, someone.until_row(0), 10.0, "pressure")
    assert told.removal.visits.shape == (0,)
    assert (told.removal.variables == 0).all()
    assert told.gradients is not None
    assert told.gradients.values.shape == (0, 5)
    assert told.gradients.total == pytest.approx(told.gradients.correction - told.gradients.baseline, abs=1e-2)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"variable": "tongue"}, "not forecast; there are pressure"),
        ({"at": -3.0}, "from the last visit"),
        ({"at": float("nan")}, "from the last visit"),
        ({"level": 1}, "levels are of categorical"),
        ({"variable": "coat", "level": 3}, "has 3 levels"),
    ],
)
def test_impossible_questions_are_refused(asked: dict, words: str, ltc: LiquidForecaster, someone: Course):
    given = {"at": day(someone), "variable": "pressure", "gradients": False, **asked}
    with pytest.raises(ModelError, match=words):
        attribute(ltc, someone, **given)


def test_a_forecaster_that_has_learnt_nothing_refuses(someone: Course):
    with pytest.raises(NotFittedError):
        attribute(LiquidForecaster(), someone, day(someone), "pressure")
