"""The write-ahead log after a large transaction: what it took is given back to the disk, committed or not."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sqlalchemy import Engine

LARGE = 8 * 2**20  # bytes; a log below this is kept for the next writer


def shrink_journal(engine: Engine, path: Path) -> None:
    """Empties the log of the SQLite file at ``path`` where it is large. Outside of any transaction.

    Waits for nobody: where another connection reads at this moment the log stays until it is closed.
    """
    log = path.with_name(path.name + "-wal")
    if engine.dialect.name != "sqlite" or not log.exists() or log.stat().st_size < LARGE:
        return
    # what goes wrong here is left to the next writer: the log is as good full as empty
    ignored = contextlib.suppress(OSError, engine.dialect.loaded_dbapi.Error)
    with ignored, contextlib.closing(engine.raw_connection()) as raw:
        cursor = raw.cursor()
        waits = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(waits)}")
