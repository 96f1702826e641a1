"""The liquid time-constant cell on the CPU: torch on the outside, ``numba_ltc`` on the inside."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from models.cells.base import AbstractCell, Path
from models.cells.ltc import LTCCell
from models.kernels import cpu_synapses, numba_ltc, numba_synapses
from models.kernels.blocks import pack, samples, unpack
from models.kernels.cpu_synapses import Fixed, Packed, Sums, Tables
from models.kernels.first_order import first_order
from models.ragged import held
from models.wiring import AutoNCP

PASSES = numba_ltc.forward, numba_ltc.backward


def refusal(cell: AbstractCell) -> str | None:
    return cpu_synapses.refusal(cast("LTCCell", cell))


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
    cell = cast("LTCCell", cell)
    fixed, tables = cpu_synapses.prepare(cell, mask, inside, width, tau=tau, checkpoint=checkpoint)
    states, taus = _Path.apply(fixed, cell.sensed(x), dt, state, *tables)
    return Path(states, held(taus, inside) if tau and inside is not None else taus)


class _Path(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, fixed: Fixed, u: Tensor, dt: Tensor, state: Tensor, *tables: Tensor) -> tuple[Tensor, Tensor]:
        (batch, length), units = dt.shape, state.shape[1]
        thrifty = not (fixed.keep and any(ctx.needs_input_grad))
        per_step = 1 if thrifty else fixed.substeps
        kept = cpu_synapses.kept(state, (length * per_step + 1) * units, fixed.width)
        packed = cpu_synapses.packed(fixed, thrifty, u, dt, state, kept, Tables(*tables))
        taus = np.zeros((len(packed.dt) * units if fixed.tau else 0, fixed.width), packed.dt.dtype)
        rows = units * (fixed.substeps + 1) + numba_synapses.space_rows(units, fixed.recurrent.fan_in)
        cpu_synapses.spread(numba_ltc.forward, packed, rows, lambda _: (fixed.tau, taus))
        ctx.fixed, ctx.packed, ctx.shape = fixed, packed, (batch, length, units)
        ctx.set_materialize_grads(False)
        before = kept.reshape(len(packed.steps), -1, units, fixed.width)
        return (
            samples(before, batch, (per_step, length * per_step + 1), (0, units), per_step),
            unpack(taus, batch, length, units) if fixed.tau else dt.new_zeros(batch, length, 0),
        )

    @staticmethod
    @first_order
    def backward(ctx: Any, state_gradient: Tensor | None, tau_gradient: Tensor | None) -> Any:  # type: ignore[override]
        fixed, packed = cast("Fixed", ctx.fixed), cast("Packed", ctx.packed)
        batch, length, units = ctx.shape
        by_state = np.zeros((len(packed.dt) * units, fixed.width), packed.dt.dtype)
        if state_gradient is not None:
            by_state = pack(state_gradient, fixed.width)
        with_tau = tau_gradient is not None and fixed.tau
        by_tau = by_state[:0] if tau_gradient is None or not with_tau else pack(tau_gradient, fixed.width)
        by_start = np.zeros((len(packed.steps) * units, fixed.width), packed.dt.dtype)
        sums = Sums.of(packed)
        given = with_tau, by_tau, by_state, sums.u, sums.dt, by_start
        rows = units * (fixed.substeps + 6) + 1 + numba_synapses.space_rows(units, fixed.recurrent.fan_in)
        cpu_synapses.spread(numba_ltc.backward, packed, rows, lambda k: (*given, *sums.own(k)))
        u, times, *tables = sums.tensors(batch, length)
        return None, u, times, unpack(by_start, batch, units), *tables


def warm(dtype: str, width: int) -> None:
    """Compile both passes, or load them from disk."""
    kind = getattr(torch, dtype)
    cell = LTCCell(AutoNCP(5, 1).circuit(1)).to(kind)
    x = torch.zeros(1, 1, 1, dtype=kind, requires_grad=True)
    run(cell, x, x[..., 0], x.new_zeros(1, 5), None, None, width, tau=True, checkpoint=False).state.sum().backward()
