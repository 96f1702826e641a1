"""A mixed memory around the liquid time-constant cell along sequences, compiled: one sample a SIMD lane.

Arrays of lanes as in ``numba_synapses``; their rows, for B blocks, T steps and N units:

    dt        (B T)              elapsed time
    kept      (B (T + 1) K)      of every step, and one behind the last: h, c (2 N) before it, then, unless ``thrifty``,
                                 the neurons (N) before every sub-step: K = 2 N or (substeps + 2) N. What the last
                                 sub-step leaves is the h of the next step
    gates     (B T 4 N)          the input map; unless ``thrifty``, the forward pass leaves the opened gates there
    here      (B T)              where ``ragged``: 1 inside a sequence, 0 after its end, where h and c stand still
    tau       (B T N)            written where ``with_tau``
    steps     (B,) numbers       steps to run; what follows stands still
    weights   (4 N, N) numbers   the recurrent map, rows as in ``models.cells.mixed_memory``
    forget_bias  a number        what is added to the forget gate
"""

from __future__ import annotations

from models.kernels.lanes import choose, fill, load, pick, store
from models.kernels.numba_cache import compiled
from models.kernels.numba_dense import clear, copy, dense
from models.kernels.numba_gates import logistic, tanh
from models.kernels.numba_substeps import step, step_back
from models.kernels.numba_synapses import CM, Gradients, flush, sense, sense_back, space_in


@compiled
def _remember(
    width, weights, forget_bias, mapped, place, kept, row, ragged, here, at, gates, gates_row, out, out_row, after,
    after_row,
):  # fmt: skip
    """From h, c in kept at ``row`` to the h (N) that the neurons start from, to out, and the c (N) after, to after.

    gates (4 N) at gates_row: activation, input, forget and output gate, opened
    """
    units = weights.shape[1]
    dense(width, weights, kept, row, mapped, place, gates, gates_row)
    for j in range(units):
        i = gates_row + j
        activation = tanh(load(gates, i, width))
        gate = logistic(load(gates, i + units, width))
        forget = logistic(load(gates, i + 2 * units, width) + forget_bias)
        let_out = logistic(load(gates, i + 3 * units, width))
        store(gates, i, activation)
        store(gates, i + units, gate)
        store(gates, i + 2 * units, forget)
        store(gates, i + 3 * units, let_out)
        before = load(kept, row + units + j, width)
        c = before * forget + activation * gate
        h = tanh(c) * let_out
        if ragged:
            switch = load(here, at, width)
            c = choose(switch, c, before)
            h = choose(switch, h, load(kept, row + j, width))
        store(out, out_row + j, h)
        store(after, after_row + j, c)


@compiled
def _remember_back(
    width, transposed, gates, gates_row, kept, row, ragged, here, at, after, after_row, held, h_gradient, c_gradient,
    z_gradient, place,
):  # fmt: skip
    """Gradient of ``_remember``: h_gradient, c_gradient (N) come in as those of what it gave, go out as of h and c.

    held (N): what a lane that stands still hands on for h; z_gradient (4 N) at ``place``: of the input map, written
    """
    units = transposed.shape[0]
    for j in range(units):
        i = gates_row + j
        activation, gate = load(gates, i, width), load(gates, i + units, width)
        forget, let_out = load(gates, i + 2 * units, width), load(gates, i + 3 * units, width)
        one = fill(1.0, gate)
        by_h, by_c = load(h_gradient, j, width), load(c_gradient, j, width)
        h_passes, c_passes = fill(0.0, gate), fill(0.0, gate)
        if ragged:
            switch, none = load(here, at, width), fill(0.0, gate)
            h_passes, c_passes = choose(switch, none, load(held, j, width)), choose(switch, none, by_c)
            by_h, by_c = choose(switch, by_h, none), choose(switch, by_c, none)
        shown = tanh(load(after, after_row + j, width))
        by_c = by_c + by_h * let_out * (one - shown * shown)
        before = load(kept, row + units + j, width)
        z = place + j
        store(z_gradient, z, by_c * gate * (one - activation * activation))
        store(z_gradient, z + units, by_c * activation * gate * (one - gate))
        store(z_gradient, z + 2 * units, by_c * before * forget * (one - forget))
        store(z_gradient, z + 3 * units, by_h * shown * let_out * (one - let_out))
        store(h_gradient, j, h_passes)
        store(c_gradient, j, c_passes + by_c * forget)
    dense(width, transposed, z_gradient, place, h_gradient, 0, h_gradient, 0)


