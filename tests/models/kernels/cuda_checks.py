"""The GPU kernels against the reference; run by ``test_cuda`` in a process of its own.

On a machine with a GPU they run on it, elsewhere in Triton's interpreter, which wants TRITON_INTERPRET=1 before triton
is first imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.cells.base import Path
from models.cells.ltc import LTCCell
from models.kernels import cuda, triton_ltc
from models.wiring import AutoNCP, FullyConnected, Random, Wiring

DEVICE = "cpu" if os.environ.get("TRITON_INTERPRET") == "1" else "cuda"
Results = dict[str, Tensor]
Run = Callable[..., Path]


def _cell(wiring: Wiring, solver: str, dtype: torch.dtype, inputs: int = 3, unfolds: int = 1) -> LTCCell:
    torch.manual_seed(0)
    cell = LTCCell(wiring.circuit(inputs), solver=solver, unfolds=unfolds).to(DEVICE, dtype)
    with torch.no_grad():  # away from the starting point where reversal potentials are all +-1 and inputs unscaled
        for parameter in cell.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape).to(parameter))
    return cell


def _input(
    cell: LTCCell, batch: int = 3, length: int = 2, lengths: tuple[int, ...] | None = (2, 1, 0), masked: bool = True
) -> tuple[Tensor, Tensor, Tensor, Tensor | None, Tensor | None]:
    """As it comes out of the gate: irregular times with a 0, unseen values and padded steps set to 0."""
    like = next(cell.parameters())
    torch.manual_seed(1)
    x = torch.randn(batch, length, cell.input_size).to(like)
    dt = torch.rand(batch, length).to(like) * 2
    dt[0, 0] = 0
    state = torch.randn(batch, cell.units).to(like) * 0.3
    mask = torch.rand(x.shape).to(DEVICE) > 0.3 if masked else None
    inside = (
        None if lengths is None else torch.arange(length, device=DEVICE) < torch.tensor(lengths).to(DEVICE)[:, None]
    )
    if inside is not None:
        x, dt = torch.where(inside.unsqueeze(-1), x, 0.0), torch.where(inside, dt, 0.0)
        mask = None if mask is None else mask & inside.unsqueeze(-1)
    return x if mask is None else torch.where(mask, x, 0.0), dt, state, mask, inside


def _everything(run: Run, cell: LTCCell, x: Tensor, dt: Tensor, state: Tensor, *masks: Tensor | None) -> Results:
    """Path and every gradient of a loss in which every state and tau weighs differently."""
    leaves = {"x": x.clone(), "dt": dt.clone(), "state0": state.clone()}
    for leaf in leaves.values():
        leaf.requires_grad_()
    cell.zero_grad()
    path = run(*leaves.values(), *masks)
    torch.manual_seed(2)
    loss = (path.state * torch.randn(path.state.shape).to(x)).sum()
    if path.tau.numel():
        loss = loss + (path.tau * torch.randn(path.tau.shape).to(x)).sum()
    loss.backward()
    parameters = {k: p for k, p in cell.named_parameters() if not k.startswith("output")}
    gradients = {k: t.grad for k, t in (leaves | parameters).items()}
    assert all(g is not None for g in gradients.values())
    return {"state": path.state.detach(), "tau": path.tau.detach()} | gradients  # type: ignore[return-value]


def _kernel(cell: LTCCell, **options: Any) -> Run:
    return lambda *arguments: cuda.run(cell, *arguments, **options)


def _agree(got: Results, expected: Results, tolerance: float) -> None:
    """Every number to ``tolerance`` of the largest one of its kind."""
    for name, value in expected.items():
        assert torch.isfinite(got[name]).all(), name
        torch.testing.assert_close(
            got[name],
            value,
            rtol=0,
            atol=tolerance * max(value.abs().max().item(), 1e-6) if value.numel() else 0,
            msg=lambda words, name=name: f"{name}: {words}",
        )


@contextmanager
def _at_most(monkeypatch: pytest.MonkeyPatch, kept: int) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(triton_ltc, "KEPT", kept)
        yield


@pytest.mark.parametrize("solver", cuda.SOLVERS)
def test_path_and_every_gradient_agree_with_the_reference(solver: str):
    cell = _cell(AutoNCP(11, 3, 0.4), solver, torch.float64, unfolds=2)
    arguments = _input(cell)
    _agree(_everything(_kernel(cell), cell, *arguments), _everything(cell.run, cell, *arguments), 1e-9)


@pytest.mark.parametrize("solver", cuda.SOLVERS)
def test_float32_agrees_to_five_digits(solver: str):
    cell = _cell(AutoNCP(11, 3, 0.4), solver, torch.float32)
    arguments = _input(cell)
    _agree(_everything(_kernel(cell), cell, *arguments), _everything(cell.run, cell, *arguments), 1e-5)


@pytest.mark.parametrize("solver", cuda.SOLVERS)
def test_a_dense_circuit_without_mask_and_lengths_agrees_too(solver: str):
    cell = _cell(FullyConnected(4, 2), solver, torch.float64, inputs=1)
    arguments = _input(cell, batch=2, lengths=None, masked=False)
    _agree(_everything(_kernel(cell), cell, *arguments), _everything(cell.run, cell, *arguments), 1e-9)


@pytest.mark.parametrize("wiring", [Random(6, 2, sparsity=0.9), Random(3, 1, sparsity=0.99)], ids=["few", "none"])
def test_neurons_without_synapses_and_circuits_without_any(wiring: Wiring):
    cell = _cell(wiring, "exponential", torch.float64)
    assert 0 in (cell.circuit.adjacency != 0).sum(0)
    arguments = _input(cell)
    _agree(_everything(_kernel(cell), cell, *arguments), _everything(cell.run, cell, *arguments), 1e-9)


@pytest.mark.parametrize("solver", cuda.SOLVERS)
def test_gradients_agree_with_finite_differences(solver: str):
    cell = _cell(FullyConnected(2, 1), solver, torch.float64, inputs=1)
    x, dt, state, mask, inside = _input(cell, batch=1, length=2, lengths=None)
    dt += 0.2
    places = {k: p for k, p in cell.named_parameters() if not k.startswith("output")}
    shapes = [v.shape for v in (x, dt, state, *places.values())]

    class Runs(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = cell

        def forward(self, x: Tensor, dt: Tensor, state: Tensor) -> Tensor:
            return torch.stack(cuda.run(self.cell, x, dt, state, mask, inside))

    layer = Runs()

    def path(packed: Tensor) -> Tensor:
        parts = packed.split([n.numel() for n in shapes])
        first, *values = (p.reshape(n) for p, n in zip(parts, shapes, strict=True))
        named = {f"cell.{k}": v for k, v in zip(places, values[2:], strict=True)}
        return torch.func.functional_call(layer, named, (first, *values[:2]))

    packed = torch.cat([v.detach().reshape(-1) for v in (x, dt, state, *places.values())])
    assert torch.autograd.gradcheck(path, packed.requires_grad_(), fast_mode=True)


@pytest.mark.parametrize("solver", cuda.SOLVERS)
def test_no_elapsed_time_is_exactly_the_identity(solver: str):
    cell = _cell(AutoNCP(8, 2), solver, torch.float32)
    x, dt, state, *_ = _input(cell, batch=2, lengths=None)
    path = cuda.run(cell, x, torch.zeros_like(dt), state, None, None)
    assert torch.equal(path.state, state[:, None].expand_as(path.state))


def test_tiny_and_huge_times_keep_their_digits():
    cell = _cell(AutoNCP(8, 2), "exponential", torch.float64)
    x, dt, state, mask, inside = _input(cell, batch=1, length=4, lengths=None)
    dt = dt.sign() * torch.logspace(-12, 6, dt.numel(), dtype=dt.dtype, device=dt.device).reshape(dt.shape)
    arguments = x, dt, state, mask, inside
    exact = _everything(cell.run, cell, *arguments)
    _agree(_everything(_kernel(cell), cell, *arguments), exact, 1e-9)
    moved = cuda.run(cell, *arguments).state[0, 0] - state[0]
    torch.testing.assert_close(moved, exact["state"][0, 0] - state[0], rtol=1e-3, atol=0)  # of 1e-12, past the state's
    single = cell.float()
    path = cuda.run(single, x.float(), dt.float(), state.float(), mask, inside)
    torch.testing.assert_close(path.state.double(), exact["state"], rtol=0, atol=3e-6)


def test_saturated_gates_stay_finite():
    cell = _cell(FullyConnected(3, 1), "exponential", torch.float32)
    with torch.no_grad():
        cell.recurrent.sigma.fill_(1e4)
        cell.sensory.sigma.fill_(-1e4)
    arguments = _input(cell)
    with np.errstate(over="ignore"):  # the interpreter's exp; on a GPU it is silent
        got = _everything(_kernel(cell), cell, *arguments)
    _agree(got, _everything(cell.run, cell, *arguments), 1e-5)


def test_in_pieces_the_result_is_the_same_to_the_last_bit(monkeypatch: pytest.MonkeyPatch):
    cell = _cell(AutoNCP(8, 2), "exponential_midpoint", torch.float64)
    arguments = _input(cell, length=3, lengths=(3, 2, 0))
    whole = _everything(_kernel(cell), cell, *arguments)
    with _at_most(monkeypatch, 1):
        single_steps = _everything(_kernel(cell), cell, *arguments)
    asked_for = _everything(_kernel(cell, checkpoint=True), cell, *arguments)
    for other in (single_steps, asked_for):
        assert torch.equal(other["state"], whole["state"])
        assert torch.equal(other["x"], whole["x"])
        _agree(other, whole, 1e-14)  # sums over the pieces are added in another order


def test_two_runs_are_equal_to_the_last_bit():
    cell = _cell(AutoNCP(8, 2), "exponential", torch.float32)
    arguments = _input(cell)
    first, second = (_everything(_kernel(cell), cell, *arguments) for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_without_tau_the_rest_is_the_same():
    cell = _cell(AutoNCP(8, 2), "exponential", torch.float64)
    arguments = _input(cell)
    got = _everything(_kernel(cell, path=False), cell, *arguments)
    assert got.pop("tau").numel() == 0
    expected = _everything(lambda *a: cell.run(*a)._replace(tau=a[0][..., :0]), cell, *arguments)
    expected.pop("tau")
    _agree(got, expected, 1e-9)


def test_padded_steps_hold_state_and_tau_and_hear_nothing():
    cell = _cell(AutoNCP(8, 2), "exponential", torch.float64)
    x, dt, state, mask, inside = _input(cell, length=3, lengths=(3, 2, 0))
    path = cuda.run(cell, x, dt, state, mask, inside)
    assert torch.equal(path.state[2], state[2].expand_as(path.state[2]))
    assert not path.tau[2].any()
    assert torch.equal(path.state[1, 2], path.state[1, 1])
    assert torch.equal(path.tau[1, 2], path.tau[1, 1])
    assert mask is not None
    assert torch.equal(cuda.run(cell, torch.where(mask, x, 9.0), dt, state, mask, inside).state, path.state)


def test_strided_inputs_and_no_gradient_need_no_care():
    cell = _cell(AutoNCP(8, 2), "exponential", torch.float64)
    x, dt, state, mask, inside = _input(cell)
    assert mask is not None
    assert inside is not None
    plain = cuda.run(cell, x, dt, state, mask, inside).state
    turned = [t.transpose(0, 1).contiguous().transpose(0, 1) for t in (x, dt, mask, inside)]
    with torch.no_grad():
        silent = cuda.run(cell, turned[0], turned[1], state[:, :].t().contiguous().t(), *turned[2:])
    assert torch.equal(silent.state, plain)
    assert not silent.state.requires_grad
