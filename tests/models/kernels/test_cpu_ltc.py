"""The compiled LTC agrees with the reference in outputs, states, tau and every gradient."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from models import kernels
from models.errors import ModelError
from models.kernels import cpu, cpu_synapses
from models.layers import LTC
from models.sequence import SequenceResult
from models.wiring import AutoNCP, FullyConnected, Wiring
from tests.models.kernels.agreement import assert_close, assert_threads_change_nothing, everything, pair

SOLVERS = ("fused", "exponential", "exponential_midpoint", "exponential_tangent")


@pytest.mark.parametrize("checkpoint", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_double_precision_agrees_to_rounding(solver: str, checkpoint: bool):
    specification, compiled = pair(LTC, torch.float64, 4, AutoNCP(12, 3), solver=solver)
    compiled.checkpoint = checkpoint
    assert_close(everything(compiled, 5, 6), everything(specification, 5, 6), 1e-12)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("wiring", [AutoNCP(32, 4), FullyConnected(16, 4)], ids=["sparse", "full"])
@pytest.mark.parametrize("masked", [False, True])
def test_single_precision_agrees_to_five_digits(solver: str, wiring: Wiring, masked: bool):
    specification, compiled = pair(LTC, torch.float32, 6, wiring, solver=solver)
    truth = everything(specification.double(), 21, 24, masked=masked, ragged=masked)
    got = everything(compiled, 21, 24, masked=masked, ragged=masked)
    assert_close({name: value.double() for name, value in got.items()}, truth, 1e-5)


@pytest.mark.parametrize("solver", SOLVERS)
def test_gradients_agree_with_finite_differences(solver: str):
    torch.manual_seed(2)
    layer = LTC(2, AutoNCP(6, 2, 0.3, 1), solver=solver, unfolds=2, backend="cpu").double()
    x, dt = torch.randn(2, 3, 2, dtype=torch.float64), torch.rand(2, 3, dtype=torch.float64)
    names = [name for name, _ in layer.named_parameters()]

    def outputs(x: Tensor, dt: Tensor, *values: Tensor) -> tuple[Tensor, Tensor]:
        result = torch.func.functional_call(
            layer, dict(zip(names, values, strict=True)), (x, dt, None, None, None, True)
        )
        return result.output, result.trajectory.tau

    values = [p.detach().clone().requires_grad_() for p in layer.parameters()]
    assert torch.autograd.gradcheck(outputs, (x.requires_grad_(), dt.requires_grad_(), *values))


Part = Callable[[SequenceResult], Tensor]
PARTS: dict[str, Part] = {
    "output": lambda result: result.output,
    "end": lambda result: result.state,
    "state": lambda result: result.trajectory.state,  # type: ignore[union-attr]
    "tau": lambda result: result.trajectory.tau,  # type: ignore[union-attr]
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("mixed", [False, True])
def test_a_loss_of_one_part_of_the_result_has_the_same_gradients(part: Part, mixed: bool):
    gradients = []
    for layer in pair(LTC, torch.float64, 3, AutoNCP(10, 3), mixed_memory=mixed):
        torch.manual_seed(1)
        x, dt = torch.randn(9, 4, 3).double().requires_grad_(), torch.rand(9, 4).double()
        part(layer(x, dt, trajectory=True)).square().sum().backward()
        assert x.grad is not None
        gradients.append({"x": x.grad} | {n: p.grad for n, p in layer.named_parameters() if p.grad is not None})
    expected, got = gradients
    assert_close(got, {n: g for n, g in expected.items() if g.abs().max() > 0}, 1e-11)
    assert not any(got[n].abs().max() > 0 for n in got if n not in expected)


@pytest.mark.parametrize("solver", SOLVERS)
def test_states_far_from_all_potentials_are_crossed_alike(solver: str):
    results = []
    for layer in pair(LTC, torch.float32, 3, FullyConnected(6, 2), solver=solver):
        torch.manual_seed(3)
        state = torch.randn(4, 6) * torch.tensor([1.0, 30.0, 1e3, 1e6])[:, None]
        result = layer(torch.randn(4, 5, 3), None, state)
        results.append((result.output, result.state))
    torch.testing.assert_close(results[1], results[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_steep_gates_followed_beyond_their_range_are_computed_alike(seed: int):
    specification, compiled = pair(LTC, torch.float32, 3, FullyConnected(6, 6), solver="exponential_tangent", unfolds=2)
    torch.manual_seed(seed)
    with torch.no_grad():
        specification.liquid.recurrent.sigma.uniform_(15, 36)
        specification.liquid.recurrent.erev.copy_(torch.randn(36).sign())
    compiled.load_state_dict(specification.state_dict())
    x, state = torch.randn(64, 1, 3), torch.randn(64, 6)
    expected = specification.double()(x.double(), None, state.double()).state
    got = compiled(x, None, state).state
    assert expected.abs().max() > 1  # beyond all potentials
    torch.testing.assert_close(got.double(), expected, rtol=1e-3, atol=1e-3)


def test_weights_of_nothing_are_computed_alike():
    specification, compiled = pair(LTC, torch.float64, 3, FullyConnected(6, 2), nonnegative="projection")
    for layer in (specification, compiled):
        with torch.no_grad():
            layer.liquid.recurrent.w[::2] = 0.0
            layer.liquid.gleak.zero_()
    assert_close(everything(compiled, 5, 6), everything(specification, 5, 6), 1e-12)


def test_parameters_changed_before_the_gradient_is_taken_are_refused():
    _, layer = pair(LTC, torch.float64, 3, AutoNCP(8, 2))
    output = layer(torch.randn(2, 3, 3).double()).output.sum()
    with torch.no_grad():
        layer.liquid.recurrent.mu.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.backward()


def test_the_number_of_threads_changes_nothing_but_rounding():
    _, layer = pair(LTC, torch.float64, 4, AutoNCP(16, 3))
    assert_threads_change_nothing(layer)


def test_two_python_threads_may_run_kernels_at_once():
    _, layer = pair(LTC, torch.float64, 4, AutoNCP(16, 3))
    x = torch.randn(40, 6, 4, dtype=torch.float64)
    expected = layer(x).output
    wrong: list[int] = []

    def work() -> None:
        for turn in range(20):
            if not torch.equal(layer(x).output, expected):
                wrong.append(turn)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_without_a_gradient_only_one_state_a_step_is_kept(monkeypatch: pytest.MonkeyPatch):
    _, layer = pair(LTC, torch.float64, 4, AutoNCP(16, 3))
    x = torch.randn(9, 5, 4, dtype=torch.float64)
    rows: list[int] = []
    original = cpu_synapses.room

    def noted(start: Tensor, count: int, width: int) -> Any:
        rows.append(count)
        return original(start, count, width)

    monkeypatch.setattr(cpu_synapses, "room", noted)
    with torch.no_grad():
        quiet = layer(x).output
    assert torch.equal(quiet, layer(x).output)
    assert rows == [(5 + 1) * 16, (5 * layer.liquid.unfolds + 1) * 16]


def test_auto_takes_the_compiled_kernel_once_it_is_ready():
    layer = LTC(4, AutoNCP(8, 2))
    x = torch.randn(3, 4, 4)
    assert kernels.prepare(layer.cell, "auto", x) == "cpu"
    compiled = layer(x).output
    layer.backend = "cpu"
    assert torch.equal(layer(x).output, compiled)


def test_auto_runs_the_reference_while_a_kernel_compiles_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(cpu, "_ready", set())
    monkeypatch.setattr(kernels, "_told", set())
    monkeypatch.setattr(cpu, "ready", lambda *_args, **_options: False)
    layer = LTC(4, AutoNCP(8, 2))
    x = torch.randn(3, 4, 4)
    with caplog.at_level(logging.INFO, "models.kernels"):
        first = layer(x).output
        layer(x)
    layer.backend = "reference"
    assert torch.equal(first, layer(x).output)
    assert [r.message for r in caplog.records] == ["LTCCell runs on the reference while its cpu kernel compiles"]


def test_what_is_not_compiled_is_told_or_refused(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kernels, "_told", set())
    x = torch.randn(2, 3, 4)
    layer = LTC(4, AutoNCP(8, 2), solver="rk4", backend="cpu")
    with pytest.raises(ModelError, match="solver 'rk4' is not compiled, only fused"):
        layer(x)
    layer.backend = "auto"
    with caplog.at_level(logging.INFO, "models.kernels"):
        layer(x)
    assert "solver 'rk4' is not compiled" in caplog.text
    with pytest.raises(ModelError, match="auto, reference, cpu, cuda"):
        LTC(4, AutoNCP(8, 2), backend="tpu")


def test_a_kernel_survives_a_fork_of_its_process():
    code = """
import os, torch
from models.layers import LTC
from models.sequence import SequenceResult
from models.wiring import AutoNCP
torch.set_num_threads(2)
layer, x = LTC(4, AutoNCP(8, 2), backend="cpu").double(), torch.randn(40, 3, 4, dtype=torch.float64)
expected = layer(x).output
child = os.fork()
if child == 0:
    os._exit(0 if torch.equal(layer(x).output, expected) else 1)
assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=120)
