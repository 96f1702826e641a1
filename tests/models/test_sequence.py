"""The liquid layer: parity with the published cell, convergence, and nothing leaks from what was not observed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.cells.ltc import Nonnegative, Synapses
from models.errors import ModelError
from models.kernels.reference import gates
from models.layers import CTRNN, LTC
from models.wiring import AutoNCP

NEURON = ("gleak", "vleak", "cm", "input_w", "input_b", "output_w", "output_b")
SYNAPSE = ("sigma", "mu", "w", "erev")
backends = pytest.mark.parametrize("backend", ["reference", "cpu"])


def _golden(folder: Path, implicit: int) -> dict[str, Any]:
    return json.loads((folder / "ncps_parity" / f"ltc_autoncp8_implicit{implicit}.json").read_text())


def _layer(golden: dict[str, Any], implicit: int, backend: str) -> LTC:
    nonnegative = "softplus" if implicit else "projection"
    layer = LTC(3, AutoNCP(8, 2, 0.5, 22222), solver="fused", nonnegative=nonnegative, backend=backend).double()
    with torch.no_grad():
        for name in NEURON:
            getattr(layer.liquid, name).copy_(_f64(golden["params"][name]))
        for prefix, group in (("", layer.liquid.recurrent), ("sensory_", layer.liquid.sensory)):
            for name in SYNAPSE:
                getattr(group, name).copy_(_f64(golden["params"][prefix + name])[group.source, group.target])
    return layer


def _f64(values: Any) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("implicit", [0, 1])
@backends
def test_outputs_and_states_agree_with_the_published_cell(backend: str, implicit: int, shared_data: Path):
    golden = _golden(shared_data, implicit)
    result = _layer(golden, implicit, backend)(_f64(golden["inputs"]), _f64(golden["elapsed"]), trajectory=True)
    assert result.trajectory is not None
    torch.testing.assert_close(result.output, _f64(golden["outputs"]), atol=1e-6, rtol=0)
    torch.testing.assert_close(result.trajectory.state, _f64(golden["states"]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("implicit", [0, 1])
@backends
def test_gradients_agree_with_the_published_cell(backend: str, implicit: int, shared_data: Path):
    golden = _golden(shared_data, implicit)
    check = golden["grad_check"]
    layer = _layer(golden, implicit, backend)
    state = torch.full((1, 8), check["state"], dtype=torch.float64)
    layer(_f64(check["input"])[None, None], _f64([[check["elapsed"]]]), state).output.sum().backward()
    for name in NEURON:
        torch.testing.assert_close(getattr(layer.liquid, name).grad, _f64(check["grads"][name]), atol=1e-6, rtol=0)
    for prefix, group in (("", layer.liquid.recurrent), ("sensory_", layer.liquid.sensory)):
        for name in SYNAPSE:
            expected = _f64(check["grads"][prefix + name])[group.source, group.target]
            torch.testing.assert_close(getattr(group, name).grad, expected, atol=1e-6, rtol=0)


def _problem(backend: str, seed: int = 0, units: int = 12) -> tuple[LTC, Tensor, Tensor]:
    torch.manual_seed(seed)
    layer = LTC(4, AutoNCP(units, 3, 0.3, seed), backend=backend).double()
    return layer, torch.randn(5, 6, 4, dtype=torch.float64), torch.rand(5, 6, dtype=torch.float64)


@backends
def test_tau_is_capacitance_over_conductance_at_rest(backend: str):
    layer, x, _ = _problem(backend)
    long = torch.full((5, 1), 500.0, dtype=torch.float64)
    result = layer(x[:, :1], long, trajectory=True)
    again = layer(x[:, :1], torch.zeros_like(long), result.state, trajectory=True)
    frozen = layer.liquid.frozen()
    total = layer.liquid.drive(x[:, 0]) + frozen.neurons.leak
    total = total + gates(result.state, frozen.recurrent) @ frozen.recurrent.effect
    torch.testing.assert_close(again.trajectory.tau[:, 0], frozen.neurons.cm / total[:, :12], atol=1e-6, rtol=0)


@backends
def test_every_sample_of_a_batch_has_its_own_elapsed_time(backend: str):
    layer, x, dt = _problem(backend)
    together = layer(x, dt).state
    alone = torch.cat([layer(x[b : b + 1], dt[b : b + 1]).state for b in range(5)])
    torch.testing.assert_close(together, alone)


@backends
def test_nothing_leaks_from_masked_or_padded_places_into_outputs_or_gradients(backend: str):
    layer, x, dt = _problem(backend)
    mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(1)) > 0.4
    lengths = torch.tensor([6, 1, 3, 0, 5])

    def run(fill: float) -> list[Tensor | None]:
        layer.zero_grad()
        inside = torch.arange(6) < lengths[:, None]
        given = torch.where(mask & inside[..., None], x, fill).requires_grad_()
        times = torch.where(inside, dt, fill).requires_grad_()
        result = layer(given, times, mask=mask, lengths=lengths)
        (result.output.sum() + result.state.square().sum()).backward()
        return [result.output, result.state, given.grad, times.grad, *(p.grad for p in layer.parameters())]

    for clean, dirty in zip(run(0.0), run(float("nan")), strict=True):
        assert clean is not None
        assert dirty is not None
        assert torch.isfinite(dirty).all()
        torch.testing.assert_close(dirty, clean, atol=0, rtol=0)


@backends
def test_a_ragged_batch_equals_its_sequences_alone(backend: str):
    layer, x, dt = _problem(backend)
    lengths = torch.tensor([6, 1, 3, 2, 5])
    together = layer(x, dt, lengths=lengths).state
    for b, n in enumerate(lengths.tolist()):
        torch.testing.assert_close(together[b], layer(x[b : b + 1, :n], dt[b : b + 1, :n]).state[0])


@backends
def test_gradients_agree_with_finite_differences_under_a_mask(backend: str):
    torch.manual_seed(3)
    layer = LTC(2, AutoNCP(6, 2, 0.3, 1), solver="exponential_midpoint", unfolds=2, backend=backend).double()
    x = torch.randn(2, 3, 2, dtype=torch.float64)
    mask = torch.tensor([[[1, 0], [1, 1], [0, 0]], [[0, 1], [1, 1], [1, 0]]]).bool()
    dt = torch.rand(2, 3, dtype=torch.float64) + 0.05

    def outputs(x: Tensor, dt: Tensor) -> Tensor:
        return layer(x, dt, mask=mask, lengths=torch.tensor([3, 2])).output

    assert torch.autograd.gradcheck(outputs, (x.requires_grad_(), dt.requires_grad_()))


def test_projection_happens_inside_every_optimiser_step():
    layer = LTC(3, AutoNCP(8, 2), nonnegative="projection")
    optimizer = torch.optim.SGD(layer.parameters(), lr=50.0)
    layer(torch.randn(4, 2, 3)).output.sum().backward()
    optimizer.step()
    groups = [m for m in layer.modules() if isinstance(m, Synapses)]
    assert all((g.w >= 0).all() for g in groups)
    assert (layer.liquid.cm > 0).all()
    assert (layer.liquid.gleak >= 0).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda layer: layer(torch.zeros(2, 3, 5)), r"expected \(batch, length, 4\)"),
        (lambda layer: layer(torch.zeros(2, 3, 4), torch.ones(3)), r"dt is \(3,\), expected \(2, 3\)"),
        (lambda layer: layer(torch.zeros(2, 3, 4), -torch.ones(2, 3)), "not negative"),
        (lambda layer: layer(torch.full((2, 3, 4), float("nan"))), "pass a mask"),
        (lambda layer: layer(torch.zeros(2, 3, 4), state=torch.zeros(2, 3)), "state is"),
        (lambda layer: layer(torch.zeros(2, 3, 4), state=torch.full((2, 8), float("nan"))), "state must be finite"),
        (lambda layer: layer([[[0.0] * 4]]), r"x is \[\[\[0.0.*expected a tensor \(batch, length, 4\)"),
        (lambda layer: layer(np.zeros((2, 3, 4))), r"x is a ndarray, expected a tensor.*try torch.as_tensor"),
        (lambda layer: layer(torch.zeros(2, 3, 4, dtype=torch.long)), "x is torch.int64"),
        (lambda layer: layer(torch.zeros(2, 3, 4), 1.0), r"dt is 1.0, expected .*\(batch, length\); try torch.full"),
        (lambda layer: layer(torch.zeros(2, 3, 4), state=[0.0] * 8), r"state is .*expected a tensor \(batch, 8\)"),
        (lambda layer: layer(torch.zeros(2, 3, 4), mask=[[True]]), "mask is .*expected a tensor"),
        (lambda layer: layer(torch.zeros(2, 3, 4), mask=torch.full((2, 3, 4), 0.5)), "other entries than 0 and 1"),
        (lambda layer: layer(torch.zeros(2, 3, 4), lengths=[2]), r"lengths is \(1,\), expected \(2,\)"),
        (lambda layer: layer(torch.zeros(2, 3, 4), lengths=2), r"lengths is \(\), expected \(2,\)"),
        (lambda layer: layer(torch.zeros(2, 3, 4), lengths=["a", "b"]), r"lengths is \['a', 'b'\], expected"),
        (lambda layer: layer(torch.zeros(2, 3, 4), lengths=[1.5, 2.0]), "float32, expected whole numbers"),
        (lambda layer: layer(torch.zeros(2, 3, 4), lengths=[2, 4]), r"lengths lie in 2..4, expected 0..3"),
        (lambda layer: LTC(4, layer.wiring, solver="euler"), "fused, exponential, exponential_midpoint"),
        (lambda layer: LTC(4, layer.wiring, unfolds=0), "at least 1"),
        (lambda layer: LTC(4, layer.wiring, nonnegative="abs"), "softplus, projection"),  # type: ignore[arg-type]
    ],
)
def test_wrong_calls_are_refused_with_the_reason(call: Callable[[LTC], object], words: str):
    layer = LTC(4, AutoNCP(8, 2))
    with pytest.raises(ModelError, match=words):
        call(layer)


@backends
def test_an_empty_sequence_returns_the_state_it_was_given(backend: str):
    layer = LTC(4, AutoNCP(8, 2), backend=backend)
    start = torch.randn(2, 8)
    result = layer(torch.zeros(2, 0, 4), state=start, trajectory=True)
    assert torch.equal(result.state, start)
    assert result.output.shape == (2, 0, 2)


@backends
def test_lengths_may_be_a_list_and_a_mask_zeros_and_ones(backend: str):
    layer, x, dt = _problem(backend)
    mask = torch.rand(x.shape, generator=torch.Generator().manual_seed(1)) > 0.4
    lengths = torch.tensor([6, 1, 3, 0, 5])
    expected = layer(x, dt, mask=mask, lengths=lengths).output
    assert torch.equal(layer(x, dt, mask=mask.double(), lengths=lengths.tolist()).output, expected)
    assert torch.equal(layer(x, dt, mask=mask.long(), lengths=lengths.numpy()).output, expected)


@backends
@pytest.mark.parametrize("solver", ["fused", "exponential", "exponential_midpoint"])
@pytest.mark.parametrize("nonnegative", ["softplus", "projection"])
def test_a_neuron_whose_capacitance_has_vanished_keeps_an_equation(backend: str, solver: str, nonnegative: Nonnegative):
    layer = LTC(4, AutoNCP(8, 2), solver=solver, nonnegative=nonnegative, backend=backend)
    with torch.no_grad():
        layer.liquid.cm.fill_(-200.0 if nonnegative == "softplus" else 0.0)
    start = torch.randn(2, 8)
    result = layer(torch.randn(2, 1, 4), torch.zeros(2, 1), start, trajectory=True)
    assert torch.equal(result.state, start)
    assert result.trajectory is not None
    assert torch.isfinite(result.trajectory.tau).all()


def test_importing_the_data_classes_loads_no_torch():
    import subprocess
    import sys

    code = "import models.forecast, models.course, models, sys; assert 'torch' not in sys.modules; models.AutoNCP"
    code += "; models.Neuron, models.wiring.Neuron; assert models.Neuron is models.forecast.Neuron"
    code += "; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_reference_may_be_differentiated_by_torch_func():
    layer = CTRNN(2, 3, backend="reference")
    x = torch.randn(2, 4, 2)
    got = torch.func.grad(lambda x: layer(x).output.sum())(x)
    layer(x.requires_grad_()).output.sum().backward()
    torch.testing.assert_close(got, x.grad)


def test_a_type_that_numpy_does_not_know_runs_and_is_checked():
    layer = CTRNN(2, 3).bfloat16()
    x = torch.randn(2, 4, 2).bfloat16()
    assert layer(x).output.dtype == torch.bfloat16
    x[0, 0, 0] = torch.nan
    with pytest.raises(ModelError, match="NaN or infinity"):
        layer(x)
