"""Matrix times a column of lanes: the dense maps of compiled cells, one sample a SIMD lane.

Lanes are as in ``numba_ltc``: row r of an array (rows, W) is one number of each of ``W = len(width)`` samples.
Matrices are (outputs, inputs), row by row, as in ``torch.nn.Linear``; for the backward pass hand in the transpose.
"""

from __future__ import annotations

from models.kernels.lanes import fill, fits_register, load, pick, store
from models.kernels.numba_cache import compiled

# outputs at once: one load of an input serves them all, and eight sums of a register each hide a multiply-add's wait;
# more would not fit the sixteen registers there are
FEW, MANY = 4, 8


@compiled
def dense(width, weights, source, source_row, base, base_row, target, target_row):
    """target[target_row + o] = base[base_row + o] + sum over i of weights[o, i] source[source_row + i].

    base may be target itself, at the same row, to add to what is there; source must not be where target is written.
    """
    outputs, inputs = weights.shape
    done = 0
    if fits_register(source, width):
        done = outputs - outputs % MANY
        for o in range(0, done, MANY):
            _many(width, weights, inputs, o, source, source_row, base, base_row + o, target, target_row + o)
    few = outputs - outputs % FEW
    for o in range(done, few, FEW):
        _few(width, weights, inputs, o, source, source_row, base, base_row + o, target, target_row + o)
    for o in range(few, outputs):
        a = load(base, base_row + o, width)
        for i in range(inputs):
            a += load(source, source_row + i, width) * pick(weights, o, i, inputs)
        store(target, target_row + o, a)


@compiled
def _few(width, weights, inputs, o, source, source_row, base, base_row, target, target_row):
    a = load(base, base_row, width)
    b = load(base, base_row + 1, width)
    c = load(base, base_row + 2, width)
    d = load(base, base_row + 3, width)
    for i in range(inputs):
        value = load(source, source_row + i, width)
        a += value * pick(weights, o, i, inputs)
        b += value * pick(weights, o + 1, i, inputs)
        c += value * pick(weights, o + 2, i, inputs)
        d += value * pick(weights, o + 3, i, inputs)
    store(target, target_row, a)
    store(target, target_row + 1, b)
    store(target, target_row + 2, c)
    store(target, target_row + 3, d)


@compiled
def _many(width, weights, inputs, o, source, source_row, base, base_row, target, target_row):
    a = load(base, base_row, width)
    b = load(base, base_row + 1, width)
    c = load(base, base_row + 2, width)
    d = load(base, base_row + 3, width)
    e = load(base, base_row + 4, width)
    f = load(base, base_row + 5, width)
    g = load(base, base_row + 6, width)
    h = load(base, base_row + 7, width)
    for i in range(inputs):
        value = load(source, source_row + i, width)
        a += value * pick(weights, o, i, inputs)
        b += value * pick(weights, o + 1, i, inputs)
        c += value * pick(weights, o + 2, i, inputs)
        d += value * pick(weights, o + 3, i, inputs)
        e += value * pick(weights, o + 4, i, inputs)
        f += value * pick(weights, o + 5, i, inputs)
        g += value * pick(weights, o + 6, i, inputs)
        h += value * pick(weights, o + 7, i, inputs)
    store(target, target_row, a)
    store(target, target_row + 1, b)
    store(target, target_row + 2, c)
    store(target, target_row + 3, d)
    store(target, target_row + 4, e)
    store(target, target_row + 5, f)
    store(target, target_row + 6, g)
    store(target, target_row + 7, h)


@compiled
def spread_numbers(width, numbers, target, target_row):
    """target[target_row + k] = numbers[k] in every lane: a bias, say, that ``dense`` then adds to."""
    for k in range(len(numbers)):
        store(target, target_row + k, fill(pick(numbers, k, 0, 1), load(target, target_row + k, width)))


@compiled
def clear(width, target, target_row, rows):
    """target[target_row + k] = 0 for k below ``rows``."""
    for k in range(rows):
        store(target, target_row + k, fill(0.0, load(target, target_row + k, width)))


@compiled
def copy(width, source, source_row, target, target_row, rows):
    """target[target_row + k] = source[source_row + k] for k below ``rows``."""
    for k in range(rows):
        store(target, target_row + k, load(source, source_row + k, width))
