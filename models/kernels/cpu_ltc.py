"""The liquid time-constant cell on the CPU: torch on the outside, ``numba_ltc`` on the inside."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from models.cells.base import AbstractCell, Run
from models.cells.ltc import LTCCell
from models.kernels import cpu_synapses, cpu_tables, numba_ltc
from models.kernels.blocks import samples, unpack, zeros
from models.kernels.cpu_synapses import Fixed, Packed, ReadOut, Sums
from models.kernels.cpu_tables import Parameters
from models.kernels.first_order import first_order
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
    path: bool,
    checkpoint: bool,
) -> Run:
    cell = cast("LTCCell", cell)
    given = cpu_tables.parameters(cell)
    fixed = Fixed.of(cell, given, mask, inside, width, path=path, checkpoint=checkpoint)
    return cpu_synapses.result(fixed, *_Path.apply(fixed, x, dt, state, *given.values()))


class _Path(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, fixed: Fixed, x: Tensor, dt: Tensor, state: Tensor, *given: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        (batch, length), units = dt.shape, state.shape[1]
        parameters = Parameters(fixed.layout, given, fixed.softplus)
        thrifty = not (fixed.keep and any(ctx.needs_input_grad))
        per_step = 1 if thrifty else fixed.substeps
        kept = cpu_synapses.room(state, (length * per_step + 1) * units, fixed.width)
        reached = float(np.abs(state.detach().numpy()).max())
        packed = cpu_synapses.arguments(fixed, thrifty, x, dt, reached, kept, parameters)
        taus = zeros((len(packed.dt) * units if fixed.path else 0, fixed.width), packed.dt.dtype)
        rows = units * (fixed.substeps + 1) + fixed.space_rows(units)
        cpu_synapses.run_pass(numba_ltc.forward, packed, rows, lambda _: (fixed.path, taus))

        def shown(first: int, rows: int) -> Tensor:
            steps = first * per_step, length * per_step + 1
            return samples(kept.reshape(len(packed.steps), -1, units, fixed.width), batch, steps, (0, rows), per_step)

        output, read_out = ReadOut.of(shown(1, fixed.outputs), parameters)
        ctx.fixed, ctx.packed, ctx.parameters, ctx.read_out = fixed, packed, parameters, read_out
        ctx.shape = batch, length, units
        ctx.save_for_backward(*given)
        ctx.set_materialize_grads(False)
        return (
            output,
            shown(length, units).view(batch, units),
            shown(1, units) if fixed.path else x.new_empty(batch, length, 0),
            unpack(taus, batch, length, units) if fixed.path else x.new_empty(batch, length, 0),
        )

    @staticmethod
    @first_order
    def backward(  # type: ignore[override]
        ctx: Any, by_output: Tensor | None, by_end: Tensor | None, by_path: Tensor | None, by_tau: Tensor | None
    ) -> Any:
        fixed, packed, read_out = cast("Fixed", ctx.fixed), cast("Packed", ctx.packed), cast("ReadOut", ctx.read_out)
        _ = ctx.saved_tensors  # refuses, were one of them changed since
        batch, length, units = ctx.shape
        by_state, by_weights, by_shifts = read_out.back(by_output, by_path)
        sums = Sums.of(packed, by_state, by_end, by_tau, units, with_x=ctx.needs_input_grad[1])
        rows = units * (fixed.substeps + 6) + 1 + fixed.space_rows(units)
        own = lambda k: (*sums.shared(), *sums.own(k))
        cpu_synapses.run_pass(numba_ltc.backward, packed, rows, own)
        gradients = ctx.parameters.gradients(sums.totals(by_weights, by_shifts), packed.dt.dtype)
        return None, *sums.tensors(batch, length, units), *gradients


def warm(dtype: str, width: int) -> None:
    """Compile both passes, or load them from disk."""
    kind = getattr(torch, dtype)
    cell = LTCCell(AutoNCP(5, 1).circuit(1)).to(kind)
    x = torch.zeros(1, 1, 1, dtype=kind)
    run(cell, x, x[..., 0], x.new_zeros(1, 5), None, None, width, path=True, checkpoint=False).output.sum().backward()
