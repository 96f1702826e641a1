"""Mixed memory: an LSTM's cell state beside any cell, for dependence longer than every time constant.

Before each step of the inner cell

    i, g, f, o = input_map(x) + recurrent_map(h)
    c <- c s(f + 1) + tanh(i) s(g),   h <- tanh(c) s(o)

and then h <- inner(x, h, dt). c fades by its forget gate only, never by elapsed time. Source: Lechner & Hasani,
*Learning Long-Term Dependencies in Irregularly-Sampled Time Series* (2020); gate order and ranges as in ncps 1.0.1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.cells.base import AbstractCell, Step
from models.checks import shown, whole
from models.errors import ModelError

FORGET_BIAS = 1.0


class Memory(nn.Module):
    """The LSTM alone. Rows of both maps: input activation, input gate, forget gate, output gate; units each.

    reach: steps it should be able to look back: its units then begin with time scales spread over 1 to ``reach`` steps
    (chrono initialisation, Tallec & Ollivier, ICLR 2018); None: as published, three quarters are left after a step
    """

    def __init__(self, input_size: int, units: int, reach: int | None = None) -> None:
        super().__init__()
        self.input_map = nn.Linear(input_size, 4 * units)
        self.recurrent_map = nn.Linear(units, 4 * units, bias=False)
        nn.init.xavier_uniform_(self.input_map.weight)
        nn.init.uniform_(self.input_map.bias, -0.1, 0.1)
        nn.init.orthogonal_(self.recurrent_map.weight)
        if reach is not None:
            _, gate, forget, _ = self.input_map.bias.detach().chunk(4)
            open_for = torch.empty_like(gate).uniform_(1.0, float(reach - 1)).log()
            forget.copy_(open_for - FORGET_BIAS)
            gate.copy_(-open_for)

    def forward(self, mapped: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """mapped: ``input_map(x)`` (batch, 4 units); h, c (batch, units) -> h, c alike."""
        activation, gate, forget, out = (mapped + self.recurrent_map(h)).chunk(4, -1)
        c = c * torch.sigmoid(forget + FORGET_BIAS) + torch.tanh(activation) * torch.sigmoid(gate)
        return torch.tanh(c) * torch.sigmoid(out), c


class MixedMemoryCell(AbstractCell):
    """Any cell with an LSTM memory in front of it.

    State: [the inner cell's state, c], so ``state_size`` is ``inner.state_size + units``; the LSTM acts on the inner
    cell's neurons, whatever memory of its own the inner cell keeps passes by. tau is the inner cell's. A step of
    dt = 0 is not the identity: an input that was seen is remembered however short it lasted.
    """

    def __init__(self, inner: AbstractCell, reach: int | None = None) -> None:
        super().__init__()
        self.inner = inner
        self.input_size, self.units, self.output_size = inner.input_size, inner.units, inner.output_size
        self.memory = Memory(inner.input_size, inner.units, reach)

    @property
    def state_size(self) -> int:
        return self.inner.state_size + self.units

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """[the memory's gates from the inputs alone, the inner drive]: (..., 4 units + inner drive size)."""
        return torch.cat([self.memory.input_map(inputs), self.inner.drive(inputs, mask)], -1)

    def frozen(self) -> object:
        return self.inner.frozen()

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        mapped, inner_drive = drive[..., : 4 * self.units], drive[..., 4 * self.units :]
        inner_state, c = state[..., : self.inner.state_size], state[..., self.inner.state_size :]
        h, c = self.memory(mapped, inner_state[..., : self.units], c)
        step = self.inner.advance(inner_drive, torch.cat([h, inner_state[..., self.units :]], -1), dt, frozen)
        return Step(torch.cat([step.state, c], -1), step.tau)

    def output(self, state: Tensor) -> Tensor:
        return self.inner.output(state[..., : self.inner.state_size])


def with_memory(cell: AbstractCell, mixed_memory: bool, reach: int | None = None) -> AbstractCell:
    """The cell itself, or in front of it a mixed memory: as published, or made to look ``reach`` steps back.

    Raises ModelError for a reach without a mixed memory or below 3 steps.
    """
    if not isinstance(mixed_memory, bool):
        raise ModelError(
            f"mixed_memory must be True or False, got {shown(mixed_memory)}; memory_reach takes a number of steps"
        )
    if reach is None:
        return MixedMemoryCell(cell) if mixed_memory else cell
    if not mixed_memory:
        raise ModelError(f"memory_reach={shown(reach)} is of a mixed memory; pass mixed_memory=True too")
    return MixedMemoryCell(cell, whole("memory_reach", reach, lowest=3))
