"""The fuzz tests of this room with twenty times their examples: over 10,000 of the tables, and as many of FHIR."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(path.name for path in HERE.glob("test*fuzz*.py") if path.name != Path(__file__).name)


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("file", FILES)
def test_twenty_times_the_examples_hold_as_well(file: str):
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "--timeout", "14000", str(HERE / file)]
    done = subprocess.run(
        words, env={**os.environ, "MAILIU_FUZZ": "20"}, capture_output=True, text=True, check=False, cwd=HERE.parents[2]
    )
    assert done.returncode == 0, done.stdout[-4000:]
