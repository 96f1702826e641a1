"""Batches whose sequences end at different steps."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def steps(inside: Tensor | None, batch: int, length: int, width: int) -> np.ndarray:
    """Steps that each block of ``width`` samples has to run: (blocks,). inside: (batch, length), True first."""
    count = -(-batch // width)
    if inside is None:
        return np.full(count, length)
    lengths = np.zeros(count * width, np.int64)
    lengths[:batch] = inside.sum(1).numpy()
    return lengths.reshape(count, width).max(1)


def held(values: Tensor, inside: Tensor) -> Tensor:
    """values (batch, length, n); after a sequence's end its last one, 0 where it has no step."""
    lengths = inside.sum(1, keepdim=True)
    step = torch.minimum(torch.arange(values.shape[1]), lengths - 1).clamp(min=0)
    return torch.where((lengths > 0).unsqueeze(-1), values.gather(1, step.unsqueeze(-1).expand_as(values)), 0.0)
