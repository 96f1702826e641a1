"""Real processes killed while they make a backup or exchange keys: nothing is lost, and the file opens.

MAILIU_KILLS sets how many of each kind there are.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store import catalogue
from app.store.clinic import Clinic, Credentials
from app.store.keys import WrongKeyError, header_path
from tests.app.store.cases import simulated
from tests.app.store.safety_child import NEW, OLD
from tests.nursery import Child, nursery

pytestmark = [pytest.mark.promise("R1"), pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")]

KILLS = int(os.environ.get("MAILIU_KILLS", "20"))
PATIENTS = 40
ACTIONS = ("backup", "encrypt", "rekey")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a plain and an encrypted clinic file, to copy for every kill."""
    folder = tmp_path_factory.mktemp("prepared")
    for name in ("plain", "sealed"):
        credentials = Credentials(passphrase=OLD)
        with Clinic.open(folder / f"{name}.db", plain=name == "plain", credentials=credentials) as clinic:
            clinic.imports.commit([simulated(number) for number in range(PATIENTS)])
    return folder


Start = Callable[..., tuple[Child, Path]]


@pytest.fixture(scope="module")
def start(prepared: Path) -> Iterator[Start]:
    """Makes the child, at the moment it begins, and its clinic file in a new folder."""
    with nursery("tests.app.store.safety_child") as children:

        def start(action: str, folder: Path, step: int = 0) -> tuple[Child, Path]:
            path = folder / "clinic.db"
            source = prepared / ("plain.db" if action == "encrypt" else "sealed.db")
            folder.mkdir()
            shutil.copyfile(source, path)
            if action != "encrypt":
                shutil.copyfile(header_path(source), header_path(path))
            child = children.start(action, str(path), str(step))
            assert child.stdout.readline() == "ready\n"
            return child, path

        yield start


def opened(path: Path) -> tuple[Clinic, str]:
    """The clinic, and the passphrase that opened it; either may, none is the failure."""
    try:
        return Clinic.open(path, create=False, credentials=Credentials(passphrase=NEW)), NEW
    except WrongKeyError:
        return Clinic.open(path, create=False, credentials=Credentials(passphrase=OLD)), OLD


def assert_whole(action: str, path: Path, said: str) -> None:
    clinic, passphrase = opened(path)
    with clinic:
        assert list(clinic.queries.cases()) == [simulated(number) for number in range(PATIENTS)]
        assert clinic.verify_audit().sound
        if action == "backup":
            named = {word for line in said.splitlines() for word in line.split()[1:] if line.startswith("done")}
            listed = clinic.backups.list()
            assert all(one.sound for one in listed)
            assert named <= {one.path.name for one in listed}
            assert all(clinic.backups.verify(one).sound for one in listed[:2])
            assert clinic.backups.make().sound
            assert not list(path.parent.rglob("*.part*"))
        elif "done" in said:
            assert passphrase == NEW
            assert clinic.encrypted
        if action != "backup":  # whatever was interrupted can be done again
            again = clinic.rekeying.new_data_key if clinic.encrypted else clinic.rekeying.encrypt
            again(NEW)
            assert clinic.queries.counts()["patients"] == PATIENTS
    last = Credentials(passphrase=OLD if action == "backup" else NEW)
    with Clinic.open(path, create=False, credentials=last) as clinic:
        assert clinic.queries.counts()["patients"] == PATIENTS
    # what a header was written aside to is left where the process died over it; doctor tells of it
    names = {one.name for one in path.parent.iterdir() if not one.name.startswith(".")} - {"clinic.backups"}
    assert names == {"clinic.db", "clinic.db.key"}


@pytest.mark.parametrize("action", ACTIONS)
def test_killed_at_random_moments(action: str, start: Start, tmp_path: Path):
    child, path = start(action, tmp_path / "whole")
    begun = time.monotonic()
    while not child.stdout.readline().startswith("done"):
        pass
    whole = time.monotonic() - begun
    child.kill()
    child.communicate()
    for kill in range(KILLS // 2):
        child, path = start(action, tmp_path / str(kill))
        time.sleep(whole * random.random() * 1.2)
        child.kill()
        said = child.communicate()
        assert_whole(action, path, said)


@pytest.mark.parametrize("action", ACTIONS)
def test_killed_before_a_step_of_its_work_with_files(action: str, start: Start, tmp_path: Path):
    child, path = start(action, tmp_path / "whole", 100_000)
    said = child.communicate()
    steps = int(said.split()[-1])
    assert steps > 10
    order = random.sample(range(1, steps + 1), steps)  # each once before any comes again
    for kill in range(KILLS - KILLS // 2):
        child, path = start(action, tmp_path / f"step{kill}", order[kill % steps])
        said = child.communicate()
        assert child.returncode == -signal.SIGKILL
        assert_whole(action, path, said)


def test_what_a_backup_cut_short_left_is_swept_away(start: Start, tmp_path: Path):
    child, path = start("backup", tmp_path / "a")
    child.kill()
    child.communicate()
    with Clinic.open(path, create=False, credentials=Credentials(passphrase=OLD)) as clinic:
        clinic.backups.make()
        folder = clinic.backups.folder
        for name in ("clinic-x.db.part", "clinic-x.db.part-journal", "clinic-x.db.key"):
            (folder / name).write_bytes(b"left")
        clinic.backups.make()
        assert {one.name for one in folder.iterdir() if one.name.startswith("clinic-x")} == set()
        assert len(catalogue.read(folder)) == 2
