"""Time and memory of a training step against ncps 1.0.1, same weights, agreement checked first."""

from __future__ import annotations

import sys

from tests.benchmarks import core_memory
from tests.benchmarks.core_problem import (
    TABLE,
    Size,
    copy_ltc,
    data,
    disagreement,
    ours,
    published,
    step,
)
from tests.benchmarks.core_report import Options, Part, at_least, at_most
from tests.benchmarks.core_timing import in_turns

GOALS = dict(zip(TABLE, ((60, 20), (60, 20), (10, 30), (80, 50)), strict=True))


def run(options: Options) -> Part:
    part = Part(
        notes=[
            "outputs are an eighth of the neurons; forward and backward, float32, fused, six unfolds, gradients too",
            "disagreement: largest difference over largest entry, of outputs, input and parameter gradients; the worst",
            "memory: high-water mark of resident memory over what stood before it, after imports and a tiny step; "
            f"one process a library and size, median of three; ours counts as at least {core_memory.FLOOR_MB:g} MB",
        ]
    )
    for size, (faster, leaner) in GOALS.items():
        _row(part, size, options, faster, leaner)
        print(f"  {size.label} measured", file=sys.stderr, flush=True)
    return part


def _row(part: Part, size: Size, options: Options, faster: float, leaner: float) -> None:
    theirs, mine = published(size), ours(size, options.backend)
    pairs = copy_ltc(theirs, mine)
    x, weights = data(size)
    theirs_call, our_call = lambda x: theirs(x)[0], lambda x: mine(x).output
    agreement = disagreement(theirs, our_call, mine, pairs, x, weights)
    if agreement.note:
        part.notes.append(f"{size.label} {agreement.note}")
    times = in_turns(
        {
            "ncps": lambda: step(theirs_call, theirs, x, weights),
            "ours": lambda: step(our_call, mine, x, weights),
        },
        turns=2 if options.quick else 5,
    )
    core_memory.give_back()
    ratio = times["ncps"].median / times["ours"].median
    theirs_mb, our_mb = (core_memory.of_step(library, size, options) for library in ("ncps", "ours"))
    memory_ratio = theirs_mb / max(our_mb, core_memory.FLOOR_MB)
    part.rows.append(
        {
            "batch x length x neurons": size.label,
            "inputs": size.inputs,
            "ncps ms": times["ncps"].median * 1e3,
            "ours ms": times["ours"].median * 1e3,
            "time ratio": ratio,
            "of shortest": times["ncps"].shortest / times["ours"].shortest,
            "ncps MB": theirs_mb,
            "ours MB": our_mb,
            "memory ratio": memory_ratio,
            "disagreement": agreement.direct,
            "at": agreement.at,
        }
    )
    part.goals += [
        at_most(f"{size.label} disagreement", agreement.error, agreement.allowed),
        at_least(f"{size.label} time ratio", ratio, faster),
        at_least(f"{size.label} memory ratio", memory_ratio, leaner),
    ]
