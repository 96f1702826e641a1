"""The process that test_kill.py kills: imports a table into a clinic file and tells how far it has come."""

from __future__ import annotations

import sys
from pathlib import Path

from app.importing.run import import_files
from app.store.clinic import Clinic


def main(clinic_file: str, table: str) -> None:
    with Clinic.open(Path(clinic_file), plain=True) as clinic:
        _say("ready")
        report = import_files([Path(table)], clinic, progress=_say)
        _say("committed", report.visits)


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()
