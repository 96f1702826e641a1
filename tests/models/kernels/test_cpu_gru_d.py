"""The compiled GRU-D agrees with the reference in outputs, states, tau and every gradient."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.kernels import windows
from models.layers import GRUD


def _pair(inputs: int, units: int, dtype: torch.dtype) -> tuple[GRUD, GRUD]:
    torch.manual_seed(0)
    mean = torch.randn(inputs)
    specification = GRUD(inputs, units, mean=mean, backend="reference").to(dtype)
    compiled = GRUD(inputs, units, mean=mean, backend="cpu").to(dtype)
    compiled.load_state_dict(specification.state_dict())
    return specification, compiled


def _everything(layer: GRUD, batch: int, length: int, *, ragged: bool) -> dict[str, Tensor]:
    """What a layer computes of a seeded problem: outputs, states, tau and all gradients."""
    dtype = next(layer.parameters()).dtype
    seeded = torch.Generator().manual_seed(1)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=seeded, dtype=torch.float64).to(dtype)

    x, dt, state = draw(batch, length, layer.input_size), draw(batch, length).abs(), draw(batch, layer.state_size) / 3
    dt[0, 0] = 0.0
    mask = draw(*x.shape) > 0.2 if ragged else None
    lengths = torch.randint(0, length + 1, (batch,), generator=seeded) if ragged else None
    given = [v.requires_grad_() for v in (x, dt, state)]
    layer.zero_grad()
    result = layer(*given, mask, lengths, trajectory=True)
    assert result.trajectory is not None
    found = {"output": result.output, "end": result.state, "state": result.trajectory.state}
    sum((v * draw(*v.shape)).sum() for v in found.values()).backward()  # type: ignore[union-attr]
    found["tau"] = result.trajectory.tau
    for name, value in (*zip(("x", "dt", "start"), given, strict=True), *layer.named_parameters()):
        if not ragged and name != "start" and value.grad is None:
            continue  # without a gap in what is seen nothing fades
        assert value.grad is not None, name
        found[f"gradient of {name}"] = value.grad.clone()
    return found


def _assert_close(got: dict[str, Tensor], expected: dict[str, Tensor], tolerance: float) -> None:
    assert got.keys() == expected.keys()
    for name, value in expected.items():
        error = (got[name] - value).abs().max() / value.abs().max().clamp(min=1e-30)
        assert error <= tolerance, f"{name}: relative error {error:.1e}"


@pytest.mark.parametrize("ragged", [False, True])
def test_double_precision_agrees_to_rounding(ragged: bool):
    specification, compiled = _pair(3, 6, torch.float64)
    _assert_close(_everything(compiled, 21, 6, ragged=ragged), _everything(specification, 21, 6, ragged=ragged), 1e-12)


@pytest.mark.parametrize("ragged", [False, True])
def test_single_precision_agrees_to_five_digits(ragged: bool):
    specification, compiled = _pair(6, 31, torch.float32)
    got = {name: value.double() for name, value in _everything(compiled, 33, 24, ragged=ragged).items()}
    _assert_close(got, _everything(specification.double(), 33, 24, ragged=ragged), 1e-5)


def test_recomputing_in_the_backward_pass_changes_nothing_but_rounding(monkeypatch: pytest.MonkeyPatch):
    specification, compiled = _pair(3, 6, torch.float64)
    expected = _everything(specification, 21, 8, ragged=True)
    for steps in (8, 3):  # one window, or three of which the last has two steps
        monkeypatch.setattr(windows, "SIZE", steps * 24)
        for compiled.checkpoint in (False, True):
            _assert_close(_everything(compiled, 21, 8, ragged=True), expected, 1e-12)


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
    _, layer = _pair(3, 6, torch.float64)
    loss = layer(torch.randn(5, 4, 3, dtype=torch.float64)).output.square().sum()
    weights = list(layer.parameters())
    first = torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
    for again, before in zip(torch.autograd.grad(loss, weights, allow_unused=True), first, strict=True):
        torch.testing.assert_close(again, before, atol=0, rtol=0)


def test_without_a_gradient_the_outputs_are_the_same():
    _, layer = _pair(3, 6, torch.float64)
    x = torch.randn(9, 5, 3, dtype=torch.float64)
    with torch.no_grad():
        quiet = layer(x).output
    assert torch.equal(quiet, layer(x).output)
