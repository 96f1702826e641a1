"""GRU-D on the CPU: all that does not depend on the neurons in torch, ``numba_gru_d`` along the steps."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from models.cells.base import AbstractCell, Path
from models.cells.fading import fading
from models.cells.gru_d import GRUDCell, Memory, looking_back
from models.kernels import numba_gru_d, ragged, threads, windows
from models.kernels.blocks import empty, pack, samples, unpack, zeros
from models.kernels.first_order import first_order
from models.ragged import held

PASSES = numba_gru_d.forward, numba_gru_d.backward


def refusal(cell: AbstractCell) -> str | None:
    return None


def run(
    cell: AbstractCell,
    x: Tensor,
    dt: Tensor,
    state: Tensor,
    mask: Tensor | None,
    inside: Tensor | None,
    width: int,
    *,
    path: bool,
    checkpoint: bool,
) -> Path:
    cell = cast("GRUDCell", cell)
    seen = torch.ones_like(x, dtype=torch.bool) if mask is None else mask
    if inside is not None:
        seen = seen & inside.unsqueeze(-1)
    h, *rest = state.split([cell.units, *[cell.input_size] * 3], -1)
    memory = looking_back(x, dt, seen, Memory(*rest))
    mapped, fade = cell.prepared(x, seen.to(x.dtype), memory)
    fixed = _Fixed(path, torch.is_grad_enabled() and not checkpoint, width, inside)
    hs, renew = _Path.apply(fixed, mapped, torch.exp(-fade), h, cell.recurrent_map.weight, cell.new_map.weight)
    last, since = torch.where(seen, x, memory.last), torch.where(seen, 0.0, memory.since)
    states = torch.cat([hs, last, since, torch.where(seen, 1.0, memory.ever)], -1)
    if not path:
        return Path(states, renew)
    taus = fading(dt, fade + softplus(renew))
    return Path(states, taus if inside is None else held(taus, inside))


class _Fixed(NamedTuple):
    """What no gradient flows to. keep: leave behind what the backward pass wants to see again."""

    tau: bool
    keep: bool
    width: int
    inside: Tensor | None


class _Packed(NamedTuple):
    """What both passes share, in their order; see ``numba_gru_d``."""

    mapped: np.ndarray
    kept: np.ndarray
    ragged: bool
    here: np.ndarray
    steps: np.ndarray
    states: np.ndarray


class _Path(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, fixed: _Fixed, mapped: Tensor, kept: Tensor, state: Tensor, gates: Tensor, new: Tensor
    ) -> tuple[Tensor, Tensor]:
        batch, length, units = kept.shape
        packed = _packed(fixed, mapped, kept, state)
        slots = length if fixed.keep and any(ctx.needs_input_grad) else 1
        values = _values(packed, slots, units)
        renew = zeros((len(packed.kept) if fixed.tau else 0, fixed.width), values.dtype)
        _forward(fixed, packed, gates, new, (0, length, slots, values), fixed.tau, renew)
        ctx.fixed, ctx.packed, ctx.kept = fixed, packed, (slots, values)
        ctx.save_for_backward(gates, new)
        ctx.set_materialize_grads(False)
        states = packed.states.reshape(len(packed.steps), length + 1, units, fixed.width)
        shown = unpack(renew, batch, length, units) if fixed.tau else kept.new_zeros(batch, length, 0)
        ctx.mark_non_differentiable(shown)
        return samples(states, batch, (1, length + 1), (0, units)), shown

    @staticmethod
    @first_order
    def backward(ctx: Any, state_gradient: Tensor | None, _: Tensor | None) -> Any:  # type: ignore[override]
        fixed, packed, (gates, new) = cast("_Fixed", ctx.fixed), cast("_Packed", ctx.packed), ctx.saved_tensors
        if state_gradient is None:
            return (None,) * 6
        batch, length, units = state_gradient.shape
        count, width = len(packed.steps), fixed.width
        by_state = pack(state_gradient, width)
        by_mapped, by_kept = (
            zeros(packed.mapped.shape, packed.mapped.dtype),
            zeros(packed.kept.shape, packed.kept.dtype),
        )
        carried = zeros((count * units, width), by_state.dtype)
        shares = threads.shares(count)
        scratch = zeros((len(shares), 3 * units, width), by_state.dtype)
        sums = torch.zeros_like(gates), torch.zeros_like(new)
        transposed = [w.detach().T.contiguous().numpy() for w in (gates, new)]
        window = windows.size(length, count * width)
        slots, values = ctx.kept
        again = slots < length  # nothing was kept
        if again:
            slots, values = window, _values(packed, window, units)
        for begin, end in windows.latest_first(length, window):
            if again:
                _forward(fixed, packed, gates, new, (begin, end, slots, values), False, by_state[:0])
            threads.spread(
                numba_gru_d.backward,
                [
                    (
                        *((0,) * width, *transposed, *packed, begin, end, slots, values),
                        *(by_state, carried, by_mapped, by_kept, scratch[k], *share),
                    )
                    for k, share in enumerate(shares)
                ],
            )
            first = begin % slots
            shape = (count, -1, numba_gru_d.VALUES * units, width)
            heard = samples(values.reshape(shape), batch, (first, first + end - begin), (0, 2 * units))
            faded, passed = heard.flatten(0, 1).chunk(2, 1)
            by_step = by_mapped.reshape(count, length, 3 * units, width)
            gradients = samples(by_step, batch, (begin, end), (0, 3 * units)).flatten(0, 1)
            sums[0].addmm_(gradients[:, : 2 * units].T, faded)
            sums[1].addmm_(gradients[:, 2 * units :].T, passed)
        return (
            None,
            unpack(by_mapped, batch, length, 3 * units),
            unpack(by_kept, batch, length, units),
            unpack(carried, batch, units),
            *sums,
        )


def _forward(
    fixed: _Fixed,
    packed: _Packed,
    gates: Tensor,
    new: Tensor,
    window: tuple[int, int, int, np.ndarray],
    with_renew: bool,
    renew: np.ndarray,
) -> None:
    """window: begin, end, slots, values"""
    weights = [w.detach().contiguous().numpy() for w in (gates, new)]
    arguments = ((0,) * fixed.width, *weights, *packed, *window, with_renew, renew)
    threads.spread(numba_gru_d.forward, [(*arguments, *share) for share in threads.shares(len(packed.steps))])


def _packed(fixed: _Fixed, mapped: Tensor, kept: Tensor, state: Tensor) -> _Packed:
    width, (batch, length, units) = fixed.width, kept.shape
    steps = ragged.steps(fixed.inside, batch, length, width)
    lanes = pack(kept, width)
    states = empty((len(steps), length + 1, units, width), lanes.dtype)
    states[:, 0] = pack(state, width).reshape(len(steps), units, width)
    return _Packed(
        pack(mapped, width),
        lanes,
        fixed.inside is not None,
        lanes[:0] if fixed.inside is None else pack(fixed.inside.to(kept.dtype), width),
        steps,
        states.reshape(-1, width),
    )


def _values(packed: _Packed, slots: int, units: int) -> np.ndarray:
    rows = len(packed.steps) * slots * numba_gru_d.VALUES * units
    return zeros((rows, packed.kept.shape[1]), packed.kept.dtype)  # steps that nobody runs must hold numbers too


def warm(dtype: str, width: int) -> None:
    """Compile both passes, or load them from disk."""
    cell = GRUDCell(1, 1).to(getattr(torch, dtype))
    x = torch.zeros(1, 1, 1, dtype=getattr(torch, dtype))
    path = run(cell, x, x[..., 0], x.new_zeros(1, 4), None, None, width, path=True, checkpoint=False)
    path.state.sum().backward()
