"""Every odd, broken or hostile file at hand is read or refused: within 5 s of CPU, within 1 GB, without a crash."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [
    pytest.mark.promise("R8"),
    pytest.mark.skipif(sys.platform != "linux", reason="limits of a process are set as Linux has them"),
]
CHILD = "tests.app.importing.bad_file_child"


def outcomes(*words: str) -> tuple[dict[str, dict], str]:
    """By the name of the file, and what was written to stderr."""
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=280)
    return {Path(told["file"]).name: told for told in map(json.loads, done.stdout.splitlines())}, done.stderr


def test_every_bad_file_is_looked_into_and_imported_or_refused(shared_data: Path):
    files = [path for path in sorted((shared_data / "bad").rglob("*")) if path.is_file()]
    told, errors = outcomes("-m", CHILD, *map(str, files))
    assert errors == ""
    assert len(told) == len({path.name for path in files}) > 100
    assert {name: one["outcome"] for name, one in told.items() if one["outcome"] not in ("read", "refused")} == {}
    assert max(one["cpu"] for one in told.values()) < 5
    assert max(one["mb"] for one in told.values()) < 1024


@pytest.mark.parametrize(("what", "outcome"), [("lambda: bytearray(1 << 31)", "failed"), ("dict", "read")])
def test_the_watch_sees_what_eats_memory_and_what_ends_well(what: str, outcome: str):
    told, errors = outcomes("-c", f"from {CHILD} import watched; watched('x', [{what}])")
    assert told["x"]["outcome"] == outcome
    assert ("MemoryError" in errors) == (outcome == "failed")


def test_the_watch_sees_what_never_ends():
    shorter = f"import {CHILD} as child; child.CPU_SECONDS = 1; "
    told, _errors = outcomes("-c", shorter + "child.watched('x', [lambda: max(iter(int, 1))])")
    assert told["x"]["outcome"].startswith("ended by signal")
