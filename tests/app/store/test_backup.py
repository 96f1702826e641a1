"""Backups: made, verified, thinned, and restored with every table compared."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import random
import shutil
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from app.domain.errors import KnownError
from app.store import backup as backup_module
from app.store import catalogue, restoring
from app.store.clinic import Clinic, Credentials, PassphraseNeededError
from app.store.keys import WrongKeyError
from app.store.roles import NotAllowedError, Role
from tests.app.store.cases import simulated
from tests.app.store.conftest import PASSPHRASE

pytestmark = pytest.mark.promise("R19")

OWN = "另一口令 2024"


def filled(clinic: Clinic, patients: int = 12) -> Clinic:
    clinic.imports.commit([simulated(number) for number in range(patients)])
    return clinic


def cases(clinic: Clinic) -> list:
    return list(clinic.queries.cases())


def reopened(path: Path, credentials: Credentials | None = None) -> Clinic:
    return Clinic.open(path, create=False, credentials=credentials or Credentials(passphrase=PASSPHRASE))


def test_a_backup_restores_to_equal_rows_in_every_table(clinic_file: Clinic, tmp_path: Path):
    filled(clinic_file)
    made = clinic_file.backups.make()
    assert made.sound
    assert made.counts["patient"] == 12
    assert (made.entries, made.head) != clinic_file.audit.head()  # the entry of the backup itself came after it
    counts = clinic_file.backups.restore(made, tmp_path / "new" / "restored.db")
    assert counts == made.counts
    with reopened(tmp_path / "new" / "restored.db") as restored:
        assert cases(restored) == cases(clinic_file)
        assert restored.audit.verify().sound
        assert restored.encrypted == clinic_file.encrypted


def test_a_backup_shows_one_moment_however_busy_the_clinic_is(
    clinic_file: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    filled(clinic_file, 3)
    raw = backup_module.fingerprint.raw
    busy = iter([4])

    def interrupted(connection, key):
        found = raw(connection, key)
        for number in busy:  # a commit between the figures and the copy
            clinic_file.imports.commit([simulated(number)])
        return found

    monkeypatch.setattr(backup_module.fingerprint, "raw", interrupted)
    made = clinic_file.backups.make()
    assert clinic_file.queries.counts()["patients"] == 4
    assert made.counts["patient"] == 3


def test_a_backup_with_an_own_passphrase_opens_with_that_alone(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, credentials=Credentials(passphrase=PASSPHRASE)) as clinic:
        filled(clinic, 2)
        made = clinic.backups.make(passphrase=OWN)
        assert made.own_key
        with pytest.raises(PassphraseNeededError):
            clinic.backups.verify(made)
        with pytest.raises(WrongKeyError):
            clinic.backups.verify(made, Credentials(passphrase=PASSPHRASE))
        assert clinic.backups.verify(made, Credentials(passphrase=OWN)).sound
        clinic.backups.restore(made, tmp_path / "r.db", Credentials(passphrase=OWN))
        with reopened(tmp_path / "r.db", Credentials(passphrase=OWN)) as restored:
            assert cases(restored) == cases(clinic)


def test_a_plain_clinic_makes_no_encrypted_backup_and_says_so(plain: Clinic):
    with pytest.raises(KnownError, match="Encrypt the clinic file first"):
        plain.backups.make(passphrase=OWN)


def test_a_clinic_on_a_server_is_backed_up_into_a_file_and_restored_into_an_empty_server(
    new_database: Callable[[], str], tmp_path: Path
):
    with Clinic.open(new_database(), who="tester") as clinic:
        filled(clinic)
        clinic.visits.delete_visit("P00003", 2, version=clinic.patients.open("P00003").visits[2])
        clinic.undoing.undo()
        with pytest.raises(KnownError, match="passphrase of its own"):
            clinic.backups.make()
        made = clinic.backups.make(passphrase=OWN)
        assert clinic.backups.folder.is_relative_to(os.environ["XDG_DATA_HOME"])
        clinic.backups.restore(made, tmp_path / "r.db", Credentials(passphrase=OWN))
        with reopened(tmp_path / "r.db", Credentials(passphrase=OWN)) as restored:
            assert cases(restored) == cases(clinic)
            assert restored.audit.verify().sound
        url = new_database()
        key = restoring.key_of(made.path, Credentials(passphrase=OWN))
        counts = restoring.restore_server(made.path, url, key)
        assert counts["visit"] == made.counts["visit"]
        with Clinic.open(url, who="tester") as other:
            assert cases(other) == cases(clinic)
            other.imports.commit([simulated(99)])  # the sequences go on behind the restored rows
            assert other.audit.verify().sound
        with pytest.raises(KnownError, match="is not empty"):
            restoring.restore_server(made.path, url, key)


def test_networks_are_backed_up_once_each_and_restored(clinic_file: Clinic, tmp_path: Path):
    folder = clinic_file.models_folder
    (folder / "ltc").mkdir()
    (folder / "ltc" / "weights.safetensors").write_bytes(b"w" * 1000)
    (folder / "card.json").write_text("{}", encoding="utf-8")
    first, second = clinic_file.backups.make(), clinic_file.backups.make()
    assert first.models == second.models
    assert len(list((clinic_file.backups.folder / catalogue.MODELS).iterdir())) == 2
    clinic_file.backups.restore(first, tmp_path / "r" / "clinic.db")
    assert (tmp_path / "r" / "clinic.models" / "ltc" / "weights.safetensors").read_bytes() == b"w" * 1000


@pytest.mark.parametrize("there", ["r.db", "r.db.key", "r.models"])
def test_nothing_is_ever_restored_over(plain: Clinic, tmp_path: Path, there: str):
    made = plain.backups.make()
    (tmp_path / there).write_bytes(b"dear")
    with pytest.raises(KnownError, match="is there already"):
        plain.backups.restore(made, tmp_path / "r.db")
    assert (tmp_path / there).read_bytes() == b"dear"


def test_a_flipped_bit_is_found_and_the_backup_is_not_restored(clinic_file: Clinic, tmp_path: Path):
    made = filled(clinic_file, 3).backups.make()
    content = bytearray(made.path.read_bytes())
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    made.path.write_bytes(content)
    (listed,) = clinic_file.backups.list()
    assert not listed.sound
    assert not clinic_file.backups.verify(made).sound
    with pytest.raises(KnownError, match="is not sound"):
        clinic_file.backups.restore(made, tmp_path / "r.db")
    assert not list(tmp_path.glob("r.db*"))


def test_rows_changed_with_a_database_tool_are_found_even_where_the_catalogue_was_brought_in_step(plain: Clinic):
    made = filled(plain, 3).backups.make()
    with contextlib.closing(sqlite3.connect(made.path)) as connection:
        connection.execute("UPDATE patient SET name = 'X' WHERE id = 1")
        connection.commit()
    size, digest = made.path.stat().st_size, catalogue.digest(made.path)
    catalogue.write(made.path.parent, [replace(made, size=size, sha256=digest)])
    (listed,) = plain.backups.list()
    assert listed.sound  # the file is as the catalogue says, and only reading its rows tells
    assert "patient" in plain.backups.verify(listed).problem


def test_a_bad_copy_never_gets_a_name(clinic_file: Clinic, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backup_module.copies, "problem", lambda *_: "as told")
    with pytest.raises(KnownError, match="proved bad and was not kept"):
        clinic_file.backups.make()
    assert clinic_file.backups.list() == []
    assert {path.name for path in clinic_file.backups.folder.iterdir()} == {catalogue.LOCK}


def test_a_corrupt_backup_never_counts_when_old_ones_are_thinned(plain: Clinic):
    made = [plain.backups.make() for _ in range(3)]
    aged = []
    for hour, one in enumerate(made):
        path = one.path.with_name(f"old{hour}.db")
        one.path.rename(path)
        aged.append(replace(one, path=path, at=dt.datetime(2024, 5, 6, 8 + hour, tzinfo=dt.UTC)))
    catalogue.write(plain.backups.folder, aged)
    aged[2].path.write_bytes(b"broken")  # the newest of that day
    assert set(plain.backups.thin()) == {aged[0].path, aged[2].path}
    assert [one.path for one in plain.backups.list() if one.sound] == [aged[1].path]


def test_files_and_folders_are_for_their_owner_alone(clinic_file: Clinic):
    clinic_file.models_folder.joinpath("m").write_bytes(b"m")
    clinic_file.backups.make()
    if os.name == "posix":
        for path in (clinic_file.backups.folder, *clinic_file.backups.folder.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_backups_know_the_audit_log_of_their_time(plain: Clinic):
    filled(plain, 2)
    made = plain.backups.make()
    assert plain.verify_audit().sound
    with plain._database.write() as connection:  # somebody who reckons the whole chain anew
        connection.execute(text("DELETE FROM audit"))
        connection.execute(text("UPDATE audit_head SET count = 0, hash = :start"), {"start": "0" * 64})
    assert plain.audit.verify().sound
    assert str(made.entries) in plain.verify_audit().problem


def test_a_damaged_catalogue_is_told_of_and_leaves_the_backups_restorable(plain: Clinic, tmp_path: Path):
    made = filled(plain, 2).backups.make()
    (made.path.parent / catalogue.CATALOGUE).write_text("{", encoding="utf-8")
    with pytest.raises(KnownError, match="Move it away"):
        plain.backups.list()
    (made.path.parent / catalogue.CATALOGUE).unlink()
    (listed,) = plain.backups.list()
    assert "catalogue" in listed.problem or "目录" in listed.problem
    assert plain.backups.verify(listed).sound
    assert plain.backups.restore(listed, tmp_path / "r.db")["patient"] == 2


@pytest.mark.promise("R11")
@pytest.mark.parametrize("name", ["../x.db", "/etc/x.db", "a/b.db"])
def test_a_catalogue_leads_nowhere_outside_its_folder(plain: Clinic, name: str):
    made = plain.backups.make()
    path = made.path.parent / catalogue.CATALOGUE
    found = json.loads(path.read_text(encoding="utf-8"))
    found["backups"][0]["name"] = name
    path.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(KnownError, match="damaged"):
        plain.backups.list()


def test_only_who_may_makes_backups_but_those_that_are_due_are_made_for_everyone(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, plain=True) as clinic:
        clinic.accounts.add("Admin", [Role.ADMINISTRATOR], PASSPHRASE)
        clinic.accounts.add("Doc", [Role.CLINICIAN], PASSPHRASE)
    with reopened(path, Credentials(PASSPHRASE, "Doc")) as clinic:
        with pytest.raises(NotAllowedError):
            clinic.backups.make()
        made = clinic.backups.make_now()
    with pytest.raises(PassphraseNeededError):
        restoring.admit(made.path, Credentials())
    with pytest.raises(NotAllowedError):
        restoring.admit(made.path, Credentials(PASSPHRASE, "Doc"))
    assert restoring.admit(made.path, Credentials(PASSPHRASE, "Admin"))[1].name == "Admin"


def test_the_copy_made_before_an_upgrade_is_restored_though_its_tables_are_older(plain: Clinic, tmp_path: Path):
    filled(plain, 2)
    older = tmp_path / "elsewhere" / "clinic.before-upgrade.db"
    older.parent.mkdir()
    shutil.copyfile(plain.backups.make().path, older)
    with contextlib.closing(sqlite3.connect(older)) as connection:
        connection.execute("DROP TABLE audit_head")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    assert restoring.admit(older, Credentials())[0] is None
    assert restoring.restore_file(older, tmp_path / "r.db", None)["patient"] == 2
