from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.errors import KnownError
from app.store.clinic import Clinic, Credentials
from tests.app.store.cases import simulated
from tests.app.store.conftest import PASSPHRASE


def unexpected(error: KnownError) -> None:
    raise AssertionError(error)


def test_a_change_is_backed_up_when_the_clinic_is_closed(clinic_file: Clinic):
    automatic = clinic_file.backups.automatic(unexpected)
    clinic_file.imports.commit([simulated(1)])
    assert clinic_file.backups.list() == []
    automatic.close()
    automatic.close()
    (made,) = clinic_file.backups.list()
    assert made.counts["patient"] == 1


def test_closing_the_clinic_closes_its_backups_too(tmp_path: Path):
    with Clinic.open(tmp_path / "c.db", plain=True) as clinic:
        clinic.back_up_automatically(unexpected)
        clinic.imports.commit([simulated(1)])
    with Clinic.open(tmp_path / "c.db", create=False) as clinic:
        assert len(clinic.backups.list()) == 1


def test_nothing_changed_makes_no_backup_and_no_thread(clinic_file: Clinic):
    before = threading.active_count()
    automatic = clinic_file.backups.automatic(unexpected)
    clinic_file.audit.note("view", "patient", {})
    assert threading.active_count() == before
    automatic.close()
    assert not clinic_file.backups.folder.exists()


def test_a_change_is_backed_up_at_the_latest_after_the_time_set_while_work_goes_on(clinic_file: Clinic):
    made = threading.Event()
    automatic = clinic_file.backups.automatic(unexpected, minutes=0.2 / 60)
    plain_make = automatic._make
    assert plain_make is not None
    automatic._make = lambda: (plain_make(), made.set())
    for number in range(5):
        clinic_file.imports.commit([simulated(number)])
    assert made.wait(20)
    clinic_file.imports.commit([simulated(9)])
    automatic.close()
    counts = [one.counts["patient"] for one in clinic_file.backups.list()]
    assert counts[0] == 6
    assert len(counts) >= 2


def test_a_failure_is_told_and_never_raised_into_the_work(clinic_file: Clinic):
    told: list[KnownError] = []
    clinic_file.backups.folder.write_bytes(b"a file where the folder should be")
    automatic = clinic_file.backups.automatic(told.append)
    clinic_file.imports.commit([simulated(1)])
    automatic.close()
    assert ["Cannot write" in str(error) for error in told] == [True]
    assert clinic_file.queries.counts()["patients"] == 1


def test_a_locked_clinic_is_backed_up_after_it_is_unlocked(tmp_path: Path):
    given = Credentials(passphrase=PASSPHRASE)
    with Clinic.open(tmp_path / "c.db", credentials=given) as clinic:
        automatic = clinic.backups.automatic(unexpected, minutes=0.1 / 60)
        automatic._since = None
        clinic.imports.commit([simulated(1)])
        clinic.lock()
        clinic.unlock(given)
        automatic.close()
        assert clinic.backups.list()[0].counts["patient"] == 1


def test_the_minutes_are_a_setting_of_the_clinic(plain: Clinic):
    assert plain.backups.automatic(unexpected)._seconds == 30 * 60
    with plain._database.write() as connection:
        connection.exec_driver_sql("INSERT INTO setting VALUES ('backup.minutes', '5')")
    assert plain.backups.automatic(unexpected)._seconds == 5 * 60


def test_a_clinic_on_a_server_is_never_asked_for_a_passphrase(new_database: Callable[[], str]):
    with Clinic.open(new_database(), who="tester") as clinic:
        automatic = clinic.backups.automatic(unexpected)
        clinic.imports.commit([simulated(1)])
        assert not automatic.due
        automatic.close()


@pytest.mark.parametrize("minutes", [0.0, 30.0])
def test_a_backup_thread_never_outlives_the_clinic(plain: Clinic, minutes: float):
    automatic = plain.backups.automatic(unexpected, minutes=minutes)
    plain.imports.commit([simulated(1)])
    automatic.close()
    assert all(thread.name != "backup" for thread in threading.enumerate())
