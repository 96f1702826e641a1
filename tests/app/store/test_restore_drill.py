"""The drill: a clinic with a history of backups is lost, and each sound backup brings back its day, row for row."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from app.store import catalogue, fingerprint, restoring
from app.store.clinic import Clinic, Credentials
from app.store.copies import driver
from tests.app.store.cases import simulated
from tests.app.store.conftest import PASSPHRASE

pytestmark = pytest.mark.promise("R19")


def marks(clinic: Clinic) -> dict[str, fingerprint.Mark]:
    with clinic._database.read() as connection:
        return fingerprint.raw(driver(connection), fingerprint.key_of(connection))


def test_every_sound_backup_brings_back_its_moment_after_the_clinic_is_lost(tmp_path: Path):
    credentials = Credentials(passphrase=PASSPHRASE)
    home = tmp_path / "home"
    held: dict[str, tuple[dict[str, fingerprint.Mark], list]] = {}
    with Clinic.open(home / "clinic.db", credentials=credentials) as clinic:
        (clinic.models_folder / "net.safetensors").write_bytes(b"net")
        for day in range(5):
            clinic.imports.commit([simulated(number) for number in range(3 * day, 3 * day + 3)])
            before = marks(clinic)
            made = clinic.backups.make()
            held[made.path.name] = before, list(clinic.queries.cases())
    bad = random.choice(sorted(held))
    content = bytearray((home / "clinic.backups" / bad).read_bytes())
    content[len(content) // 2] ^= 1
    (home / "clinic.backups" / bad).write_bytes(content)

    rescued = tmp_path / "stick" / "clinic.backups"  # the computer is gone, the folder was kept elsewhere
    shutil.copytree(home / "clinic.backups", rescued)
    shutil.rmtree(home)

    sound = [one for one in catalogue.read(rescued) if not catalogue.fault(one)]
    assert {one.path.name for one in sound} == set(held) - {bad}
    for number, one in enumerate(sound):
        key, _ = restoring.admit(one.path, credentials)
        target = tmp_path / f"new{number}" / "clinic.db"
        counts = restoring.restore_file(one.path, target, key)
        before, cases = held[one.path.name]
        assert counts == {name: mark.count for name, mark in before.items()}
        assert (target.parent / "clinic.models" / "net.safetensors").read_bytes() == b"net"
        with Clinic.open(target, create=False, credentials=Credentials(key=key)) as clinic:
            assert list(clinic.queries.cases()) == cases
            found = marks(clinic)
            assert {name for name in before if found[name] != before[name]} <= {
                "audit",
                "audit_head",
            }  # the log of today
            assert clinic.audit.verify({one.entries: one.head}).sound
