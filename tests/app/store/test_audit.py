from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from app.store import audit as log
from app.store.audit import Entry
from app.store.clinic import Clinic
from app.store.tables import audit, audit_head
from tests.app.store.cases import simulated

ENTRIES = 60


@pytest.fixture
def written(clinic: Clinic) -> Clinic:
    """A clinic with a log of some length."""
    with clinic._database.write() as connection:
        entries = [
            Entry("view", "patient", n, {"patient": f"P{n}", "名": "王", "x": [1.5, None]}) for n in range(ENTRIES)
        ]
        log.write(connection, "李", entries)
    return clinic


def test_a_log_nobody_touched_is_sound(written: Clinic):
    written.imports.commit([simulated(1)])
    written.imports.commit([simulated(1, observations=2)])
    verdict = written.audit.verify()
    assert (verdict.sound, verdict.count) == (True, written.audit.head()[0])


def edit(connection: Connection, rng: random.Random) -> None:
    row = rng.randrange(1, ENTRIES + 1)
    field, value = rng.choice(
        [
            ("who", "another"),
            ("action", "print"),
            ("entity", "visit"),
            ("entity_id", 10_000),
            ("detail", {"patient": "X"}),
        ]
    )
    connection.execute(update(audit).where(audit.c.id == row).values({field: value}))


def take_out(connection: Connection, rng: random.Random) -> None:
    connection.execute(delete(audit).where(audit.c.id == rng.randrange(1, ENTRIES)))


def exchange(connection: Connection, rng: random.Random) -> None:
    one, other = rng.sample(range(1, ENTRIES + 1), 2)
    for key, target in ((one, 10_000), (other, one), (10_000, other)):
        connection.execute(update(audit).where(audit.c.id == key).values(id=target))


def cut_the_end(connection: Connection, rng: random.Random) -> None:
    connection.execute(delete(audit).where(audit.c.id > rng.randrange(0, ENTRIES)))


def cut_the_end_and_hide_it(connection: Connection, rng: random.Random) -> None:
    left = rng.randrange(1, ENTRIES)
    cut_the_end_at(connection, left)


def cut_the_end_at(connection: Connection, left: int) -> None:
    connection.execute(delete(audit).where(audit.c.id > left))
    last = connection.execute(select(audit.c.hash).where(audit.c.id == left)).scalar_one()
    connection.execute(update(audit_head).values(count=left, hash=last))


def close_the_gap(connection: Connection, rng: random.Random) -> None:
    """One entry out, the later ones numbered anew."""
    gone = rng.randrange(1, ENTRIES)
    connection.execute(delete(audit).where(audit.c.id == gone))
    for key in range(gone + 1, ENTRIES + 1):
        connection.execute(update(audit).where(audit.c.id == key).values(id=key - 1))
    connection.execute(update(audit_head).values(count=ENTRIES - 1))


def put_in(connection: Connection, rng: random.Random) -> None:
    row: Any = connection.execute(select(audit).where(audit.c.id == rng.randrange(1, ENTRIES))).mappings().one()
    connection.execute(audit.insert(), {**{str(k): v for k, v in row.items()}, "id": 10_000})


TAMPERINGS = (edit, take_out, exchange, cut_the_end, close_the_gap, put_in)


class TakenBackError(Exception):
    """Ends a transaction without a trace."""


def found(clinic: Clinic, tamper: Callable[[Connection, random.Random], None], rng: random.Random) -> bool:
    """Whether the log tells that it was tampered with; it is as before afterwards."""
    sound = True
    with contextlib.suppress(TakenBackError), clinic._database.write() as connection:
        tamper(connection, rng)
        sound = log.verify(connection, {}).sound
        raise TakenBackError
    return not sound


@pytest.mark.promise("R15")
@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_every_tampering_is_found(written: Clinic, tamper: Callable[[Connection, random.Random], None]):
    rng = random.Random(7)
    assert all(found(written, tamper, rng) for _ in range(3 if tamper is close_the_gap else 15))
    assert written.audit.verify().sound


@pytest.mark.promise("R15")
@pytest.mark.long
def test_a_thousand_random_tamperings_are_all_found(tmp_path: Path, record_property: Callable[[str, object], None]):
    rng = random.Random(1)
    with Clinic.open(tmp_path / "c.db", plain=True) as clinic, clinic._database.write() as connection:
        log.write(connection, "李", [Entry("view", "patient", n, {"patient": f"P{n}"}) for n in range(ENTRIES)])
    with Clinic.open(tmp_path / "c.db", create=False) as clinic:
        noticed = sum(found(clinic, rng.choice(TAMPERINGS), rng) for _ in range(1000))
    record_property("tamperings found", f"{noticed} of 1000")
    assert noticed == 1000


@pytest.mark.promise("R15")
def test_an_end_cut_off_and_hidden_is_found_by_what_a_backup_knows(written: Clinic):
    count, last = written.audit.head()
    with written._database.write() as connection:
        cut_the_end_at(connection, ENTRIES // 2)
    assert written.audit.verify().sound  # the chain by itself cannot know
    assert written.audit.verify({count: last}).problem == f"备份中有 {count} 条记录，此处却更少"


def test_the_log_is_read_newest_first_in_pages(written: Clinic):
    page = written.audit.entries(limit=10)
    assert [entry.entity_id for entry in page] == list(range(ENTRIES - 1, ENTRIES - 11, -1))
    assert (page[0].who, page[0].detail) == ("李", {"patient": f"P{ENTRIES - 1}", "名": "王", "x": [1.5, None]})
    following = written.audit.entries(limit=5, before=page[-1].id)
    assert following[0].id == page[-1].id - 1
    assert {entry.action for entry in written.audit.entries(action="view")} == {"view"}


def test_looking_at_a_patient_is_entered(clinic: Clinic):
    clinic.imports.commit([simulated(1)])
    record = clinic.patients.open("p00001")
    assert record.case == simulated(1)
    entry = clinic.audit.entries(limit=1)[0]
    assert (entry.action, entry.entity, entry.detail) == ("view", "patient", {"patient": "P00001"})
