"""Kill the importer at any point: the clinic file opens and holds the whole file or nothing of it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.store.clinic import Clinic

pytestmark = pytest.mark.promise("R1")

KILLS = int(os.environ.get("MAILIU_KILLS", "20"))
PATIENTS, VISITS = 450, 3
CHILD = """
import sys
from pathlib import Path
from app.importing.run import import_files
from app.store.clinic import Clinic

with Clinic.open(Path(sys.argv[1]), plain=True) as clinic:
    print("ready", flush=True)
    report = import_files([Path(sys.argv[2])], clinic, progress=lambda *step: print(*step, flush=True))
    print("committed", report.visits, flush=True)
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [
        f"P{patient},2024-01-{1 + visit * 7:02d},{visit * 2},弦滑,黄芪30g、白术15g"
        for patient in range(PATIENTS)
        for visit in range(VISITS)
    ]
    path = tmp_path / "clinic.csv"
    path.write_text("\n".join(["病历号,就诊日期,失眠,脉象,处方", *rows]) + "\n", encoding="utf-8")
    return path


def started(clinic_file: Path, table: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(clinic_file), str(table)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])


def visits_in(clinic_file: Path) -> int:
    with Clinic.open(clinic_file, plain=True) as clinic:
        counts = clinic.queries.counts()
        assert counts["visits"] in (0, PATIENTS * VISITS)
        assert counts["patients"] == (PATIENTS if counts["visits"] else 0)
        assert counts["pulse_readings"] == counts["visits"]
        assert counts["prescription_items"] == 2 * counts["visits"]
        return counts["visits"]


def test_a_killed_import_leaves_the_whole_file_or_nothing(tmp_path: Path, table: Path):
    whole = tmp_path / "whole.db"
    with started(whole, table) as child:
        assert child.stdout is not None
        lines = child.stdout.read().splitlines()
    assert lines[-1] == f"committed {PATIENTS * VISITS}"
    assert visits_in(whole) == PATIENTS * VISITS

    dice = random.Random(20240305)
    spread = [round(1 + (len(lines) - 1) * kill / (KILLS - 1)) for kill in range(KILLS)]  # over every stage told
    empty = 0
    for kill, after in enumerate(spread):
        clinic_file = tmp_path / f"killed{kill}.db"
        acknowledged = False
        with started(clinic_file, table) as child:
            assert child.stdout is not None
            for _line in range(after):
                acknowledged |= child.stdout.readline().startswith("committed")
            time.sleep(dice.random() * 0.05)
            child.kill()
        stored = visits_in(clinic_file)
        assert stored or not acknowledged
        empty += not stored
    assert empty >= KILLS // 2  # the kills did strike before the commit


def test_a_killed_import_can_be_run_again(tmp_path: Path, table: Path):
    clinic_file = tmp_path / "again.db"
    with started(clinic_file, table) as child:
        assert child.stdout is not None
        while "ready" not in child.stdout.readline():
            """Until the clinic is open."""
        child.stdout.readline()
        child.kill()
    with started(clinic_file, table) as child:
        assert child.stdout is not None
        child.stdout.read()
    assert visits_in(clinic_file) == PATIENTS * VISITS
