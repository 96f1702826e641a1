"""A SIMD vector as a value inside Numba functions: one lane a sample of the batch.

``load(array, row, width)`` reads ``len(width)`` neighbouring numbers; ``+ - * /`` and the functions below work lane by
lane, so a kernel reads like its formula and compiles to vector instructions on any processor, with nothing left to
an optimiser's guess. ``width`` is a tuple: its length is part of the type, so each width is compiled and cached apart.

Outside a compiled function none of these names can be called.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import extending
from numba.core import cgutils, types
from numba.core.typing import templates
from numba.extending import lower_builtin, models, register_model

# numba calls these with a typing context first; to a reader of their users they take what follows it
intrinsic: Any = extending.intrinsic
infer_global: Any = templates.infer_global
signature: Any = templates.signature

# what the optimiser may do: fuse a*b+c, divide by multiplying; not reorder, which would undo exact rounding tricks
_FLAGS = ("contract", "arcp", "nnan", "ninf", "nsz")
_EXACT = ()
_MAGIC = 12582912.0  # 1.5 * 2**23: adding it rounds a float32 to a whole number held in the low bits
LOG2E = 1.4426950408889634
_REGISTER = 256
LARGEST = 126.0  # 2**LARGEST and 2**-LARGEST are ordinary float32
LARGEST_LOGISTIC = 62.0  # so that the product of two 1 + 2**LARGEST_LOGISTIC is one too
# minimax in the relative error on |f| <= 1/2, highest power first: 2**f (7.5e-8) and (2**f - 1) / f (1.1e-8)
_EXP2 = (0.00132764654699713, 0.009675540961325169, 0.05550713464617729, 0.24022120237350464, 0.6931469440460205, 1.0)
_EXP2M1 = (
    0.0001540350931463763,
    0.0013390735257416964,
    0.009618237614631653,
    0.05550357326865196,
    0.24022649228572845,
    0.6931471824645996,
)


class Lanes(types.Type):
    """``width`` numbers of the type ``element``."""

    def __init__(self, element: types.Float, width: int) -> None:
        self.element = element
        self.width = width
        super().__init__(name=f"Lanes({element}, {width})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Lanes) -> None:
        element = dmm.lookup(fe_type.element).get_value_type()
        super().__init__(dmm, fe_type, ir.VectorType(element, fe_type.width))


def _splat(builder: Any, value: Any, vector: Any) -> Any:
    undefined = ir.Constant(vector, ir.Undefined)
    one = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
    return builder.shuffle_vector(one, undefined, zeros)


def _constant(vector: Any, value: float) -> Any:
    return ir.Constant(vector, [value] * vector.count)


def _as_lanes(context: Any, builder: Any, value: Any, given: types.Type, wanted: Lanes) -> Any:
    if isinstance(given, Lanes):
        return value
    scalar = context.cast(builder, value, given, wanted.element)
    return _splat(builder, scalar, context.get_value_type(wanted))


def _binary(op: Any, instruction: str) -> None:
    @infer_global(op)
    class _Typing(templates.AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            left, right = args
            lanes = left if isinstance(left, Lanes) else right
            if not isinstance(lanes, Lanes):
                return None
            other = right if lanes is left else left
            if other != lanes and not isinstance(other, types.Number):
                return None
            return signature(lanes, left, right)

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        left, right = (_as_lanes(context, builder, a, t, sig.return_type) for a, t in zip(args, sig.args, strict=True))
        return getattr(builder, instruction)(left, right, flags=_FLAGS)

    for pair in ((Lanes, Lanes), (Lanes, types.Number), (types.Number, Lanes)):
        lower_builtin(op, *pair)(lower)


for _op, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
    (operator.iadd, "fadd"),
):
    _binary(_op, _instruction)


def _address(context: Any, builder: Any, array_type: Any, array: Any, row: Any, width: int) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    offset = builder.mul(row, ir.Constant(row.type, width))
    return builder.gep(data, [offset], inbounds=True)


@intrinsic
def load(typingctx: Any, array: Any, row: Any, width: Any) -> Any:
    """The ``row``-th group of ``len(width)`` numbers of a contiguous array, whatever its shape."""
    lanes = Lanes(array.dtype, width.count)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = context.get_value_type(lanes)
        row_value = context.cast(builder, args[1], sig.args[1], types.intp)
        pointer = _address(context, builder, sig.args[0], args[0], row_value, lanes.width)
        return builder.load(builder.bitcast(pointer, vector.as_pointer()), align=array.dtype.bitwidth // 8)

    return signature(lanes, array, row, width), build


@intrinsic
def store(typingctx: Any, array: Any, row: Any, value: Any) -> Any:
    """Write lanes where ``load`` would read them."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        row_value = context.cast(builder, args[1], sig.args[1], types.intp)
        pointer = _address(context, builder, sig.args[0], args[0], row_value, value.width)
        builder.store(args[2], builder.bitcast(pointer, args[2].type.as_pointer()), align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return signature(types.void, array, row, value), build


@intrinsic
def fill(typingctx: Any, number: Any, like: Any) -> Any:
    """``number`` in every lane of a vector like ``like``."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _as_lanes(context, builder, args[0], sig.args[0], like)

    return signature(like, number, like), build


@intrinsic
def pick(typingctx: Any, array: Any, row: Any, column: Any, columns: Any) -> Any:
    """array.flat[row * columns + column] of a contiguous array; indices are trusted, never counted from the end."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        row_value, column_value, columns_value = (
            context.cast(builder, a, t, types.intp) for a, t in zip(args[1:], sig.args[1:], strict=True)
        )
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        offset = builder.add(builder.mul(row_value, columns_value), column_value)
        return builder.load(builder.gep(data, [offset], inbounds=True))

    return signature(array.dtype, array, row, column, columns), build


