"""The compiled LTC agrees with the reference in outputs, states, tau and every gradient."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

import pytest
import torch
from torch import Tensor

from models import kernels
from models.errors import ModelError
from models.kernels import cpu
from models.layers import LTC
from models.wiring import AutoNCP, FullyConnected, Wiring

SOLVERS = ("fused", "exponential", "exponential_midpoint")


def _pair(inputs: int, wiring: Wiring, solver: str, dtype: torch.dtype, *, checkpoint: bool = False) -> tuple[LTC, LTC]:
    torch.manual_seed(0)
    specification = LTC(inputs, wiring, solver=solver, backend="reference").to(dtype)
    compiled = LTC(inputs, wiring, solver=solver, backend="cpu", checkpoint=checkpoint).to(dtype)
    compiled.load_state_dict(specification.state_dict())
    return specification, compiled


def _everything(layer: LTC, batch: int, length: int, *, masked: bool, ragged: bool) -> dict[str, Tensor]:
    """What a layer computes of a seeded problem: outputs, states, tau and all gradients."""
    dtype = layer.liquid.cm.dtype
    seeded = torch.Generator().manual_seed(1)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=seeded, dtype=torch.float64).to(dtype)

    x, dt, state = draw(batch, length, layer.input_size), draw(batch, length).abs(), draw(batch, layer.state_size) / 3
    dt[0, 0] = 0.0
    mask = draw(*x.shape) > -0.5 if masked else None
    lengths = torch.randint(0, length + 1, (batch,), generator=seeded) if ragged else None
    given = [v.requires_grad_() for v in (x, dt, state)]
    layer.zero_grad()
    result = layer(*given, mask, lengths, trajectory=True)
    assert result.trajectory is not None
    found = {"output": result.output, "end": result.state, "state": result.trajectory.state}
    found["tau"] = result.trajectory.tau
    sum((v * draw(*v.shape)).sum() for v in found.values()).backward()  # type: ignore[union-attr]
    for name, value in (*zip(("x", "dt", "start"), given, strict=True), *layer.named_parameters()):
        assert value.grad is not None
        found[f"gradient of {name}"] = value.grad.clone()
    return found


def _assert_close(got: dict[str, Tensor], expected: dict[str, Tensor], tolerance: float) -> None:
    for name, value in expected.items():
        error = (got[name] - value).abs().max() / value.abs().max().clamp(min=1e-30)
        assert error <= tolerance, f"{name}: relative error {error:.1e}"


@pytest.mark.parametrize("checkpoint", [False, True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_double_precision_agrees_to_rounding(solver: str, checkpoint: bool):
    specification, compiled = _pair(4, AutoNCP(12, 3), solver, torch.float64, checkpoint=checkpoint)
    problem = {"masked": True, "ragged": True}
    _assert_close(_everything(compiled, 5, 6, **problem), _everything(specification, 5, 6, **problem), 1e-12)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("wiring", [AutoNCP(32, 4), FullyConnected(16, 4)], ids=["sparse", "full"])
@pytest.mark.parametrize("masked", [False, True])
def test_single_precision_agrees_to_five_digits(solver: str, wiring: Wiring, masked: bool):
    specification, compiled = _pair(6, wiring, solver, torch.float32)
    problem = {"masked": masked, "ragged": masked}
    truth = _everything(specification.double(), 21, 24, **problem)
    _assert_close({k: v.double() for k, v in _everything(compiled, 21, 24, **problem).items()}, truth, 1e-5)


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


def test_the_number_of_threads_changes_nothing_but_rounding():
    _, layer = _pair(4, AutoNCP(16, 3), "exponential", torch.float64)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = _everything(layer, 40, 5, masked=True, ragged=True)
        torch.set_num_threads(3)
        together = _everything(layer, 40, 5, masked=True, ragged=True)
        again = _everything(layer, 40, 5, masked=True, ragged=True)
    finally:
        torch.set_num_threads(before)
    _assert_close(together, alone, 1e-12)
    assert all(torch.equal(again[name], together[name]) for name in together)


def test_two_python_threads_may_run_kernels_at_once():
    _, layer = _pair(4, AutoNCP(16, 3), "exponential", torch.float64)
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
    _, layer = _pair(4, AutoNCP(16, 3), "exponential", torch.float64)
    x = torch.randn(9, 5, 4, dtype=torch.float64)
    with torch.no_grad():
        quiet = layer(x).output
    torch.testing.assert_close(quiet, layer(x).output, rtol=0, atol=0)


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
