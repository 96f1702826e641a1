"""The compiled mixed memory agrees with the reference in outputs, states, tau and every gradient."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import torch
from torch import Tensor

from models import kernels
from models.errors import ModelError
from models.layers import LTC, CfC
from models.wiring import AutoNCP
from tests.models.kernels.agreement import assert_close, assert_threads_change_nothing, everything, pair

SOLVERS = ("fused", "exponential", "exponential_midpoint", "exponential_tangent")
solvers = pytest.mark.parametrize("solver", SOLVERS)


def _pair(inputs: int, units: int, solver: str, dtype: torch.dtype) -> tuple[LTC, LTC]:
    return pair(LTC, dtype, inputs, AutoNCP(units, 3), solver=solver, mixed_memory=True)


@pytest.mark.parametrize("checkpoint", [False, True])
@solvers
def test_double_precision_agrees_to_rounding(solver: str, checkpoint: bool):
    specification, compiled = _pair(4, 13, solver, torch.float64)
    compiled.checkpoint = checkpoint
    assert_close(everything(compiled, 11, 6), everything(specification, 11, 6), 1e-12)


@pytest.mark.parametrize("ragged", [False, True])
@solvers
def test_single_precision_agrees_to_five_digits(solver: str, ragged: bool):
    specification, compiled = _pair(6, 32, solver, torch.float32)
    problem: dict[str, Any] = {"masked": ragged, "ragged": ragged}
    got = {name: value.double() for name, value in everything(compiled, 21, 24, **problem).items()}
    assert_close(got, everything(specification.double(), 21, 24, **problem), 1e-5)


@solvers
def test_gradients_agree_with_finite_differences(solver: str):
    torch.manual_seed(2)
    layer = LTC(2, AutoNCP(4, 1, 0.3, 1), solver=solver, unfolds=2, mixed_memory=True, backend="cpu").double()
    x, dt, state = torch.randn(2, 3, 2), torch.rand(2, 3), torch.rand(2, 8)
    mask, lengths = torch.rand(2, 3, 2) > 0.3, torch.tensor([3, 2])
    names = [name for name, _ in layer.named_parameters()]

    def outputs(x: Tensor, dt: Tensor, state: Tensor, *values: Tensor) -> tuple[Tensor, ...]:
        parameters = dict(zip(names, values, strict=True))
        result = torch.func.functional_call(layer, parameters, (x, dt, state, mask, lengths, True))
        return result.output, result.state, result.trajectory.tau

    values = [p.detach().clone().requires_grad_() for p in layer.parameters()]
    assert torch.autograd.gradcheck(outputs, (*(v.double().requires_grad_() for v in (x, dt, state)), *values))


def test_a_sequence_cut_in_two_stays_itself():
    _, layer = _pair(4, 13, "exponential", torch.float64)
    x, dt, state = torch.randn(5, 8, 4).double(), torch.rand(5, 8).double(), torch.randn(5, 26).double()
    whole = layer(x, dt, state)
    first = layer(x[:, :3], dt[:, :3], state)
    second = layer(x[:, 3:], dt[:, 3:], first.state)
    torch.testing.assert_close(torch.cat([first.output, second.output], 1), whole.output, rtol=1e-13, atol=1e-14)
    torch.testing.assert_close(second.state, whole.state, rtol=1e-13, atol=1e-14)


@solvers
@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_sequence_that_ended_stands_still_to_the_last_bit_beside_one_that_goes_on(solver: str, checkpoint: bool):
    _, layer = _pair(4, 13, solver, torch.float32)
    layer.checkpoint = checkpoint
    x, dt, state = torch.randn(21, 40, 4), torch.rand(21, 40), torch.randn(21, 26)
    lengths = torch.randint(1, 20, (21,))
    lengths[::2], lengths[1] = 0, 40
    empty, ended = lengths == 0, torch.arange(40) >= lengths.unsqueeze(-1)
    state[empty] *= 1e3  # no gate may overflow on what is only carried along
    for v in (x, dt, state):
        v.requires_grad_()
    result = layer(x, dt, state, None, lengths, True)
    assert result.trajectory is not None
    assert torch.equal(result.state[empty], state[empty])
    last = result.trajectory.state.gather(1, (lengths.clamp(min=1) - 1).view(-1, 1, 1).expand(-1, 40, 13))
    assert torch.equal(result.trajectory.state[ended], last[ended])
    result.state.sum().backward()
    assert x.grad is not None and dt.grad is not None and state.grad is not None
    assert torch.equal(state.grad[empty], torch.ones(11, 26))
    assert not x.grad[ended].any() and not dt.grad[ended].any()
    assert all(torch.isfinite(v.grad).all() for v in (x, dt, *layer.parameters()) if v.grad is not None)


def test_a_loss_of_tau_alone_has_a_gradient():
    layers = _pair(4, 13, "exponential", torch.float64)
    x = torch.randn(5, 4, 4).double()
    for layer in layers:
        layer(x, trajectory=True).trajectory.tau.square().sum().backward()
    specification, compiled = ({n: p.grad for n, p in one.named_parameters() if p.grad is not None} for one in layers)
    assert "cell.memory.recurrent_map.weight" in specification
    assert_close(compiled, specification, 1e-12)


def test_a_gradient_may_be_taken_twice():
    _, layer = _pair(4, 13, "exponential", torch.float64)
    loss = layer(torch.randn(5, 4, 4).double()).output.square().sum()
    parameters = [p for n, p in layer.named_parameters() if not n.endswith("output_b")]
    first = torch.autograd.grad(loss, parameters, retain_graph=True)
    assert all(torch.equal(a, b) for a, b in zip(first, torch.autograd.grad(loss, parameters), strict=True))


def test_without_a_gradient_the_numbers_are_the_same():
    _, layer = _pair(4, 13, "exponential", torch.float64)
    x = torch.randn(5, 4, 4).double()
    with torch.no_grad():
        quiet = layer(x).state
    assert torch.equal(quiet, layer(x).state)


def test_the_number_of_threads_changes_nothing_but_rounding():
    _, layer = _pair(4, 13, "exponential", torch.float64)
    assert_threads_change_nothing(layer)


def test_other_cells_and_solvers_are_told_or_refused(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kernels, "_told", set())
    x = torch.randn(2, 3, 4)
    with pytest.raises(ModelError, match="compiled around LTCCell only, not around CfCCell"):
        CfC(4, 8, mixed_memory=True, backend="cpu")(x)
    with pytest.raises(ModelError, match="solver 'rk4' is not compiled, only fused"):
        LTC(4, AutoNCP(8, 2), solver="rk4", mixed_memory=True, backend="cpu")(x)
    with caplog.at_level(logging.INFO, "models.kernels"):
        CfC(4, 8, mixed_memory=True)(x)
    assert "MixedMemoryCell runs on the reference: a mixed memory is compiled around LTCCell only" in caplog.text
