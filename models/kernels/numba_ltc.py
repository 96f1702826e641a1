"""The liquid time-constant cell along sequences, compiled: one sample a SIMD lane, blocks of samples for threads.

Arrays of lanes as in ``numba_synapses``; their rows, for B blocks, T steps and N units:

    dt       (B T)                 elapsed time
    kept     (B (T K + 1) N)       the state before every sub-step and at the end; K = 1, before every step only, where
                                   ``thrifty``: the backward pass then crosses each step again
    tau      (B T N)               written where ``with_tau``
    steps    (B,) numbers          steps to run; what follows stands still
"""

from __future__ import annotations

from models.kernels.lanes import fill, load, pick, store
from models.kernels.numba_cache import compiled
from models.kernels.numba_dense import clear, copy
from models.kernels.numba_substeps import step, step_back
from models.kernels.numba_synapses import CM, Gradients, flush, sense, sense_back, space_in


@compiled
def forward(
    width, rule, thrifty, inputs, dt, steps, kept, sensory, recurrent, neuron, first, last, scratch,
    with_tau, tau,
):  # fmt: skip
    """Blocks first..last. kept: the initial states stand in it. scratch: (N (substeps + 1) + space_rows) rows."""
    units = neuron.shape[1]
    length = len(dt) // len(steps)
    senses = len(inputs.u) // len(dt)
    local = scratch[: (rule.substeps + 1) * units]
    space = space_in(scratch[(rule.substeps + 1) * units :], rule, recurrent, units)
    per_step = 1 if thrifty else rule.substeps
    for b in range(first, last):
        for t in range(length):
            at = b * length + t
            row = (b * (length * per_step + 1) + t * per_step) * units
            if t >= steps[b]:
                for k in range(1, per_step + 1):
                    copy(width, kept, row, kept, row + k * units, units)
                continue
            sense(width, inputs, at * senses, sensory, neuron, space.sums)
            h = load(dt, at, width) * (1 / rule.substeps)
            states, begin = (local, 0) if thrifty else (kept, row)
            if thrifty:
                copy(width, kept, row, local, 0, units)
            step(width, rule, recurrent, neuron, states, begin, h, rule.substeps, space)
            if thrifty:
                copy(width, local, rule.substeps * units, kept, row + units, units)
            if with_tau:
                for j in range(units):
                    store(tau, at * units + j, fill(pick(neuron, CM, j, units), h) / load(space.rates, j, width))


@compiled
def backward(
    width, rule, thrifty, inputs, dt, steps, kept, sensory, recurrent, neuron, first, last, scratch,
    with_tau, tau_gradient, state_gradient, end_gradient, start_gradient, u_gradient, dt_gradient,
    sensory_parts, sensory_totals, parts, totals, neuron_gradient,
):  # fmt: skip
    """Gradients of ``forward`` for blocks first..last.

    tau_gradient: (B T N) of the loss; state_gradient: (B T G) of the loss by the first G neurons after a step;
    end_gradient: (B N) by the state behind the last step; start_gradient: (B N), may be the same array; u_gradient: 0
    at first, or empty where unwanted; dt_gradient: 0 at first; sensory_parts, parts: (synapses, 8), 0; sensory_totals,
    totals: (synapses, 4) float64, see ``flush``; neuron_gradient: (3 N) as ``neuron``, added to.
    scratch: (N (substeps + 6) + 1 + space_rows) rows
    """
    units = neuron.shape[1]
    length = len(dt) // len(steps)
    senses = len(inputs.u) // len(dt)
    given = len(state_gradient) // len(dt)
    out_gradient = scratch[:units]
    gradient = scratch[units : 2 * units]
    middle_gradient = scratch[2 * units : 3 * units]
    sum_gradients = scratch[3 * units : 5 * units]
    h_gradient = scratch[5 * units : 5 * units + 1]
    local = scratch[5 * units + 1 : (6 + rule.substeps) * units + 1]
    space = space_in(scratch[(6 + rule.substeps) * units + 1 :], rule, recurrent, units)
    gradients = Gradients(sum_gradients, neuron_gradient[:units], h_gradient, parts)
    per_step = 1 if thrifty else rule.substeps
    for b in range(first, last):
        copy(width, end_gradient, b * units, out_gradient, 0, units)
        for t in range(length - 1, -1, -1):
            at = b * length + t
            for j in range(given):
                store(out_gradient, j, load(out_gradient, j, width) + load(state_gradient, at * given + j, width))
            if t >= steps[b]:
                continue
            row = (b * (length * per_step + 1) + t * per_step) * units
            h = load(dt, at, width) * (1 / rule.substeps)
            sense(width, inputs, at * senses, sensory, neuron, space.sums)
            states = kept
            if thrifty:
                states = local
                copy(width, kept, row, local, 0, units)
                step(width, rule, recurrent, neuron, local, 0, h, rule.substeps - 1, space)
                row = 0
            clear(width, sum_gradients, 0, 2 * units)
            clear(width, h_gradient, 0, 1)
            step_back(
                width, rule, recurrent, neuron, states, row, h, out_gradient, gradient, middle_gradient,
                with_tau, tau_gradient, at * units, space, gradients,
            )  # fmt: skip
            for j in range(2 * units):
                leak = units + j
                store(neuron_gradient, leak, load(neuron_gradient, leak, width) + load(sum_gradients, j, width))
            store(dt_gradient, at, load(h_gradient, 0, width) * (1 / rule.substeps))
            sense_back(width, inputs, at * senses, sensory, sum_gradients, u_gradient, sensory_parts)
            flush(sensory_parts, sensory_totals)
            flush(parts, totals)
        copy(width, out_gradient, 0, start_gradient, b * units, units)
