"""Nothing readable at rest: markers in every text of an encrypted clinic are found in no byte of any file."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import signal
import stat
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from app.domain.patient_filter import PatientFilter
from app.domain.photos import NewPhoto
from app.domain.records import Case
from app.domain.visit_making import Signature
from app.store import keys
from app.store.clinic import Clinic, Credentials
from app.store.imports import FileInfo
from app.store.roles import Role
from app.store.tables import Stored
from app.store.visits import Enclosed
from tests.app.store.cases import simulated
from tests.conftest import ROOT

pytestmark = [pytest.mark.promise("R17"), pytest.mark.skipif(os.name != "posix", reason="file modes and SIGKILL")]

PASSPHRASE = "marker-passphrase 独一无二"
MARK = "唯一标记"
ASCII_MARK = "uniquemark"

CHILD = """
import os, signal, sys
from pathlib import Path
from tests.app.store import test_at_rest as at_rest
at_rest.work(Path(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def marked(number: int) -> Case:
    """A case with a marker in every text of it."""

    def mark(value: Any) -> Any:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return dataclasses.replace(
                value, **{f.name: mark(getattr(value, f.name)) for f in dataclasses.fields(value)}
            )
        if isinstance(value, tuple):
            return tuple(map(mark, value))
        return f"{MARK}{ASCII_MARK}" if type(value) is str else value

    case = mark(simulated(number, visits=3))
    person = dataclasses.replace(case.patient, code=f"{MARK}{ASCII_MARK}{number}", sex="F")
    return dataclasses.replace(case, patient=person, attributes={MARK: ASCII_MARK})


def work(path: Path) -> None:
    """Everything that writes, ending with the clinic open and its WAL full."""
    keys.KDF = {**keys.KDF, "time": 1, "memory_kib": 64, "lanes": 1}
    clinic = Clinic.open(path, credentials=Credentials(passphrase=PASSPHRASE))
    source = FileInfo(f"{MARK}.csv", 1, "0" * 64)
    clinic.imports.commit(
        [marked(number) for number in range(4)], files=[source], report_json=f'{{"{MARK}": "{MARK}"}}'
    )
    clinic.backups.make()
    clinic.backups.make(passphrase=PASSPHRASE + "2")
    first = f"{MARK}{ASCII_MARK}0"
    clinic.patients.change(first, version=clinic.patients.open(first).version, note=MARK + ASCII_MARK)
    clinic.undoing.undo()
    clinic.annotations.add(first, 1.0, MARK + ASCII_MARK)
    clinic.marks.add_tag(first, MARK + ASCII_MARK)
    clinic.marks.pin(first)
    clinic.filters.save(MARK + ASCII_MARK, PatientFilter(text=MARK + ASCII_MARK))
    beside = Enclosed(
        (Signature("toxic", ("herb.fuzi",), MARK + ASCII_MARK, "0" * 64),),
        (NewPhoto(b"\x89PNG\r\n\x1a\n" + (MARK + ASCII_MARK).encode(), MARK + ASCII_MARK),),
    )
    clinic.visits.add_visit(
        first, dataclasses.replace(marked(7).visits[0], date=dt.date(2026, 1, 2), text=ASCII_MARK), beside
    )
    clinic.visit_drafts.keep(first, {"note": MARK + ASCII_MARK})
    clinic.accounts.add(f"{MARK}{ASCII_MARK}", [Role.ADMINISTRATOR], PASSPHRASE)
    with clinic._database.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO setting VALUES ('{ASCII_MARK}', '\"{MARK}\"')")
    clinic.backups.make_now()
    clinic.imports.commit([marked(5)])


def found(folder: Path) -> list[str]:
    """Files that hold a marker, in any of the encodings text is kept in, or compressed."""
    needles = [mark.encode(code) for mark in (MARK, ASCII_MARK, "marker-passphrase") for code in ("utf-8", "utf-16-le")]
    needles += [MARK.encode("gb18030"), MARK.encode("unicode_escape")]
    hits = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            with contextlib.suppress(zlib.error):
                content += zlib.decompress(content)
            if any(needle in content for needle in needles) or any(part in path.name for part in (MARK, ASCII_MARK)):
                hits.append(str(path.relative_to(folder)))
    return hits


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """Folder of a clinic whose program was killed, its WAL not folded in; the user's folders are in it too."""
    folder = tmp_path / "own"
    folder.mkdir(mode=0o700)
    environment = {
        **os.environ,
        **{name: str(folder / "home") for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")},
    }
    environment |= {"XDG_CACHE_HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(ROOT)}
    (folder / "tmp").mkdir()
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder / "clinic.db")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert MARK not in child.stdout + child.stderr
    return folder


def test_no_marker_stands_in_any_byte_of_any_file(killed: Path):
    assert (killed / "clinic.db-wal").stat().st_size > 0
    names = {path.name for path in killed.rglob("*")}
    assert {"clinic.db", "clinic.db-wal", "clinic.db.key", "clinic.backups", "catalogue.json"} <= names
    assert found(killed) == []
    with Clinic.open(
        killed / "clinic.db", create=False, credentials=Credentials(PASSPHRASE, f"{MARK}{ASCII_MARK}")
    ) as clinic:
        assert clinic.queries.counts()["patients"] == 5  # the records are there all the same
    assert found(killed) == []


def test_the_search_for_markers_finds_them_in_a_plain_clinic(tmp_path: Path):
    (tmp_path / "plain").mkdir()
    with Clinic.open(tmp_path / "plain" / "clinic.db", plain=True) as clinic:
        clinic.imports.commit([marked(1)])
        clinic.backups.make()
    assert len(found(tmp_path / "plain")) >= 2


def test_only_the_owner_reaches_what_was_written(killed: Path):
    for path in (killed / "clinic.db").parent.glob("clinic*"):
        for one in (path, *path.rglob("*")):
            assert stat.S_IMODE(one.stat().st_mode) == (0o700 if one.is_dir() else 0o600), one


def test_every_table_with_text_is_searched(killed: Path):
    """A table that the work above leaves empty would make the search prove nothing for it."""
    unused = {"patient_alias", "unlike", "review_item", "mapping_profile", "draft", "model", "vocabulary_pack"}
    unused |= {"concept", "synonym"}  # each of one file with the others: SQLCipher knows no tables
    with (
        Clinic.open(
            killed / "clinic.db", create=False, credentials=Credentials(PASSPHRASE, f"{MARK}{ASCII_MARK}")
        ) as clinic,
        clinic._database.read() as connection,
    ):
        for table in Stored.metadata.sorted_tables:
            assert connection.execute(table.select().limit(1)).first() is not None or table.name in unused, table.name
