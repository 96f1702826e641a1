"""Runs a liquid cell along ragged, masked, irregular sequences."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from models.cells.ltc import LTCCell, Nonnegative
from models.errors import ModelError
from models.wiring import Wiring


class StatePath(NamedTuple):
    """state, tau: (batch, length, units) after every step; tau in model time."""

    state: Tensor
    tau: Tensor


class SequenceResult(NamedTuple):
    """output: (batch, length, output_size), held after a sequence's end; state: (batch, units) at its end."""

    output: Tensor
    state: Tensor
    trajectory: StatePath | None


class LTC(nn.Module):
    """A layer of liquid time-constant neurons.

    input_size: features a step; wiring: see ``models.wiring``; solver, unfolds, nonnegative: see ``LTCCell``
    """

    def __init__(
        self,
        input_size: int,
        wiring: Wiring,
        *,
        solver: str = "exponential",
        unfolds: int = 6,
        nonnegative: Nonnegative = "softplus",
    ) -> None:
        super().__init__()
        self.wiring = wiring
        self.cell = LTCCell(wiring.circuit(input_size), solver=solver, unfolds=unfolds, nonnegative=nonnegative)

    def forward(
        self,
        x: Tensor,
        dt: Tensor | None = None,
        state: Tensor | None = None,
        mask: Tensor | None = None,
        lengths: Tensor | None = None,
        trajectory: bool = False,
    ) -> SequenceResult:
        """Every step holds its input ``x[:, k]`` for ``dt[:, k]``.

        x: (batch, length, input_size); dt: (batch, length) model time >= 0, 0 is the identity, None: 1 everywhere
        state: (batch, units) to start from, None: zeros; mask: as x, False where a value was not observed (x may be
        NaN there and has no influence); lengths: (batch,) steps that count, whatever follows is ignored, NaN included
        trajectory: also return the state and tau after every step
        Raises ModelError for shapes that disagree, NaN or infinity in an observed place, negative time.
        """
        x, dt, state, mask = self._check(x, dt, state, mask, lengths)
        cell = self.cell
        drive = cell.drive(x, mask)
        frozen = cell.frozen()
        states, taus = [], []
        for k in range(x.shape[1]):
            state, tau = cell.advance(drive[:, k], state, dt[:, k], frozen)
            states.append(state)
            taus.append(tau)
        if not states:
            empty = x.new_zeros(x.shape[0], 0, cell.units)
            return SequenceResult(cell.output(empty), state, StatePath(empty, empty) if trajectory else None)
        path = torch.stack(states, 1)
        return SequenceResult(cell.output(path), state, StatePath(path, torch.stack(taus, 1)) if trajectory else None)

    def _check(
        self, x: Tensor, dt: Tensor | None, state: Tensor | None, mask: Tensor | None, lengths: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        """The one gate: after it nothing is NaN, a masked value is 0 and a padded step takes no time."""
        size, units = self.cell.circuit.input_size, self.cell.units
        if x.ndim != 3 or x.shape[2] != size:
            raise ModelError(f"x is {tuple(x.shape)}, expected (batch, length, {size})")
        batch, length = x.shape[:2]
        dt = x.new_ones(batch, length) if dt is None else dt.to(x.dtype)
        state = x.new_zeros(batch, units) if state is None else state
        for name, got, expected in (
            ("dt", dt, (batch, length)),
            ("state", state, (batch, units)),
            ("mask", mask, (batch, length, size)),
            ("lengths", lengths, (batch,)),
        ):
            if got is not None and tuple(got.shape) != expected:
                raise ModelError(f"{name} is {tuple(got.shape)}, expected {expected}")
        seen = None if mask is None else mask.bool()
        if lengths is not None:
            inside = torch.arange(length, device=x.device) < lengths.to(x.device).unsqueeze(-1)
            dt = torch.where(inside, dt, 0.0)
            within = inside.unsqueeze(-1).expand(x.shape)
            seen = within if seen is None else seen & within
        if seen is not None:
            x = torch.where(seen, x, 0.0)
        if not torch.isfinite(x).all():
            raise ModelError("x holds NaN or infinity in an observed place; pass a mask that is False there")
        if not (torch.isfinite(dt) & (dt >= 0)).all():
            raise ModelError("dt must be finite and not negative")
        if not torch.isfinite(state).all():
            raise ModelError("state must be finite")
        return x, dt, state, seen
