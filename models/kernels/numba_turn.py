"""Samples into lanes and back, compiled: torch copies so fine a transpose slowly.

Squares of SIDE x SIDE numbers are turned within registers; what is left over at the edges goes one by one.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types

from models.kernels.lanes import intrinsic, signature
from models.kernels.numba_cache import compiled

SIDE = 8  # divides every width of lanes
_ROUNDS = 3  # SIDE = 2**_ROUNDS


@intrinsic
def _turn(typingctx: Any, source: Any, at: Any, stride: Any, target: Any, to: Any, step: Any) -> Any:
    """target.flat[to + k step + i] = source.flat[at + i stride + k] for i, k below SIDE; both contiguous."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = ir.VectorType(context.get_value_type(source.dtype), SIDE)
        align = source.dtype.bitwidth // 8

        def rows_of(first: int) -> list[Any]:
            data = context.make_array(sig.args[first])(context, builder, args[first]).data
            start, apart = (context.cast(builder, args[k], sig.args[k], types.intp) for k in (first + 1, first + 2))
            places = (builder.add(start, builder.mul(apart, ir.Constant(start.type, i))) for i in range(SIDE))
            return [builder.bitcast(builder.gep(data, [p], inbounds=True), vector.as_pointer()) for p in places]

        rows = [builder.load(p, align=align) for p in rows_of(0)]
        half, kind = SIDE // 2, ir.VectorType(ir.IntType(32), SIDE)
        low, high = (
            ir.Constant(kind, [place for i in range(start, start + half) for place in (i, SIDE + i)])
            for start in (0, half)
        )
        for _ in range(_ROUNDS):  # interleaving the halves as often as SIDE can be halved turns the square
            rows = [builder.shuffle_vector(rows[i], rows[i + half], zip_) for i in range(half) for zip_ in (low, high)]
        for row, place in zip(rows, rows_of(3), strict=True):
            builder.store(row, place, align=align)
        return context.get_dummy_value()

    return signature(types.void, source, at, stride, target, to, step), build


@compiled
def pack(x, lanes, first, last):
    """lanes[block, k, lane] = x[sample, k]. x: (batch, rows); lanes: (blocks, rows, W), zero where no sample is."""
    batch, rows = x.shape
    width = lanes.shape[2]
    for b in range(first, last):
        for part in range(0, width, SIDE):
            sample = b * width + part
            done = rows - rows % SIDE if sample + SIDE <= batch else 0
            for k in range(0, done, SIDE):
                _turn(x, sample * rows + k, rows, lanes, (b * rows + k) * width + part, width)
            for w in range(part, min(part + SIDE, batch - b * width)):
                for k in range(done, rows):
                    lanes[b, k, w] = x[b * width + w, k]


@compiled
def unpack(lanes, begin, every, row, out, first, last):
    """out[sample, step, k] = lanes[block, begin + step every, row + k, lane] for the samples of blocks first..last.

    lanes: (blocks, all steps, all rows, W); out: (batch, steps, rows)
    """
    total, height, width = lanes.shape[1:]
    batch, steps, rows = out.shape
    for b in range(first, last):
        for t in range(steps):
            at = ((b * total + begin + t * every) * height + row) * width
            for part in range(0, width, SIDE):
                sample = b * width + part
                done = rows - rows % SIDE if sample + SIDE <= batch else 0
                for k in range(0, done, SIDE):
                    _turn(lanes, at + k * width + part, width, out, (sample * steps + t) * rows + k, steps * rows)
                for w in range(part, min(part + SIDE, batch - b * width)):
                    for k in range(done, rows):
                        out[b * width + w, t, k] = lanes[b, begin + t * every, row + k, w]
