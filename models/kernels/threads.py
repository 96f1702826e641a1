"""Blocks of samples shared among threads."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch

_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}


def shares(blocks: int) -> list[tuple[int, int]]:
    """Block ranges, one a thread."""
    threads = max(min(torch.get_num_threads(), blocks), 1)
    cuts = [blocks * k // threads for k in range(threads + 1)]
    return list(itertools.pairwise(cuts))


def spread(work: Callable[..., Any], parts: list[tuple[Any, ...]]) -> None:
    """work(*part) for all parts at once; the last on this thread. The work must not hold the interpreter."""
    if len(parts) == 1:
        work(*parts[0])
        return
    key = (os.getpid(), len(parts) - 1)  # threads do not survive a fork
    if key not in _pools:
        _pools[key] = ThreadPoolExecutor(len(parts) - 1, thread_name_prefix="liquid")
    waiting = [_pools[key].submit(work, *part) for part in parts[:-1]]
    work(*parts[-1])
    for one in waiting:
        one.result()
