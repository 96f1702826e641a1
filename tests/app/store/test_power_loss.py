"""The power goes at any moment: the clinic file opens, and holds every change that was acknowledged.

The statements of the store's own write paths run once more over a disk that keeps a list of its writes; what a cut may
leave of them is drawn at random. apsw brings an SQLite of its own, so the figures are of its version; it reads and
writes no SQLCipher, whose pages go the same way.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import random
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import apsw
import pytest

from app.store.clinic import Clinic
from app.store.sqlite import PRAGMAS, SqliteDatabase
from tests.app.store.cases import simulated
from tests.app.store.power_loss import Disk, Entry, states

pytestmark = pytest.mark.promise("R2")

NAME = "clinic.db"
SUITE, LONG = 300, 5000
_disks = itertools.count()


def recorded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The statements of every transaction that was committed while a clinic was made, filled and worked with."""
    committed: list[list[str]] = []
    connect = SqliteDatabase.connect

    def listening(database: SqliteDatabase) -> Any:
        connection = connect(database)
        open_one: list[str] = []

        def hear(statement: str) -> None:
            if statement.startswith("--"):  # a trigger's own
                return
            if statement == "BEGIN IMMEDIATE":
                open_one[:] = [statement]
            elif open_one:
                open_one.append(statement)
                if statement == "COMMIT":
                    committed.append(open_one.copy())
                if statement in ("COMMIT", "ROLLBACK"):
                    open_one.clear()

        connection.set_trace_callback(hear)
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(SqliteDatabase, "connect", listening)
        with Clinic.open(folder / "source.db", plain=True, who="tester") as clinic:
            clinic.imports.commit([simulated(number) for number in range(3)])
            clinic.imports.commit([simulated(number, name="李大明") for number in range(3, 8)])
            clinic.visits.delete_visit("P00002", 3, version=clinic.patients.open("P00002").visits[3])
            clinic.undoing.undo()
            clinic.undoing.redo()
            clinic.patients.merge("P00000", "P00001")
            clinic.undoing.undo()
            clinic.terms.add_synonym("symptom", "心里发慌慌", "sym.palpitation")
    return committed


def replayed(folder: Path, transactions: list[list[str]], synchronous: str) -> tuple[list[Entry], list[str]]:
    """What the disk did, and the content after each commit. The log is written back often, as it is in a long day."""
    disk = Disk(f"disk{next(_disks)}")
    try:
        connection = apsw.Connection(str(folder / NAME), vfs=disk.name)
        for name, value, _ in (("locking_mode", "EXCLUSIVE", ""), *PRAGMAS, ("wal_autocheckpoint", "40", "")):
            connection.execute(f"PRAGMA {name} = {synchronous if name == 'synchronous' else value}")
        contents = [content_of(connection)]
        for statements in transactions:
            for statement in statements:
                for _ in connection.execute(statement):
                    pass
            contents.append(content_of(connection))
            disk.acknowledge(len(contents) - 1)
        connection.close()
        return disk.log, contents
    finally:
        disk.unregister()


def content_of(connection: Any) -> str:
    """Every row of every table, in one figure."""
    hashed = hashlib.sha256()
    tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for name, sql in tables:
        hashed.update(repr((name, sql, connection.execute(f'SELECT * FROM "{name}"').fetchall())).encode())
    return hashed.hexdigest()


def fault_in(files: Mapping[str, bytes], folder: Path, allowed: list[str]) -> str:
    """What is wrong with a clinic file found like this; empty where nothing is."""
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    try:
        with contextlib.closing(sqlite3.connect(folder / NAME)) as connection:
            if (said := connection.execute("PRAGMA integrity_check").fetchone()) != ("ok",):
                return f"not sound: {said[0]}"
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                return "a row points to none"
            return "" if content_of(connection) in allowed else "not what was acknowledged"
    except sqlite3.Error as error:
        return f"cannot be read: {error}"


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], list[str]]:
    """Draws so many states after a loss of power; gives what is wrong with those that are not as they should be."""
    with pytest.MonkeyPatch.context() as patch:
        transactions = recorded(tmp_path_factory.mktemp("source"), patch)
    assert len(transactions) > 8

    def draw(synchronous: str, count: int) -> list[str]:
        folder = tmp_path_factory.mktemp("replay")
        log, contents = replayed(folder, transactions, synchronous)
        assert len(set(contents)) == len(contents)  # each commit changed something
        found = tmp_path_factory.mktemp("found")
        rng = random.Random(1)
        told = (
            fault_in(files, found, contents[acknowledged : coming + 1])
            for acknowledged, coming, files in states(log, count, rng)
        )
        return [fault for fault in told if fault]

    return draw


def test_no_loss_of_power_takes_what_was_acknowledged(faults: Callable[[str, int], list[str]]):
    assert faults("FULL", SUITE) == []


def test_without_syncing_the_same_losses_are_found(faults: Callable[[str, int], list[str]]):
    """The control: the states are hard enough to break a database that does not wait for its disk."""
    assert len(faults("OFF", SUITE)) > SUITE / 10


@pytest.mark.long
def test_no_loss_of_power_among_thousands_takes_what_was_acknowledged(
    faults: Callable[[str, int], list[str]], record_property: Callable[[str, object], None]
):
    bad, control = faults("FULL", LONG), faults("OFF", LONG)
    record_property("states with something lost or broken", f"{len(bad)} of {LONG}")
    record_property("the same without syncing (control)", f"{len(control)} of {LONG}")
    assert bad == [] and control
