"""Blocks of samples shared among threads: torch's own where they can be had, else a pool.

A thread of torch's that has just done its part of an operation spins for milliseconds in wait of the next; a pool of
other threads beside them would have to share the cores with that.
"""

from __future__ import annotations

import ctypes
import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path
from typing import Any

import torch

from models import kernels

_Part = tuple[Any, ...]
_Task = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}


def shares(blocks: int) -> list[tuple[int, int]]:
    """Block ranges, one a thread."""
    threads = max(min(torch.get_num_threads(), blocks), 1)
    cuts = [blocks * k // threads for k in range(threads + 1)]
    return list(itertools.pairwise(cuts))


def spread(work: Callable[..., Any], parts: list[_Part]) -> None:
    """work(*part) for all parts at once, one of them on this thread. The work must not hold the interpreter.

    Raises what a part raised, when all have ended.
    """
    if len(parts) == 1:
        work(*parts[0])
        return
    team = None if kernels.forked else _team()
    if team is None:
        _in_pool(work, parts)
    else:
        _in_team(team, work, parts)


def _in_team(team: ctypes.CDLL, work: Callable[..., Any], parts: list[_Part]) -> None:
    done: list[_Part] = []
    raised: list[BaseException] = []

    def some(_: object) -> None:
        # fewer threads than asked for may come
        try:
            for part in parts[team.omp_get_thread_num() :: team.omp_get_num_threads()]:
                work(*part)
                done.append(part)
        except BaseException as error:  # noqa: BLE001
            raised.append(error)

    # always as many as torch asks for: another number would end its threads and start others
    team.GOMP_parallel(_Task(some), None, max(torch.get_num_threads(), len(parts)), 0)
    if raised:
        raise raised[0]
    if len(done) < len(parts):  # what strikes between ctypes and ``try`` is printed and lost
        raise KeyboardInterrupt


def _in_pool(work: Callable[..., Any], parts: list[_Part]) -> None:
    key = (os.getpid(), len(parts) - 1)
    if key not in _pools:
        _pools[key] = ThreadPoolExecutor(len(parts) - 1, thread_name_prefix="liquid")
    waiting = [_pools[key].submit(work, *part) for part in parts[:-1]]
    try:
        work(*parts[-1])
    finally:
        wait(waiting)
    for one in waiting:
        one.result()


@cache
def _team() -> ctypes.CDLL | None:
    """The OpenMP library that torch runs on, where that is GNU's; None: no way to its threads is known."""
    if "ATen parallel backend: OpenMP" not in torch.__config__.parallel_info() or not hasattr(os, "RTLD_NOLOAD"):
        return None
    folder = Path(torch.__file__).parent
    carried = (file for place in (folder / "lib", folder.parent / "torch.libs") for file in place.glob("libgomp*.so*"))
    for name in (*map(str, carried), "libgomp.so.1"):
        try:
            library = ctypes.CDLL(name, os.RTLD_NOLOAD | os.RTLD_LAZY)  # the one in use, or none
            library.GOMP_parallel.argtypes = [_Task, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]
            library.GOMP_parallel.restype = None
        except (OSError, AttributeError):
            continue
        return library
    return None
