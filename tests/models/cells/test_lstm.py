"""LSTM: torch's own numbers on regular input, and elapsed time as an input."""

from __future__ import annotations

import torch
from torch import nn

from models.cells.lstm import LSTMCell
from models.layers import LSTM
from tests.models.cells.torchs import like


def test_outputs_states_and_gradients_agree_with_torchs_lstm():
    torch.manual_seed(0)
    layer = LSTM(3, 5, time_input=False).double()
    theirs = like(nn.LSTM, layer, 3)
    x, h, c = torch.randn(2, 7, 3).double(), torch.randn(2, 5).double(), torch.randn(2, 5).double()
    result = layer(x, torch.rand(2, 7).double(), torch.cat([h, c], -1))
    expected, (last_h, last_c) = theirs(x, (h[None], c[None]))
    torch.testing.assert_close(result.output, expected)
    torch.testing.assert_close(result.state, torch.cat([last_h[0], last_c[0]], -1))
    result.output.square().sum().backward()
    expected.square().sum().backward()
    assert isinstance(layer.cell, LSTMCell)
    torch.testing.assert_close(layer.cell.input_map.weight.grad, theirs.weight_ih_l0.grad)
    torch.testing.assert_close(layer.cell.recurrent_map.weight.grad, theirs.weight_hh_l0.grad)


def test_time_as_an_input_is_one_more_feature():
    torch.manual_seed(1)
    layer = LSTM(3, 5).double()
    x, dt = torch.randn(2, 7, 3).double(), torch.rand(2, 7).double()
    expected, _ = like(nn.LSTM, layer, 4)(torch.cat([x, dt.unsqueeze(-1)], -1))
    torch.testing.assert_close(layer(x, dt).output, expected)


def test_tau_is_the_time_in_which_the_forget_gate_lets_go():
    torch.manual_seed(2)
    layer = LSTM(1, 4, time_input=False).double()
    cell = layer.cell
    assert isinstance(cell, LSTMCell)
    share = torch.tensor([0.5, 0.9, 0.99, 1.0]).double()
    with torch.no_grad():
        cell.recurrent_map.weight.zero_()
        cell.recurrent_map.bias.zero_()
        cell.input_map.weight.zero_()
        cell.input_map.bias[4:7] = torch.logit(share[:3])
        cell.input_map.bias[7] = 1e4
    dt = torch.tensor([[2.0, 0.0, 3.0]]).double()
    result = layer(torch.zeros(1, 3, 1).double(), dt, trajectory=True)
    assert result.trajectory is not None
    tau = result.trajectory.tau[0]
    torch.testing.assert_close(tau[:, :3], torch.tensor([[2.0], [1.0], [3.0]]).double() / -share[:3].log())
    assert torch.isinf(tau[:, 3]).all()
