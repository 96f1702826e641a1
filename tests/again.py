"""Tests of the suite once more with harder figures, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable

from tests.conftest import ROOT


def assert_still_hold(tests: Iterable[str], **environment: str) -> None:
    """tests: paths from the root, as pytest takes them; environment: variables that make them harder."""
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "--timeout", "14000", *tests]
    done = subprocess.run(
        words, env={**os.environ, **environment}, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout[-4000:]
