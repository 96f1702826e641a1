"""The sensory drive on the GPU: the [D, N] that inputs alone cause, for all steps of a batch at once.

Rows are (sample, step) pairs, all independent. A program takes a tile of rows x ends and loops over the synapses of
each end, so nothing of size (batch, length, synapses) is ever stored. Gradients of the synapses' numbers are summed a
tile of rows at a time and over the tiles by torch, in a fixed order.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from models.kernels.first_order import first_order
from models.kernels.triton_math import gate
from models.kernels.triton_rows import ENDS_AT_MOST, Layout, power_of_two

# rows of a program: few, so that short batches still fill the card; more backward, where each writes its own sums
ROWS_FORWARD, ROWS_BACKWARD = 16, 32


_NUMBERS = ("sigma", "mu", "w", "erev", "values", "seen")


@triton.jit(
    do_not_specialize=["count", "inputs", "units", "depth", "seen_row", "seen_input"],
    do_not_specialize_on_alignment=[*_NUMBERS, "drive"],
)
def forward(
    values, seen, drive, sigma, mu, w, erev, synapse, far,
    count, inputs, units, depth, seen_row, seen_input,
    ROWS: tl.constexpr, ENDS: tl.constexpr,
):  # fmt: skip
    """values (count, inputs), seen alike (bytes) -> drive (count, 2 units)."""
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    unit = tl.program_id(1) * ENDS + tl.arange(0, ENDS)
    inside = (row < count)[:, None] & (unit < units)[None, :]
    g = tl.zeros([ROWS, ENDS], sigma.dtype.element_ty)
    c = tl.zeros([ROWS, ENDS], sigma.dtype.element_ty)
    for k in range(depth):
        number = tl.load(synapse + k * units + unit, mask=unit < units, other=-1)
        there = number >= 0
        source = tl.load(far + k * units + unit, mask=there, other=0)
        s = tl.load(sigma + number, mask=there, other=0.0)
        m = tl.load(mu + number, mask=there, other=0.0)
        opening = tl.load(w + number, mask=there, other=0.0)
        pushing = opening * tl.load(erev + number, mask=there, other=0.0)
        here = inside & there[None, :]
        v = tl.load(values + row[:, None] * inputs + source[None, :], mask=here, other=0.0)
        open_here = tl.load(seen + row[:, None] * seen_row + source[None, :] * seen_input, mask=here, other=0)
        open_share = tl.where(open_here != 0, gate(v, s[None, :], m[None, :]), 0.0)
        g += open_share * opening[None, :]
        c += open_share * pushing[None, :]
    place = drive + row[:, None] * (2 * units) + unit[None, :]
    tl.store(place, g, mask=inside)
    tl.store(place + units, c, mask=inside)


@triton.jit(
    do_not_specialize=["count", "inputs", "units", "synapses", "depth", "seen_row", "seen_input"],
    do_not_specialize_on_alignment=[*_NUMBERS, "grad_drive", "grad_values", "grad_synapses"],
)
def backward(
    values, seen, grad_drive, sigma, mu, w, erev, synapse, far, grad_values, grad_synapses,
    count, inputs, units, synapses, depth, seen_row, seen_input,
    ROWS: tl.constexpr, ENDS: tl.constexpr,
):  # fmt: skip
    """grad_values: as values; grad_synapses: (tiles of rows, 4, synapses) sigma, mu, w, erev."""
    tile = tl.program_id(0).to(tl.int64)
    row = tile * ROWS + tl.arange(0, ROWS)
    source = tl.program_id(1) * ENDS + tl.arange(0, ENDS)
    inside = (row < count)[:, None] & (source < inputs)[None, :]
    v = tl.load(values + row[:, None] * inputs + source[None, :], mask=inside, other=0.0)
    seen_here = tl.load(seen + row[:, None] * seen_row + source[None, :] * seen_input, mask=inside, other=0) != 0
    a = v * 0.0
    grad_synapses += tile * 4 * synapses
    for k in range(depth):
        number = tl.load(synapse + k * inputs + source, mask=source < inputs, other=-1)
        there = number >= 0
        target = tl.load(far + k * inputs + source, mask=there, other=0)
        s = tl.load(sigma + number, mask=there, other=0.0)[None, :]
        m = tl.load(mu + number, mask=there, other=0.0)[None, :]
        opening = tl.load(w + number, mask=there, other=0.0)[None, :]
        reversal = tl.load(erev + number, mask=there, other=0.0)[None, :]
        here = seen_here & there[None, :]
        place = grad_drive + row[:, None] * (2 * units) + target[None, :]
        a_c = tl.load(place + units, mask=here, other=0.0)
        push = tl.load(place, mask=here, other=0.0) + reversal * a_c
        open_share = gate(v, s, m)
        bend = push * opening * open_share * (1.0 - open_share)
        a += bend * s
        mine = grad_synapses + number
        tl.store(mine, tl.sum(bend * (v - m), 0), mask=there)
        tl.store(mine + synapses, tl.sum(-bend * s, 0), mask=there)
        tl.store(mine + 2 * synapses, tl.sum(push * open_share, 0), mask=there)
        tl.store(mine + 3 * synapses, tl.sum(opening * open_share * a_c, 0), mask=there)
    tl.store(grad_values + row[:, None] * inputs + source[None, :], a, mask=inside)


def tile(rows: int, ends: int) -> dict[str, Any]:
    """What the kernels are compiled for. One shape for every batch, so a batch of another size compiles nothing."""
    return {"ROWS": rows, "ENDS": min(power_of_two(ends), ENDS_AT_MOST), "num_warps": 4, "enable_fp_fusion": True}


class Drive(torch.autograd.Function):
    """values (batch, length, inputs) as the synapses see them, mask alike (True seen) or None, the sensory synapses'
    numbers -> [D, N] (batch, length, 2 units).
    """

    @staticmethod
    def forward(
        ctx: Any, layout: Layout, units: int, values: Tensor, mask: Tensor | None,
        sigma: Tensor, mu: Tensor, w: Tensor, erev: Tensor,
    ) -> Tensor:  # fmt: skip
        values, numbers = values.contiguous(), [p.contiguous() for p in (sigma, mu, w, erev)]
        batch, length, inputs = values.shape
        count = batch * length
        seen = layout.one.expand(count, inputs) if mask is None else mask.reshape(count, inputs).view(torch.uint8)
        drive = values.new_empty(batch, length, 2 * units)
        listing, shape = layout.sensory_hears, tile(ROWS_FORWARD, units)
        launch: Any = forward[(triton.cdiv(count, shape["ROWS"]), triton.cdiv(units, shape["ENDS"]))]
        launch(
            values, seen, drive, *numbers, listing.synapse, listing.far,
            count, inputs, units, listing.depth, *seen.stride(), **shape,
        )  # fmt: skip
        ctx.layout, ctx.seen = layout, seen
        ctx.save_for_backward(values, *numbers)
        return drive

    @staticmethod
    @first_order
    def backward(ctx: Any, grad_drive: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        values, *numbers = ctx.saved_tensors
        batch, length, inputs = values.shape
        count, synapses, units = batch * length, len(numbers[0]), grad_drive.shape[2] // 2
        listing, shape = ctx.layout.sensory_tells, tile(ROWS_BACKWARD, inputs)
        tiles = triton.cdiv(count, shape["ROWS"])
        grad_values, grad_synapses = torch.empty_like(values), values.new_empty(tiles, 4, synapses)
        launch: Any = backward[(tiles, triton.cdiv(inputs, shape["ENDS"]))]
        launch(
            values, ctx.seen, grad_drive.contiguous(), *numbers, listing.synapse, listing.far,
            grad_values, grad_synapses,
            count, inputs, units, synapses, listing.depth, *ctx.seen.stride(), **shape,
        )  # fmt: skip
        return None, None, grad_values, None, *grad_synapses.sum(0)
