"""A mixed memory around the liquid time-constant cell on the CPU: torch outside, ``numba_mixed`` inside."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from models.cells.base import AbstractCell, Run
from models.cells.ltc import LTCCell
from models.cells.mixed_memory import FORGET_BIAS, MixedMemoryCell
from models.kernels import cpu_synapses, cpu_tables, numba_mixed
from models.kernels.blocks import pack, samples, unpack, zeros
from models.kernels.cpu_synapses import Fixed, Packed, ReadOut, Sums
from models.kernels.cpu_tables import Parameters
from models.kernels.first_order import first_order
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
    path: bool,
    checkpoint: bool,
) -> Run:
    cell = cast("MixedMemoryCell", cell)
    inner, memory = cast("LTCCell", cell.inner), cell.memory
    given = cpu_tables.parameters(inner)
    fixed = Fixed.of(inner, given, mask, inside, width, path=path, checkpoint=checkpoint)
    mapped, recurrent_map = memory.input_map(x), memory.recurrent_map.weight
    return cpu_synapses.result(fixed, *_Path.apply(fixed, mapped, recurrent_map, x, dt, state, *given.values()))


class _Path(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, fixed: Fixed, mapped: Tensor, weights: Tensor, x: Tensor, dt: Tensor, state: Tensor, *given: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        (batch, length), units, width = dt.shape, weights.shape[1], fixed.width
        parameters = Parameters(fixed.layout, given, fixed.softplus)
        thrifty = not (fixed.keep and any(ctx.needs_input_grad))
        stride = (2 if thrifty else fixed.substeps + 2) * units
        kept = cpu_synapses.room(state, (length + 1) * stride, width)
        reached = max(float(state[:, :units].detach().abs().max()), 1.0)  # tanh(c) s(o) lies in -1..1
        packed = cpu_synapses.arguments(fixed, thrifty, x, dt, reached, kept, parameters)
        gates = pack(mapped, width)
        here = packed.dt[:0] if fixed.inside is None else pack(fixed.inside.to(dt.dtype), width)
        memory = gates, fixed.inside is not None, here
        taus = zeros((len(packed.dt) * units if fixed.path else 0, width), packed.dt.dtype)
        rows = units * (fixed.substeps + 5) + fixed.space_rows(units)
        numbers = weights.detach().contiguous().numpy()
        cpu_synapses.run_pass(
            numba_mixed.forward, packed, rows, lambda _: (fixed.path, taus, numbers, FORGET_BIAS, *memory)
        )
        steps = _kept_steps(packed, length)
        output, read_out = ReadOut.of(samples(steps, batch, (1, length + 1), (0, fixed.outputs)), parameters)
        ctx.fixed, ctx.packed, ctx.parameters, ctx.memory, ctx.read_out = fixed, packed, parameters, memory, read_out
        ctx.shape = batch, length, units
        ctx.save_for_backward(weights, *given)
        ctx.set_materialize_grads(False)
        nothing = x.new_empty(batch, length, 0)
        return (
            output,
            samples(steps, batch, (length, length + 1), (0, 2 * units)).view(batch, 2 * units),
            samples(steps, batch, (1, length + 1), (0, 2 * units)) if fixed.path else nothing,
            unpack(taus, batch, length, units) if fixed.path else nothing,
        )

    @staticmethod
    @first_order
    def backward(  # type: ignore[override]
        ctx: Any, by_output: Tensor | None, by_end: Tensor | None, by_path: Tensor | None, by_tau: Tensor | None
    ) -> Any:
        fixed, packed, read_out = cast("Fixed", ctx.fixed), cast("Packed", ctx.packed), cast("ReadOut", ctx.read_out)
        (batch, length, units), width = ctx.shape, fixed.width
        by_state, by_output_w, by_output_b = read_out.back(by_output, by_path)
        sums = Sums.of(packed, by_state, by_end, by_tau, 2 * units, with_x=ctx.needs_input_grad[3])
        weights = ctx.saved_tensors[0].detach()  # refuses, were one of them changed since
        by_z = zeros((len(packed.dt) * 4 * units, width), packed.dt.dtype)
        memory = weights.contiguous().numpy(), weights.T.contiguous().numpy(), FORGET_BIAS, *ctx.memory, by_z
        rows = units * (fixed.substeps + 13) + 1 + fixed.space_rows(units)
        own = lambda k: (*memory, *sums.shared(), *sums.own(k))
        cpu_synapses.run_pass(numba_mixed.backward, packed, rows, own)
        by_mapped = unpack(by_z, batch, length, 4 * units)
        before = samples(_kept_steps(packed, length), batch, (0, length), (0, units))
        by_weights = by_mapped.flatten(0, 1).T @ before.flatten(0, 1)
        gradients = ctx.parameters.gradients(sums.totals(by_output_w, by_output_b), packed.dt.dtype)
        return None, by_mapped, by_weights, *sums.tensors(batch, length, 2 * units), *gradients


def _kept_steps(packed: Packed, length: int) -> np.ndarray:
    """What is kept of every step and behind the last: (blocks, length + 1, rows of a step, width)."""
    return packed.kept.reshape(len(packed.steps), length + 1, -1, len(packed.width))


def warm(dtype: str, width: int) -> None:
    """Compile both passes, or load them from disk."""
    kind = getattr(torch, dtype)
    cell = MixedMemoryCell(LTCCell(AutoNCP(5, 1).circuit(1))).to(kind)
    x, state = torch.zeros(1, 1, 1, dtype=kind), torch.zeros(1, 10, dtype=kind)
    run(cell, x, x[..., 0], state, None, None, width, path=True, checkpoint=False).output.sum().backward()
