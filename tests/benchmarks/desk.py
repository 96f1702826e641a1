"""The clinician's desk: start, opening and panning a course, the event loop beside training, memory, visit to forecast.

Each part in one run beside its own floor; the goals are those of the task, the exit code is 1 where one is missed.
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

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.benchmarks.core_report import Part
from tests.benchmarks.desk_figures import QUICK, Options

PARTS = {  # run in this order, each module when its turn comes: the start is measured in a process without a window
    "start": "tests.benchmarks.desk_start",
    "course": "tests.benchmarks.desk_course",
    "list": "tests.benchmarks.desk_patients",
    "late": "tests.benchmarks.desk_late",
    "growth": "tests.benchmarks.desk_growth",
    "save": "tests.benchmarks.desk_save",
}
BUSY = 1.0  # load average before the run


def main(argv: list[str]) -> int:
    """Run the chosen parts, print their tables; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="desk", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--only", default=",".join(PARTS), help=f"PART,... of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="one start, a tenth of the cycles and patients")
    chosen = parser.parse_args(argv)
    names = chosen.only.split(",")
    if unknown := set(names) - set(PARTS):
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    result = run(names, QUICK if chosen.quick else Options())
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
    return 0 if result["met"] else 1


def run(names: list[str], options: Options) -> dict[str, Any]:
    """All figures, JSON-able. Every part is shown as soon as it is there."""
    machine = {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }
    print("  ".join(f"{name} {value}" for name, value in machine.items()), flush=True)
    if machine["load_before"] > BUSY:
        print("the machine is busy: ratios are of runs taken in turns, milliseconds are not to be quoted")
    parts: dict[str, Part] = {}
    for name in (name for name in PARTS if name in names):
        began = time.monotonic()
        parts[name] = import_module(PARTS[name]).run(options)
        parts[name].show(f"{name} ({time.monotonic() - began:.0f} s)")
    return {
        "task": "desk",
        "machine": machine,
        "options": asdict(options),
        "met": all(goal.met for part in parts.values() for goal in part.goals),
        "parts": {name: asdict(part) for name, part in parts.items()},
    }
