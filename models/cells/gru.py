"""Gated recurrent unit (Cho et al., 2014), in the form of torch.nn.GRU."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from models.cells.base import AbstractCell, Step
from models.cells.fading import fading
from models.checks import whole


class GRUCell(AbstractCell):
    """r, z = s(W x + U h + b) each, n = tanh(W x + b + r (U h + b)), h <- (1 - z) n + z h.

    A GRU knows no time: ``time_input`` appends dt to its inputs; without it dt changes nothing but tau. So dt = 0 is
    not the identity. tau = dt / -log z: how slowly the update gate lets go of a neuron (dt taken as 1 where it is 0).
    Rows of the maps: r, z, n; ranges as torch.
    """

    def __init__(self, input_size: int, units: int, *, time_input: bool = True) -> None:
        super().__init__()
        self.input_size, self.units = whole("input_size", input_size), whole("units", units)
        self.output_size = self.units
        self.input_map = nn.Linear(input_size, 3 * units)
        self.recurrent_map = nn.Linear(units, 3 * units)
        self.time_map = nn.Linear(1, 3 * units, bias=False) if time_input else None
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(units**-0.5), units**-0.5)

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """The gates from the inputs alone: (..., 3 units)."""
        return self.input_map(inputs)

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        if self.time_map is not None:
            drive = drive + self.time_map(dt.unsqueeze(-1))
        reset, keep, new = drive.chunk(3, -1)
        reset_h, keep_h, new_h = self.recurrent_map(state).chunk(3, -1)
        keep = keep + keep_h
        new = torch.tanh(new + torch.sigmoid(reset + reset_h) * new_h)
        return Step(torch.lerp(new, state, torch.sigmoid(keep)), fading(dt, softplus(-keep)))

    def output(self, state: Tensor) -> Tensor:
        return state