def _select(builder: Any, relation: str, left: Any, right: Any) -> Any:
    return builder.select(builder.fcmp_ordered(relation, left, right), left, right)


def _power_of_two(builder: Any, whole: Any, vector: Any) -> Any:
    """2**n from n held in the low bits of ``whole``; float32."""
    bits = ir.VectorType(ir.IntType(32), vector.count)
    return builder.shl(builder.bitcast(whole, bits), ir.Constant(bits, [23] * vector.count))


def _split(builder: Any, exponent: Any, vector: Any) -> tuple[Any, Any]:
    """A float32 exponent as whole + fraction: (the whole number in the low bits, fraction in [-.5, .5])."""
    magic = _constant(vector, _MAGIC)
    whole = builder.fadd(exponent, magic, flags=_EXACT)
    fraction = builder.fsub(exponent, builder.fsub(whole, magic, flags=_EXACT), flags=_EXACT)
    return whole, fraction


def _polynomial(builder: Any, x: Any, coefficients: tuple[float, ...], vector: Any) -> Any:
    total = _constant(vector, coefficients[0])
    if coefficients[0] == 1.0:
        total = builder.fadd(x, _constant(vector, coefficients[1]), flags=_FLAGS)
        coefficients = coefficients[1:]
    for c in coefficients[1:]:
        total = builder.fadd(builder.fmul(total, x, flags=_FLAGS), _constant(vector, c), flags=_FLAGS)
    return total


def _clamped(builder: Any, x: Any, low: float, high: float, vector: Any) -> Any:
    # the bound first: a comparison with NaN fails, and the second is then taken
    x = _select(builder, "<", _constant(vector, high), x)
    return _select(builder, ">", _constant(vector, low), x)


def _lane_by_lane(builder: Any, name: str, x: Any, vector: Any) -> Any:
    """A function of the C library on every lane."""
    kind = ir.FunctionType(vector.element, [vector.element])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    out = ir.Constant(vector, ir.Undefined)
    for lane in range(vector.count):
        index = ir.Constant(ir.IntType(32), lane)
        out = builder.insert_element(out, builder.call(function, [builder.extract_element(x, index)]), index)
    return out


