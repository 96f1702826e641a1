"""256 x 1024 x 128 AutoNCP takes one training step (forward, backward, Adam) in a process of its own.

Memory is the peak of the whole process, libraries and compiler included. ncps at a thirtieth of the length needs an
explicit option and is stopped before it takes the machine down.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import torch

from tests.benchmarks.core_memory import resident, watched
from tests.benchmarks.core_problem import Size, data, ours, published, use_threads
from tests.benchmarks.core_report import Goal, Options, Part, at_most

GB = 1e9
GOAL = 4.0  # GB
SIZE = Size(256, 1024, 128, "AutoNCP", 32)
SMALL = Size(256, 34, 128, "AutoNCP", 32)


def run(options: Options) -> Part:
    part = Part(notes=["peak resident memory of the whole process; one step of Adam, fused, six unfolds, float32"])
    mine = _row(part, "ours", SIZE, options, 2 * GOAL)
    what = f"{SIZE.label} trains a step, peak of the process in GB"
    if "gb" in mine:
        part.goals.append(at_most(what, mine["gb"], GOAL))
    else:
        part.goals.append(Goal(f"{what}: {_fate(mine)}", None, f"<= {GOAL:g}", False))
    if options.ncps_big is not None:
        _row(part, "ncps", SMALL, options, options.ncps_big)
    return part


def _row(part: Part, library: str, size: Size, options: Options, limit: float) -> dict[str, Any]:
    order = {"library": library, "size": list(size), "backend": options.backend, "threads": options.threads}
    done = watched("tests.benchmarks.core_big", order, limit * GB)
    part.rows.append(
        {
            "library": library,
            "batch x length x neurons": size.label,
            "peak GB": done.get("gb"),
            "step s": done.get("seconds"),
            "outcome": _fate(done),
        }
    )
    return done


def _fate(done: dict[str, Any]) -> str:
    if "gb" in done:
        return "trained"
    return f"killed above {done['killed_above'] / GB:g} GB" if "killed_above" in done else f"failed: {done['failed']}"


def _train(order: dict[str, Any]) -> dict[str, float]:
    use_threads(order["threads"])
    size = Size(*order["size"])
    layer = published(size) if order["library"] == "ncps" else ours(size, order["backend"])
    optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3)
    x, weights = data(size)
    began = time.perf_counter()
    output = layer(x)
    output = output[0] if order["library"] == "ncps" else output.output
    (output * weights).sum().backward()
    optimizer.step()
    return {"seconds": time.perf_counter() - began, "gb": resident(what="VmHWM") / GB}


if __name__ == "__main__":
    print(json.dumps(_train(json.loads(sys.argv[1]))))
