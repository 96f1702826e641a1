"""The bent functions of gates, on lanes."""

from __future__ import annotations

from models.kernels.lanes import LOG2E, choose, fill, logistic2, relaxed_share
from models.kernels.numba_cache import compiled


@compiled
def logistic(x):
    """1 / (1 + exp(-x))."""
    return logistic2(x * -LOG2E)


@compiled
def tanh(x):
    """Exact to rounding relative to its value, near 0 too."""
    size = choose(x, x, x * -1.0)
    gone = relaxed_share(size + size)  # 1 - exp(-2 size)
    value = gone / (fill(2.0, x) - gone)
    return choose(x, value, value * -1.0)