def _inverse(builder: Any, x: Any, shared: bool) -> Any:
    """1 / x by a true division: the processor's quick reciprocal errs on one side.

    shared: a lane of the lower half and one of the upper share a division, 1/a = b (1 / ab), which is the dearest part
    of a gate; a NaN is then shared too
    """
    if not shared or x.type.count <= 8:
        return builder.fdiv(_constant(x.type, 1.0), x)
    low, high = _parts(builder, x)
    both = builder.fdiv(_constant(low.type, 1.0), builder.fmul(low, high))
    one, other = builder.fmul(high, both), builder.fmul(low, both)
    places = ir.Constant(ir.VectorType(ir.IntType(32), x.type.count), list(range(x.type.count)))
    return builder.shuffle_vector(one, other, places)


def _open_share(typingctx: Any, exponent: Any, bounded: bool) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = args[0].type
        one = _constant(vector, 1.0)
        if exponent.element == types.float32:
            clear = args[0]
            if not bounded:
                clear = _clamped(builder, clear, -LARGEST_LOGISTIC, LARGEST_LOGISTIC, vector)
            whole, fraction = _split(builder, clear, vector)
            bits = ir.VectorType(ir.IntType(32), vector.count)
            mantissa = builder.bitcast(_polynomial(builder, fraction, _EXP2, vector), bits)
            power = builder.bitcast(builder.add(mantissa, _power_of_two(builder, whole, vector)), vector)
        else:
            power = _lane_by_lane(builder, "exp2", args[0], vector)
        return _inverse(builder, builder.fadd(one, power, flags=_FLAGS), shared=exponent.element == types.float32)

    return signature(exponent, exponent), build


@intrinsic
def logistic2(typingctx: Any, exponent: Any) -> Any:
    """1 / (1 + 2**exponent), the logistic of x where exponent = -x log2(e).

    float32: exact to 2e-7, relatively so where it is small, exponents beyond +-LARGEST_LOGISTIC as at it; float64: as
    the library's exp2. A ratio of polynomials takes as long and errs by more than the slope g (1 - g) far from 1/2, and
    gradients are sums of slopes. In float32 a NaN may reach the lane half a width away, see ``_inverse``.
    """
    return _open_share(typingctx, exponent, bounded=False)


@intrinsic
def logistic2_bounded(typingctx: Any, exponent: Any) -> Any:
    """The same where every exponent is known to lie within +-LARGEST_LOGISTIC."""
    return _open_share(typingctx, exponent, bounded=True)


