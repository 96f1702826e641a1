"""Start of the window: wall time of a fresh process until it can be used, beside a bare window with one plot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.core_report import Part, at_most
from tests.benchmarks.desk_figures import Options
from tests.ui import people

GOAL = 2.0
CHILD = "tests.benchmarks.desk_start_child"
KINDS = ("bare", "window", "clinic")


def run(options: Options) -> Part:
    """Starts in turns, the first of each apart: it writes the byte code that an installed program has."""
    part = Part()
    with tempfile.TemporaryDirectory() as folder:
        file = people.fill(Path(folder) / "clinic.db", model=True)
        times: dict[str, list[float]] = {kind: [] for kind in KINDS}
        said: dict[str, dict[str, bool]] = {}
        for turn in range(options.starts + 1):
            for kind in KINDS:
                seconds, said[kind] = _start(kind, file, Path(folder))
                if turn:
                    times[kind].append(seconds)
    bare = median(times["bare"])
    words = {"bare": "bare window, one plot", "window": "program, first face", "clinic": "program, last patient shown"}
    for kind, taken in times.items():
        row: dict[str, Any] = {"start": words[kind], "ms": 1e3 * median(taken), "slowest ms": 1e3 * max(taken)}
        part.rows.append({**row, "times bare": median(taken) / bare})
    part.goals.append(at_most("window usable, times a bare window", median(times["window"]) / bare, GOAL))
    loaded = [name for name in ("torch", "sqlalchemy") if said["window"][name]]
    part.goals.append(at_most("heavy packages loaded by then (torch, SQLAlchemy)", float(len(loaded)), 0.0))
    part.goals.append(at_most("torch loaded with a patient shown", float(said["clinic"]["torch"]), 0.0))
    part.figures = {"seconds": times, "loaded": said}
    return part


def _start(kind: str, file: Path, home: Path) -> tuple[float, dict[str, bool]]:
    """Seconds until the word, and which packages it had loaded by then. Raises RuntimeError without a word."""
    settings = {name: str(home) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "PYTHONPYCACHEPREFIX")}
    environment = {**os.environ, **settings, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    command = [sys.executable, "-m", CHILD, kind, str(file)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    ) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        seconds = time.perf_counter() - began
    if not line:
        raise RuntimeError(f"the start of {kind} ended without a window")
    return seconds, json.loads(line)
