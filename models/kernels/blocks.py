"""Batches as blocks of lanes and back."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.kernels import numba_turn, threads

_LINE = 64  # bytes
_ALONE = 2**16  # numbers that one thread turns sooner than two agree on it


def zeros(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Lanes that begin where a cache line does: those that two lines share take a processor longer."""
    return _aligned(np.zeros, shape, dtype)


def empty(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    return _aligned(np.empty, shape, dtype)


def _aligned(make: Callable[..., np.ndarray], shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    size = math.prod(shape) * np.dtype(dtype).itemsize
    raw = make(size + _LINE, np.uint8)
    begin = -raw.__array_interface__["data"][0] % _LINE
    return raw[begin : begin + size].view(dtype).reshape(shape)


def pack(x: Tensor, width: int) -> np.ndarray:
    """(batch, ...) -> (blocks rows, width): rows are the other axes in order; missing samples of a block are 0."""
    batch = len(x)
    count, rows = -(-batch // width), math.prod(x.shape[1:])
    flat = x.detach().reshape(batch, rows).contiguous().numpy()
    lanes = (zeros if batch % width else empty)((count, rows, width), flat.dtype)
    threads.spread(numba_turn.pack, [(flat, lanes, *share) for share in _shares(count, lanes.size)])
    return lanes.reshape(-1, width)


def unpack(lanes: np.ndarray, batch: int, *shape: int) -> Tensor:
    """The inverse: (blocks rows, width) -> (batch, *shape)."""
    rows = math.prod(shape)
    out = _room(lanes, batch, *shape)
    _take(lanes.reshape(-(-batch // lanes.shape[1]), 1, rows, -1), out.numpy().reshape(batch, 1, rows), 0, 1, 0)
    return out


def samples(lanes: np.ndarray, batch: int, steps: tuple[int, int], rows: tuple[int, int], every: int = 1) -> Tensor:
    """(blocks, all steps, all rows, width) -> (batch, steps, rows), each from its first number to before its second.

    every: take each so manieth step only. What comes shares no memory with ``lanes``.
    """
    out = _room(lanes, batch, len(range(*steps, every)), rows[1] - rows[0])
    _take(lanes, out.numpy(), steps[0], every, rows[0])
    return out


def total(lanes: np.ndarray, *shape: int) -> Tensor:
    """Sum over the lanes: (rows, width) -> shape."""
    return torch.from_numpy(lanes).sum(-1).view(*shape)


def _room(like: np.ndarray, *shape: int) -> Tensor:
    return torch.empty(*shape, dtype=torch.from_numpy(like[:0]).dtype)


def _take(lanes: np.ndarray, out: np.ndarray, begin: int, every: int, row: int) -> None:
    parts = [(lanes, begin, every, row, out, *share) for share in _shares(len(lanes), out.size)]
    threads.spread(numba_turn.unpack, parts)


def _shares(count: int, numbers: int) -> list[tuple[int, int]]:
    return threads.shares(count) if numbers > _ALONE else [(0, count)]