@intrinsic
def relaxed_share(typingctx: Any, elapsed: Any) -> Any:
    """1 - exp(-elapsed), without cancellation for small ``elapsed`` >= 0."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = args[0].type
        if elapsed.element == types.float32:
            exponent = builder.fmul(args[0], _constant(vector, -LOG2E))
            whole, fraction = _split(builder, _clamped(builder, exponent, -LARGEST, 0.0, vector), vector)
            ratio = _polynomial(builder, fraction, _EXP2M1, vector)
            one = _constant(vector, 1.0)
            bits = ir.VectorType(ir.IntType(32), vector.count)
            ones = builder.bitcast(one, bits)
            power = builder.bitcast(builder.add(ones, _power_of_two(builder, whole, vector)), vector)
            # 1 - 2**n 2**f = (1 - 2**n) - 2**n (2**f - 1)
            part = builder.fmul(builder.fmul(power, fraction, flags=_FLAGS), ratio, flags=_FLAGS)
            return builder.fsub(builder.fsub(one, power), part, flags=_FLAGS)
        negative = builder.fmul(args[0], _constant(vector, -1.0))
        return builder.fmul(_lane_by_lane(builder, "expm1", negative, vector), _constant(vector, -1.0))

    return signature(elapsed, elapsed), build


def _picked(builder: Any, left: Any, right: Any, places: list[int]) -> Any:
    """Lanes of left, then right, by their places in the two together."""
    return builder.shuffle_vector(left, right, ir.Constant(ir.VectorType(ir.IntType(32), len(places)), places))


def _parts(builder: Any, x: Any) -> tuple[Any, Any]:
    """The lower and the upper half of a vector."""
    half, undefined = x.type.count // 2, ir.Constant(x.type, ir.Undefined)
    lanes = list(range(x.type.count))
    return _picked(builder, x, undefined, lanes[:half]), _picked(builder, x, undefined, lanes[half:])


def _interleaved(builder: Any, left: Any, right: Any, first: list[int], second: list[int]) -> Any:
    return builder.fadd(_picked(builder, left, right, first), _picked(builder, left, right, second))


@intrinsic
def add_totals(typingctx: Any, sums: Any, row: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """sums (rows, 8) [row] += the totals over the lanes of a, b, c, d, in two parts each, see ``flush``."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        eight = []
        for value in args[2:]:
            while value.type.count > 8:
                value = builder.fadd(*_parts(builder, value), flags=_FLAGS)
            eight.append(value)
        whole, crossed = [0, 1, 2, 3, 12, 13, 14, 15], [4, 5, 6, 7, 8, 9, 10, 11]
        left = _interleaved(builder, eight[0], eight[1], whole, crossed)  # four of a, four of b
        right = _interleaved(builder, eight[2], eight[3], whole, crossed)
        totals = _interleaved(builder, left, right, [0, 1, 8, 9, 4, 5, 12, 13], [2, 3, 10, 11, 6, 7, 14, 15])
        row_value = context.cast(builder, args[1], sig.args[1], types.intp)
        pointer = _address(context, builder, sig.args[0], args[0], row_value, 8)
        pointer = builder.bitcast(pointer, totals.type.as_pointer())
        align = sums.dtype.bitwidth // 8
        builder.store(builder.fadd(builder.load(pointer, align=align), totals), pointer, align=align)
        return context.get_dummy_value()

    return signature(types.void, sums, row, a, b, c, d), build


@intrinsic
def flush_row(typingctx: Any, sums: Any, row: Any, totals: Any) -> Any:
    """totals (rows, 4) float64 [row] += what ``add_totals`` left in sums, which is then 0."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        double = ir.VectorType(ir.DoubleType(), 4)
        row_value = context.cast(builder, args[1], sig.args[1], types.intp)
        kind = ir.VectorType(context.get_value_type(sums.dtype), 8)
        given = builder.bitcast(_address(context, builder, sig.args[0], args[0], row_value, 8), kind.as_pointer())
        both, align = builder.load(given, align=sums.dtype.bitwidth // 8), sums.dtype.bitwidth // 8
        builder.store(_constant(kind, 0.0), given, align=align)
        undefined = ir.Constant(kind, ir.Undefined)
        parts = [_picked(builder, both, undefined, places) for places in ([0, 4, 2, 6], [1, 5, 3, 7])]
        if kind.element != ir.DoubleType():
            parts = [builder.fpext(part, double) for part in parts]
        taken = builder.bitcast(_address(context, builder, sig.args[2], args[2], row_value, 4), double.as_pointer())
        before = builder.load(taken, align=8)
        builder.store(builder.fadd(before, builder.fadd(*parts)), taken, align=8)
        return context.get_dummy_value()

    return signature(types.void, sums, row, totals), build


@intrinsic
def choose(typingctx: Any, switch: Any, yes: Any, no: Any) -> Any:
    """``yes`` in the lanes where ``switch`` > 0, ``no`` in the others."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        on = builder.fcmp_ordered(">", args[0], _constant(args[0].type, 0.0))
        return builder.select(on, args[1], args[2])

    return signature(yes, switch, yes, no), build


@intrinsic
def fits_register(typingctx: Any, array: Any, width: Any) -> Any:
    """Whether a row of the array is one register of 256 bits; known when compiling, so the other branch is left out."""
    answer = ir.Constant(ir.IntType(1), int(array.dtype.bitwidth * width.count <= _REGISTER))
    return signature(types.boolean, array, width), lambda context, builder, sig, args: answer
