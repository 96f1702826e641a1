"""Records: importing a million observations, finding one patient among a hundred thousand, promises of reliability.

The goals are those of the task; the exit code is 1 where one is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.core_report import Part

PARTS = {
    "import": "tests.benchmarks.records_import",
    "search": "tests.benchmarks.records_search",
    "promises": "tests.benchmarks.records_promises",
}
BUSY = 1.0  # load average before the run


@dataclass(frozen=True)
class Options:
    """values: observations of the table; repeats: of each timing, medians are told."""

    values: int = 1_000_000
    repeats: int = 3


def main(argv: list[str]) -> int:
    """Run the chosen parts, print their tables; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="records", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--only", default=",".join(PARTS), help=f"PART,... of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the values, one repetition")
    parser.add_argument("--repeats", type=int, default=3, help="of each timing; medians are told (default: 3)")
    chosen = parser.parse_args(argv)
    names = chosen.only.split(",")
    if unknown := set(names) - set(PARTS):
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    result = run(names, Options(100_000, 1) if chosen.quick else Options(repeats=chosen.repeats))
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1, ensure_ascii=False))
    return 0 if result["met"] else 1


def run(names: list[str], options: Options) -> dict[str, Any]:
    """All figures, JSON-able. Every part is shown as soon as it is there."""
    machine = {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load_before": os.getloadavg()[0],
    }
    print("  ".join(f"{name} {value}" for name, value in machine.items()), flush=True)
    if machine["load_before"] > BUSY:
        print("the machine is busy: ratios are of runs taken in turns, seconds are not to be quoted")
    parts: dict[str, Part] = {}
    for name in names:
        began = time.monotonic()
        parts[name] = import_module(PARTS[name]).run(options)
        parts[name].show(f"{name} ({time.monotonic() - began:.0f} s)")
    met = all(goal.met for part in parts.values() for goal in part.goals)
    return {
        "task": "records",
        "machine": machine,
        "options": asdict(options),
        "met": met,
        "parts": {name: asdict(part) for name, part in parts.items()},
    }
