from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain.errors import KnownError
from app.domain.records import Case, DateBasis, Observation, Patient, ValueKind, VisitKind
from app.store import tables
from app.store.clinic import Clinic
from app.store.imports import CHUNK, FileInfo, ImportCancelledError
from app.store.observer import Change, ChangeKind
from tests.app.store.cases import START, simulated, undated


@pytest.fixture
def heard(clinic: Clinic) -> list[Change]:
    changes: list[Change] = []
    clinic.changed.subscribe(changes.append)
    return changes


def rows(clinic: Clinic, table) -> list:
    with clinic._database.read() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)).all())


def acts(clinic: Clinic) -> list:
    """Entries of the audit log but those of coming and going."""
    return [entry for entry in rows(clinic, tables.audit) if entry.entity != "session"]


# ---- imports ---------------------------------------------------------------------------------------------------------


def test_an_import_remembers_its_files_report_and_counts(clinic: Clinic, tmp_path: Path):
    source = tmp_path / "病案.csv"
    source.write_bytes(b"a,b\n")
    result = clinic.imports.commit(
        [simulated(1, visits=2)], files=[FileInfo.of(source)], report_json=lambda: '{"rows_read": 2}'
    )
    (batch,) = rows(clinic, tables.import_batch)
    assert batch.id == result.batch_id
    assert batch.files == [{"name": "病案.csv", "size": 4, "sha256": hashlib.sha256(b"a,b\n").hexdigest()}]
    assert batch.report == {"rows_read": 2}
    assert (batch.counts["patients_added"], batch.counts["visits_added"]) == (1, 2)
    assert abs(dt.datetime.now(dt.UTC) - batch.at) < dt.timedelta(minutes=1)
    (entry,) = acts(clinic)
    assert (entry.who, entry.action, entry.entity, entry.entity_id) == ("tester", "import", "import_batch", batch.id)
    assert {visit.batch_id for visit in rows(clinic, tables.visit)} == {batch.id}


def test_a_file_that_cannot_be_read_is_told_of(tmp_path: Path):
    with pytest.raises(KnownError, match="cannot be read"):
        FileInfo.of(tmp_path / "none.csv")


def test_progress_is_told_with_the_total_where_it_is_known(clinic: Clinic):
    told: list[tuple[int, int, str]] = []
    cases = [simulated(number, visits=1) for number in range(CHUNK + 5)]
    clinic.imports.commit(cases, progress=lambda *now: told.append(now))
    assert {(total, words) for _, total, words in told} == {(CHUNK + 5, "正在保存患者")}
    assert sorted({done for done, _, _ in told} - {0}) == [CHUNK, CHUNK + 5]  # 0: told again in the midst of the first
    told.clear()
    clinic.imports.commit(iter(cases[:3]), progress=lambda *now: told.append(now))
    assert told == [(3, 0, "正在保存患者")]


@pytest.mark.parametrize("asked", [0, 1, CHUNK + 10, 2 * CHUNK])
def test_an_import_stopped_at_any_point_leaves_nothing(clinic: Clinic, heard: list[Change], asked: int):
    calls = iter(range(10_000))
    with pytest.raises(ImportCancelledError, match="nothing of it was stored"):
        clinic.imports.commit(
            [simulated(number, visits=1) for number in range(2 * CHUNK)], cancelled=lambda: next(calls) >= asked
        )
    assert set(clinic.queries.counts().values()) == {0}
    assert acts(clinic) == []
    assert heard == []


def test_a_source_that_breaks_off_leaves_nothing_and_the_clinic_goes_on(clinic: Clinic):
    def source() -> Iterator[Case]:
        yield from (simulated(number) for number in range(CHUNK + 1))
        raise KnownError("File {file} is broken.", file="a.csv")

    with pytest.raises(KnownError, match="broken"):
        clinic.imports.commit(source())
    assert set(clinic.queries.counts().values()) == {0}
    clinic.imports.commit([simulated(1)])
    assert clinic.queries.counts()["patients"] == 1


# ---- what changed ----------------------------------------------------------------------------------------------------


def test_an_import_tells_whom_it_touched_after_the_commit(clinic: Clinic):
    seen: list[tuple[Change, int]] = []
    clinic.changed.subscribe(lambda change: seen.append((change, clinic.queries.counts()["patients"])))
    clinic.imports.commit([simulated(1), simulated(2)])
    clinic.imports.commit([simulated(1), simulated(2, visits=7)])
    clinic.imports.commit([simulated(1)])
    assert seen == [
        (Change(ChangeKind.IMPORT, ("P00001", "P00002")), 2),
        (Change(ChangeKind.IMPORT, ("P00002",)), 2),
    ]


def test_one_may_stop_listening(clinic: Clinic):
    changes: list[Change] = []
    stop = clinic.changed.subscribe(changes.append)
    stop()
    stop()
    clinic.imports.commit([simulated(1)])
    assert changes == []


def test_a_listener_that_raises_does_not_keep_the_others_from_hearing(clinic: Clinic, heard: list[Change]):
    def broken(change: Change) -> None:
        raise LookupError("a bug of the listener")

    clinic.changed.subscribe(broken)
    later: list[Change] = []
    clinic.changed.subscribe(later.append)
    with pytest.raises(LookupError):
        clinic.imports.commit([simulated(1)])
    assert heard == later != []
    assert clinic.queries.counts()["patients"] == 1


# ---- visits ----------------------------------------------------------------------------------------------------------

PAIN = Observation("sym.pain", ValueKind.SCORE, number=2.0)


