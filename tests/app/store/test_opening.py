from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.errors import KnownError
from app.store.clinic import Clinic
from app.store.sqlite import SqliteDatabase as Database
from tests.app.store.cases import simulated

LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
connection.execute("BEGIN EXCLUSIVE" if "EXCLUSIVE" in sys.argv[2] else "BEGIN IMMEDIATE")
connection.execute("CREATE TABLE IF NOT EXISTS scratch (x)")
sys.stdout.write("locked\\n"); sys.stdout.flush()
sys.stdin.read()
connection.execute("ROLLBACK")
"""

OPENER = """
import sys
from pathlib import Path
import alembic.command
from app.store.clinic import Clinic
sys.stdout.write("ready\\n"); sys.stdout.flush()
sys.stdin.readline()
with Clinic.open(Path(sys.argv[1]), plain=True) as clinic:
    sys.stdout.write(str(clinic.queries.counts()["patients"]))
"""


@contextlib.contextmanager
def locked_by_another_process(path: Path, pragma: str = "SELECT 1") -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-c", LOCKER, str(path), pragma], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"locked"
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


@contextlib.contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Root may write everywhere, so a test of permissions has to step down for a moment."""
    if not hasattr(os, "geteuid"):
        pytest.skip("file modes mean little on Windows")
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every user can reach, unlike pytest's own."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        folder.chmod(0o777)


def test_a_new_file_is_created_with_its_folders_and_read_by_its_owner_only(tmp_path: Path):
    path = tmp_path / "病案" / "new" / "我的 100% #1?.db"
    with Clinic.open(path, plain=True) as clinic:
        assert clinic.queries.counts()["patients"] == 0
        assert clinic.path == path
        assert clinic.backup is None
        if os.name != "nt":
            assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == [path.name]  # closing folds the WAL in


def test_every_pragma_holds_on_every_connection(clinic_file: Clinic):
    for transaction in (clinic_file._database.read, clinic_file._database.write):
        with transaction() as connection:
            values = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "cache_size")
            }
        assert values == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 5000,
            "cache_size": -65536,
        }


def test_a_setting_the_folder_does_not_allow_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.store.sqlite.PRAGMAS", (("journal_mode", "MEMORY", "wal"),))
    database = Database(tmp_path / "a.db")
    with pytest.raises(KnownError, match=r"journal_mode \(got memory, need wal\)"), database.read():
        pass
    database.close()


def test_writers_begin_immediate_and_readers_do_not_stop_them(plain: Clinic):
    with plain._database.read() as reader, plain._database.write() as writer:
        assert reader.exec_driver_sql("SELECT count(*) FROM patient").scalar() == 0
        writer.exec_driver_sql("DELETE FROM patient")
        with contextlib.closing(sqlite3.connect(plain.path, timeout=0)) as other:
            other.execute("BEGIN")  # a reader's word for it: no lock asked, none met
            other.execute("ROLLBACK")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")


def test_a_file_that_is_not_there_is_refused_where_none_may_be_created(tmp_path: Path):
    with pytest.raises(KnownError, match="no clinic file at"):
        Clinic.open(tmp_path / "none.db", create=False)
    assert not list(tmp_path.iterdir())


def test_an_empty_file_becomes_a_clinic(tmp_path: Path):
    path = tmp_path / "empty.db"
    path.touch()
    with pytest.raises(KnownError, match="no clinic file at"):
        Clinic.open(path, create=False)
    with Clinic.open(path, plain=True) as clinic:
        assert clinic.queries.counts()["visits"] == 0


def test_a_folder_is_refused(tmp_path: Path):
    with pytest.raises(KnownError, match="is a folder"):
        Clinic.open(tmp_path, plain=True)


@pytest.mark.parametrize("content", [b"patient,date\nP1,2024-01-01\n", b"S", b"\0" * 4096, b"SQLite format 3\0rubbish"])
def test_a_file_of_another_kind_is_refused_and_left_as_it_was(tmp_path: Path, content: bytes):
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with pytest.raises(KnownError, match="is not a clinic file"):
        Clinic.open(path, plain=True)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_as_it_was(tmp_path: Path):
    path = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(KnownError, match="is not a clinic file"):
        Clinic.open(path, plain=True)
    assert path.read_bytes() == before


def test_a_damaged_file_is_refused(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, plain=True) as clinic:
        clinic.imports.commit([simulated(1)])
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)
    with pytest.raises(KnownError, match="damaged"):
        Clinic.open(path, plain=True)


