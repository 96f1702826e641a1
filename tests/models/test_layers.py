"""What every layer promises, whatever its cell: gradients, nothing leaks, sequences cut or ragged stay themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from models import solvers
from models.cells.ltc import LTCCell
from models.cells.mixed_memory import MixedMemoryCell
from models.cells.wired_cfc import WiredCfCCell
from models.errors import ModelError
from models.layers import CTRNN, GRU, GRUD, LSTM, LTC, ODERNN, CfC, LiquidSSM, NeuralODE
from models.sequence import SequenceLayer
from models.wiring import AutoNCP

INPUTS, UNITS = 2, 6

MAKERS: dict[str, Callable[..., SequenceLayer]] = {
    "LTC": lambda **k: LTC(INPUTS, AutoNCP(UNITS, 2, 0.3, 1), unfolds=2, **k),
    "CfC": lambda **k: CfC(INPUTS, UNITS, backbone_units=8, **k),
    "CfC wired": lambda **k: CfC(INPUTS, AutoNCP(UNITS, 2, 0.3, 1), **k),
    "CTRNN": lambda **k: CTRNN(INPUTS, UNITS, unfolds=2, **k),
    "NeuralODE": lambda **k: NeuralODE(INPUTS, UNITS, **k),
    "ODERNN": lambda **k: ODERNN(INPUTS, UNITS, **k),
    "GRU": lambda **k: GRU(INPUTS, UNITS, **k),
    "GRUD": lambda **k: GRUD(INPUTS, UNITS, mean=torch.tensor([0.3, -0.6]), **k),
    "LSTM": lambda **k: LSTM(INPUTS, UNITS, **k),
    "LiquidSSM": lambda **k: LiquidSSM(INPUTS, UNITS, output_size=2, **k),
    "LiquidSSM at once": lambda **k: LiquidSSM(INPUTS, UNITS, parallel=True, taus=(0.1, 10.0), **k),
}
STILL_AT_NO_TIME = ["LTC", "CTRNN", "NeuralODE"]
SOLVING = ["LTC", "CTRNN", "NeuralODE", "ODERNN"]

layers = pytest.mark.parametrize("name", MAKERS)
memories = pytest.mark.parametrize("mixed_memory", [False, True], ids=["plain", "mixed"])


def _layer(name: str, mixed_memory: bool = False, **options: object) -> SequenceLayer:
    torch.manual_seed(0)
    return MAKERS[name](mixed_memory=mixed_memory, backend="reference", **options).double()


def _given(layer: SequenceLayer, batch: int = 4, length: int = 6) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x, dt, state, mask; a state of numbers above 0 is a possible one of every cell."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(batch, length, INPUTS, dtype=torch.float64, generator=generator)
    dt = torch.rand(batch, length, dtype=torch.float64, generator=generator) + 0.05
    state = torch.rand(batch, layer.state_size, dtype=torch.float64, generator=generator)
    return x, dt, state, torch.rand(x.shape, generator=generator) > 0.4


@layers
@memories
def test_gradients_agree_with_finite_differences_under_a_mask_and_lengths(name: str, mixed_memory: bool):
    layer = _layer(name, mixed_memory)
    x, dt, state, mask = _given(layer, batch=3, length=3)
    shapes = {n: p.shape for n, p in layer.named_parameters()}

    def run(x: Tensor, dt: Tensor, state: Tensor, parameters: Tensor) -> Tensor:
        pieces = parameters.split([shape.numel() for shape in shapes.values()])
        given = {n: piece.view(shape) for (n, shape), piece in zip(shapes.items(), pieces, strict=True)}
        result = torch.func.functional_call(layer, given, (x, dt, state, mask, torch.tensor([3, 0, 2])))
        return torch.cat([result.output.flatten(), result.state.flatten()])

    wanted = (x, dt, state, torch.cat([p.detach().flatten() for p in layer.parameters()]))
    wanted = tuple(w.clone().requires_grad_() for w in wanted)
    assert torch.autograd.gradcheck(run, wanted, fast_mode=True, check_undefined_grad=False)


@layers
@memories
def test_nothing_leaks_from_masked_or_padded_places(name: str, mixed_memory: bool):
    layer = _layer(name, mixed_memory)
    x, dt, state, mask = _given(layer)
    lengths = torch.tensor([6, 1, 0, 4])
    inside = torch.arange(6) < lengths[:, None]

    def run(fill: float) -> dict[str, Tensor | None]:
        layer.zero_grad()
        given = torch.where(mask & inside.unsqueeze(-1), x, fill).requires_grad_()
        times = torch.where(inside, dt, fill).requires_grad_()
        start = state.clone().requires_grad_()
        result = layer(given, times, start, mask, lengths, trajectory=True)
        assert result.trajectory is not None
        (result.output.sum() + result.state.square().sum()).backward()
        told = {"output": result.output, "state": result.state, "tau": result.trajectory.tau}
        told |= {"x": given.grad, "dt": times.grad, "start": start.grad}
        return told | {n: p.grad for n, p in layer.named_parameters()}

    clean, dirty = run(0.0), run(float("nan"))
    for what, expected in clean.items():
        got = dirty[what]
        assert expected is not None, what
        assert got is not None, what
        assert torch.equal(got, expected), what
        if what != "tau":
            assert torch.isfinite(got).all(), what
    assert not dirty["x"][~mask].any()  # type: ignore[index]


@layers
@memories
def test_a_ragged_batch_equals_its_sequences_alone(name: str, mixed_memory: bool):
    layer = _layer(name, mixed_memory)
    x, dt, state, mask = _given(layer)
    lengths = torch.tensor([6, 1, 3, 0])
    together = layer(x, dt, state, mask, lengths, trajectory=True)
    for b, n in enumerate(lengths.tolist()):
        one = slice(b, b + 1)
        alone = layer(x[one, :n], dt[one, :n], state[one], mask[one, :n], trajectory=True)
        torch.testing.assert_close(together.state[one], alone.state)
        torch.testing.assert_close(together.output[one, :n], alone.output)
        torch.testing.assert_close(together.trajectory.tau[one, :n], alone.trajectory.tau)


@layers
@memories
def test_a_sequence_cut_in_two_equals_the_whole_when_the_state_is_handed_on(name: str, mixed_memory: bool):
    layer = _layer(name, mixed_memory)
    x, dt, state, mask = _given(layer)
    whole = layer(x, dt, state, mask, trajectory=True)
    first = layer(x[:, :2], dt[:, :2], state, mask[:, :2], trajectory=True)
    second = layer(x[:, 2:], dt[:, 2:], first.state, mask[:, 2:], trajectory=True)
    torch.testing.assert_close(torch.cat([first.output, second.output], 1), whole.output)
    torch.testing.assert_close(second.state, whole.state)
    torch.testing.assert_close(torch.cat([first.trajectory.tau, second.trajectory.tau], 1), whole.trajectory.tau)


@layers
@memories
def test_an_unmasked_call_equals_one_with_everything_seen(name: str, mixed_memory: bool):
    layer = _layer(name, mixed_memory)
    x, dt, state, mask = _given(layer)
    torch.testing.assert_close(layer(x, dt, state, torch.ones_like(mask)).state, layer(x, dt, state).state)


@layers
def test_tau_is_never_nan_nor_negative_even_at_rest_and_at_no_time(name: str):
    layer = _layer(name)
    x, dt, state, _ = _given(layer)
    for some_dt in (dt, torch.zeros_like(dt)):
        for some_state in (state, torch.zeros_like(state)):
            result = layer(x, some_dt, some_state, trajectory=True)
            assert result.trajectory is not None
            assert (result.trajectory.tau >= 0).all()  # false for NaN


@pytest.mark.parametrize("name", STILL_AT_NO_TIME)
@pytest.mark.parametrize("solver", solvers.SOLVERS)
def test_no_elapsed_time_is_exactly_the_identity_for_a_cell_that_solves_an_equation(name: str, solver: str):
    layer = _layer(name, solver=solver)
    x, dt, state, mask = _given(layer)
    assert torch.equal(layer(x, torch.zeros_like(dt), state, mask).state, state)


@pytest.mark.parametrize("name", SOLVING)
def test_every_sequence_of_an_adaptive_batch_keeps_its_own_time(name: str):
    layer = _layer(name, solver=solvers.get("dopri5", rtol=1e-8, atol=1e-8))
    x, dt, state, mask = _given(layer, batch=2, length=2)
    together = layer(x, dt, state, mask).state
    alone = torch.cat([layer(x[b : b + 1], dt[b : b + 1], state[b : b + 1], mask[b : b + 1]).state for b in (0, 1)])
    torch.testing.assert_close(together, alone, atol=1e-7, rtol=0)


@layers
@memories
def test_a_checkpointed_layer_gives_the_same_outputs_time_constants_and_gradients(name: str, mixed_memory: bool):
    def run(checkpoint: bool) -> dict[str, Tensor | None]:
        layer = _layer(name, mixed_memory, checkpoint=checkpoint)
        x, dt, state, mask = (t.requires_grad_(t.is_floating_point()) for t in _given(layer))
        result = layer(x, dt, state, mask, [6, 1, 0, 4], trajectory=True)
        assert result.trajectory is not None
        (result.output.sum() + result.state.square().sum() + result.trajectory.state.sum()).backward()
        told = {"output": result.output, "end": result.state, "tau": result.trajectory.tau}
        told |= {"x": x.grad, "dt": dt.grad, "start": state.grad}
        return told | {n: p.grad for n, p in layer.named_parameters()}

    kept, again = run(False), run(True)
    for what, expected in kept.items():
        torch.testing.assert_close(again[what], expected, msg=lambda words, what=what: f"{what}: {words}")


@layers
def test_a_checkpointed_layer_runs_its_steps_again_in_the_backward_pass(name: str, monkeypatch: pytest.MonkeyPatch):
    layer = _layer(name, checkpoint=True)
    x, dt, state, _ = _given(layer)
    ran: list[int] = []
    run = layer.cell.run
    monkeypatch.setattr(layer.cell, "run", lambda x, *rest: ran.append(x.shape[1]) or run(x, *rest))
    output = layer(x, dt, state).output
    forward = list(ran)
    output.sum().backward()
    assert forward == [3, 3]
    assert ran[2:] == [3, 3]


WIRING = r"a wiring such as AutoNCP\(32, 4\) or FullyConnected\(32, 4\)"
SIZED = {"CTRNN": CTRNN, "NeuralODE": NeuralODE, "ODERNN": ODERNN, "GRU": GRU, "GRUD": GRUD, "LSTM": LSTM}
SIZED |= {"CfC": CfC, "LiquidSSM": LiquidSSM}


@pytest.mark.parametrize("bad", [0, -2, 2.5, "4", None, True, [4]], ids=repr)
@pytest.mark.parametrize("name", SIZED)
def test_sizes_that_are_no_whole_number_above_0_are_refused(name: str, bad: object):
    for arguments, what in (((bad, 4), "input_size"), ((4, bad), "units")):
        with pytest.raises(ModelError, match=rf"{what}.* must be .*, got "):
            SIZED[name](*arguments)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LTC(4, 32), f"wiring must be {WIRING}, got 32"),  # type: ignore[arg-type]
        (lambda: LTC(4, AutoNCP(8, 2).circuit(4)), f"wiring must be {WIRING}, got a Circuit"),  # type: ignore[arg-type]
        (lambda: LTC(2.5, AutoNCP(8, 2)), "input_size must be a whole number, got 2.5"),  # type: ignore[arg-type]
        (lambda: LTC(-1, AutoNCP(8, 2)), "input_size must be at least 1, got -1"),
        (lambda: LTC(4, AutoNCP(8, 2), unfolds=2.5), "unfolds must be a whole number, got 2.5"),  # type: ignore[arg-type]
        (lambda: LTC(4, AutoNCP(8, 2), solver=["fused"]), "unknown solver"),  # type: ignore[arg-type]
        (lambda: CfC(4, "x"), f"units_or_wiring must be a number of units or {WIRING}, got 'x'"),  # type: ignore[arg-type]
        (lambda: CfC(2.5, AutoNCP(8, 2)), "input_size must be a whole number, got 2.5"),  # type: ignore[arg-type]
        (lambda: CfC(4, 8, backbone_units=2.5), "backbone_units must be a whole number, got 2.5"),  # type: ignore[arg-type]
        (lambda: CfC(4, 8, backbone_dropout="x"), "backbone_dropout must be a number, got 'x'"),  # type: ignore[arg-type]
        (lambda: CfC(4, 8, proj_size=1.5), "proj_size must be a whole number, got 1.5"),  # type: ignore[arg-type]
        (lambda: CfC(4, 8, mode=[]), "unknown mode"),  # type: ignore[arg-type]
        (lambda: CTRNN(4, AutoNCP(8, 2)), "units must be a whole number, got AutoNCP"),  # type: ignore[arg-type]
        (lambda: CTRNN(4, 8, unfolds=1.5), "unfolds must be a whole number, got 1.5"),  # type: ignore[arg-type]
        (lambda: NeuralODE(4, 8, hidden=1.5), "hidden must be a whole number, got 1.5"),  # type: ignore[arg-type]
        (lambda: ODERNN(4, 8, depth=1.5), "depth must be a whole number, got 1.5"),  # type: ignore[arg-type]
        (lambda: LTCCell(AutoNCP(8, 2)), "circuit must be one, as of .*, got AutoNCP"),  # type: ignore[arg-type]
        (lambda: WiredCfCCell(8), "circuit must be one, as of .*, got 8"),  # type: ignore[arg-type]
        (lambda: GRUD(2, 8, mean=[0.0, 1.0]), r"mean is \[0.0, 1.0\], expected a tensor"),  # type: ignore[arg-type]
        (lambda: LiquidSSM(4, 8, output_size=1.5), "output_size must be a whole number"),  # type: ignore[arg-type]
        (lambda: SequenceLayer(torch.nn.GRUCell(2, 3)), "cell must be an AbstractCell"),  # type: ignore[arg-type]
        (lambda: GRU(2, 3, mixed_memory=1000), "True or False, got 1000; memory_reach takes a number of steps"),  # type: ignore[arg-type]
        (lambda: GRU(2, 3, memory_reach=1000), "pass mixed_memory=True too"),
        (lambda: GRU(2, 3, mixed_memory=True, memory_reach=2), "memory_reach must be at least 3, got 2"),
        (lambda: GRU(2, 3, mixed_memory=True, memory_reach=9.5), "memory_reach must be a whole number"),  # type: ignore[arg-type]
    ],
)
def test_wrong_arguments_are_refused_with_what_was_got_and_what_is_expected(make: Callable[[], object], words: str):
    with pytest.raises(ModelError, match=words):
        make()


@layers
def test_every_layer_may_be_given_a_memory_that_reaches_back(name: str):
    published, reaching = (_layer(name, mixed_memory=True, memory_reach=reach).cell for reach in (None, 1000))
    assert isinstance(published, MixedMemoryCell)
    assert isinstance(reaching, MixedMemoryCell)
    open_for = [torch.sigmoid(cell.memory.input_map.bias[2 * UNITS : 3 * UNITS] + 1) for cell in (published, reaching)]
    assert open_for[0].max() < 0.8
    assert open_for[1].max() > 0.99


@layers
@memories
def test_elapsed_time_matters(name: str, mixed_memory: bool):
    layer = _layer(name, mixed_memory)
    x, dt, state, mask = _given(layer)
    assert (layer(x, dt, state, mask).state - layer(x, 2 * dt, state, mask).state).abs().max() > 1e-3


@layers
@memories
def test_an_empty_sequence_returns_the_state_it_was_given(name: str, mixed_memory: bool):
    layer = _layer(name, mixed_memory)
    x, dt, state, mask = _given(layer, length=0)
    result = layer(x, dt, state, mask, trajectory=True)
    assert torch.equal(result.state, state)
    assert result.output.shape == (4, 0, layer.output_size)
    assert result.trajectory.tau.shape == (4, 0, UNITS)


@layers
def test_the_trajectory_shows_the_neurons_without_their_memory(name: str):
    layer = _layer(name, mixed_memory=True)
    x, dt, state, mask = _given(layer)
    result = layer(x, dt, state, mask, trajectory=True)
    assert layer.state_size == MAKERS[name](mixed_memory=False, backend="reference").state_size + UNITS
    assert result.trajectory.state.shape == (4, 6, UNITS)
    assert torch.equal(result.trajectory.state[:, -1], result.state[:, :UNITS])


@layers
def test_a_layer_in_single_precision_agrees_with_double(name: str):
    layer = _layer(name)
    x, dt, state, mask = _given(layer)
    exact = layer(x, dt, state, mask).output
    single = layer.float()(x.float(), dt.float(), state.float(), mask).output
    torch.testing.assert_close(single.double(), exact, atol=1e-5, rtol=0)


@layers
def test_a_state_without_its_memory_is_refused(name: str):
    layer = _layer(name, mixed_memory=True)
    x, dt, _, _ = _given(layer)
    with pytest.raises(ModelError, match=rf"state is \(4, {UNITS}\), expected \(4, {layer.state_size}\)"):
        layer(x, dt, torch.zeros(4, UNITS))


@layers
def test_a_batch_without_a_sequence_has_an_empty_result(name: str):
    layer = _layer(name)
    result = layer(torch.zeros(0, 3, INPUTS, dtype=torch.float64), trajectory=True)
    assert result.output.shape == (0, 3, layer.output_size)
    assert result.state.shape == (0, layer.state_size)


@layers
def test_under_autocast_a_layer_computes_in_its_own_precision(name: str):
    layer = _layer(name).float()
    x = torch.randn(2, 3, INPUTS, generator=torch.Generator().manual_seed(3))
    expected = layer(x).output
    with torch.autocast("cpu", torch.bfloat16):
        got = layer(x).output
        layer(x.bfloat16())
    torch.testing.assert_close(got, expected, rtol=0, atol=0)


@layers
def test_lengths_in_any_whole_type_mean_the_same(name: str):
    layer = _layer(name)
    x = _given(layer, batch=3)[0]
    expected = layer(x, lengths=torch.tensor([0, 3, 6])).output
    assert torch.equal(layer(x, lengths=torch.tensor([0, 3, 6], dtype=torch.uint8)).output, expected)
