"""A disk that is full at any byte: every act says so, leaves everything as it was, and works once there is room."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import KnownError
from app.exporting.run import WRITERS, export
from app.store import fingerprint, restoring
from app.store.clinic import Clinic
from app.store.sqlite import SqliteDatabase
from tests.app.store.cases import simulated

pytestmark = pytest.mark.promise("R4")

resource: Any = pytest.importorskip("resource", reason="Windows has no limit of file sizes")

NEW = "黄河入海流 1688"
LIMITS = (0, 100, 4000, 20_000, 100_000, 300_000, 600_000)  # bytes a file may have


@contextlib.contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file grows beyond ``size`` bytes, as where the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def key_of(clinic: Clinic) -> bytes | None:
    assert isinstance(clinic._database, SqliteDatabase)
    return clinic._database.key


def import_more(clinic: Clinic, out: Path) -> None:
    clinic.imports.commit([simulated(number) for number in range(20, 60)])


def delete_visit(clinic: Clinic, out: Path) -> None:
    clinic.visits.delete_visit("P00002", 3, version=clinic.patients.open("P00002").visits[3])


def back_up(clinic: Clinic, out: Path) -> None:
    clinic.backups.make()


def new_key(clinic: Clinic, out: Path) -> None:
    (clinic.rekeying.new_data_key if key_of(clinic) else clinic.rekeying.encrypt)(NEW)


def restore(clinic: Clinic, out: Path) -> None:
    restoring.restore_file(clinic.backups.list()[0].path, out / "restored.db", key_of(clinic))


def exporting(form: str) -> Callable[[Clinic, Path], None]:
    def act(clinic: Clinic, out: Path) -> None:
        export(clinic, out / ("all" if form == "csv" else "all.json"), form, identified=True)

    act.__name__ = f"export {form}"
    return act


ACTS = (import_more, delete_visit, back_up, restore, new_key, *map(exporting, WRITERS))


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.name.endswith(("-wal", "-shm"))}


def rows_of(clinic: Clinic) -> dict[str, fingerprint.Mark]:
    """Of every table but the log, which an act may enter before it is done."""
    with clinic._database.read() as connection:
        marks = fingerprint.typed(connection, b"key")
    return {name: mark for name, mark in marks.items() if not name.startswith("audit")}


def refused(act: Callable[[Clinic, Path], None], clinic: Clinic, out: Path) -> KnownError | OSError | None:
    try:
        act(clinic, out)
    except (KnownError, OSError) as error:
        return error
    return None


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_a_full_disk_is_told_and_nothing_is_lost_or_half_written(
    clinic_file: Clinic, tmp_path: Path, act: Callable[[Clinic, Path], None]
):
    clinic_file.imports.commit([simulated(number) for number in range(20)])
    clinic_file.backups.make()
    out = tmp_path / "out"
    out.mkdir()
    files, rows = files_in(tmp_path), rows_of(clinic_file)
    refusals = 0
    for limit in LIMITS:
        with room_for(limit):
            refusal = refused(act, clinic_file, out)
        if refusal is None:
            break
        refusals += 1
        assert isinstance(refusal, KnownError) or (refusal.errno == errno.EFBIG and refusal.filename), repr(refusal)
        assert files_in(tmp_path) == files
        assert rows_of(clinic_file) == rows
    else:
        act(clinic_file, out)  # now there is room
    assert refusals
