"""Which cells get a compiled kernel, when, and what all of them keep to."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor

from models import kernels
from models.cells import ltc
from models.cells.mixed_memory import MixedMemoryCell
from models.errors import ModelError
from models.kernels import cpu, cpu_tables, threads
from models.layers import GRUD, LTC, CfC
from models.sequence import SequenceLayer
from models.wiring import AutoNCP


class Kind(NamedTuple):
    name: str
    layer: Callable[..., SequenceLayer]


KINDS = (
    Kind("LTC", lambda **options: LTC(3, AutoNCP(8, 2), **options)),
    Kind("CfC", lambda **options: CfC(3, 6, **options)),
    Kind("GRUD", lambda **options: GRUD(3, 6, **options)),
    Kind("mixed memory", lambda **options: LTC(3, AutoNCP(8, 2), mixed_memory=True, **options)),
)
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a process that has not used a kernel yet."""
    for name, value in (("_ready", set()), ("_failed", {}), ("_compiling", {})):
        monkeypatch.setattr(cpu, name, value)
    monkeypatch.setattr(kernels, "_told", set())
    cpu._broken.cache_clear()
    cpu_tables._laid_out.cache_clear()
    yield
    cpu._broken.cache_clear()


def _compiled(kind: Kind, **options: Any) -> tuple[SequenceLayer, Tensor]:
    torch.manual_seed(0)
    return kind.layer(backend="cpu", **options).double(), torch.randn(5, 32, 3, dtype=torch.float64)


@kinds
def test_a_second_derivative_is_refused_not_wrong(kind: Kind):
    layer, x = _compiled(kind)
    for wanted in (x.requires_grad_(), next(layer.parameters())):
        with pytest.raises(ModelError, match="first order only"):
            torch.autograd.grad(layer(x).state.sum(), wanted, create_graph=True)


@kinds
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
@pytest.mark.usefixtures("fresh")
def test_the_first_call_may_be_a_forecast_and_a_training_follow(mode: Callable[[], AbstractContextManager], kind: Kind):
    layer, x = _compiled(kind)
    with mode():
        quiet = layer(x, trajectory=True)
        again = layer(x + 0.0, state=quiet.state)
    assert torch.isfinite(again.output).all()
    loud = layer(x, trajectory=True)
    assert torch.equal(quiet.output, loud.output)
    loud.output.sum().backward()
    assert all(p.grad is None or torch.isfinite(p.grad).all() for p in layer.parameters())


@kinds
def test_what_came_out_may_be_changed_in_place(kind: Kind):
    layer, x = _compiled(kind)
    x.requires_grad_()
    untouched, changed = (layer(x, trajectory=True) for _ in range(2))
    (expected,) = torch.autograd.grad(untouched.trajectory.state.square().sum(), x)
    by_state = 2 * changed.trajectory.state.detach().clone()
    for values in (changed.trajectory.state, changed.state):
        values.detach().fill_(7.0)
    (got,) = torch.autograd.grad(changed.trajectory.state, x, by_state)
    assert torch.equal(got, expected)


@kinds
def test_without_a_gradient_no_more_is_kept_than_a_state_a_step(kind: Kind, monkeypatch: pytest.MonkeyPatch):
    layer, x = _compiled(kind)
    passes = cpu._room(cpu._name(layer.cell)).PASSES
    sizes: list[int] = []
    original = threads.spread

    def noted(work: Any, parts: list[tuple[Any, ...]]) -> None:
        if work is passes[0]:
            sizes.append(sum(array.nbytes for array in _arrays(parts[0])))
        original(work, parts)

    layer(x)  # before its first use in a process a kernel is tried, by the same passes
    monkeypatch.setattr(threads, "spread", noted)
    layer(x)
    with torch.no_grad():
        layer(x)
    layer.checkpoint = True
    layer(x)
    full, quiet, least = sizes
    assert quiet == least
    assert quiet < 0.7 * full


def _arrays(value: Any) -> list[np.ndarray]:
    if isinstance(value, tuple):
        return [array for part in value for array in _arrays(part)]
    return [value] if isinstance(value, np.ndarray) else []


class LTCCell(ltc.LTCCell):
    """Somebody's own cell, of the same name."""

    def sensed(self, inputs: Tensor) -> Tensor:
        return super().sensed(inputs) * 2


def test_a_cell_of_the_same_name_gets_no_kernel_that_computes_something_else():
    x = torch.randn(2, 3, 3)
    cell = LTCCell(AutoNCP(8, 2).circuit(3))
    assert cpu.refusal(cell, x) == "LTCCell has no compiled kernel"
    assert "around LTCCell only" in (cpu.refusal(MixedMemoryCell(cell), x) or "")
    assert cpu.refusal(ltc.LTCCell(AutoNCP(8, 2).circuit(3)), x) is None


