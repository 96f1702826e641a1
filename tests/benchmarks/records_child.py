"""One import in a process of its own: ``python -m tests.benchmarks.records_child {"file": ..., "db": ..., ...}``.

Prints one JSON line: seconds in all and of the store alone, memory over what was resident before, the longest time
without a word of progress and without being asked whether to stop, and where it was stopped how long that took.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path
from typing import Any

from app.domain.vocabulary import core
from app.i18n import t
from app.importing import mapping, run  # noqa: F401  # imported before memory is looked at
from app.store.clinic import Clinic, Credentials
from app.store.imports import ImportCancelledError
from tests.benchmarks.core_memory import give_back, resident

MB = 1e6


def main(order: dict[str, Any]) -> dict[str, Any]:
    """order: file, db; encrypted: whether db is; stop_after: seconds after which to stop, None never."""
    core()
    stop_after = order.get("stop_after")
    asked: list[float] = []
    told: list[float] = []
    stored_from: list[float] = []
    began = time.perf_counter()

    def cancelled() -> bool:
        asked.append(time.perf_counter() - began)
        return stop_after is not None and asked[-1] >= stop_after

    def progress(_done: int, _total: int, words: str) -> None:
        told.append(time.perf_counter() - began)
        if words == t("Storing patients") and not stored_from:
            stored_from.append(told[-1])

    sealed = Credentials(passphrase="日照香炉生紫烟 1688") if order.get("encrypted") else None
    with Clinic.open(Path(order["db"]), plain=sealed is None, credentials=sealed) as clinic:
        give_back()
        before = resident()
        began, worked = time.perf_counter(), time.process_time()
        stopped = False
        try:
            run.import_files([Path(order["file"])], clinic, progress=progress, cancelled=cancelled)
        except ImportCancelledError:
            stopped = True
        ended = time.perf_counter() - began
        worked = time.process_time() - worked
        peak = resident(what="VmHWM")
        log = Path(order["db"] + "-wal")
        found = {
            "seconds": ended,
            "processor_seconds": worked,
            "store_seconds": ended - stored_from[0] if stored_from else None,
            "memory_mb": (peak - before) / MB,
            "longest_silence": _longest(told, ended),
            "longest_unasked": _longest(asked, ended),
            "stopped": stopped,
            "seconds_to_stop": ended - stop_after if stopped and stop_after is not None else None,
            "rows_left": sum(clinic.queries.counts().values()),
            "log_bytes": log.stat().st_size if log.exists() else 0,
        }
    return {**found, "file_bytes": Path(order["db"]).stat().st_size}


def _longest(moments: list[float], ended: float) -> float:
    marks = [0.0, *moments, ended]
    return max(later - earlier for earlier, later in itertools.pairwise(marks))


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
