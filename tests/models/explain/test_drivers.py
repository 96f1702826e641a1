"""What drives a neuron: its state with an input raised, lowered or left out, against walks of changed courses."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from models.course import Course, Treatment
from models.errors import ModelError
from models.explain import drivers, remember
from models.forecaster import LiquidForecaster
from tests.models.explain.conftest import Shaken


@pytest.fixture(scope="module")
def ltc(shaken: Shaken) -> LiquidForecaster:
    return shaken("ltc")


@pytest.fixture(scope="module")
def treated(someone: Course) -> Course:
    return replace(someone, treatments=(Treatment("黄连", 0.0, 300.0, 6.0), Treatment("仙草", 3.0, 9.0)))


def state(model: LiquidForecaster, course: Course) -> np.ndarray:
    return model.trajectory(course).state[-1]


def effect(model: LiquidForecaster, course: Course, name: str) -> np.ndarray:
    told = drivers(model, course)
    return told.effect[[d.name for d in told.drivers].index(name)]


@pytest.mark.parametrize("cell", ["ltc", "cfc", "ctrnn", "gru", "lstm", "gru_d", "ode_rnn"])
def test_the_state_told_is_the_one_alike_compares_whatever_the_cell(cell: str, shaken: Shaken, treated: Course):
    model = shaken(cell)
    told = drivers(model, treated)
    np.testing.assert_allclose(told.state, remember(model, [treated]).state[-1, : model.units], atol=1e-5)
    assert told.effect.shape == (len(told.drivers), len(told.neurons))
    assert np.abs(told.effect).max() > 1e-4
    json.dumps(told.to_dict(), allow_nan=False)


def test_a_figure_is_raised_and_lowered_on_every_visit_that_recorded_it(ltc: LiquidForecaster, treated: Course):
    encoder = ltc.fitted_.encoder
    place = treated.names.index("pressure")
    unit = encoder.scale[next(i for i, c in enumerate(encoder.columns) if c.variable == place)]

    def moved(by: float) -> Course:
        values = treated.values.copy()
        values[:, place] += by * unit
        return replace(treated, values=values)

    wanted = state(ltc, moved(0.5)) - state(ltc, moved(-0.5))
    np.testing.assert_allclose(effect(ltc, treated, "pressure"), wanted, atol=1e-4)


def test_a_treatment_is_what_would_be_another_state_without_it(ltc: LiquidForecaster, treated: Course):
    wanted = state(ltc, treated) - state(ltc, replace(treated, treatments=treated.treatments[1:]))
    np.testing.assert_allclose(effect(ltc, treated, "黄连"), wanted, atol=1e-4)


def test_only_what_this_patient_has_is_told(ltc: LiquidForecaster, treated: Course):
    bare = replace(treated, values=treated.values.copy(), treatments=(), static={})
    bare.values[:, treated.names.index("pressure")] = np.nan
    names = {d.name for d in drivers(ltc, bare).drivers}
    assert "pressure" not in names
    assert not names & {"黄连", "仙草", *ltc.fitted_.encoder.statics}


def test_nobody_without_a_visit_has_a_state(ltc: LiquidForecaster, someone: Course):
    with pytest.raises(ModelError, match="no visit"):
        drivers(ltc, someone.until_row(0))
