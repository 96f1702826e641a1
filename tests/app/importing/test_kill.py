"""Kill the importer at any point: the clinic file opens and holds the whole file or nothing of it."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.clinic import Clinic
from tests.nursery import Nursery, nursery

pytestmark = pytest.mark.promise("R1")

KILLS = int(os.environ.get("MAILIU_KILLS", "20"))
PATIENTS, VISITS = 450, 3


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


@pytest.fixture(scope="module")
def children() -> Iterator[Nursery]:
    with nursery("tests.app.importing.kill_child") as made:
        yield made


def visits_in(clinic_file: Path) -> int:
    with Clinic.open(clinic_file, plain=True) as clinic:
        counts = clinic.queries.counts()
        assert counts["visits"] in (0, PATIENTS * VISITS)
        assert counts["patients"] == (PATIENTS if counts["visits"] else 0)
        assert counts["pulse_readings"] == counts["visits"]
        assert counts["prescription_items"] == 2 * counts["visits"]
        return counts["visits"]


def test_a_killed_import_leaves_the_whole_file_or_nothing(tmp_path: Path, table: Path, children: Nursery):
    whole = tmp_path / "whole.db"
    lines = children.start(str(whole), str(table)).communicate().splitlines()
    assert lines[-1] == f"committed {PATIENTS * VISITS}"
    assert visits_in(whole) == PATIENTS * VISITS

    dice = random.Random(20240305)
    spread = [round(1 + (len(lines) - 1) * kill / (KILLS - 1)) for kill in range(KILLS)]  # over every stage told
    empty = 0
    for kill, after in enumerate(spread):
        clinic_file = tmp_path / f"killed{kill}.db"
        acknowledged = False
        child = children.start(str(clinic_file), str(table))
        for _line in range(after):
            acknowledged |= child.stdout.readline().startswith("committed")
        time.sleep(dice.random() * 0.05)
        child.kill()
        child.communicate()
        stored = visits_in(clinic_file)
        assert stored or not acknowledged
        empty += not stored
    assert empty >= KILLS // 2  # the kills did strike before the commit


def test_a_killed_import_can_be_run_again(tmp_path: Path, table: Path, children: Nursery):
    clinic_file = tmp_path / "again.db"
    child = children.start(str(clinic_file), str(table))
    while "ready" not in child.stdout.readline():
        """Until the clinic is open."""
    child.stdout.readline()
    child.kill()
    child.communicate()
    children.start(str(clinic_file), str(table)).communicate()
    assert visits_in(clinic_file) == PATIENTS * VISITS
