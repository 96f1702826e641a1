"""Large imports: what a plain insert would store, in a few statements, stoppable at once and without a large log."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, insert, select

from app.domain.records import Case, DateBasis, Observation, Patient, ValueKind, Visit, VisitKind
from app.store import pace, sqlite, writing
from app.store.bulk import insert_rows, insert_with_ids, reserve_ids
from app.store.clinic import Clinic
from app.store.imports import CHUNK_OBSERVATIONS, ImportCancelledError
from app.store.tables import import_batch, patient, visit
from tests.app.store.cases import simulated

BATCH = {"at": dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "files": [{"name": "病案"}], "report": {}, "counts": {"a": 1}}


def one_patient(visits: int, observations: int) -> Case:
    said = tuple(
        Observation(f"x.v{n}", ValueKind.NUMBER, number=n / 7, raw=f"{n / 7:.3f}") for n in range(observations)
    )
    return Case(
        Patient("P1"),
        tuple(
            Visit(n + 1, VisitKind.FOLLOW_UP if n else VisitKind.FIRST, float(n), DateBasis.EXACT, observations=said)
            for n in range(visits)
        ),
    )


def test_a_row_is_stored_as_a_plain_insert_stores_it(clinic: Clinic):
    with clinic._database.write() as connection:
        insert_rows(connection, import_batch, [BATCH])
        connection.execute(insert(import_batch), BATCH)
        bulk, plain = connection.exec_driver_sql("SELECT at, files, report, counts FROM import_batch").all()
    assert bulk == plain


def test_an_id_is_never_given_twice(clinic: Clinic):
    clinic.imports.commit([simulated(1, visits=2), simulated(2, visits=1)])
    with clinic._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM patient")
        assert list(reserve_ids(connection, patient, 2)) == [3, 4]
        assert list(reserve_ids(connection, visit, 1)) == [4]
        assert reserve_ids(connection, patient, 0) == ()
        connection.execute(insert(import_batch), BATCH)
        assert list(insert_with_ids(connection, import_batch, [BATCH, BATCH])) == [3, 4]
        connection.execute(insert(import_batch), BATCH)
        assert connection.execute(select(import_batch.c.id)).scalars().all() == [1, 2, 3, 4, 5]


def test_a_thousand_cases_take_a_few_statements_a_chunk(clinic: Clinic):
    statements: list[str] = []

    def heard(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", heard)
    try:
        clinic.imports.commit([simulated(number, visits=2) for number in range(1000)])
    finally:
        event.remove(Engine, "before_cursor_execute", heard)
    assert len(statements) < 20 * 10 + 10


def test_a_patient_of_many_observations_is_written_in_parts(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writing, "PART", 25)
    case = one_patient(visits=20, observations=10)
    clinic.imports.commit([case])
    assert clinic.queries.case("P1") == case


@pytest.mark.parametrize("after", [0, 7, 60])
def test_the_import_of_one_endless_patient_is_stopped_at_once(
    clinic: Clinic, after: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pace, "INTERVAL", 0.0)  # it looks up whenever it may, however fast the machine is
    case = one_patient(visits=2000, observations=40)
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(len(asked) >= after)
        return asked[-1]

    with pytest.raises(ImportCancelledError):
        clinic.imports.commit([case], cancelled=cancelled)
    assert asked == [False] * after + [True]
    assert set(clinic.queries.counts().values()) == {0}


def log_of(clinic: Clinic) -> int:
    log = clinic.path.with_name(clinic.path.name + "-wal")
    return log.stat().st_size if log.exists() else 0


@pytest.mark.parametrize("stopped", [False, True])
def test_a_large_import_leaves_no_large_log(plain: Clinic, monkeypatch: pytest.MonkeyPatch, stopped: bool):
    monkeypatch.setattr(sqlite, "LARGE_LOG", 100_000)
    with plain._database.write() as connection:
        connection.exec_driver_sql("PRAGMA cache_size = 10")  # so that the log grows before the commit
    cases = [simulated(number) for number in range(300)]
    told: list[int] = []
    seen: list[int] = []

    def cancelled() -> bool:
        seen.append(log_of(plain))
        return stopped and bool(told) and told[-1] == 300

    def commit() -> None:
        plain.imports.commit(cases, progress=lambda done, _total, _words: told.append(done), cancelled=cancelled)

    if stopped:
        with pytest.raises(ImportCancelledError):
            commit()
    else:
        commit()
    assert max(seen) > 100_000
    assert log_of(plain) == 0
    assert plain.queries.counts()["patients"] == (0 if stopped else 300)


def test_a_log_that_someone_reads_from_is_left_without_waiting(plain: Clinic, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite, "LARGE_LOG", 1)
    with Clinic.open(plain.path, create=False) as other:
        plain.imports.commit([simulated(1), simulated(2)])
        with other._database.read() as reading:
            assert reading.execute(select(patient.c.code)).scalars().all() == ["P00001", "P00002"]
            begun = time.monotonic()
            plain.imports.commit([simulated(3)])
            assert time.monotonic() - begun < 2
    assert plain.queries.counts()["patients"] == 3


def test_cases_are_written_together_up_to_a_number_of_observations(clinic: Clinic):
    big = [simulated(number, visits=6, observations=CHUNK_OBSERVATIONS // 20) for number in range(8)]
    told: list[int] = []
    clinic.imports.commit(big, progress=lambda done, _total, _words: told.append(done))
    assert sorted(set(told) - {0}) == [3, 6, 8]  # 0: told again in the midst of the first


def test_the_file_of_a_stopped_import_is_no_larger(clinic_file: Clinic, tmp_path: Path):
    before = clinic_file.path.stat().st_size
    cases = iter([simulated(number) for number in range(300)])
    with pytest.raises(ImportCancelledError):
        clinic_file.imports.commit(cases, cancelled=lambda: next(cases, None) is None)
    assert clinic_file.path.stat().st_size == before