@pytest.mark.promise("R4")
def test_a_folder_one_may_not_write_to_is_told_of(open_folder: Path):
    with Clinic.open(open_folder / "there.db", plain=True):
        pass
    (open_folder / "there.db").chmod(0o644)
    open_folder.chmod(0o555)
    with as_ordinary_user():
        with pytest.raises(KnownError, match=r"new\.db cannot be created"):
            Clinic.open(open_folder / "new.db", plain=True)
        with pytest.raises(KnownError, match=r"there\.db cannot be opened for writing"):
            Clinic.open(open_folder / "there.db", plain=True)


@pytest.mark.promise("R4")
def test_a_read_only_file_is_told_of(open_folder: Path):
    path = open_folder / "clinic.db"
    with Clinic.open(path, plain=True):
        pass
    path.chmod(0o444)
    with as_ordinary_user(), pytest.raises(KnownError, match="cannot be opened for writing"):
        Clinic.open(path, plain=True)


def test_a_name_below_a_file_is_told_of(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(KnownError, match="cannot be"):
        Clinic.open(tmp_path / "file" / "clinic.db", plain=True)


@pytest.mark.promise("R4")
def test_a_full_disk_is_told_of_and_changes_nothing(clinic_file: Clinic):
    with clinic_file._database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(KnownError, match="is full"):
        clinic_file.imports.commit([simulated(number) for number in range(100)])
    assert clinic_file.queries.counts()["patients"] == 0


@pytest.mark.promise("R4")
def test_a_second_writer_is_told_after_the_busy_timeout_and_does_not_hang(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, busy_timeout=0.2, plain=True) as clinic:
        with locked_by_another_process(path):
            begun = time.monotonic()
            with pytest.raises(KnownError, match="being written by another program"):
                clinic.imports.commit([simulated(1)])
            assert 0.15 < time.monotonic() - begun < 10
            assert clinic.queries.counts()["patients"] == 0  # reading goes on
            with Clinic.open(path, busy_timeout=0.2, plain=True) as second:  # and so does opening
                assert second.queries.counts()["patients"] == 0
        clinic.imports.commit([simulated(1)])
        assert clinic.queries.counts()["patients"] == 1


@pytest.mark.promise("R4")
def test_a_file_locked_for_reading_too_is_told_of_at_opening(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, plain=True):
        pass
    with (
        locked_by_another_process(path, "PRAGMA locking_mode = EXCLUSIVE"),
        pytest.raises(KnownError, match="being written by another program"),
    ):
        Clinic.open(path, busy_timeout=0.2, plain=True)


@pytest.mark.promise("R4")
def test_programs_that_start_one_new_file_at_the_same_moment_all_open_it(tmp_path: Path):
    path = tmp_path / "clinic.db"
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for opener in openers:
        assert opener.stdout is not None
        assert opener.stdout.readline() == "ready\n"
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("go\n")
        opener.stdin.flush()
    assert [opener.communicate(timeout=60)[0] for opener in openers] == ["0"] * 3


def test_a_copied_file_opens_with_its_models_folder_beside_it(tmp_path: Path):
    with Clinic.open(tmp_path / "a.db", plain=True) as clinic:
        clinic.models.register("ltc", {}, clinic.models_folder / "ltc.json")
        assert clinic.models_folder == tmp_path / "a.models"
        assert clinic.models_folder.is_dir()
    (tmp_path / "moved").mkdir()
    shutil.move(tmp_path / "a.db", tmp_path / "moved" / "b.db")
    with Clinic.open(tmp_path / "moved" / "b.db", plain=True) as clinic:
        assert clinic.models.get("ltc").path == tmp_path / "moved" / "b.models" / "ltc.json"


def test_opening_a_file_once_more_leaves_the_locks_of_the_first_in_place(clinic_file: Clinic):
    """Closing any handle of a file drops the process's locks on it: a file that is open is not looked into."""
    with clinic_file._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM patient")
        with Clinic.open(clinic_file.path, create=False, credentials=clinic_file.hand_over(), busy_timeout=0.1):
            pass
        with locked_out(clinic_file.path):
            pass


@contextlib.contextmanager
def locked_out(path: Path) -> Iterator[None]:
    """Another process finds the file being written."""
    lock = "fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 120)"  # the byte of a writer
    script = f"import fcntl, sys; f = open(sys.argv[1] + '-shm', 'r+b'); {lock}"
    found = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert "BlockingIOError" in found.stderr or "PermissionError" in found.stderr, found.stderr
    yield
