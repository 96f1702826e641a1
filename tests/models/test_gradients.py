"""Gradient norms say how far a loss reaches back, and say it truly."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from models.cells.base import AbstractCell, Step
from models.errors import ModelError
from models.gradients import EXPLODING, VANISHING, GradientNorms, gradient_norms
from models.layers import GRU, LSTM, LTC, CfC, LiquidSSM
from models.sequence import SequenceLayer, SequenceResult
from models.stack import Bidirectional, Stack
from models.wiring import AutoNCP, FullyConnected


class Scaling(AbstractCell):
    """v <- factor v + x: a cell whose gradients are known."""

    input_size = units = output_size = 1

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor(factor, dtype=torch.float64))

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        return inputs

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        return Step(self.factor * state + drive, torch.ones_like(state))

    def output(self, state: Tensor) -> Tensor:
        return 3 * state


def _last(result: SequenceResult) -> Tensor:
    return result.output[:, -1].sum()


def _zeros(batch: int, length: int, size: int = 1) -> Tensor:
    return torch.zeros(batch, length, size, dtype=torch.float64)


def test_the_norms_are_those_of_a_known_recurrence():
    norms = gradient_norms(SequenceLayer(Scaling(0.5)), _last, _zeros(4, 6))
    expected = 3 * 2.0 * 0.5 ** torch.arange(5, -1, -1.0)  # over a batch of four: twice one sample's
    torch.testing.assert_close(norms.states, expected)
    assert norms.ratio == pytest.approx(0.5**5)


def test_the_derivative_is_total_own_output_and_all_that_follows():
    norms = gradient_norms(SequenceLayer(Scaling(1.0)), lambda r: r.output.sum(), _zeros(1, 4))
    torch.testing.assert_close(norms.states, torch.tensor([12.0, 9.0, 6.0, 3.0]))


def test_a_loss_on_the_final_state_reaches_back_too():
    norms = gradient_norms(SequenceLayer(Scaling(2.0)), lambda r: r.state.sum(), _zeros(1, 4))
    torch.testing.assert_close(norms.states, torch.tensor([8.0, 4.0, 2.0, 1.0]))


LAYERS: dict[str, Callable[[], Stack | SequenceLayer]] = {
    "LTC": lambda: LTC(2, AutoNCP(8, 2, 0.3, 1), unfolds=2, backend="reference"),
    "LTC with memory": lambda: LTC(2, AutoNCP(8, 2, 0.3, 1), unfolds=2, mixed_memory=True, backend="reference"),
    "LiquidSSM": lambda: LiquidSSM(2, 5, output_size=2, parallel=True),
    "stack": lambda: Stack(GRU(2, 4), LiquidSSM(4, 4), residual=True, layer_norm=True),
}


@pytest.mark.parametrize("name", LAYERS)
def test_parameter_norms_are_those_of_a_plain_backward_pass(name: str):
    torch.manual_seed(0)
    layer = LAYERS[name]().double()
    x, dt = torch.randn(3, 7, 2).double(), torch.rand(3, 7).double()
    mask, lengths = torch.rand(3, 7, 2) > 0.3, torch.tensor([7, 2, 5])
    start = torch.rand(3, layer.state_size).double()
    loss = lambda r: r.output.square().sum() + r.state.sum()
    norms = gradient_norms(layer, loss, x, dt, start, mask, lengths)
    assert all(p.grad is None for p in layer.parameters())
    loss(layer(x, dt, start, mask, lengths)).backward()
    for key, parameter in layer.named_parameters():
        grad = parameter.grad
        assert norms.parameters[key] == pytest.approx(0.0 if grad is None else float(grad.norm()), abs=1e-9)


def test_state_norms_are_the_influence_of_a_nudge_to_the_state():
    torch.manual_seed(0)
    layer = LTC(2, AutoNCP(6, 2, 0.3, 1), backend="reference").double()
    x = torch.randn(1, 5, 2).double()
    norms = gradient_norms(layer, _last, x)
    after = layer(x[:, :2]).state
    jacobian = torch.autograd.functional.jacobian(lambda s: layer(x[:, 2:], state=s).output[:, -1].sum(), after)
    assert isinstance(jacobian, Tensor)
    assert norms.states[1].item() == pytest.approx(jacobian.norm().item(), rel=1e-5)


def test_a_leaky_cell_forgets_over_a_long_silence_and_says_so():
    torch.manual_seed(0)
    norms = gradient_norms(LTC(1, FullyConnected(4, 1), unfolds=1, backend="reference"), _last, torch.zeros(2, 60, 1))
    assert norms.verdict == "vanishing"
    assert norms.ratio < 1e-6


def test_a_cell_that_keeps_everything_is_steady_over_the_same_silence():
    norms = gradient_norms(SequenceLayer(Scaling(1.0)), _last, _zeros(2, 60))
    assert norms.verdict == "steady"
    torch.testing.assert_close(norms.states, norms.states[-1].expand(60))


def test_a_mixed_memory_that_does_not_forget_is_steady_where_its_cell_vanishes():
    torch.manual_seed(0)
    layer = LTC(1, FullyConnected(4, 1), unfolds=1, mixed_memory=True, backend="reference")
    with torch.no_grad():
        layer.cell.memory.input_map.bias[8:12] = 12.0  # type: ignore[union-attr]
    norms = gradient_norms(layer, _last, torch.zeros(2, 60, 1))
    assert norms.verdict == "steady"
    assert norms.ratio > 0.03


def test_a_growing_cell_explodes_and_says_so():
    assert gradient_norms(SequenceLayer(Scaling(1.2)), _last, _zeros(1, 60)).verdict == "exploding"


def test_padded_steps_hand_the_gradient_on_unchanged():
    norms = gradient_norms(SequenceLayer(Scaling(0.5)), _last, _zeros(1, 6), lengths=torch.tensor([3]))
    torch.testing.assert_close(norms.states, torch.tensor([0.75, 1.5, 3.0, 3.0, 3.0, 3.0]))


@pytest.mark.parametrize(
    ("first", "verdict"),
    [(VANISHING / 2, "vanishing"), (1.0, "steady"), (EXPLODING * 2, "exploding"), (float("nan"), "exploding")],
)
def test_the_verdict_compares_the_first_step_with_the_last_that_matters(first: float, verdict: str):
    assert GradientNorms(torch.tensor([first, 0.5, 1.0, 0.0]), {}).verdict == verdict


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda layer: gradient_norms(layer, lambda r: r.output, _zeros(2, 3)), "expected one finite number"),
        (lambda layer: gradient_norms(layer, lambda r: r.output.sum() * float("nan"), _zeros(2, 3)), "finite"),
        (lambda layer: gradient_norms(layer, lambda _: torch.tensor(1.0), _zeros(2, 3)), "no state"),
        (lambda layer: gradient_norms(layer, lambda _: layer.cell.factor, _zeros(2, 3)), "no state"),
        (lambda layer: gradient_norms(layer, _last, _zeros(2, 0)), "at least one step"),
        (lambda layer: gradient_norms(layer, _last, [[1.0]]), r"x is \[\[1.0\]\], expected a tensor"),  # type: ignore[arg-type]
        (lambda layer: gradient_norms(layer, _last, _zeros(2, 3), torch.ones(2, 4)), r"dt is \(2, 4\)"),
        (lambda layer: gradient_norms(Bidirectional(layer, layer), _last, _zeros(2, 3)), "bidirectional"),
        (lambda layer: gradient_norms(Stack(Bidirectional(layer, layer)), _last, _zeros(2, 3)), "bidirectional"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_reason(call: Callable[[SequenceLayer], object], words: str):
    with pytest.raises(ModelError, match=words):
        call(SequenceLayer(Scaling(0.5)))


@pytest.mark.parametrize(
    "make",
    [lambda: Stack(GRU(2, 3), GRU(3, 3), dropout=0.2), lambda: CfC(2, 3, backbone_dropout=0.2)],
    ids=["between layers", "in a backbone"],
)
def test_dropout_has_to_be_off(make: Callable[[], Stack | SequenceLayer]):
    layer = make()
    with pytest.raises(ModelError, match=r"layer.eval\(\)"):
        gradient_norms(layer, _last, torch.randn(2, 3, 2))
    assert gradient_norms(layer.eval(), _last, torch.randn(2, 3, 2), lengths=[3, 2]).ratio > 0


def test_a_frozen_layer_can_be_measured():
    layer = LSTM(1, 3).requires_grad_(False)
    norms = gradient_norms(layer, _last, torch.zeros(1, 4, 1))
    assert norms.parameters == {}
    assert (norms.states > 0).all()
