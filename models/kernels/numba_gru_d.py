"""The recurrent part of GRU-D compiled: what does not depend on the neurons comes ready for all steps.

Arrays of lanes are (rows, W): a row is ``W = len(width)`` numbers, one a sample. Their rows, for B blocks of W samples
and T steps:

    mapped       (B, T, 3 units)   the inputs' part of r, z, n
    kept         (B, T, units)     the share of each neuron that the elapsed time leaves
    here         (B, T)            1 where a sample has this step, 0 where it stands still; read where ``ragged``
    steps        (B,)              steps to run, what follows stands still
    states       (B, T + 1, units)
    values       (B, slots, 5 units)   of step t in slot t % slots: faded state, r times it, r, z, n
    renew        (B, T, units)     logit of z

gates (2 units, units): from the faded state to r, z; new (units, units): from r times it to n. The backward pass is
given their transposes and leaves the gradients of ``mapped``, from which those of the weights follow in one product.
"""

from __future__ import annotations

from models.kernels.lanes import fill, load, store
from models.kernels.numba_cache import compiled
from models.kernels.numba_dense import clear, copy, dense
from models.kernels.numba_gates import logistic, tanh
from models.kernels.numba_steps import divide, stand_still

VALUES = 5


@compiled
def forward(
    width, gates, new, mapped, kept, ragged, here, steps, states, begin, end, slots, values, with_renew, renew,
    first, last,
):  # fmt: skip
    """Steps begin..end of blocks first..last. states holds the one before step ``begin``."""
    units = new.shape[0]
    length = len(kept) // (units * len(steps))
    for b in range(first, last):
        for t in range(begin, end):
            at = b * length + t
            before = (at + b) * units
            after = before + units
            if t >= steps[b]:
                copy(width, states, before, states, after, units)
                continue
            faded = (b * slots + t % slots) * VALUES * units
            passed, r = faded + units, faded + 2 * units
            z, n = r + units, r + 2 * units
            for j in range(units):
                state = load(states, before + j, width)
                store(values, faded + j, state * load(kept, at * units + j, width))
            dense(width, gates, values, faded, mapped, 3 * at * units, values, r)
            if with_renew:
                copy(width, values, z, renew, at * units, units)
            for j in range(units):
                opened = logistic(load(values, r + j, width))
                store(values, r + j, opened)
                store(values, passed + j, opened * load(values, faded + j, width))
                store(values, z + j, logistic(load(values, z + j, width)))
            dense(width, new, values, passed, mapped, (3 * at + 2) * units, values, n)
            for j in range(units):
                fresh, old = tanh(load(values, n + j, width)), load(values, faded + j, width)
                store(values, n + j, fresh)
                store(states, after + j, old + load(values, z + j, width) * (fresh - old))
            if ragged:
                stand_still(width, here, at, states, before, after, units)


@compiled
def backward(
    width, gates, new, mapped, kept, ragged, here, steps, states, begin, end, slots, values,
    state_gradient, carried, by_mapped, by_kept, scratch, first, last,
):  # fmt: skip
    """Gradients of ``forward`` for steps begin..end of blocks first..last.

    gates (units, 2 units), new (units, units): the transposes; state_gradient (B, T, units): of the loss; carried
    (B, units): of the state at ``end``, at last of the one at ``begin``; by_mapped, by_kept: of mapped and kept, zero
    at first; scratch: (3 units, W)
    """
    units = new.shape[0]
    length = len(kept) // (units * len(steps))
    by_passed, by_faded, gradient = scratch[:units], scratch[units : 2 * units], scratch[2 * units :]
    for b in range(first, last):
        row = b * units
        for t in range(end - 1, begin - 1, -1):
            at = b * length + t
            before = (at + b) * units
            for j in range(units):
                store(carried, row + j, load(carried, row + j, width) + load(state_gradient, at * units + j, width))
            if t >= steps[b]:
                continue
            divide(width, ragged, here, at, carried, row, gradient, units)
            faded = (b * slots + t % slots) * VALUES * units
            r, z, n = faded + 2 * units, faded + 3 * units, faded + 4 * units
            by_r = 3 * at * units
            by_z, by_n = by_r + units, by_r + 2 * units
            for j in range(units):
                now, old = load(gradient, j, width), load(values, faded + j, width)
                share, fresh = load(values, z + j, width), load(values, n + j, width)
                one = fill(1.0, now)
                store(by_mapped, by_n + j, now * share * (one - fresh * fresh))
                store(by_mapped, by_z + j, now * (fresh - old) * share * (one - share))
                store(by_faded, j, now * (one - share))
            clear(width, by_passed, 0, units)
            dense(width, new, by_mapped, by_n, by_passed, 0, by_passed, 0)
            for j in range(units):
                now, opened = load(by_passed, j, width), load(values, r + j, width)
                slope = opened * (fill(1.0, now) - opened)
                store(by_mapped, by_r + j, now * load(values, faded + j, width) * slope)
                store(by_faded, j, load(by_faded, j, width) + now * opened)
            dense(width, gates, by_mapped, by_r, by_faded, 0, by_faded, 0)
            for j in range(units):
                now, k = load(by_faded, j, width), at * units + j
                store(by_kept, k, now * load(states, before + j, width))
                store(carried, row + j, load(carried, row + j, width) + now * load(kept, k, width))
