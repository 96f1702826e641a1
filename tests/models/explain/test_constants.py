"""Time constants by neuron against ones known by hand, and against small changes of the inputs."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import softplus

from models import batching
from models.cells.ltc import LTCCell
from models.course import Course
from models.errors import ModelError
from models.explain import time_constants
from models.explain.step_inputs import step_inputs, step_slopes
from models.explain.walking import encoded, walk
from models.forecaster import LiquidForecaster
from models.history import encode
from tests.models.explain.conftest import Shaken


def bare(model: LiquidForecaster, keep: int | None = None) -> LTCCell:
    """The first member's cell with every synapse shut but one sensory one."""
    cell = model.fitted_.networks[0].layer.cell
    assert isinstance(cell, LTCCell)
    with torch.no_grad():
        kept = None if keep is None else cell.sensory.w[keep].clone()
        cell.recurrent.w.fill_(-1e4)
        cell.sensory.w.fill_(-1e4)
        if keep is not None and kept is not None:
            cell.sensory.w[keep] = kept
    return cell


def test_without_synapses_tau_is_capacitance_over_leak_in_days(shaken: Shaken, courses: list[Course]):
    model = shaken("ltc")
    cell = bare(model)
    told = time_constants(model, courses)
    days = (softplus(cell.cm) / softplus(cell.gleak)).detach().numpy() * model.fitted_.encoder.time_scale
    np.testing.assert_allclose(told.rest, days, rtol=1e-5)
    np.testing.assert_allclose(told.range, np.tile(days[:, None], 5), rtol=1e-5)
    assert (told.effect == 0).all()
    assert [n.name for n in told.neurons][:2] == ["m0", "m1"]
    assert told.visits == sum(len(c) for c in courses)


def test_one_synapse_shortens_one_neurons_tau_as_its_gate_says(shaken: Shaken, someone: Course):
    model = shaken("ltc")
    at = model.fitted_.networks[0].layer.cell
    assert isinstance(at, LTCCell)
    keep = int(np.flatnonzero(at.sensory.source.numpy() == 0)[0])  # of the first variable, blood pressure
    cell = bare(model, keep)
    encoder = model.fitted_.encoder
    one = someone.until_row(1)
    told = time_constants(model, [one])
    z = float(encoder.values(one)[0, 0])
    learnt = (softplus(cell.sensory.w), cell.sensory.sigma, cell.sensory.mu)
    w, sigma, mu = (float(v.detach()[keep]) for v in learnt)
    neuron = int(cell.sensory.target[keep])
    gate = 1 / (1 + np.exp(-sigma * (0.5 + 0.25 * z - mu)))
    leak = float(softplus(cell.gleak)[neuron].detach())
    expected = np.zeros_like(told.effect)
    expected[neuron, 0] = -0.25 * w * sigma * gate * (1 - gate) / (leak + w * gate)
    np.testing.assert_allclose(told.effect, expected, rtol=1e-4, atol=1e-7)
    assert told.inputs[0].name == "pressure"
    assert told.effect[neuron, 0] < 0


@pytest.mark.parametrize(
    ("cell", "settings"), [("ltc", {}), ("ltc", {"mixed_memory": True}), ("cfc", {}), ("ctrnn", {})]
)
def test_effects_are_those_of_small_changes(cell: str, settings: dict, shaken: Shaken, someone: Course):
    model = shaken(cell, **settings)
    told = time_constants(model, [someone])
    network = model.fitted_.networks[0]
    (walked,) = walk(network, encoded(model.fitted_, [someone]))
    inner = network.layer.cell.double()
    x, mask = walked.steps.x[1::2].double(), walked.steps.mask[1::2]

    @torch.no_grad()
    def log_tau(x: torch.Tensor) -> np.ndarray:
        step = inner.advance(inner.drive(x, mask), walked.before.double(), torch.zeros(len(x)).double(), inner.frozen())
        return step.tau.log().numpy()

    for f, slope in enumerate(step_slopes(model.fitted_.encoder)):
        heard = mask[:, f].numpy()
        moved = x.clone()
        moved[:, f] += 1e-6 * slope * mask[:, f]
        change = ((log_tau(moved) - log_tau(x)) / 1e-6)[heard]
        expected = change.mean(0) if heard.any() else np.zeros(inner.units)
        np.testing.assert_allclose(told.effect[:, f], expected, rtol=2e-3, atol=1e-4)
        assert told.heard[f] == heard.sum()
    assert (told.effect == 0).all() == (cell == "ctrnn")


def test_a_synapse_that_opens_with_its_input_never_lengthens_tau(shaken: Shaken, courses: list[Course]):
    model = shaken("ltc")
    told = time_constants(model, courses)
    assert (told.effect <= 0).all()
    assert (told.effect < -1e-3).any()
    cell = model.fitted_.networks[0].layer.cell
    assert isinstance(cell, LTCCell)
    alone = (softplus(cell.cm) / softplus(cell.gleak)).detach().numpy() * model.fitted_.encoder.time_scale
    assert (told.range < alone[:, None]).all()
    assert (told.rest <= alone * (1 + 1e-6)).all()
    assert (np.diff(told.range, axis=1) >= 0).all()


def test_a_slope_is_one_standard_deviation_or_an_e_fold(shaken: Shaken, someone: Course):
    parts = shaken("ltc").fitted_
    encoder = parts.encoder
    moved = someone.values.copy()
    moved[:, 0] += encoder.scale[0]
    steps = [
        batching.sequence(encoder, encode(encoder, parts.ground.base, c))
        for c in (someone, replace(someone, values=moved))
    ]
    seen = steps[0].mask[1::2, 0]
    change = (steps[1].x - steps[0].x)[1::2][seen]
    slopes, inputs = step_slopes(encoder), step_inputs(encoder)
    np.testing.assert_allclose(change[:, 0], slopes[0], atol=1e-6)
    assert len(inputs) == steps[0].x.shape[1]
    assert [i.name for i in inputs if i.kind == "value"][3:6] == ["coat=white", "coat=yellow", "coat=black"]
    gap = np.log1p(np.diff(someone.times) / encoder.time_scale) * slopes[-1]
    np.testing.assert_allclose(steps[0].x[2::2, -1], gap, atol=1e-6)


def test_a_constant_tau_stays_and_one_of_a_step_is_refused(shaken: Shaken, courses: list[Course]):
    model = shaken("ctrnn")
    told = time_constants(model, courses[:3])
    np.testing.assert_allclose(told.range, np.tile(told.rest[:, None], 5), rtol=1e-5)
    assert json.loads(json.dumps(told.to_dict(), allow_nan=False))["inputs"][0]["per"] == "standard deviation"
    for cell in ("gru", "lstm", "gru_d", "ode_rnn"):
        with pytest.raises(ModelError, match="ltc, cfc and ctrnn have them"):
            time_constants(shaken(cell), courses)
    with pytest.raises(ModelError, match="no course has a visit"):
        time_constants(model, [courses[0].until_row(0)])
    with pytest.raises(ModelError, match="the forecaster has 2"):
        time_constants(model, courses, member=2)
