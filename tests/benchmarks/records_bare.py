"""What the import is measured against: the same rows by bare ``sqlite3.executemany``, by pandas, by sqlite-utils."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path

from app.store.clinic import Clinic
from app.store.sqlite import PRAGMAS

TABLES = ("import_batch", "patient", "visit", "observation")
Rows = dict[str, list[tuple[object, ...]]]


def rows_of(db: Path) -> Rows:
    """Every row that the import stored, with its id."""
    with contextlib.closing(sqlite3.connect(db)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in TABLES}


def executemany(db: Path, rows: Rows) -> tuple[float, float]:
    """Seconds, and seconds of the processor, of one transaction into the same tables, indexes and pragmas.

    The rows are tuples already.
    """
    Clinic.open(db, plain=True).close()
    with contextlib.closing(sqlite3.connect(db, isolation_level=None)) as connection:
        for name, value, _expected in PRAGMAS:
            connection.execute(f"PRAGMA {name} = {value}")
        began, worked = time.perf_counter(), time.process_time()
        connection.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            if rows[table]:
                marks = ",".join("?" * len(rows[table][0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[table])
        connection.execute("COMMIT")
        return time.perf_counter() - began, time.process_time() - worked


def pandas_to_sql(db: Path, file: Path) -> float:
    """Seconds from the file to one table without keys, checks or indexes."""
    import pandas as pd

    with contextlib.closing(sqlite3.connect(db)) as connection:
        began = time.perf_counter()
        pd.read_csv(file).to_sql("observation", connection, index=False)
        connection.commit()
        return time.perf_counter() - began


def sqlite_utils_insert(db: Path, file: Path) -> float | None:
    """As pandas; None where the library is not there."""
    import csv

    try:
        import sqlite_utils
    except ImportError:
        return None
    with contextlib.closing(sqlite3.connect(db)) as connection:
        began = time.perf_counter()
        with file.open(encoding="utf-8", newline="") as stream:
            sqlite_utils.Database(connection).table("observation").insert_all(csv.DictReader(stream), batch_size=5000)
        connection.commit()
        return time.perf_counter() - began
