"""Several windows and workstations at one clinic: nothing is lost, and each hears of the others."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Pool, create_engine, event, text

from app.domain.errors import KnownError
from app.domain.records import Case, Patient
from app.store import postgres
from app.store.clinic import Clinic
from app.store.observer import Change, ChangeKind
from tests.app.store.cases import simulated

EDITOR = """
import random, sys
from app.store.clinic import Clinic
from app.store.conflicts import ConflictError
place, seed, edits, people = sys.argv[1], *map(int, sys.argv[2:])
rng = random.Random(seed)
conflicts = 0
with Clinic.open(place, create=False, who=f"editor {seed}", busy_timeout=60) as clinic:
    for number in range(edits):
        code = f"P{rng.randrange(people)}"
        while True:
            record = clinic.patients.open(code)
            note = f"{record.case.patient.note} {seed}.{number}"
            try:
                clinic.patients.change(code, version=record.version, note=note)
                break
            except ConflictError:
                conflicts += 1
print(conflicts)
"""


def edit_together(place: str, processes: int, edits: int, people: int) -> int:
    """Conflicts met. Each edit appends a word of its own to a note, so that a lost update would be missing."""
    with Clinic.open(place, create=False) as clinic:
        clinic.imports.commit([Case(Patient(f"P{n}"), ()) for n in range(people)])
    running = [
        subprocess.Popen(
            [sys.executable, "-c", EDITOR, place, str(seed), str(edits), str(people)], stdout=subprocess.PIPE, text=True
        )
        for seed in range(processes)
    ]
    met = sum(int(editor.communicate(timeout=1200)[0]) for editor in running)
    with Clinic.open(place, create=False) as clinic:
        notes = [word for case in clinic.queries.cases() for word in case.patient.note.split()]
        assert sorted(notes) == sorted(f"{seed}.{number}" for seed in range(processes) for number in range(edits))
        assert clinic.audit.verify().sound
        _replay(clinic)
    return met


def _replay(clinic: Clinic) -> None:
    """The history of each patient, one edit after the other, gives what is stored."""
    for code in clinic.queries.patient_codes():
        note = ""
        for edit in reversed(clinic.undoing.history(code)):
            old, new = edit.fields["note"]
            assert old == note
            note = new
        assert clinic.queries.case(code).patient.note == note


@pytest.mark.promise("R14")
def test_workstations_that_edit_the_same_patients_lose_nothing(new_database: Callable[[], str]):
    assert edit_together(new_database(), processes=3, edits=25, people=3) > 0


@pytest.mark.promise("R14")
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_eight_workstations_with_five_hundred_edits_each_lose_nothing(
    new_database: Callable[[], str], record_property: Callable[[str, object], None]
):
    conflicts = edit_together(new_database(), processes=8, edits=500, people=50)
    record_property("lost updates", "0 of 4000")
    record_property("conflicts shown", conflicts)


@pytest.mark.promise("R14")
def test_two_windows_on_one_file_lose_nothing(clinic_file: Clinic):
    if clinic_file.encrypted:
        pytest.skip("the editors of this test give no passphrase")
    clinic_file.close()
    edit_together(str(clinic_file.path), processes=2, edits=15, people=2)


def test_a_window_hears_of_what_another_one_writes_and_not_of_its_own(clinic: Clinic, new_database: Callable[[], str]):
    heard: list[Change] = []
    clinic.imports.commit([simulated(1)])
    other = Clinic(clinic._database.__class__(*_same(clinic)), clinic.actor, None)
    clinic.watch(interval=0.05)
    clinic.changed.subscribe(heard.append)
    clinic.patients.add(Patient("own"))
    other.patients.add(Patient("theirs"))
    deadline = time.monotonic() + 10
    while not [c for c in heard if c.kind is ChangeKind.ELSEWHERE] and time.monotonic() < deadline:
        time.sleep(0.02)
    other.close()
    assert [c.ids for c in heard if c.kind is ChangeKind.ELSEWHERE] == [("theirs",)]
    assert [c.ids for c in heard if c.kind is ChangeKind.PATIENT] == [("own",)]


def _same(clinic: Clinic) -> tuple:
    database = clinic._database
    if isinstance(database, postgres.PostgresDatabase):
        return (database.url,)
    return (clinic.path, 5.0, clinic.hand_over().key)


def test_the_watcher_ends_with_the_clinic(clinic: Clinic):
    clinic.watch(interval=0.01)
    clinic.lock()
    time.sleep(0.1)  # it looks at a locked clinic and goes on
    clinic.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "watching"]


@pytest.fixture
def connections() -> Iterator[list[object]]:
    """Those open at the moment, of every clinic."""
    held: list[object] = []
    hooks = {"connect": lambda connection, _: held.append(connection), "close": lambda c, _: held.remove(c)}
    for name, hook in hooks.items():
        event.listen(Pool, name, hook)
    yield held
    for name, hook in hooks.items():
        event.remove(Pool, name, hook)


@pytest.mark.parametrize("use", ["read", "glance"])
def test_a_clinic_locked_while_it_is_read_keeps_no_connection(use: str, connections: list[object], clinic: Clinic):
    with getattr(clinic._database, use)():
        clinic.lock()
        assert connections
    assert connections == []


# ---- the server ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@db.clinic.cn/mailiu?sslmode=disable",
        "postgresql://u@192.168.1.4/mailiu?sslmode=prefer",
        "postgresql:///mailiu?host=db.clinic.cn&sslmode=allow",
        "postgresql:///mailiu?hostaddr=10.0.0.9&sslmode=disable",
        "postgresql://u@localhost,db.clinic.cn/mailiu?sslmode=disable",
    ],
)
def test_records_never_cross_the_network_in_the_clear(url: str):
    with pytest.raises(KnownError, match=r"would let records cross the network|cannot be read"):
        postgres.parse(url)


def test_another_machine_is_reached_by_checked_tls_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch):
    assert postgres.parse("postgresql://u@db.clinic.cn/mailiu").query["sslmode"] == "verify-full"
    assert "sslmode" not in postgres.parse("postgresql://u@localhost/mailiu").query
    assert "sslmode" not in postgres.parse("postgresql:///mailiu?host=/var/run/postgresql").query
    monkeypatch.setenv("PGHOST", "db.clinic.cn")
    assert postgres.parse("postgresql:///mailiu").query["sslmode"] == "verify-full"


@pytest.mark.parametrize("url", ["postgresql://", "postgresql://u@host", "postgresql:///x?service=y"])
def test_an_address_that_says_too_little_or_leads_anywhere_is_refused(url: str):
    with pytest.raises(KnownError, match=r"cannot be read|service file"):
        postgres.parse(url)


def test_a_server_that_cannot_be_reached_or_refuses_is_told_of_without_its_password(server: str):
    with pytest.raises(KnownError, match="cannot be reached") as told:
        Clinic.open("postgresql://mailiu:geheim@localhost:1/none", create=False)
    assert "geheim" not in str(told.value)
    with pytest.raises(KnownError, match=r"refused this user|cannot be reached"):
        Clinic.open(server.format(name="nosuchdatabase"), create=False)


def test_a_database_of_something_else_is_refused(server: str, new_database: Callable[[], str]):
    address = server.format(name="postgres")
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS somebody_elses (x integer)"))
    engine.dispose()
    with pytest.raises(KnownError, match="holds other tables"):
        Clinic.open(address, create=False)


def test_a_writer_that_waits_too_long_is_told(new_database: Callable[[], str]):
    place = new_database()
    with (
        Clinic.open(place, create=False) as first,
        Clinic.open(place, create=False, busy_timeout=0.2) as second,
        first._database.write(),
        pytest.raises(KnownError, match="being written by another workstation"),
    ):
        second.patients.add(Patient("x"))
