"""The closed-form cell: parity with the published one, and what time and missing inputs do in each mode."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.cells.cfc import HEADS, CfCCell, Decay, Mode
from models.errors import ModelError
from models.layers import CfC
from models.wiring import AutoNCP

MODES = ("default", "no_gate", "pure")


def _f64(values: Any) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def _layer(mode: Mode = "default", seed: int = 0, **options: Any) -> CfC:
    torch.manual_seed(seed)
    options = {"backend": "reference", **options}
    return CfC(3, 4, mode=mode, backbone_units=6, **options).double()


def _batch(batch: int = 3, length: int = 5, seed: int = 1) -> tuple[Tensor, Tensor, Tensor]:
    """x, dt, state"""
    generator = torch.Generator().manual_seed(seed)
    x, state = (torch.randn(*shape, generator=generator).double() for shape in ((batch, length, 3), (batch, 4)))
    return x, torch.rand(batch, length, generator=generator).double() * 2, state


@pytest.mark.parametrize("mode", MODES)
def test_states_agree_with_the_published_cell(mode: Mode, shared_data: Path):
    golden = json.loads((shared_data / "ncps_parity" / f"cfc_{mode}.json").read_text())
    parameters = {name: _f64(values) for name, values in golden["params"].items()}
    layer = CfC(3, 4, mode=mode, backbone_units=5).double()
    cell = layer.liquid
    assert isinstance(cell, CfCCell)
    with torch.no_grad():
        backbone, heads = cell.maps()
        backbone.weight.copy_(parameters["backbone.0.weight"])
        backbone.bias.copy_(parameters["backbone.0.bias"])
        heads.weight.copy_(torch.cat([parameters[f"{head}.weight"] for head in HEADS[mode]]))
        heads.bias.copy_(torch.cat([parameters[f"{head}.bias"] for head in HEADS[mode]]))
        if cell.w_tau is not None and cell.A is not None:
            cell.w_tau.copy_(parameters["w_tau"][0])
            cell.A.copy_(parameters["A"][0])
    result = layer(_f64(golden["inputs"]), _f64(golden["elapsed"]), trajectory=True)
    assert result.trajectory is not None
    expected = _f64(golden["states_time_major"]).transpose(0, 1)
    torch.testing.assert_close(result.trajectory.state, expected, atol=1e-10, rtol=0)
    torch.testing.assert_close(result.output, expected, atol=1e-10, rtol=0)


def _heads(layer: CfC, x: Tensor, state: Tensor) -> Tensor:
    """The heads before the closed form, from the whole maps."""
    cell = layer.liquid
    assert isinstance(cell, CfCCell)
    *backbone, heads = cell.maps()
    z = torch.cat([x, state], -1)
    for linear in backbone:
        z = 1.7159 * torch.tanh(0.666 * linear(z))
    return heads(z)


def _pure(layer: CfC) -> Decay:
    decay = layer.liquid.decay()
    assert decay is not None
    return decay


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_precomputing_the_inputs_part_changes_nothing(layers: int):
    layer = _layer("pure", backbone_layers=layers)
    x, dt, state = _batch()
    w_tau, A = _pure(layer)
    ff1 = _heads(layer, x[:, 0], state)
    expected = A - A * torch.exp(-dt[:, :1] * (w_tau.abs() + ff1.abs())) * ff1
    torch.testing.assert_close(layer.liquid.step(x[:, 0], state, dt[:, 0]), expected, atol=1e-12, rtol=0)


def test_no_elapsed_time_still_lets_the_new_input_in():
    x, dt, state = _batch(length=1)
    zero = torch.zeros_like(dt)
    for mode in ("default", "no_gate"):
        layer = _layer(mode)
        ff1, ff2, _, b = _heads(layer, x[:, 0], state).chunk(4, -1)
        first, second, share = torch.tanh(ff1), torch.tanh(ff2), torch.sigmoid(b)
        expected = first * (1 - share if mode == "default" else 1) + second * share
        torch.testing.assert_close(layer(x, zero, state).state, expected)
        assert (layer(x, zero, state).state - state).abs().min() > 1e-3
    layer = _layer("pure")
    expected = _pure(layer).A * (1 - _heads(layer, x[:, 0], state))
    torch.testing.assert_close(layer(x, zero, state).state, expected)


def test_after_a_very_long_time_each_form_has_settled():
    x, dt, state = _batch(length=1)
    long = torch.full_like(dt, 1e9)
    for mode in ("default", "no_gate"):
        layer = _layer(mode)
        ff1, ff2, a, _ = _heads(layer, x[:, 0], state).chunk(4, -1)
        first, second = torch.tanh(ff1), torch.tanh(ff2)
        rising = second if mode == "default" else first + second
        torch.testing.assert_close(layer(x, long, state).state, torch.where(a > 0, rising, first))
        assert 0 < (a > 0).sum() < a.numel()
    layer = _layer("pure")
    torch.testing.assert_close(layer(x, long, state).state, _pure(layer).A.expand(3, 4))


def _one_step(layer: CfC, x: Tensor, dt: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """State and tau after one step."""
    result = layer(x, dt, state, trajectory=True)
    assert result.trajectory is not None
    return result.state, result.trajectory.tau[:, 0]


def test_in_tau_the_pure_form_comes_e_times_nearer_to_its_end():
    layer = _layer("pure")
    x, dt, state = _batch(length=1)
    before, tau = _one_step(layer, x, dt, state)
    for neuron in range(4):
        after, _ = _one_step(layer, x, dt + tau[:, neuron : neuron + 1], state)
        gone = (after - _pure(layer).A) / (before - _pure(layer).A)
        torch.testing.assert_close(gone[:, neuron], torch.full((3,), 1 / torch.e, dtype=torch.float64))


def test_in_tau_the_gate_of_the_gated_forms_moves_by_one_logit():
    layer = _layer("default")
    x, dt, state = _batch(length=1)
    _, tau = _one_step(layer, x, dt, state)
    first, second = (torch.tanh(part) for part in _heads(layer, x[:, 0], state).chunk(4, -1)[:2])

    def logit(dt: Tensor) -> Tensor:
        return torch.logit((_one_step(layer, x, dt, state)[0] - first) / (second - first))

    for neuron in range(4):
        moved = (logit(dt + tau[:, neuron : neuron + 1]) - logit(dt))[:, neuron].abs()
        torch.testing.assert_close(moved, torch.ones(3, dtype=torch.float64), atol=1e-6, rtol=0)


@pytest.mark.parametrize("mode", MODES)
def test_tau_is_infinite_where_time_does_nothing_and_its_gradient_stays_finite(mode: Mode):
    layer = _layer(mode)
    cell = layer.liquid
    assert isinstance(cell, CfCCell)
    with torch.no_grad():
        for parameter in cell.heads.parameters():
            parameter.zero_()
        if cell.w_tau is not None:
            cell.w_tau.zero_()
    x, dt, state = _batch()
    result = layer(x, dt, state, trajectory=True)
    assert result.trajectory is not None
    assert torch.isposinf(result.trajectory.tau).all()
    (1 / result.trajectory.tau).sum().backward()
    assert all(p.grad is None or torch.isfinite(p.grad).all() for p in layer.parameters())
    torch.testing.assert_close(layer(x, 100 * dt, state).state, result.state)


@pytest.mark.parametrize("mode", MODES)
def test_gradients_agree_with_finite_differences_under_a_mask(mode: Mode):
    layer = _layer(mode, activation="silu", backbone_layers=2)
    x, dt, state = _batch(2, 3)
    mask = torch.tensor([[[1, 0, 1], [1, 1, 0], [0, 0, 0]], [[0, 1, 1], [1, 1, 1], [1, 0, 0]]]).bool()

    def outputs(x: Tensor, dt: Tensor, state: Tensor, *_: Tensor) -> tuple[Tensor, Tensor]:
        result = layer(x, dt, state, mask=mask, lengths=torch.tensor([3, 2]), trajectory=True)
        assert result.trajectory is not None
        return result.output, 1 / (1 + result.trajectory.tau)

    arguments = (x.requires_grad_(), (dt + 0.1).requires_grad_(), state.requires_grad_(), *layer.parameters())
    assert torch.autograd.gradcheck(outputs, arguments, fast_mode=True)


@pytest.mark.parametrize(
    ("backend", "wiring"),
    [("reference", 4), ("reference", AutoNCP(9, 2, 0.3, 5)), ("cpu", 4)],
    ids=["units", "wired", "units compiled"],
)
@pytest.mark.parametrize("mode", MODES)
def test_nothing_leaks_from_masked_or_padded_places(backend: str, mode: Mode, wiring: Any):
    torch.manual_seed(0)
    layer = CfC(3, wiring, mode=mode, backend=backend).double()
    x, dt, _ = _batch()
    mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(2)) > 0.4
    lengths = torch.tensor([5, 2, 0])
    inside = torch.arange(5) < lengths[:, None]

    def run(fill: float) -> list[Tensor | None]:
        layer.zero_grad()
        given = torch.where(mask & inside[..., None], x, fill)
        result = layer(given, torch.where(inside, dt, fill), mask=mask, lengths=lengths, trajectory=True)
        assert result.trajectory is not None
        (result.output.sum() + result.state.square().sum()).backward()
        return [result.output, result.state, result.trajectory.tau, *(p.grad for p in layer.parameters())]

    for clean, dirty in zip(run(0.0), run(float("nan")), strict=True):
        assert clean is not None
        assert dirty is not None
        assert torch.isfinite(dirty).all()
        assert torch.equal(clean, dirty)
    alone = layer(x[1:2, :2], dt[1:2, :2], mask=mask[1:2, :2])
    torch.testing.assert_close(layer(x, dt, mask=mask, lengths=lengths).state[1:2], alone.state)


@pytest.mark.parametrize("wiring", [4, AutoNCP(9, 2, 0.3, 5)], ids=["units", "wired"])
def test_every_sample_of_a_batch_has_its_own_elapsed_time(wiring: Any):
    torch.manual_seed(0)
    layer = CfC(3, wiring).double()
    x, dt, _ = _batch(4, 5)  # as many samples as units: the shape the published cell mistakes
    alone = torch.cat([layer(x[b : b + 1], dt[b : b + 1]).output for b in range(4)])
    torch.testing.assert_close(layer(x, dt).output, alone)


def test_every_activation_is_the_one_of_its_name():
    x, dt, state = _batch()
    theirs: dict[str, Callable[[Tensor], Tensor]] = {
        "lecun_tanh": lambda z: 1.7159 * nn.Tanh()(0.666 * z),
        "silu": nn.SiLU(),
        "relu": nn.ReLU(),
        "tanh": nn.Tanh(),
        "gelu": nn.GELU(),
    }
    seen = []
    for name, activation in theirs.items():
        layer = _layer("pure", activation=name)
        cell = layer.liquid
        assert isinstance(cell, CfCCell)
        backbone, heads = cell.maps()
        ff1 = heads(activation(backbone(torch.cat([x[:, 0], state], -1))))
        w_tau, A = _pure(layer)
        expected = A - A * torch.exp(-dt[:, :1] * (w_tau.abs() + ff1.abs())) * ff1
        torch.testing.assert_close(layer(x[:, :1], dt[:, :1], state).state, expected)
        seen.append(expected)
    assert all((a - b).abs().max() > 1e-4 for i, a in enumerate(seen) for b in seen[:i])


def test_dropout_acts_in_training_only():
    layer = _layer(backbone_dropout=0.5)
    x, dt, state = _batch()
    assert not torch.equal(layer(x, dt, state).output, layer(x, dt, state).output)
    layer.eval()
    sure = _layer().eval()
    sure.load_state_dict(layer.state_dict())
    assert torch.equal(layer(x, dt, state).output, sure(x, dt, state).output)


def test_initial_weights_fill_the_range_of_the_published_ones():
    torch.manual_seed(0)
    cell = CfC(20, 50, mode="default", backbone_units=40, backbone_layers=2).liquid
    assert isinstance(cell, CfCCell)
    first, second, heads = cell.maps()
    for weight, rows, columns in (
        (first.weight, 40, 70),
        (second.weight, 40, 40),
        *((block, 50, 40) for block in heads.weight.split(50)),
    ):
        bound = (6 / (rows + columns)) ** 0.5
        assert weight.shape == (rows, columns)
        assert 0.98 * bound < weight.abs().max() <= bound
        assert abs(weight.std() - bound / 3**0.5) < 0.05 * bound
    pure = CfC(2, 200, mode="pure").liquid
    bound = (6 / 201) ** 0.5
    for parameter in (pure.w_tau, pure.A):
        assert parameter is not None
        assert 0.95 * bound < parameter.abs().max() <= bound


def test_a_projection_reads_the_neurons_out():
    layer = _layer(proj_size=2)
    x, dt, state = _batch()
    result = layer(x, dt, state, trajectory=True)
    assert result.trajectory is not None
    assert layer.output_size == 2
    readout = layer.liquid.readout
    assert readout is not None
    torch.testing.assert_close(result.output, result.trajectory.state @ readout.weight.T + readout.bias)


def test_mixed_memory_goes_in_front_of_the_cell():
    layer = _layer("pure", mixed_memory=True)
    x, dt, _ = _batch()
    result = layer(x, dt)
    assert layer.state_size == 8
    assert result.output.shape == (3, 5, 4)
    torch.testing.assert_close(result.output[:, -1], result.state[:, :4])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CfC(3, 4, mode="gated"), "'gated'; there are default, no_gate, pure"),  # type: ignore[arg-type]
        (lambda: CfC(3, 4, activation="step"), "'step'; there are lecun_tanh, silu, relu, tanh, gelu"),
        (lambda: CfC(3, 4, backbone_layers=-1), "backbone_layers must be at least 0, got -1"),
        (lambda: CfC(3, 4, backbone_units=0), "backbone_units must be at least 1, got 0"),
        (lambda: CfC(3, 0), "units must be at least 1, got 0"),
        (lambda: CfC(0, 4), "input_size must be at least 1, got 0"),
        (lambda: CfC(3, 4, backbone_dropout=1.0), "backbone_dropout is 1.0, expected 0 <="),
        (lambda: CfC(3, 4, proj_size=0), "proj_size must be at least 1, got 0"),
        (lambda: CfC(3, 4, recurrent="all"), "'all'; there are wired, dense"),  # type: ignore[arg-type]
        (lambda: CfC(3, AutoNCP(8, 2), recurrent="all"), "'all'; there are wired, dense"),  # type: ignore[arg-type]
        (lambda: CfC(3, AutoNCP(8, 2), mode="gated"), "'gated'; there are"),  # type: ignore[arg-type]
        (lambda: CfC(3, AutoNCP(8, 2), backbone_units=64), "no backbone"),
        (lambda: CfC(3, 4)(torch.zeros(2, 3, 5)), r"expected \(batch, length, 3\)"),
        (lambda: CfC(3, 4)(torch.zeros(2, 3, 3), -torch.ones(2, 3)), "not negative"),
    ],
)
def test_wrong_calls_are_refused_with_the_reason(make: Callable[[], object], words: str):
    with pytest.raises(ModelError, match=words):
        make()
