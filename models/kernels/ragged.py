"""Batches whose sequences end at different steps."""

from __future__ import annotations

import numpy as np
from torch import Tensor


def steps(inside: Tensor | None, batch: int, length: int, width: int) -> np.ndarray:
    """Steps that each block of ``width`` samples has to run: (blocks,). inside: (batch, length), True first."""
    count = -(-batch // width)
    if inside is None:
        return np.full(count, length)
    lengths = np.zeros(count * width, np.int64)
    lengths[:batch] = inside.sum(1).numpy()
    return lengths.reshape(count, width).max(1)
