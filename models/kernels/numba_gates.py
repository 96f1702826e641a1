"""The bent functions of gates, on lanes."""

from __future__ import annotations

from models.kernels.lanes import LOG2E, choose, decay, fill, logistic2
from models.kernels.numba_cache import compiled


@compiled
def logistic(x):
    """1 / (1 + exp(-x))."""
    return logistic2(x * -LOG2E)


@compiled
def tanh(x):
    """Exact to rounding relative to its value, near 0 too."""
    size = choose(x, x, x * -1.0)
    gone = decay(size + size)  # 1 - exp(-2 size)
    value = gone / (fill(2.0, x) - gone)
    return choose(x, value, value * -1.0)
