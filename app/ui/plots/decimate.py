"""A million points on a thousand pixels: lowest and highest value of every pixel column, from a pyramid of extremes.

Exact, as if every point were drawn; what it costs hardly depends on how many points are in view.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]
FACTOR = 8  # values of a level that make one of the next


class Pyramid:
    """Extremes of a series over ever larger blocks. days: (n,) not decreasing; values: (n,), NaN where none.

    Raises ValueError where the two differ in length or the days decrease.
    """

    def __init__(self, days: Array, values: Array) -> None:
        if days.shape != values.shape or days.ndim != 1:
            raise ValueError(f"days and values must be of one length, got {days.shape} and {values.shape}")
        if len(days) > 1 and bool((np.diff(days) < 0).any()):
            raise ValueError("days must not decrease")
        self.days = days
        self._lows, self._highs = [_padded(values)], [_padded(values)]
        while len(self._lows[-1]) > FACTOR + 1:
            self._lows.append(_coarser(self._lows[-1], np.fmin))
            self._highs.append(_coarser(self._highs[-1], np.fmax))

    def between(self, low: float, high: float) -> tuple[int, int]:
        """Indices start, stop of the points within low..high."""
        return int(np.searchsorted(self.days, low, "left")), int(np.searchsorted(self.days, high, "right"))

    def envelope(self, edges: Array) -> tuple[Array, Array]:
        """Lowest and highest value (C,) between each two of the edges (C + 1,), NaN where there is none.

        A column has the points from its left edge on to before its right one; the last has those on its right edge.
        """
        cuts = np.searchsorted(self.days, edges, "left")
        cuts[-1] = np.searchsorted(self.days, edges[-1], "right")
        return self._extremes(cuts[:-1].astype(np.intp), cuts[1:].astype(np.intp))

    def _extremes(self, starts: Index, stops: Index) -> tuple[Array, Array]:
        """Of each range: what sticks out of whole blocks at its two ends, then the blocks, level by level."""
        low, high = np.full(len(starts), np.nan), np.full(len(starts), np.nan)
        for lows, highs in zip(self._lows, self._highs, strict=True):
            inner_starts, inner_stops = -(-starts // FACTOR), stops // FACTOR
            whole = (inner_starts < inner_stops) & (len(lows) > FACTOR + 1)
            for begin, end in (
                (starts, np.where(whole, inner_starts * FACTOR, stops)),
                (np.where(whole, inner_stops * FACTOR, stops), stops),
            ):
                for at in range(int((end - begin).max(initial=0))):  # fewer than two blocks
                    index = np.minimum(begin + at, len(lows) - 1)
                    index[begin + at >= end] = len(lows) - 1
                    np.fmin(low, lows[index], out=low)
                    np.fmax(high, highs[index], out=high)
            if not whole.any():
                break
            starts, stops = np.where(whole, inner_starts, 0), np.where(whole, inner_stops, 0)
        return low, high


def joined(low: Array, high: Array) -> tuple[Array, Array]:
    """Columns widened until each touches the one before, so that a steep line has no holes."""
    low, high = low.copy(), high.copy()
    before_low, before_high = low[:-1].copy(), high[:-1].copy()
    low[1:] = np.where(before_high < low[1:], before_high, low[1:])
    high[1:] = np.where(before_low > high[1:], before_low, high[1:])
    return low, high


def _padded(values: Array) -> Array:
    """With a NaN behind the last: where an index has nothing to read."""
    return np.append(values, np.nan)


def _coarser(level: Array, extreme: np.ufunc) -> Array:
    values = level[:-1]
    missing = -len(values) % FACTOR
    blocks = np.append(values, np.full(missing, np.nan)).reshape(-1, FACTOR)
    out = blocks[:, 0].copy()
    for column in range(1, FACTOR):  # faster than reducing rows of eight
        extreme(out, blocks[:, column], out=out)
    return _padded(out)
