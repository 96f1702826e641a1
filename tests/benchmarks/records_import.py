"""Part "import" of the records benchmark: speed in turns with bare SQLite, memory, progress, stopping at any moment."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks import records_bare as bare
from tests.benchmarks.core_memory import watched
from tests.benchmarks.core_report import Part, at_most
from tests.benchmarks.records_files import ABOUT, SHAPES, write

if TYPE_CHECKING:
    from tests.benchmarks.records import Options

MOST_TIMES = 3.0  # of the bare rows
MOST_MEMORY = 400.0  # MB over start
MOST_SECONDS = 1.0  # to stop, or without a word
STOPS = (0.1, 0.3, 0.5, 0.7, 0.9)  # of the whole time, at which it is stopped
LIMIT = 4e9  # bytes at which a child is killed


def run(options: Options) -> Part:
    """Rows: one a file, then the other tools on the first of them."""
    part = Part()
    with tempfile.TemporaryDirectory() as folder:
        for shape in SHAPES:
            path = write(Path(folder), shape, options.values)
            _measure(part, Path(folder), path, options)
            if shape == SHAPES[0]:
                _encrypted(part, Path(folder), path)
                _others(part, Path(folder), path, options)
                _stopping(part, Path(folder), path)
            path.unlink()
    part.notes.append("by processor: import/bare in seconds of the processor, which a busy machine distorts less")
    part.notes.append("bare: the rows as the import stores them, executemany into the same tables in one transaction")
    return part


def _measure(part: Part, folder: Path, path: Path, options: Options) -> None:
    runs: list[dict[str, Any]] = []
    bares: list[tuple[float, float]] = []
    rows: bare.Rows | None = None
    for _turn in range(options.repeats):
        runs.append(_child({"file": str(path), "db": str(_fresh(folder, "ours.db"))}))
        rows = rows or bare.rows_of(folder / "ours.db")
        bares.append(bare.executemany(_fresh(folder, "bare.db"), rows))
    median = {
        key: statistics.median(run[key] for run in runs) for key in ("seconds", "store_seconds", "processor_seconds")
    }
    worst = {key: max(run[key] for run in runs) for key in ("memory_mb", "longest_silence", "longest_unasked")}
    floor, floor_worked = (statistics.median(column) for column in zip(*bares, strict=True))
    row = {
        "file": path.name,
        "MB": path.stat().st_size / 1e6,
        "import s": median["seconds"],
        "of it store s": median["store_seconds"],
        "bare s": floor,
        "import/bare": median["seconds"] / floor,
        "store/bare": median["store_seconds"] / floor,
        "by processor": median["processor_seconds"] / floor_worked,
        "memory MB": worst["memory_mb"],
        "silent s": worst["longest_silence"],
        "unasked s": worst["longest_unasked"],
    }
    part.rows.append(row)
    part.notes.append(f"{path.name}: {ABOUT[path.name]}")
    part.figures[path.name] = {"runs": runs, "bare": bares}
    part.goals += [
        at_most(f"{path.name}: whole import over bare executemany", row["import/bare"], MOST_TIMES),
        at_most(f"{path.name}: memory over start, MB", row["memory MB"], MOST_MEMORY),
        at_most(f"{path.name}: longest time without a word, s", row["silent s"], MOST_SECONDS),
    ]


def _encrypted(part: Part, folder: Path, path: Path) -> None:
    plain = statistics.median(run["seconds"] for run in part.figures[path.name]["runs"])
    found = _child({"file": str(path), "db": str(_fresh(folder, "sealed.db")), "encrypted": True})
    part.figures["encrypted"] = found
    part.notes.append(f"{path.name} into an encrypted file: {found['seconds']:.1f} s, {found['seconds'] / plain:.2f} x")


def _others(part: Part, folder: Path, path: Path, options: Options) -> None:
    for name, tool in (("pandas", bare.pandas_to_sql), ("sqlite-utils", bare.sqlite_utils_insert)):
        seconds = [tool(_fresh(folder, "other.db"), path) for _ in range(options.repeats)]
        known = [second for second in seconds if second is not None]
        part.figures[name] = known
        what = f"{statistics.median(known):.1f} s" if known else "not installed"
        part.notes.append(f"{name} from {path.name} to one table without keys, checks or indexes: {what}")


def _stopping(part: Part, folder: Path, path: Path) -> None:
    """Stopped at several moments of the way: how long it takes, and what is left behind."""
    whole = statistics.median(run["seconds"] for run in part.figures[path.name]["runs"])
    found: list[dict[str, Any]] = []
    for share in STOPS:
        order = {"file": str(path), "db": str(_fresh(folder, "stopped.db")), "stop_after": share * whole}
        found.append(_child(order))
    stopped = [run for run in found if run["stopped"]]
    part.figures["stopping"] = found
    part.notes.append(f"stopped {len(stopped)} times of {len(found)}; the others had committed before")
    part.goals += [
        at_most("stopping: seconds until it has ended", max(run["seconds_to_stop"] for run in stopped), MOST_SECONDS),
        at_most("stopping: rows left", float(max(run["rows_left"] for run in stopped)), 0),
        at_most("stopping: MB of file and log left", max(_left(run) for run in stopped), 1.0),
    ]


def _left(run: dict[str, Any]) -> float:
    return (run["file_bytes"] + run["log_bytes"]) / 1e6


def _child(order: dict[str, Any]) -> dict[str, Any]:
    found = watched("tests.benchmarks.records_child", order, LIMIT)
    if "seconds" not in found:
        raise RuntimeError(f"an import could not be measured: {found}")
    return found


def _fresh(folder: Path, name: str) -> Path:
    for suffix in ("", "-wal", "-shm"):
        (folder / (name + suffix)).unlink(missing_ok=True)
    return folder / name
