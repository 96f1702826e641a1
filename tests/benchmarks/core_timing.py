"""Wall-clock times of several works taken in turns, so that whatever else the machine does strikes all alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

SLOT = 0.06  # s: a fast work is repeated within its turn for about as long
RUNS = 25  # but not more often


class Times(NamedTuple):
    """Seconds of a run: median and shortest, over ``runs`` runs."""

    median: float
    shortest: float
    runs: int


def in_turns(
    works: dict[str, Callable[[], object]], turns: int, warm_up: int = 1, slot: float = SLOT
) -> dict[str, Times]:
    """Every work runs in each of ``turns`` rounds (A B A B ...); the first runs do not count."""
    for work in works.values():
        for _ in range(warm_up):
            work()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    for _ in range(turns):
        for name, work in works.items():
            end = time.perf_counter() + slot
            for _ in range(RUNS):
                began = time.perf_counter()
                work()
                now = time.perf_counter()
                seconds[name].append(now - began)
                if now >= end:
                    break
    return {name: Times(statistics.median(s), min(s), len(s)) for name, s in seconds.items()}
