"""Part "promises" of the records benchmark: the tests of each promise of reliability, with their long runs.

The tests are marked ``promise``; what they measured they tell as properties of the report of the run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from defusedxml import ElementTree

from tests.benchmarks.core_report import Part, at_most
from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.benchmarks.records import Options

ROOMS = ("tests/app", "tests/ui")
WHAT = {
    "R1": "kill -9 loses nothing acknowledged",
    "R2": "loss of power",
    "R4": "full, read-only or locked",
    "R5": "a flipped bit is noticed",
    "R8": "broken and random files",
    "R9": "stopping an import leaves nothing",
    "R10": "no live formula, no fetched picture",
    "R11": "no file outside the chosen folder",
    "R13": "databases of earlier schemas",
    "R14": "several at work lose no update",
    "R15": "the log tells of tampering",
    "R16": "roles below the window",
    "R17": "nothing readable at rest",
    "R18": "the idle lock",
    "R19": "backups and the restore drill",
}


@dataclass
class _Shown:
    passed: int = 0
    skipped: int = 0
    failed: list[str] = field(default_factory=list)
    seconds: float = 0.0
    figures: list[str] = field(default_factory=list)


def run(options: Options) -> Part:
    """Rows: one a promise. Short of a full million values the long runs are left out."""
    chosen = "promise" if options.values >= 1_000_000 else "promise and not long"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        words = [sys.executable, "-m", "pytest", "-q", "-n", str(os.cpu_count() or 1), "-m", chosen]
        subprocess.run([*words, f"--junitxml={report}", "-o", "junit_family=xunit1", *ROOMS], cwd=ROOT, check=False)
        shown = _read(report)
    part = Part()
    for promise, what in WHAT.items():
        one = shown[promise]
        part.rows.append(
            {
                "promise": f"{promise} {what}",
                "tests": one.passed,
                "failed": len(one.failed),
                "skipped": one.skipped,
                "seconds": one.seconds,
            }
        )
        part.notes += [f"{promise} {line}" for line in one.figures]
        part.notes += [f"{promise} FAILED {name}" for name in one.failed]
        if not one.passed:
            part.notes.append(f"{promise}: no test ran")
    part.notes.append("R9: memory over start and the seconds to stop are figures of the part import")
    broken = sum(1 for promise in WHAT if shown[promise].failed or not shown[promise].passed)
    part.goals.append(at_most("promises with a test that failed, or without one that ran", float(broken), 0))
    return part


def _read(report: Path) -> defaultdict[str, _Shown]:
    shown: defaultdict[str, _Shown] = defaultdict(_Shown)
    for case in ElementTree.parse(report).iter("testcase"):
        told = [(one.get("name"), one.get("value")) for one in case.iter("property")]
        one = shown[next((str(value) for name, value in told if name == "promise"), "")]
        one.seconds += float(case.get("time", 0))
        one.figures += [f"{name}: {value}" for name, value in told if name != "promise"]
        if case.find("failure") is not None or case.find("error") is not None:
            one.failed.append(f"{case.get('classname')}::{case.get('name')}")
        elif case.find("skipped") is not None:
            one.skipped += 1
        else:
            one.passed += 1
    return shown
