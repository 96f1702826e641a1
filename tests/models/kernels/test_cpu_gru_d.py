"""The compiled GRU-D agrees with the reference in outputs, states, tau and every gradient."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor

from models.kernels import windows
from models.layers import GRUD
from tests.models.kernels import agreement
from tests.models.kernels.agreement import assert_close, pair

everything = partial(agreement.everything, tau_in_loss=False)
MEAN = torch.tensor([0.3, -1.2, 0.8, 0.1, -0.4, 1.5])


@pytest.mark.parametrize("ragged", [False, True])
def test_double_precision_agrees_to_rounding(ragged: bool):
    specification, compiled = pair(GRUD, torch.float64, 3, 6, mean=MEAN[:3])
    assert_close(
        everything(compiled, 21, 6, masked=ragged, ragged=ragged),
        everything(specification, 21, 6, masked=ragged, ragged=ragged),
        1e-12,
    )


@pytest.mark.parametrize("ragged", [False, True])
def test_single_precision_agrees_to_five_digits(ragged: bool):
    specification, compiled = pair(GRUD, torch.float32, 6, 31, mean=MEAN)
    got = {name: value.double() for name, value in everything(compiled, 33, 24, masked=ragged, ragged=ragged).items()}
    assert_close(got, everything(specification.double(), 33, 24, masked=ragged, ragged=ragged), 1e-5)


def test_recomputing_in_the_backward_pass_changes_nothing_but_rounding(monkeypatch: pytest.MonkeyPatch):
    specification, compiled = pair(GRUD, torch.float64, 3, 6, mean=MEAN[:3])
    expected = everything(specification, 21, 8)
    for steps in (8, 3):  # one window, or three of which the last has two steps
        monkeypatch.setattr(windows, "SIZE", steps * 24)
        for compiled.checkpoint in (False, True):
            assert_close(everything(compiled, 21, 8), expected, 1e-12)


def test_gradients_agree_with_finite_differences():
    torch.manual_seed(2)
    layer = GRUD(2, 3, backend="cpu").double()
    x, dt = torch.randn(2, 4, 2, dtype=torch.float64), torch.rand(2, 4, dtype=torch.float64)
    mask = torch.rand(x.shape) > 0.4
    state = torch.rand(2, layer.state_size, dtype=torch.float64)
    names = [name for name, _ in layer.named_parameters()]

    def outputs(x: Tensor, dt: Tensor, state: Tensor, *values: Tensor) -> Tensor:
        return torch.func.functional_call(layer, dict(zip(names, values, strict=True)), (x, dt, state, mask)).output

    # a bias of exactly 0 lies on the kink of max(0, .)
    given = (x, dt, state, *(p.detach() + 0.05 for p in layer.parameters()))
    assert torch.autograd.gradcheck(outputs, tuple(v.requires_grad_() for v in given))


def test_a_graph_may_be_walked_back_twice():
    _, layer = pair(GRUD, torch.float64, 3, 6, mean=MEAN[:3])
    loss = layer(torch.randn(5, 4, 3, dtype=torch.float64)).output.square().sum()
    weights = list(layer.parameters())
    first = torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
    for again, before in zip(torch.autograd.grad(loss, weights, allow_unused=True), first, strict=True):
        torch.testing.assert_close(again, before, atol=0, rtol=0)


def test_without_a_gradient_the_outputs_are_the_same():
    _, layer = pair(GRUD, torch.float64, 3, 6, mean=MEAN[:3])
    x = torch.randn(9, 5, 3, dtype=torch.float64)
    with torch.no_grad():
        quiet = layer(x).output
    assert torch.equal(quiet, layer(x).output)
