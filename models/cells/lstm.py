"""Long short-term memory (Hochreiter & Schmidhuber, 1997; Gers et al., 2000), in the form of torch.nn.LSTM."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from models.cells.base import AbstractCell, Step
from models.cells.fading import fading
from models.checks import whole


class LSTMCell(AbstractCell):
    """i, f, o = s(W x + U h + b) each, g = tanh(W x + U h + b), c <- f c + i g, h <- o tanh(c).

    State: [h, c]. An LSTM knows no time: ``time_input`` appends dt to its inputs; without it dt changes nothing but
    tau. So dt = 0 is not the identity. tau = dt / -log f: how slowly a cell forgets (dt taken as 1 where it is 0).
    Rows of the maps: i, f, g, o; ranges as torch.
    """

    def __init__(self, input_size: int, units: int, *, time_input: bool = True) -> None:
        super().__init__()
        self.input_size, self.units = whole("input_size", input_size), whole("units", units)
        self.output_size = self.units
        self.input_map = nn.Linear(input_size, 4 * units)
        self.recurrent_map = nn.Linear(units, 4 * units)
        self.time_map = nn.Linear(1, 4 * units, bias=False) if time_input else None
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(units**-0.5), units**-0.5)

    @property
    def state_size(self) -> int:
        return 2 * self.units

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """The gates from the inputs alone: (..., 4 units)."""
        return self.input_map(inputs)

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        if self.time_map is not None:
            drive = drive + self.time_map(dt.unsqueeze(-1))
        h, c = state.chunk(2, -1)
        gate, forget, new, out = (drive + self.recurrent_map(h)).chunk(4, -1)
        c = torch.sigmoid(forget) * c + torch.sigmoid(gate) * torch.tanh(new)
        h = torch.sigmoid(out) * torch.tanh(c)
        return Step(torch.cat([h, c], -1), fading(dt, softplus(-forget)))

    def output(self, state: Tensor) -> Tensor:
        return state[..., : self.units]
