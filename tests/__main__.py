"""All checks, one command: ``python -m tests``. Stops at the first that fails.

Lint, format, types, import laws, then the tests on two processes with a thread each: each begins with half of them in
the order of the files, and whichever is done first takes over half of what the other has left. Words after ``--`` go
to pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def tool(name: str) -> str:
    """The tool of this environment, not one that happens to stand earlier on the path."""
    return shutil.which(name, path=str(BIN)) or name


CHECKS = [
    [tool("ruff"), "check", "."],
    [tool("ruff"), "format", "--check", "."],
    [tool("lint-imports"), "--no-cache"],
    [tool("basedpyright"), "--warnings", "--pythonpath", sys.executable],
]


MEMORY = Path("/dev/shm")  # a file system in memory: the tests' thousands of commits wait for no disk
ROOM = 8 << 30  # bytes that must be free there


def temporary() -> dict[str, str]:
    """Where pytest keeps its temporary folders, where there is somewhere better than the usual place."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        return {"PYTEST_DEBUG_TEMPROOT": str(MEMORY)}
    return {}


def main() -> int:
    own = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    environment = {"OMP_NUM_THREADS": "1", **temporary(), **os.environ, **own}
    tests = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", *sys.argv[1:]]
    for command in [*CHECKS, tests]:
        sys.stdout.write(f"== {' '.join([Path(command[0]).name, *command[1:]])}\n")
        sys.stdout.flush()
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
