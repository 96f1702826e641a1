"""The liquid core against ncps 1.0.1 in one run: speed, memory, solvers, floor, CfC, irregular time.

Ratios on the same work and weights, agreement checked before timing. The goals are those of the core's task; the exit
code is 1 where one is missed. T9 (half-cheetah) and the event-based XOR have benchmarks of their own: t9, xor.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from models.errors import ModelError
from tests.benchmarks.core_report import Options, Part, missing

PARTS = {
    "speed": "training step against ncps: time and peak memory",
    "big": "256 x 1024 x 128 AutoNCP, one training step",
    "solvers": "state error against gate evaluations",
    "floor": "time over the cost of the logistic functions alone; growth",
    "cfc": "CfC against ncps's CfC",
    "irregular": "elapsed times per sample against none",
}
BUSY = 1.0  # load average before the run


def main(argv: list[str]) -> int:
    """Run the chosen parts, print their tables; 1 where a goal is missed."""
    listing = "\n".join(f"  {name:10s} {line}" for name, line in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="core", description=__doc__, epilog=listing, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--only", default=",".join(PARTS), help="PART,... (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--backend", default="cpu", help="of our layers: cpu, reference, auto")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--ncps-big", type=float, nargs="?", const=16.0, metavar="GB", help="ncps at a thirtieth of big, killed above"
    )
    chosen = parser.parse_args(argv)
    names = chosen.only.split(",")
    if unknown := set(names) - set(PARTS):
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options = Options(chosen.backend, chosen.quick, chosen.threads, chosen.ncps_big)
    result = run(names, options)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1))
    return 0 if result["met"] else 1


def run(names: list[str], options: Options) -> dict[str, object]:
    """All figures, JSON-able. Every part is shown as soon as it is there."""
    import torch

    from tests.benchmarks.core_problem import use_threads

    use_threads(options.threads)
    machine: dict[str, Any] = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": options.threads,
        "torch": torch.__version__,
        "load_before": os.getloadavg()[0],
    }
    print("  ".join(f"{name} {value}" for name, value in machine.items()), flush=True)
    if machine["load_before"] > BUSY:
        print("the machine is busy: torch's threads wait for each other and ncps looks slower than it is; do not quote")
    parts: dict[str, Part] = {}
    seconds: dict[str, float] = {}
    for name in names:
        began = time.monotonic()
        try:
            parts[name] = import_module(f"tests.benchmarks.core_{name}").run(options)
        except (ImportError, ModelError) as error:
            parts[name] = Part(goals=[missing(name, f"cannot run here ({error})")])
        seconds[name] = round(time.monotonic() - began, 1)
        parts[name].show(f"{name}: {PARTS[name]} ({seconds[name]:.0f} s)")
    goals = [goal for part in parts.values() for goal in part.goals]
    missed = sum(not goal.met for goal in goals)
    print(f"\n{len(goals) - missed} of {len(goals)} goals met, {sum(seconds.values()):.0f} s")
    return {
        "task": "core",
        "machine": machine,
        "backend": options.backend,
        "quick": options.quick,
        "seconds": seconds,
        "met": not missed,
        "parts": {name: asdict(part) for name, part in parts.items()},
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
