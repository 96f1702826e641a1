"""The process that test_kill.py kills: ``main(ACTION, FILE, STATEMENT)`` in one of its own.

ACTION: create, import or upgrade. STATEMENT: the process kills itself with SIGKILL before the SQL statement of that
number, "commit" just before the commit of the import, "done" at once after it; with "" it waits for its fate.
Prints "ready" when it begins, "done" after the commit was acknowledged, and where STATEMENT is "committing" that word
just before the commit, so that the parent can strike inside it.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from app.store.clinic import Clinic
from app.store.schema import upgrade
from app.store.sqlite import SqliteDatabase as Database
from tests.app.store.cases import simulated
from tests.app.store.test_schema import AHEAD

CASES = 300


def main(action: str, file: str, moment: str) -> None:
    path = Path(file)
    if action == "create":
        _arm(moment)
        _say("ready")
        Clinic.open(path, plain=True).close()
    elif action == "upgrade":
        database = Database(path)
        _arm(moment)
        _say("ready")
        upgrade(database, head=AHEAD, migrations=path.parent / "next 100%")
    else:
        cases = [simulated(number) for number in range(CASES)]
        with Clinic.open(path, plain=True) as clinic:
            _arm(moment)
            _say("ready")
            clinic.imports.commit(cases)
            _say("done")
            if moment == "done":
                _die()


def _arm(moment: str) -> None:
    counter = itertools.count(1)

    def before_statement(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        if moment.isdigit() and next(counter) == int(moment):
            _die()

    def before_commit(connection: Connection) -> None:
        if moment == "commit":
            _die()
        if moment == "committing":
            _say("committing")

    event.listen(Engine, "before_cursor_execute", before_statement)
    event.listen(Engine, "commit", before_commit)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()
