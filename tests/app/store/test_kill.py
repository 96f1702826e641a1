"""Real processes, really killed: the file opens afterwards and holds all or nothing of what was going on."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store.clinic import Clinic
from app.store.schema import upgrade
from tests.app.store.cases import simulated
from tests.app.store.kill_child import CASES
from tests.app.store.test_schema import AHEAD, with_a_next_revision
from tests.nursery import Child, nursery

pytestmark = [pytest.mark.promise("R1"), pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")]

RANDOM_KILLS = 12


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic file without patients, to copy: quicker than a new one for every kill."""
    path = tmp_path_factory.mktemp("kill") / "empty.db"
    Clinic.open(path, plain=True).close()
    return path


def copied(source: Path, target: Path) -> Path:
    shutil.copyfile(source, target)
    return target


Start = Callable[..., Child]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Makes the child, at the moment it begins."""
    with nursery("tests.app.store.kill_child") as children:

        def start(action: str, path: Path, moment: str | int = "") -> Child:
            child = children.start(action, str(path), str(moment))
            assert child.stdout.readline() == "ready\n"
            return child

        yield start


def end(child: Child) -> str:
    """What the child still said before it died of SIGKILL."""
    said = child.communicate()
    assert child.returncode == -signal.SIGKILL
    return said


def assert_sound(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def assert_all_or_nothing(path: Path, acknowledged: bool) -> bool:
    """Whether the import is there; what was acknowledged must be."""
    assert_sound(path)
    with Clinic.open(path, create=False) as clinic:
        counts = clinic.queries.counts()
        if counts["patients"] or acknowledged:
            assert (counts["patients"], counts["visits"], counts["observations"]) == (CASES, CASES * 6, CASES * 48)
            assert (counts["pulse_readings"], counts["prescription_items"]) == (CASES * 6, CASES * 12)
            assert counts["imports"] == 1
            return True
        assert set(counts.values()) == {0}
        return False


def test_an_import_killed_at_random_moments_leaves_all_or_nothing(tmp_path: Path, empty: Path, start: Start):
    child = start("import", copied(empty, tmp_path / "whole.db"))
    begun = time.monotonic()
    child.communicate()
    whole = time.monotonic() - begun
    rng = random.Random()
    found = []
    for kill in range(RANDOM_KILLS):
        path = copied(empty, tmp_path / f"{kill}.db")
        child = start("import", path)
        time.sleep(whole * (kill + rng.random()) / RANDOM_KILLS)  # spread over the whole run
        child.kill()
        said = child.communicate()
        found.append(assert_all_or_nothing(path, acknowledged="done" in said))
    assert not found[0]  # the first kill comes long before the commit


@pytest.mark.parametrize(("moment", "there"), [("commit", False), ("done", True), (3, False), (20, False)])
def test_an_import_killed_around_its_commit_is_there_only_if_acknowledged(
    tmp_path: Path, start: Start, moment: str | int, there: bool
):
    path = tmp_path / "clinic.db"
    said = end(start("import", path, moment))
    assert said == ("done\n" if there else "")
    assert assert_all_or_nothing(path, acknowledged=there) == there
    if moment == "commit":  # what was interrupted can simply be done again
        with Clinic.open(path, plain=True) as clinic:
            clinic.imports.commit(simulated(number) for number in range(CASES))
        assert assert_all_or_nothing(path, acknowledged=True)


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.01])
def test_an_import_killed_inside_its_commit_leaves_all_or_nothing(
    tmp_path: Path, empty: Path, start: Start, delay: float
):
    path = copied(empty, tmp_path / "clinic.db")
    child = start("import", path, "committing")
    assert child.stdout.readline() == "committing\n"
    time.sleep(delay)
    child.kill()
    said = child.communicate()
    assert_all_or_nothing(path, acknowledged="done" in said)


@pytest.mark.parametrize("moment", [1, 3, 7, 15, 22, "commit"])
def test_a_creation_killed_at_any_statement_can_be_begun_again(tmp_path: Path, start: Start, moment: str | int):
    path = tmp_path / "clinic.db"
    end(start("create", path, moment))
    assert_sound(path)
    with Clinic.open(path, plain=True) as clinic:
        clinic.imports.commit([simulated(1)])
        assert list(clinic.queries.cases()) == [simulated(1)]


def test_a_creation_killed_from_outside_can_be_begun_again(tmp_path: Path, start: Start):
    for kill in range(3):
        path = tmp_path / f"{kill}.db"
        child = start("create", path)
        time.sleep(random.random() * 0.2)
        child.kill()
        child.communicate()
        with Clinic.open(path, plain=True) as clinic:
            assert clinic.queries.counts()["patients"] == 0
        assert_sound(path)


@pytest.mark.parametrize("moment", [6, 10, "commit"])
def test_an_upgrade_killed_on_the_way_leaves_the_old_file_and_can_be_done_again(
    tmp_path: Path, start: Start, moment: str | int
):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, plain=True) as clinic:
        clinic.imports.commit([simulated(1)])
    migrations = with_a_next_revision(tmp_path)
    end(start("upgrade", path, moment))
    assert_sound(path)
    with Clinic.open(path, plain=True) as clinic:  # today's program still opens it
        assert list(clinic.queries.cases()) == [simulated(1)]
        assert upgrade(clinic._database, head=AHEAD, migrations=migrations) is not None
        assert list(clinic.queries.cases()) == [simulated(1)]
    assert_sound(path)
