"""The compiled closed-form cell agrees with the reference in outputs, states, tau and every gradient."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor, nn

from models.cells.cfc import CfCCell, Mode
from models.errors import ModelError
from models.kernels import windows
from models.layers import CfC
from tests.models.kernels import agreement
from tests.models.kernels.agreement import assert_close, assert_threads_change_nothing, pair

MODES: tuple[Mode, ...] = ("default", "no_gate", "pure")


def _speed(tau: Tensor) -> Tensor:
    """tau itself has poles, where no digit is sure."""
    return 1 / (0.1 + tau)


everything = partial(agreement.everything, shown=_speed)


def _heads(layer: CfC) -> nn.Linear:
    assert isinstance(layer.cell, CfCCell)
    return layer.cell.heads


@pytest.mark.parametrize("layers", [0, 1, 2])
@pytest.mark.parametrize("mode", MODES)
def test_double_precision_agrees_to_rounding(mode: Mode, layers: int):
    specification, compiled = pair(
        CfC, torch.float64, 3, 6, mode=mode, backbone_layers=layers, backbone_units=7, proj_size=2
    )
    assert_close(everything(compiled, 21, 6), everything(specification, 21, 6), 1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_recomputing_in_the_backward_pass_changes_nothing_but_rounding(mode: Mode, monkeypatch: pytest.MonkeyPatch):
    specification, compiled = pair(CfC, torch.float64, 3, 6, mode=mode, backbone_units=7)
    expected = everything(specification, 21, 8)
    for steps in (8, 3):  # one window, or three of which the last has two steps
        monkeypatch.setattr(windows, "SIZE", steps * 24)
        for compiled.checkpoint in (False, True):
            assert_close(everything(compiled, 21, 8), expected, 1e-12)


@pytest.mark.parametrize("activation", ["lecun_tanh", "tanh"])
@pytest.mark.parametrize("mode", MODES)
def test_single_precision_agrees_to_five_digits(mode: Mode, activation: str):
    specification, compiled = pair(CfC, torch.float32, 6, 30, mode=mode, activation=activation, backbone_units=50)
    got = {name: value.double() for name, value in everything(compiled, 33, 24).items()}
    assert_close(got, everything(specification.double(), 33, 24), 1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_gradients_agree_with_finite_differences(mode: Mode):
    torch.manual_seed(2)
    layer = CfC(2, 3, mode=mode, backbone_units=4, backend="cpu").double()
    x, dt = torch.randn(2, 3, 2, dtype=torch.float64), torch.rand(2, 3, dtype=torch.float64)
    state = torch.randn(2, 3, dtype=torch.float64) / 2
    names = [name for name, _ in layer.named_parameters()]

    def outputs(x: Tensor, dt: Tensor, state: Tensor, *values: Tensor) -> tuple[Tensor, Tensor]:
        given = (x, dt, state, None, None, True)
        result = torch.func.functional_call(layer, dict(zip(names, values, strict=True)), given)
        return result.output, _speed(result.trajectory.tau)

    given = (x, dt, state, *(p.detach().clone() for p in layer.parameters()))
    assert torch.autograd.gradcheck(outputs, tuple(v.requires_grad_() for v in given))


@pytest.mark.parametrize("mode", MODES)
def test_gradients_are_finite_and_right_where_a_head_is_zero(mode: Mode):
    specification, compiled = pair(CfC, torch.float64, 3, 4, mode=mode, backbone_units=5)
    for layer in (specification, compiled):
        with torch.no_grad():
            _heads(layer).weight.zero_()
            _heads(layer).bias.zero_()
        found = layer(torch.ones(2, 3, 3, dtype=torch.float64), trajectory=True)
        assert torch.isinf(found.trajectory.tau).all() == (mode != "pure")
        found.output.sum().backward()
    pairs = zip(specification.parameters(), compiled.parameters(), strict=True)
    for expected, got in pairs:
        torch.testing.assert_close(got.grad, expected.grad, atol=1e-14, rtol=1e-12)


def test_a_graph_may_be_walked_back_twice():
    _, layer = pair(CfC, torch.float64, 3, 6)
    loss = layer(torch.randn(5, 4, 3, dtype=torch.float64)).output.square().sum()
    weight = _heads(layer).weight
    first = torch.autograd.grad(loss, weight, retain_graph=True)[0]
    assert torch.equal(torch.autograd.grad(loss, weight)[0], first)


def test_without_a_gradient_the_outputs_are_the_same():
    _, layer = pair(CfC, torch.float64, 3, 6)
    x = torch.randn(9, 5, 3, dtype=torch.float64)
    with torch.no_grad():
        quiet = layer(x).output
    assert torch.equal(quiet, layer(x).output)


def test_the_number_of_threads_changes_nothing_but_rounding():
    _, layer = pair(CfC, torch.float64, 4, 9, mode="pure")
    assert_threads_change_nothing(layer)


def test_what_is_not_compiled_is_refused():
    x = torch.randn(2, 3, 4)
    with pytest.raises(ModelError, match="activation 'gelu' is not compiled, only lecun_tanh, tanh"):
        CfC(4, 8, activation="gelu", backend="cpu")(x)
    dropping = CfC(4, 8, backbone_dropout=0.2, backend="cpu").double()
    x = x.double()
    with pytest.raises(ModelError, match=r"dropout of the backbone is not compiled; it is 0\.2"):
        dropping(x)
    expected = CfC(4, 8, backbone_dropout=0.2, backend="reference").double()
    expected.load_state_dict(dropping.state_dict())
    torch.testing.assert_close(dropping.eval()(x).output, expected.eval()(x).output, atol=1e-13, rtol=0)
