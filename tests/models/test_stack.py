"""Stacks and both directions of time: one signature, sequences stay themselves, nothing leaks, depth still learns."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from models.errors import ModelError
from models.layers import GRU, LTC, CfC, LiquidSSM
from models.sequence import SequenceLayer
from models.stack import Bidirectional, Layer, Stack
from models.wiring import AutoNCP

LENGTHS = torch.tensor([9, 1, 4, 0])


def _stack(**options: object) -> Stack:
    torch.manual_seed(0)
    layers = LTC(2, AutoNCP(8, 3, 0.3, 1), unfolds=2, backend="reference"), GRU(3, 3), LiquidSSM(3, 5, output_size=3)
    return Stack(*layers, **options).double().eval()  # type: ignore[return-value]


def _both() -> Bidirectional:
    torch.manual_seed(0)
    return Bidirectional(GRU(2, 4), LTC(2, AutoNCP(8, 3, 0.3, 1), unfolds=2, backend="reference")).double()


MAKERS: dict[str, Callable[[], Stack | Bidirectional]] = {
    "stack": _stack,
    "stack with everything": lambda: _stack(dropout=0.3, layer_norm=True, residual=True),
    "both directions": _both,
    "a stack of both": lambda: Stack(
        _both(), CfC(7, 5, backbone_units=8, backend="reference"), layer_norm=True
    ).double(),
}
causal = pytest.mark.parametrize("name", list(MAKERS)[:2])
every = pytest.mark.parametrize("name", MAKERS)


def _given(batch: int = 4, length: int = 9) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(batch, length, 2, dtype=torch.float64, generator=generator)
    return x, torch.rand(batch, length, dtype=torch.float64, generator=generator) + 0.05


def test_a_stack_is_its_layers_one_after_another():
    stack = _stack()
    x, dt = _given()
    below = stack.layers[0](x, dt, trajectory=True)
    middle = stack.layers[1](below.output, dt, trajectory=True)
    top = stack.layers[2](middle.output, dt, trajectory=True)
    result = stack(x, dt, trajectory=True)
    assert torch.equal(result.output, top.output)
    assert torch.equal(result.state, torch.cat([below.state, middle.state, top.state], 1))
    for name in ("state", "tau"):
        parts = [getattr(r.trajectory, name) for r in (below, middle, top)]
        assert torch.equal(getattr(result.trajectory, name), torch.cat(parts, -1))


def test_norm_and_residual_stand_between_the_layers():
    stack = _stack(layer_norm=True, residual=True)
    x, dt = _given()
    given = stack.layers[0](x, dt).output
    middle = stack.layers[1](nn.functional.layer_norm(given, (3,)), dt).output + given
    top = stack.layers[2](nn.functional.layer_norm(middle, (3,)), dt).output + middle
    torch.testing.assert_close(stack(x, dt).output, top)


def test_dropout_changes_training_only_and_never_the_first_layer():
    stack = _stack(dropout=0.5)
    x, dt = _given()
    calm = stack(x, dt)
    assert torch.equal(stack(x, dt).output, calm.output)
    stack.train()
    assert not torch.equal(stack(x, dt).output, calm.output)
    assert torch.equal(stack(x, dt).state[:, :8], calm.state[:, :8])


@causal
def test_a_sequence_in_pieces_equals_the_sequence_whole(name: str):
    layer = MAKERS[name]()
    x, dt = _given()
    whole, state, outputs = layer(x, dt), None, []
    for a, b in ((0, 2), (2, 3), (3, 9)):
        result = layer(x[:, a:b], dt[:, a:b], state)
        state = result.state
        outputs.append(result.output)
    torch.testing.assert_close(torch.cat(outputs, 1), whole.output)
    torch.testing.assert_close(state, whole.state)


@every
def test_a_ragged_batch_equals_its_sequences_alone(name: str):
    layer = MAKERS[name]()
    x, dt = _given()
    start = torch.rand(4, layer.state_size, dtype=torch.float64)
    together = layer(x, dt, start, lengths=LENGTHS, trajectory=True)
    for b, n in enumerate(LENGTHS.tolist()):
        alone = layer(x[b : b + 1, :n], dt[b : b + 1, :n], start[b : b + 1], trajectory=True)
        torch.testing.assert_close(together.output[b, :n], alone.output[0])
        torch.testing.assert_close(together.state[b], alone.state[0])
        for ours, theirs in zip(together.trajectory, alone.trajectory, strict=True):
            torch.testing.assert_close(ours[b, :n], theirs[0])


@every
@pytest.mark.parametrize("training", [False, True])
def test_after_a_sequences_end_everything_is_held(name: str, training: bool):
    layer = MAKERS[name]().train(training)
    x, dt = _given()
    result = layer(x, dt, lengths=LENGTHS, trajectory=True)
    for values in (result.output, *result.trajectory):
        for b, n in enumerate(LENGTHS.tolist()):
            tail = values[b, max(n - 1, 0) :]
            assert torch.equal(tail, tail[:1].expand_as(tail))


@every
def test_nothing_leaks_from_masked_or_padded_places_into_outputs_or_gradients(name: str):
    layer = MAKERS[name]()
    x, dt = _given()
    mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(2)) > 0.4
    inside = torch.arange(9) < LENGTHS[:, None]

    def run(fill: float) -> list[Tensor | None]:
        layer.zero_grad()
        given = torch.where(mask & inside.unsqueeze(-1), x, fill).requires_grad_()
        times = torch.where(inside, dt, fill).requires_grad_()
        result = layer(given, times, mask=mask, lengths=LENGTHS)
        (result.output.square().sum() + result.state.sum()).backward()
        return [*result[:2], given.grad, times.grad, *(p.grad for p in layer.parameters())]

    for clean, dirty in zip(run(0.0), run(float("nan")), strict=True):
        assert clean is not None
        assert dirty is not None
        assert torch.isfinite(dirty).all()
        torch.testing.assert_close(dirty, clean, atol=0, rtol=0)


@every
def test_gradients_agree_with_finite_differences(name: str):
    layer = MAKERS[name]()
    x, dt = (t[:3, :4] for t in _given())
    start = torch.rand(3, layer.state_size, dtype=torch.float64)

    def run(x: Tensor, dt: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        result = layer(x, dt, start, lengths=torch.tensor([4, 0, 2]))
        return result.output, result.state

    assert torch.autograd.gradcheck(run, tuple(t.requires_grad_() for t in (x, dt, start)), fast_mode=True)


def test_the_second_direction_reads_each_sequence_from_its_own_end():
    layer = _both()
    x, dt = _given()
    result = layer(x, dt, lengths=torch.tensor([9, 9, 5, 5]))
    for b, n in enumerate((9, 9, 5, 5)):
        back = layer.layers[1](x[b : b + 1, :n].flip(1), dt[b : b + 1, :n].flip(1))
        torch.testing.assert_close(result.output[b, :n, 4:], back.output[0].flip(0))
        torch.testing.assert_close(result.state[b, 4:], back.state[0])


def test_the_first_step_hears_of_the_last_in_both_directions_only():
    for name, hears in (("stack", False), ("both directions", True)):
        x, dt = _given()
        output = MAKERS[name]()(x.requires_grad_(), dt).output
        (grad,) = torch.autograd.grad(output[:, 0].sum(), x)
        assert bool(grad[:, 8].any()) is hears


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_every_depth_learns_a_delayed_product_at_the_same_rate(depth: int):
    torch.manual_seed(depth)
    layers: list[Layer] = [CfC(1 if k == 0 else 12, 12, backbone_units=16, backend="reference") for k in range(depth)]
    stack, readout = Stack(*layers, layer_norm=True, residual=True), nn.Linear(12, 1)
    optimizer = torch.optim.Adam([*stack.parameters(), *readout.parameters()], lr=0.02)
    x = torch.rand(48, 8, 1, generator=torch.Generator().manual_seed(0)) * 2 - 1
    wanted = x[:, 2:] * x[:, 1:-1]
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = (readout(stack(x).output[:, 2:]) - wanted).square().mean() / wanted.var()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > 0.8
    assert losses[-1] < 0.25


def _gru(inputs: int, units: int) -> GRU:
    return GRU(inputs, units)


def _zeros(size: int) -> Tensor:
    return torch.zeros(1, 2, size)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Stack(), "at least one layer"),
        (lambda: Stack([_gru(2, 3), _gru(3, 3)]), "layers are given one by one"),  # type: ignore[arg-type]
        (lambda: Bidirectional(_gru(2, 3), nn.Identity()), r"one by one.*got Identity"),  # type: ignore[arg-type]
        (lambda: Stack(_gru(2, 3), dropout="much"), "dropout must be a number, got 'much'"),  # type: ignore[arg-type]
        (lambda: Stack(_gru(2, 3))(_zeros(2), state=[0.0] * 3), "state is .*expected a tensor"),  # type: ignore[arg-type]
        (lambda: Stack(_gru(2, 3), _gru(4, 3)), "layer 1 takes 4 values, the layer below it gives 3"),
        (lambda: Stack(_gru(2, 3), _gru(3, 5), residual=True), "layer 1 makes 5 values of 3"),
        (lambda: Stack(_gru(2, 3), dropout=1.0), "expected 0 <= dropout < 1"),
        (lambda: Bidirectional(_gru(2, 3), _gru(3, 3)), "one layer takes 2 values, the other 3"),
        (
            lambda: Stack(_gru(2, 3), _gru(3, 5))(torch.zeros(1, 2, 2), state=torch.zeros(1, 3)),
            r"expected \(batch, 8\)",
        ),
        (lambda: Bidirectional(_gru(2, 3), _gru(2, 3))(_zeros(3)), r"expected \(batch, length, 2\)"),
        (lambda: Stack(_gru(2, 3), _gru(3, 5))(_zeros(2) / 0), "pass a mask"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(make: Callable[[], object], words: str):
    with pytest.raises(ModelError, match=words):
        make()


@every
def test_lengths_may_be_a_list(name: str):
    layer = MAKERS[name]()
    x, dt = _given()
    given, tensor = (layer(x, dt, lengths=lengths) for lengths in (LENGTHS.tolist(), LENGTHS))
    assert torch.equal(given.output, tensor.output)
    assert torch.equal(given.state, tensor.state)


@every
def test_a_checkpointed_stack_gives_the_same_outputs_time_constants_and_gradients(name: str):
    layer = MAKERS[name]()
    x, dt = _given()
    mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(2)) > 0.3

    def run(checkpoint: bool) -> list[Tensor]:
        layer.zero_grad()
        for part in layer.modules():
            if isinstance(part, SequenceLayer):
                part.checkpoint, part.backend = checkpoint, "reference"
        result = layer(x, dt, mask=mask, lengths=LENGTHS, trajectory=True)
        assert result.trajectory is not None
        (result.output.square().sum() + result.state.sum()).backward()
        return [result.output, result.state, *result.trajectory, *(p.grad for p in layer.parameters())]  # type: ignore[list-item]

    for kept, again in zip(run(False), run(True), strict=True):
        torch.testing.assert_close(again, kept)


@every
def test_an_empty_sequence_returns_the_state_it_was_given(name: str):
    layer = MAKERS[name]()
    start = torch.rand(2, layer.state_size, dtype=torch.float64)
    result = layer(torch.zeros(2, 0, 2).double(), state=start)
    assert torch.equal(result.state, start)
    assert result.output.shape == (2, 0, layer.output_size)
