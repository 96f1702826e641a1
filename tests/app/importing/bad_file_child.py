"""Looks into and imports each file named on the command line, each in a process of its own with bounded means.

Prints one JSON object a line: file, outcome ("read", "refused", or how it ended), cpu (seconds), mb (at the most).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from app.domain.errors import KnownError
from app.domain.units import UnitConvention
from app.importing.fhir import holds_fhir, read_bundle
from app.importing.readers import read_table
from app.importing.report import ImportReport
from app.importing.run import import_files
from app.jobs.importing import preview

CPU_SECONDS = 5
WALL_SECONDS = 60  # other processes may keep this one waiting
MEMORY = 1 << 30  # bytes over the start
READ, REFUSED, FAILED = 10, 11, 12

Look = Callable[[], object]


class _Silent:
    def progress(self, *_step: object) -> None:
        """No one is listening."""


def looks(path: Path) -> list[Look]:
    """All that the product does with a file before it stores anything."""
    return [
        lambda: list(read_table(path).rows()),
        lambda: preview(_Silent(), file=str(path)),  # type: ignore[arg-type]
        lambda: read_bundle(path, UnitConvention.MODERN, ImportReport()) if holds_fhir(path) else None,
        lambda: import_files([path], None, dry_run=True),
    ]


def load() -> None:
    """What looking into a file needs is loaded here, once, and not in the process of each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "good.csv"
        path.write_text("病历号,就诊日期,失眠\nP1,2024-03-04,6\n", encoding="utf-8")
        for look in looks(path):
            look()


def watched(name: str, what: Sequence[Look]) -> None:
    """Runs it in a child with bounded means and prints how it ended."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os._exit(_bounded(what))
    _pid, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    outcome = {READ: "read", REFUSED: "refused", FAILED: "failed"}.get(code, f"ended by signal {-code}")
    told = {"file": name, "outcome": outcome, "cpu": usage.ru_utime + usage.ru_stime, "mb": usage.ru_maxrss // 1024}
    sys.stdout.write(json.dumps(told) + "\n")


def _bounded(what: Sequence[Look]) -> int:
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(WALL_SECONDS)
    refused = 0
    for look in what:
        try:
            look()
        except KnownError:
            refused += 1
        except BaseException:  # noqa: BLE001 - a Rust panic is no subclass of Exception
            traceback.print_exc()
            return FAILED
    return REFUSED if refused else READ


if __name__ == "__main__":
    load()
    for given in sys.argv[1:]:
        watched(given, looks(Path(given)))
