"""The closed-form cell with a dense backbone compiled: dense maps one after another, one sample a SIMD lane.

Arrays of lanes are (rows, W): a row is ``W = len(width)`` numbers, one a sample. Their rows, for B blocks of W samples
and T steps:

    heard        (B, T + 1, inputs + units)   what the first map hears: a step's inputs, the state before it
    dt           (B, T)            elapsed time; steps: (B,) steps to run, what follows stands still
    here         (B, T)            1 where a sample has this step, 0 where it stands still; read where ``ragged``
    values       (B, slots, all maps' outputs)   of step t in slot t % slots: each hidden layer after its activation,
                                   then the heads: tanh ff1, tanh ff2, a, s; of the pure form: ff1
    rate         (B, T, units)     what tau follows from: a; of the pure form: ff1

sizes (maps + 1,): what the first map hears, what each gives. weights: all maps' (outputs, inputs) end to end; biases
alike; transposed: their transposes, the first one's only as far as a gradient is wanted. own (2, units): |w_tau|, A of
the pure form. A hidden layer is ``scale tanh(slope z)``.

The backward pass only carries gradients back in time. It leaves the gradients of all maps' outputs, from which those
of the weights follow for all steps in one product.
"""

from __future__ import annotations

from models.kernels.lanes import choose, fill, load, pick, relaxed_share, store
from models.kernels.numba_cache import compiled
from models.kernels.numba_dense import clear, copy, dense, spread_numbers
from models.kernels.numba_gates import logistic, tanh
from models.kernels.numba_steps import divide, stand_still

GATED, UNGATED, PURE = 0, 1, 2
W_TAU, A = range(2)


@compiled
def _maps(width, scale, slope, sizes, weights, biases, heard, now, values, place):
    """All maps of what is heard at row ``now``, written from row ``place`` on; where the heads begin."""
    source, source_row = heard, now
    begin, bias = 0, 0
    for k in range(len(sizes) - 1):
        inputs, outputs = sizes[k], sizes[k + 1]
        matrix = weights[begin : begin + outputs * inputs].reshape((outputs, inputs))
        spread_numbers(width, biases[bias : bias + outputs], values, place)
        dense(width, matrix, source, source_row, values, place, values, place)
        if k == len(sizes) - 2:
            break
        for j in range(place, place + outputs):
            store(values, j, tanh(load(values, j, width) * slope) * scale)
        source, source_row = values, place
        begin += outputs * inputs
        bias += outputs
        place += outputs
    return place


@compiled
def _closed_form(width, mode, units, elapsed, own, values, heads, target, row):
    """The state after the step from the heads, to target; the heads become what ``values`` is said to hold."""
    for j in range(units):
        z = heads + j
        if mode == PURE:
            ff1 = load(values, z, width)
            rate = choose(ff1, ff1, ff1 * -1.0) + pick(own, W_TAU, j, units)
            goal = fill(pick(own, A, j, units), ff1)
            left = fill(1.0, ff1) - relaxed_share(elapsed * rate)
            store(target, row + j, goal - goal * left * ff1)
        else:
            first, second = tanh(load(values, z, width)), tanh(load(values, z + units, width))
            share = logistic(load(values, z + 2 * units, width) * elapsed + load(values, z + 3 * units, width))
            store(values, z, first)
            store(values, z + units, second)
            store(values, z + 3 * units, share)
            if mode == GATED:
                store(target, row + j, first + share * (second - first))
            else:
                store(target, row + j, first + share * second)


@compiled
def forward(
    width, mode, scale, slope, sizes, weights, biases, own, heard, dt, ragged, here, steps, begin, end, slots, values,
    with_rate, rate, first, last,
):  # fmt: skip
    """Steps begin..end of blocks first..last. heard holds the inputs, and the state before step ``begin``."""
    units = own.shape[1]
    wide, total = sizes[0], sizes[1:].sum()
    inputs = wide - units
    rates = 0 if mode == PURE else 2 * units
    length = len(dt) // len(steps)
    for b in range(first, last):
        for t in range(begin, end):
            now = (b * (length + 1) + t) * wide
            before, after = now + inputs, now + wide + inputs
            if t >= steps[b]:
                copy(width, heard, before, heard, after, units)
                continue
            at = b * length + t
            place = (b * slots + t % slots) * total
            z = _maps(width, scale, slope, sizes, weights, biases, heard, now, values, place)
            _closed_form(width, mode, units, load(dt, at, width), own, values, z, heard, after)
            if ragged:
                stand_still(width, here, at, heard, before, after, units)
            if with_rate:
                copy(width, values, z + rates, rate, at * units, units)


