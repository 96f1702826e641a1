"""Memory over 1,000 steps: what a liquid cell alone loses, its mixed memory keeps and learns to use."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.errors import ModelError
from models.layers import LTC
from models.wiring import FullyConnected

STEPS = 1000
UNITS = 6


def _layer(mixed_memory: bool | int) -> LTC:
    torch.manual_seed(0)
    return LTC(1, FullyConnected(UNITS, 1), unfolds=1, mixed_memory=mixed_memory, backend="reference")


def _reach(layer: LTC) -> float:
    """Gradient of the last output in the first input over that in the last input, random inputs between."""
    x = torch.randn(4, STEPS, 1, generator=torch.Generator().manual_seed(1)).requires_grad_()
    (grad,) = torch.autograd.grad(layer(x).output[:, -1].sum(), x)
    return float(grad[:, 0].norm() / grad[:, -1].norm())


def test_the_last_output_feels_the_first_input_through_a_mixed_memory_only():
    assert _reach(_layer(mixed_memory=STEPS)) > 1e-4
    assert _reach(_layer(mixed_memory=True)) < 1e-30
    assert _reach(_layer(mixed_memory=False)) < 1e-30


def test_a_bit_shown_at_the_first_step_is_told_at_the_thousandth():
    layer = _layer(mixed_memory=STEPS)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)
    bits = torch.tensor([1.0, -1.0])

    def told(steps: int) -> Tensor:
        x = torch.zeros(2, steps, 1)
        x[:, 0, 0] = bits
        return layer(x, torch.full((2, steps), 0.1)).output[:, -1, 0] * bits

    for steps, times in ((20, 25), (80, 10), (STEPS, 1)):
        for _ in range(times):
            optimizer.zero_grad()
            torch.nn.functional.softplus(-4 * told(steps)).mean().backward()
            torch.nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
            optimizer.step()
    with torch.no_grad():
        assert (told(STEPS) > 0.5).all()  # an output that has forgotten cannot be above 0 for both


@pytest.mark.parametrize("reach", [0, 2, -5])
def test_a_memory_that_reaches_nowhere_is_refused(reach: int):
    with pytest.raises(ModelError, match=f"mixed_memory reaches {reach} steps; give True, False or at least 3"):
        _layer(reach)
