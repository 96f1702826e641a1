"""GRU: torch's own numbers on regular input, and elapsed time as an input."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from models.cells.gru import GRUCell
from models.errors import ModelError
from models.layers import GRU
from tests.models.cells.torchs import like


def test_outputs_states_and_gradients_agree_with_torchs_gru():
    torch.manual_seed(0)
    layer = GRU(3, 5, time_input=False).double()
    theirs = like(nn.GRU, layer, 3)
    x, h = torch.randn(2, 7, 3).double(), torch.randn(2, 5).double()
    result = layer(x, torch.rand(2, 7).double(), h)
    expected, last = theirs(x, h[None])
    torch.testing.assert_close(result.output, expected)
    torch.testing.assert_close(result.state, last[0])
    result.output.square().sum().backward()
    expected.square().sum().backward()
    assert isinstance(layer.cell, GRUCell)
    torch.testing.assert_close(layer.cell.input_map.weight.grad, theirs.weight_ih_l0.grad)
    torch.testing.assert_close(layer.cell.recurrent_map.weight.grad, theirs.weight_hh_l0.grad)


def test_time_as_an_input_is_one_more_feature():
    torch.manual_seed(1)
    layer = GRU(3, 5).double()
    x, dt = torch.randn(2, 7, 3).double(), torch.rand(2, 7).double()
    expected, _ = like(nn.GRU, layer, 4)(torch.cat([x, dt.unsqueeze(-1)], -1))
    torch.testing.assert_close(layer(x, dt).output, expected)


def test_tau_is_the_time_in_which_the_update_gate_lets_go():
    torch.manual_seed(2)
    layer = GRU(1, 3, time_input=False).double()
    cell = layer.cell
    assert isinstance(cell, GRUCell)
    share = torch.tensor([0.5, 0.9, 0.99]).double()
    with torch.no_grad():
        cell.recurrent_map.weight.zero_()
        cell.recurrent_map.bias.zero_()
        cell.input_map.weight.zero_()
        cell.input_map.bias[3:6] = torch.logit(share)
        cell.input_map.bias[6:] = 0.0
    start = torch.tensor([[1.0, -2.0, 3.0]]).double()
    result = layer(torch.zeros(1, 1, 1).double(), torch.full((1, 1), 4.0).double(), start, trajectory=True)
    assert result.trajectory is not None
    torch.testing.assert_close(result.state, start * torch.exp(-4.0 / result.trajectory.tau[:, 0]))


@pytest.mark.parametrize(
    ("inputs", "units", "words"),
    [(0, 3, "input_size must be at least 1, got 0"), (3, 0, "units must be at least 1, got 0")],
)
def test_a_cell_without_inputs_or_units_is_refused(inputs: int, units: int, words: str):
    with pytest.raises(ModelError, match=words):
        GRU(inputs, units)
