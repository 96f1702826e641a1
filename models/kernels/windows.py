"""Backward passes in windows of time: a kernel leaves the gradients of a cell's maps for a window of steps, and the
gradients of the weights take them up in one matrix product before the next window."""

from __future__ import annotations

SIZE = 4096
"""samples x steps of a window"""


def size(length: int, samples: int) -> int:
    """Steps of a window."""
    return min(length, max(1, SIZE // max(samples, 1)))


def latest_first(length: int, steps: int) -> list[tuple[int, int]]:
    """(begin, end) of all windows of ``steps`` steps; each begins at a multiple of that."""
    return [(begin, min(begin + steps, length)) for begin in reversed(range(0, length, steps))]
