"""The liquid layer: parity with the published cell, convergence, and nothing leaks from what was not observed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from models.cells.ltc import Synapses
from models.errors import ModelError
from models.kernels.reference import gates
from models.layers import LTC
from models.wiring import AutoNCP

NEURON = ("gleak", "vleak", "cm", "input_w", "input_b", "output_w", "output_b")
SYNAPSE = ("sigma", "mu", "w", "erev")


def _golden(folder: Path, implicit: int) -> dict[str, Any]:
    return json.loads((folder / "ncps_parity" / f"ltc_autoncp8_implicit{implicit}.json").read_text())


def _layer(golden: dict[str, Any], implicit: int) -> LTC:
    layer = LTC(
        3, AutoNCP(8, 2, 0.5, 22222), solver="fused", nonnegative="softplus" if implicit else "projection"
    ).double()
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
def test_outputs_and_states_agree_with_the_published_cell(implicit: int, shared_data: Path):
    golden = _golden(shared_data, implicit)
    result = _layer(golden, implicit)(_f64(golden["inputs"]), _f64(golden["elapsed"]), trajectory=True)
    assert result.trajectory is not None
    torch.testing.assert_close(result.output, _f64(golden["outputs"]), atol=1e-6, rtol=0)
    torch.testing.assert_close(result.trajectory.state, _f64(golden["states"]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("implicit", [0, 1])
def test_gradients_agree_with_the_published_cell(implicit: int, shared_data: Path):
    golden = _golden(shared_data, implicit)
    check = golden["grad_check"]
    layer = _layer(golden, implicit)
    state = torch.full((1, 8), check["state"], dtype=torch.float64)
    layer(_f64(check["input"])[None, None], _f64([[check["elapsed"]]]), state).output.sum().backward()
    for name in NEURON:
        torch.testing.assert_close(getattr(layer.liquid, name).grad, _f64(check["grads"][name]), atol=1e-6, rtol=0)
    for prefix, group in (("", layer.liquid.recurrent), ("sensory_", layer.liquid.sensory)):
        for name in SYNAPSE:
            expected = _f64(check["grads"][prefix + name])[group.source, group.target]
            torch.testing.assert_close(getattr(group, name).grad, expected, atol=1e-6, rtol=0)


def _problem(seed: int = 0, units: int = 12) -> tuple[LTC, Tensor, Tensor]:
    torch.manual_seed(seed)
    layer = LTC(4, AutoNCP(units, 3, 0.3, seed)).double()
    return layer, torch.randn(5, 6, 4, dtype=torch.float64), torch.rand(5, 6, dtype=torch.float64)


def test_tau_is_capacitance_over_conductance_at_rest():
    layer, x, _ = _problem()
    long = torch.full((5, 1), 500.0, dtype=torch.float64)
    result = layer(x[:, :1], long, trajectory=True)
    again = layer(x[:, :1], torch.zeros_like(long), result.state, trajectory=True)
    frozen = layer.liquid.frozen()
    total = layer.liquid.drive(x[:, 0]) + frozen.neurons.leak
    total = total + gates(result.state, frozen.recurrent) @ frozen.recurrent.effect
    torch.testing.assert_close(again.trajectory.tau[:, 0], frozen.neurons.cm / total[:, :12], atol=1e-6, rtol=0)


def test_every_sample_of_a_batch_has_its_own_elapsed_time():
    layer, x, dt = _problem()
    together = layer(x, dt).state
    alone = torch.cat([layer(x[b : b + 1], dt[b : b + 1]).state for b in range(5)])
    torch.testing.assert_close(together, alone)


def test_nothing_leaks_from_masked_or_padded_places_into_outputs_or_gradients():
    layer, x, dt = _problem()
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


def test_a_ragged_batch_equals_its_sequences_alone():
    layer, x, dt = _problem()
    lengths = torch.tensor([6, 1, 3, 2, 5])
    together = layer(x, dt, lengths=lengths).state
    for b, n in enumerate(lengths.tolist()):
        torch.testing.assert_close(together[b], layer(x[b : b + 1, :n], dt[b : b + 1, :n]).state[0])


def test_gradients_agree_with_finite_differences_under_a_mask():
    torch.manual_seed(3)
    layer = LTC(2, AutoNCP(6, 2, 0.3, 1), solver="exponential_midpoint", unfolds=2).double()
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
        (lambda layer: LTC(4, layer.wiring, solver="euler"), "fused, exponential, exponential_midpoint"),
        (lambda layer: LTC(4, layer.wiring, unfolds=0), "at least 1"),
        (lambda layer: LTC(4, layer.wiring, nonnegative="abs"), "softplus, projection"),  # type: ignore[arg-type]
    ],
)
def test_wrong_calls_are_refused_with_the_reason(call: Callable[[LTC], object], words: str):
    layer = LTC(4, AutoNCP(8, 2))
    with pytest.raises(ModelError, match=words):
        call(layer)


def test_an_empty_sequence_returns_the_state_it_was_given():
    layer = LTC(4, AutoNCP(8, 2))
    start = torch.randn(2, 8)
    result = layer(torch.zeros(2, 0, 4), state=start, trajectory=True)
    assert torch.equal(result.state, start)
    assert result.output.shape == (2, 0, 2)


def test_importing_the_data_classes_loads_no_torch():
    import subprocess
    import sys

    code = "import models.forecast, models.course, models, sys; assert 'torch' not in sys.modules; models.AutoNCP"
    code += "; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
