"""A small database of every schema that was released, opened by today's program."""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3
from pathlib import Path

import pytest

from app.store.clinic import Clinic
from app.store.schema import APPLICATION_ID, HEAD
from tests.app.store.cases import simulated

pytestmark = pytest.mark.promise("R13")

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql"))
FIRST = simulated(1, visits=2, observations=3)
SECOND = simulated(2, visits=3, observations=2, name="单于")


def test_every_schema_before_todays_has_its_sample():
    assert [path.stem for path in RELEASED] == [f"{number:04d}" for number in range(1, int(HEAD))]


@pytest.fixture(params=RELEASED, ids=lambda path: path.stem)
def released(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "clinic.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(request.param.read_text(encoding="utf-8"))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    return path


def test_a_released_database_is_copied_upgraded_and_whole(released: Path):
    with Clinic.open(released, create=False) as clinic:
        assert clinic.backup is not None
        assert clinic.backup.exists()
        first, second = clinic.queries.cases()
        assert first == dataclasses.replace(
            FIRST, visits=tuple(dataclasses.replace(visit, text="改") for visit in FIRST.visits)
        )
        assert second == SECOND
        assert clinic.audit.verify().sound
        assert clinic.queries.check() == []
        assert [row.code for row in clinic.queries.search("chanyu")] == ["P00002"]
        assert clinic.queries.search("P00002")[0].visits == 3
    with Clinic.open(clinic.backup, create=False) as copy:
        assert len(list(copy.queries.cases())) == 2


def test_an_upgraded_database_takes_the_same_source_again_unchanged(released: Path):
    with Clinic.open(released, create=False) as clinic:
        again = clinic.imports.commit([SECOND])
        assert (again.visits_added, again.visits_updated, again.visits_unchanged) == (0, 0, 3)
        record = clinic.patients.open("P00001")
        clinic.patients.delete("P00001", version=record.version, visits=record.visits)
        clinic.undoing.undo()
        assert clinic.patients.open("P00001").case == record.case
