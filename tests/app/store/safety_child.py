"""The process that test_safety_kill.py kills: ``main(ACTION, FILE, STEP)`` in one of its own.

ACTION: backup (again and again), encrypt or rekey. STEP: the process kills itself with SIGKILL before it opens, renames
or removes a file for the STEP-th time; at 0 it waits for its fate. Prints "ready" when it begins, "done" with
the backup's name after each act was acknowledged, and at the end "steps" with their number.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from app.store import keys
from app.store.clinic import Clinic, Credentials

OLD, NEW = "白日依山尽 1688", "黄河入海流 1688"
STEPS = ("open", "os.rename", "os.remove", "sqlite3.connect")


def main(action: str, file: str, at: str) -> None:
    path, step = Path(file), int(at)
    keys.KDF = {**keys.KDF, "time": 1, "memory_kib": 64, "lanes": 1}
    with Clinic.open(path, create=False, credentials=Credentials(passphrase=OLD)) as clinic:
        clinic.rekeying  # noqa: B018 - everything is loaded before the steps are counted
        _say("ready")
        taken = _counting(step)
        if action == "backup":
            for _ in range(1 if step else 1000):
                _say(f"done {clinic.backups.make().path.name}")
        else:
            (clinic.rekeying.encrypt if action == "encrypt" else clinic.rekeying.new_data_key)(NEW)
            _say("done")
    _say(f"steps {taken[0]}")


def _counting(step: int) -> list[int]:
    taken = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and not (event == "open" and str(arguments[0]).endswith((".py", ".pyc", ".so"))):
            taken[0] += 1
            if taken[0] == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return taken


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()
