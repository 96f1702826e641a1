"""Time of a training step over what its logistic functions alone cost on this machine; growth with the size.

Synapse evaluations are batch x length x (unfolds x recurrent + sensory synapses), counted once: the backward pass has
to open every gate again, and that, the sums and the parameters' gradients all count against the ratio.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from models.layers import LTC
from tests.benchmarks.core_problem import TABLE, Size, data, ours, slope, step
from tests.benchmarks.core_report import Options, Part, at_most, between
from tests.benchmarks.core_timing import Times, in_turns

GOAL = 4.0
SLOPES = 0.8, 1.2
SOLVER = "exponential"  # the default
LARGE = Size(256, 128, 128, "AutoNCP", 32)
GROWTH: dict[str, tuple[Size, ...]] = {
    "batch": tuple(Size(b, 32, 64, "AutoNCP", 24) for b in (32, 64, 128, 256)),
    "length": tuple(Size(32, n, 64, "AutoNCP", 24) for n in (32, 64, 128, 256)),
    "synapses": tuple(Size(32, 32, n, "FullyConnected", 24) for n in (24, 48, 96, 192)),
}
WIDTHS = (8, 16, 32)  # lanes; the fastest sets the price
CACHED = 4096  # numbers a thread works on: 16 kB, in the first-level cache
PASSES = 2000
COUNT = CACHED * PASSES


def run(options: Options) -> Part:
    prices = _logistic_seconds(options.threads)
    lanes, price = min(prices.items(), key=lambda item: item[1].median)
    part = Part(
        notes=[
            f"a logistic costs {price.median * 1e9:.3f} ns (shortest {price.shortest * 1e9:.3f}) on {options.threads} "
            f"threads together: the kernels' own, float32, {lanes} lanes, in cache",
            f"solver {SOLVER}, six unfolds, forward and backward, float32; median over median, shortest over shortest",
        ],
        figures={"logistic_ns": {str(w): p.median * 1e9 for w, p in prices.items()}},
    )
    turns = 3 if options.quick else 9
    sizes = (*TABLE, LARGE)
    for size, times in zip(sizes, _times(sizes, options, turns), strict=True):
        part.rows.append(_row(size, times, price))
        part.goals.append(at_most(f"{size.label} over its logistic functions", part.rows[-1]["ratio"], GOAL))
    for what, grown in GROWTH.items():
        times = _times(grown, options, turns)
        by = {"batch": [s.batch for s in grown], "length": [s.length for s in grown]}
        x = by.get(what) or [s.evaluations() for s in grown]
        part.rows += [_row(s, t, price) for s, t in zip(grown, times, strict=True)]
        part.figures[f"slope_{what}"] = steepness = slope([float(v) for v in x], [t.median for t in times])
        part.goals.append(between(f"slope of log time over log {what}", steepness, *SLOPES))
    return part


def _row(size: Size, times: Times, price: Times) -> dict[str, Any]:
    count = size.evaluations()
    return {
        "batch x length x neurons": size.label,
        "million evaluations": count / 1e6,
        "floor ms": count * price.median * 1e3,
        "step ms": times.median * 1e3,
        "ratio": times.median / (count * price.median),
        "of shortest": times.shortest / (count * price.shortest),
    }


def _times(sizes: tuple[Size, ...], options: Options, turns: int) -> list[Times]:
    works: dict[str, Callable[[], object]] = {}
    for size in sizes:
        layer = ours(size, options.backend, SOLVER)
        works[size.label] = _work(layer, size)
    return list(in_turns(works, turns).values())


def _work(layer: LTC, size: Size) -> Callable[[], object]:
    x, weights = data(size)
    return lambda: step(lambda x: layer(x).output, layer, x, weights)


def _logistic_seconds(threads: int) -> dict[int, Times]:
    """Wall seconds a logistic function takes with all threads busy, by lanes."""
    import numba

    from models.kernels.lanes import load, store
    from models.kernels.numba_gates import logistic

    @numba.njit(nogil=True)
    def passes(width: Any, values: Any, rows: int, times: int) -> None:
        for _ in range(times):
            for row in range(rows):
                store(values, row, logistic(load(values, row, width)))  # a value is its own next input: none is skipped

    with ThreadPoolExecutor(threads) as pool:

        def work(lanes: int) -> Callable[[], object]:
            arrays = [np.linspace(-4, 4, CACHED, dtype=np.float32) for _ in range(threads)]
            width, rows = (0,) * lanes, CACHED // lanes
            return lambda: list(pool.map(lambda values: passes(width, values, rows, PASSES), arrays))

        times = in_turns({str(lanes): work(lanes) for lanes in WIDTHS}, turns=5)
    return {int(w): Times(t.median / COUNT / threads, t.shortest / COUNT / threads, t.runs) for w, t in times.items()}