@compiled
def forward(
    width, rule, thrifty, inputs, dt, steps, kept, sensory, recurrent, neuron, first, last, scratch,
    with_tau, tau, weights, forget_bias, gates, ragged, here,
):  # fmt: skip
    """Blocks first..last. kept: the initial h, c stand in it. scratch: (N (substeps + 5) + space_rows) rows."""
    units = neuron.shape[1]
    length = len(dt) // len(steps)
    senses = len(inputs.u) // len(dt)
    stride = 2 * units if thrifty else (rule.substeps + 2) * units
    opened = scratch[: 4 * units]
    local = scratch[4 * units : (rule.substeps + 5) * units]
    space = space_in(scratch[(rule.substeps + 5) * units :], rule, recurrent, units)
    for b in range(first, last):
        for t in range(length):
            at = b * length + t
            row = (b * (length + 1) + t) * stride
            if t >= steps[b]:
                copy(width, kept, row, kept, row + stride, 2 * units)
                continue
            place = at * 4 * units
            states, start, places, opened_at = kept, row + 2 * units, gates, place
            if thrifty:
                states, start, places, opened_at = local, 0, opened, 0
            _remember(
                width, weights, forget_bias, gates, place, kept, row, ragged, here, at, places, opened_at, states,
                start, kept, row + stride + units,
            )  # fmt: skip
            sense(width, inputs, at * senses, sensory, neuron, space.sums)
            h = load(dt, at, width) * (1 / rule.substeps)
            step(width, rule, recurrent, neuron, states, start, h, rule.substeps, space)
            if thrifty:
                copy(width, local, rule.substeps * units, kept, row + stride, units)
            if with_tau:
                for j in range(units):
                    store(tau, at * units + j, fill(pick(neuron, CM, j, units), h) / load(space.rates, j, width))


@compiled
def backward(
    width, rule, thrifty, inputs, dt, steps, kept, sensory, recurrent, neuron, first, last, scratch,
    weights, transposed, forget_bias, gates, ragged, here, z_gradient, with_tau, tau_gradient, state_gradient,
    end_gradient, start_gradient, u_gradient, dt_gradient, sensory_parts, sensory_totals, parts, totals,
    neuron_gradient,
):  # fmt: skip
    """Gradients of ``forward`` for blocks first..last.

    transposed: (N, 4 N) of weights; z_gradient: (B T 4 N) of the input map, 0 at first; state_gradient: (B T G) of the
    loss by the first G of h, c after a step; end_gradient, start_gradient: (B 2 N); the others as in ``numba_ltc``.
    scratch: (N (substeps + 13) + 1 + space_rows) rows
    """
    units = neuron.shape[1]
    length = len(dt) // len(steps)
    senses = len(inputs.u) // len(dt)
    given = len(state_gradient) // len(dt)
    stride = 2 * units if thrifty else (rule.substeps + 2) * units
    carried = scratch[: 2 * units]
    out_gradient, c_gradient = carried[:units], carried[units:]
    gradient = scratch[2 * units : 3 * units]
    middle_gradient = scratch[3 * units : 4 * units]
    sum_gradients = scratch[4 * units : 6 * units]
    opened = scratch[6 * units : 10 * units]
    c_after = scratch[10 * units : 11 * units]
    held = scratch[11 * units : 12 * units]
    h_gradient = scratch[12 * units : 12 * units + 1]
    local = scratch[12 * units + 1 : (rule.substeps + 13) * units + 1]
    space = space_in(scratch[(rule.substeps + 13) * units + 1 :], rule, recurrent, units)
    gradients = Gradients(sum_gradients, neuron_gradient[:units], h_gradient, parts)
    for b in range(first, last):
        copy(width, end_gradient, b * 2 * units, carried, 0, 2 * units)
        for t in range(length - 1, -1, -1):
            at = b * length + t
            for j in range(given):
                store(carried, j, load(carried, j, width) + load(state_gradient, at * given + j, width))
            if t >= steps[b]:
                continue
            row = (b * (length + 1) + t) * stride
            place, start, after = at * 4 * units, row + 2 * units, row + stride + units
            h = load(dt, at, width) * (1 / rule.substeps)
            sense(width, inputs, at * senses, sensory, neuron, space.sums)
            states, places = kept, gates
            if thrifty:
                states, places, start, place = local, opened, 0, 0
                _remember(
                    width, weights, forget_bias, gates, at * 4 * units, kept, row, ragged, here, at, opened, 0, local,
                    0, c_after, 0,
                )  # fmt: skip
                step(width, rule, recurrent, neuron, local, 0, h, rule.substeps - 1, space)
            if ragged:
                copy(width, out_gradient, 0, held, 0, units)
            clear(width, sum_gradients, 0, 2 * units)
            clear(width, h_gradient, 0, 1)
            step_back(
                width, rule, recurrent, neuron, states, start, h, out_gradient, gradient, middle_gradient,
                with_tau, tau_gradient, at * units, space, gradients,
            )  # fmt: skip
            for j in range(2 * units):
                leak = units + j
                store(neuron_gradient, leak, load(neuron_gradient, leak, width) + load(sum_gradients, j, width))
            store(dt_gradient, at, load(h_gradient, 0, width) * (1 / rule.substeps))
            sense_back(width, inputs, at * senses, sensory, sum_gradients, u_gradient, sensory_parts)
            flush(sensory_parts, sensory_totals)
            flush(parts, totals)
            _remember_back(
                width, transposed, places, place, kept, row, ragged, here, at, kept, after, held, out_gradient,
                c_gradient, z_gradient, at * 4 * units,
            )  # fmt: skip
        copy(width, carried, 0, start_gradient, b * 2 * units, 2 * units)
