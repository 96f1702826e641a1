"""Cases as a folder of CSV files, one a table, UTF-8 with a byte order mark as Excel wants it."""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.domain.records import Case
from app.exporting.columns import FORMAT, MANIFEST, TABLES, VERSION, rows
from app.files import new_folder, write_json


def write_tables(cases: Iterable[Case], folder: Path, about: dict[str, Any]) -> None:
    """The new folder ``folder``, whole or not at all; never more than one case in memory.

    about: goes into the manifest. Raises KnownError where the folder holds anything, or cannot be written.
    """
    counts = dict.fromkeys(TABLES, 0)
    with new_folder(folder) as aside:
        with contextlib.ExitStack() as stack:
            writers = {name: csv.writer(stack.enter_context(_opened(aside / f"{name}.csv"))) for name in TABLES}
            for name, columns in TABLES.items():
                writers[name].writerow(columns)
            for case in cases:
                for name, values in rows(case):
                    kinds = TABLES[name].values()
                    cells = [kind.write(value) for kind, value in zip(kinds, values, strict=True)]
                    writers[name].writerow(cells)
                    counts[name] += 1
        write_json(aside / MANIFEST, {"format": FORMAT, "version": VERSION, **about, "rows": counts})


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
