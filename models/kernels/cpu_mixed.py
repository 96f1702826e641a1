"""A mixed memory around the liquid time-constant cell on the CPU: torch outside, ``numba_mixed`` inside."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from models.cells.base import AbstractCell, Path
from models.cells.ltc import LTCCell
from models.cells.mixed_memory import FORGET_BIAS, MixedMemoryCell
from models.kernels import cpu_synapses, numba_mixed
from models.kernels.blocks import pack, samples, unpack
from models.kernels.cpu_synapses import Fixed, Packed, Sums, Tables
from models.kernels.first_order import first_order
from models.kernels.numba_synapses import space_rows
from models.ragged import held
from models.wiring import AutoNCP

PASSES = numba_mixed.forward, numba_mixed.backward


def refusal(cell: AbstractCell) -> str | None:
    inner = cast("MixedMemoryCell", cell).inner
    if type(inner) is not LTCCell:  # one built on it may compute something else
        return f"a mixed memory is compiled around LTCCell only, not around {type(inner).__name__}"
    return cpu_synapses.refusal(inner)


def run(
    cell: AbstractCell,
    x: Tensor,
    dt: Tensor,
    state: Tensor,
    mask: Tensor | None,
    inside: Tensor | None,
    width: int,
    *,
    tau: bool,
    checkpoint: bool,
) -> Path:
    cell = cast("MixedMemoryCell", cell)
    inner, memory = cast("LTCCell", cell.inner), cell.memory
    fixed, tables = cpu_synapses.prepare(inner, mask, inside, width, tau=tau, checkpoint=checkpoint)
    recurrent_map = memory.recurrent_map.weight
    states, taus = _Path.apply(fixed, memory.input_map(x), recurrent_map, inner.sensed(x), dt, state, *tables)
    return Path(states, held(taus, inside) if tau and inside is not None else taus)


class _Path(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, fixed: Fixed, mapped: Tensor, weights: Tensor, u: Tensor, dt: Tensor, state: Tensor, *tables: Tensor
    ) -> tuple[Tensor, Tensor]:
        (batch, length), units, width = dt.shape, weights.shape[1], fixed.width
        thrifty = not (fixed.keep and any(ctx.needs_input_grad))
        stride = (2 if thrifty else fixed.substeps + 2) * units
        kept = cpu_synapses.kept(state, (length + 1) * stride, width)
        reached = torch.cat([state[:, :units].flatten(), state.new_ones(1)])  # tanh(c) s(o) lies in -1..1
        packed = cpu_synapses.packed(fixed, thrifty, u, dt, reached, kept, Tables(*tables))
        gates = pack(mapped, width)
        here = packed.dt[:0] if fixed.inside is None else pack(fixed.inside.to(dt.dtype), width)
        memory = gates, fixed.inside is not None, here
        taus = np.zeros((len(packed.dt) * units if fixed.tau else 0, width), packed.dt.dtype)
        rows = units * (fixed.substeps + 5) + space_rows(units, fixed.recurrent.fan_in)
        numbers = weights.detach().contiguous().numpy()
        cpu_synapses.spread(
            numba_mixed.forward, packed, rows, lambda _: (fixed.tau, taus, numbers, FORGET_BIAS, *memory)
        )
        ctx.fixed, ctx.packed, ctx.memory, ctx.shape = fixed, packed, memory, (batch, length, units)
        ctx.save_for_backward(weights)
        ctx.set_materialize_grads(False)
        return (
            samples(_kept_steps(packed, length), batch, (1, length + 1), (0, 2 * units)),
            unpack(taus, batch, length, units) if fixed.tau else dt.new_zeros(batch, length, 0),
        )

    @staticmethod
    @first_order
    def backward(ctx: Any, state_gradient: Tensor | None, tau_gradient: Tensor | None) -> Any:  # type: ignore[override]
        fixed, packed = cast("Fixed", ctx.fixed), cast("Packed", ctx.packed)
        (batch, length, units), width = ctx.shape, fixed.width
        weights = ctx.saved_tensors[0].detach()
        by_state = np.zeros((len(packed.dt) * 2 * units, width), packed.dt.dtype)
        if state_gradient is not None:
            by_state = pack(state_gradient, width)
        with_tau = tau_gradient is not None and fixed.tau
        by_tau = by_state[:0] if tau_gradient is None or not with_tau else pack(tau_gradient, width)
        by_start = np.zeros((len(packed.steps) * 2 * units, width), packed.dt.dtype)
        by_z = np.zeros((len(packed.dt) * 4 * units, width), packed.dt.dtype)
        sums = Sums.of(packed)
        memory = weights.contiguous().numpy(), weights.T.contiguous().numpy(), FORGET_BIAS, *ctx.memory
        given = *memory, with_tau, by_tau, by_state, sums.u, sums.dt, by_start, by_z
        rows = units * (fixed.substeps + 13) + 1 + space_rows(units, fixed.recurrent.fan_in)
        cpu_synapses.spread(numba_mixed.backward, packed, rows, lambda k: (*given, *sums.own(k)))
        by_mapped = unpack(by_z, batch, length, 4 * units)
        before = samples(_kept_steps(packed, length), batch, (0, length), (0, units))
        by_weights = by_mapped.flatten(0, 1).T @ before.flatten(0, 1)
        u, times, *tables = sums.tensors(batch, length)
        return None, by_mapped, by_weights, u, times, unpack(by_start, batch, 2 * units), *tables


def _kept_steps(packed: Packed, length: int) -> np.ndarray:
    """What is kept of every step and behind the last: (blocks, length + 1, rows of a step, width)."""
    return packed.kept.reshape(len(packed.steps), length + 1, -1, len(packed.width))


def warm(dtype: str, width: int) -> None:
    """Compile both passes, or load them from disk."""
    kind = getattr(torch, dtype)
    cell = MixedMemoryCell(LTCCell(AutoNCP(5, 1).circuit(1))).to(kind)
    x, state = torch.zeros(1, 1, 1, dtype=kind), torch.zeros(1, 10, dtype=kind)
    run(cell, x, x[..., 0], state, None, None, width, tau=True, checkpoint=False).state.sum().backward()
