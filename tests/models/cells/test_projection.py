"""Projected parameters stay projected whatever a layer goes through."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
import torch

from models.cells.projection import SMALLEST_CM
from models.layers import LTC
from models.wiring import AutoNCP


def _assigned(layer: LTC) -> LTC:
    other = LTC(3, AutoNCP(8, 2), nonnegative="projection")
    other.load_state_dict({k: v.clone() for k, v in layer.state_dict().items()}, assign=True)
    return other


@pytest.mark.parametrize(
    "through",
    [lambda layer: layer, copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer)), _assigned, LTC.double],  # noqa: S301
    ids=["itself", "copied", "pickled", "assigned", "double"],
)
def test_a_huge_step_ends_at_the_bound(through: Callable[[LTC], LTC]):
    layer = through(LTC(3, AutoNCP(8, 2), nonnegative="projection", backend="reference"))
    optimizer = torch.optim.SGD(layer.parameters(), lr=100.0)
    layer(torch.randn(4, 2, 3).to(layer.liquid.cm)).output.sum().backward()
    optimizer.step()
    cell = layer.liquid
    assert min(float(w.detach().min()) for w in (cell.recurrent.w, cell.sensory.w, cell.gleak)) >= 0
    assert cell.cm.min() >= SMALLEST_CM