@compiled
def _pull_heads(width, mode, units, elapsed, own, values, heads, gradient, by_values, z, own_gradient):
    """Gradient of ``_closed_form``: of the state after the step (gradient) to the heads' (by_values, from row z on).

    own_gradient (2, units): added to. The gradient of the elapsed time is returned.
    """
    by_elapsed = fill(0.0, elapsed)
    one = fill(1.0, elapsed)
    for j in range(units):
        by_new = load(gradient, j, width)
        if mode == PURE:
            ff1 = load(values, heads + j, width)
            sign = choose(ff1, one, one * -1.0)
            rate = ff1 * sign + pick(own, W_TAU, j, units)
            goal = pick(own, A, j, units)
            left = one - relaxed_share(elapsed * rate)
            by_exponent = by_new * ff1 * left * goal
            by_rate = by_exponent * elapsed
            by_elapsed += by_exponent * rate
            store(by_values, z + j, by_rate * sign - by_new * left * goal)
            store(own_gradient, j, load(own_gradient, j, width) + by_rate)
            store(own_gradient, units + j, load(own_gradient, units + j, width) + by_new * (one - left * ff1))
        else:
            first, second = load(values, heads + j, width), load(values, heads + units + j, width)
            a, share = load(values, heads + 2 * units + j, width), load(values, heads + 3 * units + j, width)
            by_first, distance = by_new, second
            if mode == GATED:
                by_first = by_new * (one - share)
                distance = second - first
            by_logit = by_new * distance * share * (one - share)
            by_elapsed += by_logit * a
            store(by_values, z + j, by_first * (one - first * first))
            store(by_values, z + units + j, by_new * share * (one - second * second))
            store(by_values, z + 2 * units + j, by_logit * elapsed)
            store(by_values, z + 3 * units + j, by_logit)
    return by_elapsed


@compiled
def _pull_maps(width, scale, slope, sizes, transposed, hears, values, place, by_values, by_place, scratch):
    """Gradient of ``_maps``: from the heads' in by_values to every layer's, and of what is heard in scratch (hears,).

    place, by_place: the first rows of the step
    """
    end = len(transposed)
    row = sizes[1:-1].sum()
    for k in range(len(sizes) - 2, 0, -1):
        inputs, outputs = sizes[k], sizes[k + 1]
        matrix = transposed[end - outputs * inputs : end].reshape((inputs, outputs))
        below = row - inputs
        clear(width, by_values, by_place + below, inputs)
        dense(width, matrix, by_values, by_place + row, by_values, by_place + below, by_values, by_place + below)
        for j in range(below, row):
            value = load(values, place + j, width)
            bend = fill(scale * slope, value) - value * value * (slope / scale)
            store(by_values, by_place + j, load(by_values, by_place + j, width) * bend)
        end -= outputs * inputs
        row = below
    clear(width, scratch, 0, hears)
    dense(width, transposed[:end].reshape((hears, sizes[1])), by_values, by_place, scratch, 0, scratch, 0)


@compiled
def backward(
    width, mode, scale, slope, sizes, transposed, own, heard, dt, ragged, here, steps, begin, end, slots, values,
    hears, state_gradient, with_rate, rate_gradient, carried, by_values, x_gradient, dt_gradient, own_gradient, scratch,
    first, last,
):  # fmt: skip
    """Gradients of ``forward`` for steps begin..end of blocks first..last.

    hears: units, or inputs + units where x_gradient (B, T, inputs) is wanted; state_gradient, rate_gradient (B, T,
    units): of the loss; carried (B, units): of the state at ``end``, at last of the one at ``begin``; by_values
    (B, end - begin, all maps' outputs): written; own_gradient (2, units): added to; scratch: (inputs + 2 units, W)
    """
    units = own.shape[1]
    total = sizes[1:].sum()
    heads = total - sizes[-1]
    rates = heads if mode == PURE else heads + 2 * units
    known = hears - units
    length = len(dt) // len(steps)
    gradient, lower = scratch[:units], scratch[units:]
    for b in range(first, last):
        for t in range(end - 1, begin - 1, -1):
            at = b * length + t
            row = b * units
            by_place = (b * (end - begin) + t - begin) * total
            for j in range(units):
                now = load(carried, row + j, width) + load(state_gradient, at * units + j, width)
                store(carried, row + j, now)
            if t >= steps[b]:
                clear(width, by_values, by_place, total)
                continue
            divide(width, ragged, here, at, carried, row, gradient, units)
            place = (b * slots + t % slots) * total
            z = by_place + heads
            elapsed = load(dt, at, width)
            by_elapsed = _pull_heads(
                width, mode, units, elapsed, own, values, place + heads, gradient, by_values, z, own_gradient
            )
            store(dt_gradient, at, by_elapsed)
            if with_rate:
                for j in range(units):
                    k = by_place + rates + j
                    store(by_values, k, load(by_values, k, width) + load(rate_gradient, at * units + j, width))
            _pull_maps(width, scale, slope, sizes, transposed, hears, values, place, by_values, by_place, lower)
            copy(width, lower, 0, x_gradient, at * known, known)
            for j in range(units):
                store(carried, row + j, load(carried, row + j, width) + load(lower, known + j, width))
