"""GRU-D (Che et al., *Recurrent Neural Networks for Multivariate Time Series with Missing Values*, 2018).

With delta the time since each variable was last seen, m whether it is seen now, and decays exp(-max(0, W delta + b)):

    x^ = m x + (1 - m) (decay_x last + (1 - decay_x) mean),   h^ = decay_h h
    r, z = s(W x^ + U h^ + V m + b) each,   n = tanh(W x^ + U (r h^) + V m + b),   h <- (1 - z) h^ + z n
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import relu, softplus

from models.cells.base import AbstractCell, Path, Step
from models.cells.fading import fading
from models.checks import shown, whole
from models.errors import ModelError


class Memory(NamedTuple):
    """What is known of the variables, (..., input_size) each: last value seen, time since then, 1 where ever seen."""

    last: Tensor
    since: Tensor
    ever: Tensor


class GRUDCell(AbstractCell):
    """A GRU that lets unseen inputs fade to their mean and its neurons to zero, at learned rates.

    dt is the time before a step's input: what was seen at the step before is dt old. State: [h, last, since, ever],
    so a sequence goes on where it was cut; ``since`` counts from the first step for a variable never seen, whose value
    is the mean. dt = 0 is not the identity: an observation counts however soon it comes.
    tau = dt / -log((1 - z) decay_h): how slowly a neuron is let go (dt taken as 1 where it is 0).

    mean: (input_size,) of the training inputs; None: 0, as for z-scored ones
    """

    mean: Tensor

    def __init__(self, input_size: int, units: int, *, mean: Tensor | None = None) -> None:
        super().__init__()
        self.input_size, self.units = whole("input_size", input_size), whole("units", units)
        self.output_size = self.units
        if mean is not None and not isinstance(mean, Tensor):
            raise ModelError(f"mean is {shown(mean)}, expected a tensor ({input_size},)")
        if mean is not None and tuple(mean.shape) != (input_size,):
            raise ModelError(f"mean is {tuple(mean.shape)}, expected ({input_size},)")
        centre = torch.zeros(input_size) if mean is None else mean.detach().to(torch.get_default_dtype(), copy=True)
        if not torch.isfinite(centre).all():
            raise ModelError("mean holds NaN or infinity; give every variable a finite mean")
        self.register_buffer("mean", centre)
        self.input_map = nn.Linear(2 * input_size, 3 * units)  # of [x^, m]; rows: r, z, n
        self.recurrent_map = nn.Linear(units, 2 * units, bias=False)
        self.new_map = nn.Linear(units, units, bias=False)
        self.hidden_decay = nn.Linear(input_size, units)
        self.input_decay_w = nn.Parameter(torch.empty(input_size))
        self.input_decay_b = nn.Parameter(torch.zeros(input_size))
        for parameter in (*self.input_map.parameters(), self.recurrent_map.weight, self.new_map.weight):
            nn.init.uniform_(parameter, -(units**-0.5), units**-0.5)
        # not below 0: max(0, .) would have no gradient there
        nn.init.uniform_(self.input_decay_w, 0.0, input_size**-0.5)
        nn.init.uniform_(self.hidden_decay.weight, 0.0, input_size**-0.5)
        nn.init.zeros_(self.hidden_decay.bias)

    @property
    def state_size(self) -> int:
        return self.units + 3 * self.input_size

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """[inputs, mask]: (..., 2 input_size); what follows from them needs the elapsed time."""
        seen = torch.ones_like(inputs) if mask is None else mask.to(inputs.dtype)
        return torch.cat([inputs, seen], -1)

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        x, seen = drive.chunk(2, -1)
        h, *rest = state.split([self.units, *[self.input_size] * 3], -1)
        memory = Memory(*rest)
        memory = memory._replace(since=memory.since + dt.unsqueeze(-1))
        h, tau = self._update(*self.prepared(x, seen, memory), h, dt)
        seen = seen.bool()
        last = torch.where(seen, x, memory.last)
        since = torch.where(seen, 0.0, memory.since)
        return Step(torch.cat([h, last, since, torch.where(seen, 1.0, memory.ever)], -1), tau)

    def output(self, state: Tensor) -> Tensor:
        return state[..., : self.units]

    def run(
        self, x: Tensor, dt: Tensor, state: Tensor, mask: Tensor | None = None, inside: Tensor | None = None
    ) -> Path:
        """As ``AbstractCell.run``; whatever does not depend on h is computed for all steps at once."""
        if not x.shape[1]:
            return super().run(x, dt, state, mask, inside)
        seen = torch.ones_like(x, dtype=torch.bool) if mask is None else mask
        if inside is not None:
            seen = seen & inside.unsqueeze(-1)
        h, *rest = state.split([self.units, *[self.input_size] * 3], -1)
        memory = looking_back(x, dt, seen, Memory(*rest))
        # cut into steps once: the gradient of an indexed step would fill zeros as long as the sequence, every time
        steps = zip(*(t.unbind(1) for t in (*self.prepared(x, seen.to(x.dtype), memory), dt)), strict=True)
        tau = x.new_zeros(x.shape[0], self.units)
        hs, taus = [], []
        for k, (mapped, fade, elapsed) in enumerate(steps):
            next_h, next_tau = self._update(mapped, fade, h, elapsed)
            if inside is None:
                h, tau = next_h, next_tau
            else:
                here = inside[:, k].unsqueeze(-1)
                h, tau = torch.where(here, next_h, h), torch.where(here, next_tau, tau)
            hs.append(h)
            taus.append(tau)
        last = torch.where(seen, x, memory.last)
        since = torch.where(seen, 0.0, memory.since)
        ever = torch.where(seen, 1.0, memory.ever)
        return Path(torch.cat([torch.stack(hs, 1), last, since, ever], -1), torch.stack(taus, 1))

    def prepared(self, x: Tensor, seen: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """The gates but for h, (..., 3 units), and -log decay_h, (..., units)."""
        kept = torch.exp(-relu(memory.since * self.input_decay_w + self.input_decay_b)) * memory.ever
        filled = torch.where(seen.bool(), x, torch.lerp(self.mean.expand_as(x), memory.last, kept))
        return self.input_map(torch.cat([filled, seen], -1)), relu(self.hidden_decay(memory.since))

    def _update(self, mapped: Tensor, fade: Tensor, h: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        h = h * torch.exp(-fade)
        gates, new = mapped.split([2 * self.units, self.units], -1)
        reset, renew = (gates + self.recurrent_map(h)).chunk(2, -1)
        new = torch.tanh(new + self.new_map(torch.sigmoid(reset) * h))
        return torch.lerp(h, new, torch.sigmoid(renew)), fading(dt, fade + softplus(renew))


def looking_back(x: Tensor, dt: Tensor, seen: Tensor, start: Memory) -> Memory:
    """The memory that each step meets, with the time before it counted in.

    x, seen: (batch, length, input_size), dt: (batch, length); start: before the first step, (batch, input_size) each
    Time is summed in double precision, so a late difference is as good as an early one.
    """
    batch, length, inputs = x.shape
    steps = torch.arange(length, device=x.device).unsqueeze(-1)
    latest = torch.where(seen, steps, -1).cummax(1).values
    before = torch.cat([latest.new_full((batch, 1, inputs), -1), latest[:, :-1]], 1)
    known, index = before >= 0, before.clamp(min=0)
    clock = dt.double().cumsum(1)
    then = clock.gather(1, index.flatten(1)).reshape(x.shape)
    clock = clock.unsqueeze(-1)
    since = torch.where(known, clock - then, clock + start.since.unsqueeze(1)).to(x.dtype)
    last = torch.where(known, x.gather(1, index), start.last.unsqueeze(1))
    return Memory(last, since, torch.where(known, 1.0, start.ever.unsqueeze(1)))
