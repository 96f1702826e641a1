"""Processes to kill, forked from one that has loaded what they need: an interpreter takes longer to start and to load
it than most of them live.

The nursery runs as ``python -m tests.nursery MODULE``, reads requests from its input, one JSON list a line, and answers
each with a line: ["start", PIPE, ARGUMENTS...] with the id of the new process, which runs ``MODULE.main(*ARGUMENTS)``
with its output into PIPE; ["wait", ID] with its return code.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.conftest import ROOT

LIFE = 60  # seconds, after which a child ends by itself


class Child:
    """A process of its own, as far as ``subprocess.Popen`` has it: pid, stdout, returncode, kill, communicate."""

    def __init__(self, nursery: Nursery, pid: int, stdout: IO[str]) -> None:
        self._nursery = nursery
        self.pid, self.stdout = pid, stdout
        self.returncode: int | None = None

    def kill(self) -> None:
        if self.returncode is None:  # not reaped before ``communicate``: the id is still its own
            os.kill(self.pid, signal.SIGKILL)

    def communicate(self) -> str:
        """What it still said, at its end."""
        with self.stdout:
            said = self.stdout.read()
        self.returncode = int(self._nursery.ask(["wait", self.pid]))
        return said


class Nursery:
    def __init__(self, module: str, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.nursery", module]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._pipe = folder / "said"
        os.mkfifo(self._pipe)

    def ask(self, request: list[str | int]) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def start(self, *arguments: str) -> Child:
        pid = int(self.ask(["start", str(self._pipe), *arguments]))
        return Child(self, pid, self._pipe.open(encoding="utf-8"))

    def close(self) -> None:
        self._process.communicate(timeout=LIFE)


@contextmanager
def nursery(module: str) -> Iterator[Nursery]:
    with tempfile.TemporaryDirectory() as folder:
        made = Nursery(module, Path(folder))
        try:
            yield made
        finally:
            made.close()


def main(module: str) -> None:
    run = importlib.import_module(module).main
    for line in sys.stdin:
        what, *rest = json.loads(line)
        if what == "start":
            pid = os.fork()
            if pid == 0:
                _live(run, *rest)
            answer = pid
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(rest[0], 0)[1])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _live(run: Callable[..., None], pipe: str, *arguments: str) -> None:
    signal.alarm(LIFE)
    said = os.open(pipe, os.O_WRONLY)
    os.dup2(said, 1)
    os.close(said)
    os.close(0)
    code = 1
    try:
        run(*arguments)
        sys.stdout.flush()
        code = 0
    except BaseException:  # noqa: BLE001 - a child that goes on would answer as the nursery
        traceback.print_exc()
    finally:
        os._exit(code)  # what stands above belongs to the nursery


if __name__ == "__main__":
    main(sys.argv[1])
