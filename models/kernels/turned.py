"""Batches as blocks of lanes and back."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from models.kernels import blocks, numba_turn

_ALONE = 2**16  # numbers that one thread turns sooner than two agree on it


def pack(x: Tensor, width: int) -> np.ndarray:
    """(batch, ...) -> (blocks rows, width): rows are the other axes in order; missing samples of a block are 0."""
    batch = len(x)
    count, rows = -(-batch // width), math.prod(x.shape[1:])
    flat = x.detach().reshape(batch, rows).contiguous().numpy()
    lanes = (np.zeros if batch % width else np.empty)((count, rows, width), flat.dtype)
    blocks.spread(numba_turn.pack, [(flat, lanes, *share) for share in _shares(count, lanes.size)])
    return lanes.reshape(-1, width)


def unpack(lanes: np.ndarray, batch: int, *shape: int) -> Tensor:
    """The inverse: (blocks rows, width) -> (batch, *shape)."""
    count = -(-batch // lanes.shape[1])
    rows = math.prod(shape)
    return samples(lanes.reshape(count, 1, rows, -1), batch, (0, 1), (0, rows)).view(batch, *shape)


def samples(lanes: np.ndarray, batch: int, steps: tuple[int, int], rows: tuple[int, int]) -> Tensor:
    """(blocks, all steps, all rows, width) -> (batch, steps, rows), each from its first number to before its second."""
    out = torch.empty(batch, steps[1] - steps[0], rows[1] - rows[0], dtype=torch.from_numpy(lanes[:0]).dtype)
    parts = [(lanes, steps[0], rows[0], out.numpy(), *share) for share in _shares(len(lanes), out.numel())]
    blocks.spread(numba_turn.unpack, parts)
    return out


def _shares(count: int, numbers: int) -> list[tuple[int, int]]:
    return blocks.shares(count) if numbers > _ALONE else [(0, count)]