def test_a_visit_entered_by_hand_is_stored_told_and_audited(clinic: Clinic, heard: list[Change]):
    clinic.imports.commit([Case(Patient("P1"), (undated(1, 0.0),))])
    new = dataclasses.replace(undated(2, 7.0, PAIN), label="复诊")
    assert clinic.visits.add_visit(" p1 ", new) == 2
    assert clinic.queries.case("P1").visits[1] == new
    assert heard[-1] == Change(ChangeKind.VISIT, ("P1",))
    entry = rows(clinic, tables.audit)[-1]
    assert (entry.action, entry.entity, entry.detail["patient"]) == ("add", "visit", "P1")
    assert rows(clinic, tables.history)[-1].after["label"] == "复诊"
    assert rows(clinic, tables.visit)[-1].batch_id is None


def test_a_visit_of_an_unknown_patient_is_refused(clinic: Clinic):
    with pytest.raises(KnownError, match="no patient with the number P9"):
        clinic.visits.add_visit("P9", undated(1, 0.0))


def test_the_same_visit_cannot_be_entered_twice(clinic: Clinic):
    clinic.imports.commit([Case(Patient("P1"), ())])
    clinic.visits.add_visit("P1", undated(1, 0.0, PAIN))
    with pytest.raises(KnownError, match=r"has this visit already \(number 1\)"):
        clinic.visits.add_visit("P1", undated(1, 0.0, PAIN))


def test_an_earlier_visit_becomes_the_first_and_the_others_move(clinic: Clinic):
    def on(date: dt.date, kind: VisitKind = VisitKind.FIRST):
        return dataclasses.replace(undated(1, 0.0), kind=kind, basis=DateBasis.EXACT, date=date)

    clinic.imports.commit([Case(Patient("P1"), (on(START),))])
    assert clinic.visits.add_visit("P1", on(START - dt.timedelta(days=10))) == 1
    found = [(visit.number, visit.kind, visit.day) for visit in clinic.queries.case("P1").visits]
    assert found == [(1, VisitKind.FIRST, 0.0), (2, VisitKind.FOLLOW_UP, 10.0)]
    assert "move" in {entry.action for entry in acts(clinic)}
    move = rows(clinic, tables.history)[0]
    assert [move.before[name] for name in ("number", "kind", "day")] == [1, "first", 0.0]


def test_a_visit_with_a_number_that_is_not_finite_is_refused(clinic: Clinic):
    clinic.imports.commit([Case(Patient("P1"), ())])
    bad = Observation("sym.pain", ValueKind.SCORE, number=float("nan"))
    with pytest.raises(KnownError, match="nan cannot be stored"):
        clinic.visits.add_visit("P1", undated(1, 0.0, bad))


# ---- models ----------------------------------------------------------------------------------------------------------


def test_models_are_registered_listed_found_and_forgotten(clinic: Clinic, heard: list[Change]):
    path = clinic.models_folder / "first.json"
    card = {"cell": "ltc", "score": {"model": 0.5, "mixed_model": None}, "variables": ["失眠"]}
    stored = clinic.models.register("first", card, path)
    assert clinic.models.get("first") == stored
    assert (stored.card, stored.path) == (card, path)
    clinic.models.register("second", {}, Path("/elsewhere/second.json"))
    assert [model.name for model in clinic.models.list()] == ["second", "first"]
    assert clinic.models.get("second").path == Path("/elsewhere/second.json").absolute()
    path.write_text("{}", encoding="utf-8")
    assert clinic.models.forget("first").path == path
    assert path.exists()
    assert [model.name for model in clinic.models.list()] == ["second"]
    assert [change.ids for change in heard] == [("first",), ("second",), ("first",)]
    assert clinic.queries.counts()["models"] == 1


def test_a_model_registered_again_replaces_the_entry_and_the_old_card_is_audited(clinic: Clinic):
    clinic.models.register("m", {"epochs": 1}, Path("a"))
    clinic.models.register("m", {"epochs": 2}, Path("a"))
    assert [model.card for model in clinic.models.list()] == [{"epochs": 2}]
    assert rows(clinic, tables.audit)[-1].detail["before"]["card"] == {"epochs": 1}


@pytest.mark.parametrize("act", [lambda models: models.get("x"), lambda models: models.forget("x")])
def test_an_unknown_model_is_told_of_with_the_names_there_are(clinic: Clinic, act: Callable):
    clinic.models.register("known", {}, Path("a"))
    with pytest.raises(KnownError, match=r"no model x in this clinic file; there are: known\."):
        act(clinic.models)


def test_a_model_without_a_name_or_with_a_card_of_nan_is_refused(clinic: Clinic):
    with pytest.raises(KnownError, match="needs a name"):
        clinic.models.register(" ", {}, Path("a"))
    with pytest.raises(ValueError, match="not JSON compliant"):
        clinic.models.register("m", {"rmse": float("nan")}, Path("a"))


# ---- threads ---------------------------------------------------------------------------------------------------------


def test_threads_read_while_one_writes(clinic: Clinic):
    clinic.imports.commit([simulated(0)])
    found: list[int] = []

    def read() -> None:
        found.extend(len(list(clinic.queries.cases())) for _ in range(5))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 6):
        clinic.imports.commit([simulated(number)])
    for reader in readers:
        reader.join()
    assert len(found) == 15
    assert all(1 <= count <= 6 for count in found)


def test_every_audit_detail_is_plain_json(clinic: Clinic):
    clinic.imports.commit([simulated(1)])
    changed = [dataclasses.replace(visit, text="改") for visit in simulated(1).visits]
    clinic.imports.commit([Case(simulated(1).patient, tuple(changed))])
    details = [entry.detail for entry in rows(clinic, tables.audit)]
    assert json.loads(json.dumps(details)) == details
    assert sum(row.before is not None for row in rows(clinic, tables.history)) == 6
