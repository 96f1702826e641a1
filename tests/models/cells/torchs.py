"""torch's own recurrent layer with the weights of one of ours."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

from models.cells.gru import GRUCell
from models.cells.lstm import LSTMCell
from models.sequence import SequenceLayer

Theirs = TypeVar("Theirs", nn.GRU, nn.LSTM)


def like(kind: type[Theirs], layer: SequenceLayer, inputs: int) -> Theirs:
    """``kind`` in float64; with elapsed time as an input where the layer has it as one."""
    cell = layer.cell
    assert isinstance(cell, GRUCell | LSTMCell)
    theirs = kind(inputs, cell.units, batch_first=True).double()
    weight = cell.input_map.weight
    if cell.time_map is not None:
        weight = torch.cat([weight, cell.time_map.weight], 1)
    given = {
        "weight_ih_l0": weight,
        "bias_ih_l0": cell.input_map.bias,
        "weight_hh_l0": cell.recurrent_map.weight,
        "bias_hh_l0": cell.recurrent_map.bias,
    }
    theirs.load_state_dict({name: tensor.detach() for name, tensor in given.items()})
    return theirs