@pytest.mark.usefixtures("fresh")
def test_a_kernel_compiled_apart_is_taken_once_it_is_there(monkeypatch: pytest.MonkeyPatch):
    layer, x = _compiled(KINDS[2])
    monkeypatch.setattr(cpu, "_on_disk", lambda _: False)
    assert not cpu.ready(layer.cell, x, wait=False)
    (thread,) = cpu._compiling.values()
    assert not cpu.ready(layer.cell, x, wait=False)
    thread.join()
    assert cpu.refusal(layer.cell, x) is None
    assert cpu.ready(layer.cell, x, wait=False)


@pytest.mark.usefixtures("fresh")
def test_a_kernel_that_does_not_compile_is_told_and_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    layer, x = _compiled(KINDS[2])
    layer.backend = "auto"
    tried: list[cpu.Variant] = []

    def command(variant: cpu.Variant) -> list[str]:
        tried.append(variant)
        return [sys.executable, "-S", "-c", "raise SystemExit('no room on the disk')"]

    monkeypatch.setattr(cpu, "_on_disk", lambda _: False)
    monkeypatch.setattr(cpu, "_command", command)
    with caplog.at_level(logging.INFO, "models.kernels"):
        layer(x)
        for thread in cpu._compiling.values():
            thread.join()
        layer(x)
        layer(x)
    assert len(tried) == 1
    reason = "the CPU kernel does not compile here: no room on the disk"
    assert f"GRUDCell runs on the reference: {reason}" in caplog.messages
    layer.backend = "cpu"
    with pytest.raises(ModelError, match=reason):
        layer(x)


@pytest.mark.usefixtures("fresh")
def test_what_fails_to_compile_in_this_process_is_told_too(monkeypatch: pytest.MonkeyPatch):
    layer, x = _compiled(KINDS[2])

    def fails(*_: Any) -> None:
        raise TypeError("no such intrinsic")

    monkeypatch.setattr(cpu._room(cpu._name(layer.cell)), "warm", fails)
    for _ in range(2):
        with pytest.raises(ModelError, match="does not compile here: no such intrinsic"):
            layer(x)
    layer.backend = "auto"
    assert torch.isfinite(layer(x).output).all()


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("error", [ImportError("llvmlite is too old"), RuntimeError("no locator available")])
def test_a_numba_that_cannot_be_imported_leaves_the_reference(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    layer, x = _compiled(KINDS[2])

    def fails(_: str) -> None:
        raise error

    monkeypatch.setattr(cpu, "import_module", fails)
    with pytest.raises(ModelError, match=f"numba does not work here: {error}"):
        layer(x)
    layer.backend = "auto"
    with caplog.at_level(logging.INFO, "models.kernels"):
        assert torch.isfinite(layer(x).output).all()
    assert f"GRUDCell runs on the reference: numba does not work here: {error}" in caplog.messages


@pytest.mark.usefixtures("fresh")
def test_nobody_who_would_not_wait_waits_for_another_threads_compiling(monkeypatch: pytest.MonkeyPatch):
    layer, x = _compiled(KINDS[2])
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_: Any) -> None:
        begun.set()
        go_on.wait(20)

    monkeypatch.setattr(cpu._room(cpu._name(layer.cell)), "warm", slow)
    monkeypatch.setattr(cpu, "_on_disk", lambda _: True)
    with ThreadPoolExecutor(2) as pool:
        patient = pool.submit(cpu.ready, layer.cell, x, wait=True)
        try:
            assert begun.wait(20)
            assert pool.submit(cpu.ready, layer.cell, x, wait=False).result(timeout=5) is False
        finally:
            go_on.set()
        assert patient.result(timeout=20) is True
    assert cpu.ready(layer.cell, x, wait=False)


@kinds
def test_a_parameter_that_is_not_a_number_shows_in_the_output(kind: Kind):
    torch.manual_seed(0)
    layer = kind.layer(backend="cpu")
    x = torch.randn(4, 3, 3, generator=torch.Generator().manual_seed(1))
    assert torch.isfinite(layer(x).output).all()
    for parameter in layer.parameters():
        parameter.data.fill_(float("nan"))
    assert torch.isnan(layer(x).output).all()


@kinds
def test_loading_a_kernel_leaves_torchs_random_stream_where_it_was(kind: Kind, fresh: None):
    layer, x = _compiled(kind)
    before = torch.get_rng_state()
    layer(x)
    assert torch.equal(torch.get_rng_state(), before)
