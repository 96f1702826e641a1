from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from app.domain.errors import KnownError
from app.store.clinic import Clinic
from app.store.schema import APPLICATION_ID, HEAD, MIGRATIONS, upgrade
from app.store.sqlite import SqliteDatabase as Database
from app.store.tables import Stored
from tests import same_tables
from tests.app.store.cases import simulated

AHEAD = f"{int(HEAD) + 1:04d}"
NEXT = """
from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels, depends_on = "{ahead}", "{head}", None, None
def upgrade():
    op.add_column("patient", sa.Column("phone", sa.Text(), nullable=True))
    {more}
"""


@pytest.fixture(scope="module", autouse=True)
def real_migrations() -> Iterator[None]:
    with same_tables.migrated():
        yield


def with_a_next_revision(folder: Path, more: str = "pass") -> Path:
    """Today's migrations and one more, as a later version of the program would have them."""
    migrations = folder / "next 100%"
    shutil.copytree(MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    (migrations / "versions" / f"{AHEAD}_phone.py").write_text(
        NEXT.format(more=more, ahead=AHEAD, head=HEAD), encoding="utf-8"
    )
    return migrations


def ddl(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Clauses of each table and index; their order means nothing."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: clauses(sql) for name, sql in rows if name != "alembic_version"}


def clauses(sql: str) -> list[str]:
    """What stands between the commas of a CREATE statement, and what stands around its brackets."""
    start, end = sql.index("("), sql.rindex(")")
    parts, depth = [""], 0
    for letter in sql[start + 1 : end]:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return sorted(" ".join(part.split()) for part in (*parts, sql[:start], sql[end + 1 :]))


def test_the_migrations_build_exactly_the_tables_of_the_code(clinic: Clinic):
    with clinic._database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Stored.metadata) == []


def test_the_migrations_build_the_same_statements_checks_and_cascades_included(plain: Clinic, tmp_path: Path):
    engine = create_engine(f"sqlite:///{tmp_path / 'metadata.db'}")
    Stored.metadata.create_all(engine)
    engine.dispose()
    with (
        contextlib.closing(sqlite3.connect(plain.path)) as migrated,
        contextlib.closing(sqlite3.connect(tmp_path / "metadata.db")) as declared,
    ):
        assert ddl(migrated) == ddl(declared)


def test_the_other_tests_work_on_the_very_tables_of_the_migrations(plain: Clinic, tmp_path: Path):
    with same_tables.same_tables():
        for name in ("first.db", "second.db"):
            Clinic.open(tmp_path / name, plain=True).close()
    dumps = []
    for path in (plain.path, tmp_path / "first.db", tmp_path / "second.db"):
        with contextlib.closing(sqlite3.connect(path)) as connection:
            lines = list(connection.iterdump())
            mark = connection.execute("PRAGMA application_id").fetchone()
            key = connection.execute("SELECT key FROM audit_head").fetchone()[0]
            dumps.append((mark, key, [line.replace(key, "") for line in lines]))
    assert len({key for _, key, _ in dumps}) == 3
    assert len(dumps[0][1]) == len(dumps[2][1])
    assert dumps[0][2] == dumps[1][2] == dumps[2][2]
    assert dumps[0][0] == dumps[2][0] == (APPLICATION_ID,)


def test_the_newest_revision_is_the_one_the_code_names():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_clinic_file_carries_its_own_mark(clinic_file: Clinic):
    with clinic_file._database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID


def test_the_first_migration_can_be_taken_back(tmp_path: Path):
    from alembic import command

    database = Database(tmp_path / "a.db")
    upgrade(database)
    with database.write() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.downgrade(config, "base")
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
        assert set(names) <= {"alembic_version", "sqlite_sequence"}
    database.close()


def test_a_file_of_a_newer_program_is_refused_and_left_as_it_was(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, plain=True) as clinic, clinic._database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
    before = path.read_bytes()
    with pytest.raises(KnownError, match=rf"newer version of Mailiu .*revision 0999.*up to {HEAD}"):
        Clinic.open(path, plain=True)
    assert path.read_bytes() == before


def test_an_older_file_is_copied_before_it_is_upgraded(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, plain=True) as clinic:
        clinic.imports.commit([simulated(1)])
        migrations = with_a_next_revision(tmp_path)
        copy = upgrade(clinic._database, head=AHEAD, migrations=migrations)  # live: the WAL still holds the rows
        assert copy is not None
        assert upgrade(clinic._database, head=AHEAD, migrations=migrations) is None
        with clinic._database.read() as connection:
            assert connection.exec_driver_sql("SELECT phone FROM patient").all() == [(None,)]
    assert copy.name.startswith(f"clinic.before-upgrade-{HEAD}-")
    if os.name != "nt":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.part"))
    with Clinic.open(copy, plain=True) as restored:
        assert list(restored.queries.cases()) == [simulated(1)]


def test_a_failing_upgrade_leaves_the_old_tables_and_the_copy(tmp_path: Path):
    with Clinic.open(tmp_path / "clinic.db", plain=True) as clinic:
        clinic.imports.commit([simulated(1)])
        migrations = with_a_next_revision(tmp_path, 'raise ArithmeticError("in the middle")')
        with pytest.raises(ArithmeticError):
            upgrade(clinic._database, head=AHEAD, migrations=migrations)
        with clinic._database.read() as connection:
            assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
            columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(patient)")]
        assert "phone" not in columns
        assert list(clinic.queries.cases()) == [simulated(1)]
    assert len(list(tmp_path.glob("clinic.before-upgrade-*"))) == 1


def test_an_upgrade_without_room_for_the_copy_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with Clinic.open(tmp_path / "clinic.db", plain=True) as clinic:
        migrations = with_a_next_revision(tmp_path)

        def no_room(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("app.store.schema.os.fsync", no_room)
        with pytest.raises(KnownError, match="backup copy before it could not be written"):
            upgrade(clinic._database, head=AHEAD, migrations=migrations)
        assert not list(tmp_path.glob("clinic.before*"))


def test_deleting_a_patient_deletes_everything_below(clinic: Clinic):
    clinic.imports.commit([simulated(1), simulated(2)])
    with clinic._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM patient WHERE code = 'P00001'")
        connection.exec_driver_sql("DELETE FROM import_batch")
    assert list(clinic.queries.cases()) == [simulated(2)]
    counts = clinic.queries.counts()
    assert (counts["visits"], counts["observations"], counts["prescription_items"]) == (6, 48, 12)


@pytest.mark.parametrize("statement", ["UPDATE visit SET kind = 'third'", "UPDATE visit SET patient_id = 99"])
def test_the_database_itself_refuses_what_the_code_never_writes(clinic: Clinic, statement: str):
    clinic.imports.commit([simulated(1)])
    with pytest.raises(IntegrityError), clinic._database.write() as connection:
        connection.exec_driver_sql(statement)
