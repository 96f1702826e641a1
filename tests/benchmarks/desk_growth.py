"""Memory over a thousand times of opening and closing each thing of the desk: what a cycle leaves behind.

A process of its own whose Python takes its memory from the C library, so that what is in use is known to the byte; the
resident memory beside it is what the system sees. Slopes are by least squares after a warm-up.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tests.benchmarks.core_memory import give_back, resident
from tests.benchmarks.core_report import Part, at_most
from tests.benchmarks.desk_figures import Options, slope

if TYPE_CHECKING:
    from app.jobs.events import Event
    from app.ui.window import MainWindow

GOAL_KB = 1.0
WARM_UP = 0.2  # of the cycles
PATIENTS = ("P0001", "P0002", "P0003", "P0004")
KB = 1024.0


class _MallocInfo(ctypes.Structure):
    _fields_: ClassVar = [
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keep",
        )
    ]


def in_use() -> int:
    """Bytes handed out by the C library, in every thread."""
    about = ctypes.CDLL(None).mallinfo2
    about.restype = _MallocInfo
    found = about()
    return found.uordblks + found.hblkhd


class Answering:
    """A forecasting service without a worker: answers of invented patients, made once."""

    def __init__(self, order: dict[str, Any]) -> None:
        from app.store.clinic import Clinic
        from tests.ui import people

        with Clinic.open(Path(order["db"]), create=False) as clinic:
            self._answers = {code: people.outlook_result(clinic.queries.case(code)) for code in PATIENTS}
        self._number, self._events = 0, []

    def request(self, model: str, patient: str, at: list[float] | None = None) -> int:
        from app.jobs.events import Finished

        del model, at
        self._number += 1
        if patient in self._answers:
            self._events.append(Finished(self._answers[patient], request=self._number))
        return self._number

    def explain(self, model: str, patient: str, ask: str) -> int:
        """Nobody hears what stands behind it."""
        del model, patient, ask
        self._number += 1
        return self._number

    def poll(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def close(self) -> None: ...


def acts(window: MainWindow) -> dict[str, Callable[[int], None]]:
    """One cycle of each, by name."""
    from tests.benchmarks import desk_demo

    def editor(_: int) -> None:
        window.visits.new_visit()
        desk_demo.until(lambda: window.visits.editor.entering)
        window.visits.close()

    def compare(_: int) -> None:
        window.show_compare()
        desk_demo.turn(0)
        window.show_timeline()

    def dialog(cycle: int) -> None:
        name, show = (
            ("history", window.records.show_history),
            ("train", window.chores.show_training),
            ("about", window.chores.show_about),
        )[cycle % 3]
        show()
        opened = window.dialogs[name]
        assert opened is not None
        desk_demo.turn(0)
        opened.close()

    def patient(cycle: int) -> None:
        window.choose(PATIENTS[cycle % len(PATIENTS)])
        desk_demo.until(lambda: window.outlook is not None)

    return {"visit editor": editor, "compare page": compare, "a dialogue": dialog, "another patient": patient}


def child(file: str, cycles: int, what: str) -> None:
    """Prints bytes in use and resident after each cycle as JSON. what: an act, "all" for each in turn."""
    from app.ui import forecasting
    from tests.benchmarks import desk_demo

    forecasting.SETTLE_MS = forecasting.POLL_MS = 1
    window = desk_demo.window(Path(file), Answering)
    desk_demo.until(lambda: window.outlook is not None)
    every = acts(window)
    chosen = list(every.values()) if what == "all" else [every[what]]
    used, held = [], []
    for cycle in range(cycles):
        for act in chosen:
            act(cycle)
        desk_demo.until(lambda: not window.session.errands.busy)
        desk_demo.turn(0)
        gc.collect()
        if cycle % 10 == 0:
            give_back()
        used.append(in_use())
        held.append(resident())
    print(json.dumps({"in_use": used, "resident": held}), flush=True)
    os._exit(0)


def run(options: Options) -> Part:
    """All acts in turn; each alone, too, which tells where a byte stays."""
    part = Part()
    with tempfile.TemporaryDirectory() as folder:
        for what in ("all", *ACTS):
            cycles = options.cycles if what == "all" else options.cycles // 4
            found = _measured(Path(folder), cycles, what)
            rates = {name: slope(values, int(WARM_UP * len(values))) / KB for name, values in found.items()}
            part.figures[what] = {**found, "kb_a_cycle": rates}
            row = {"opened and closed": what, "KB a cycle in use": rates["in_use"], "resident": rates["resident"]}
            part.rows.append({**row, "cycles": cycles})
    worst = part.figures["all"]["kb_a_cycle"]
    part.goals.append(at_most("KB a cycle of all, in use", worst["in_use"], GOAL_KB))
    part.goals.append(at_most("KB a cycle of all, resident", worst["resident"], GOAL_KB))
    return part


ACTS = ("visit editor", "compare page", "a dialogue", "another patient")


def _measured(folder: Path, cycles: int, what: str) -> dict[str, list[float]]:
    from tests.ui import people

    file = folder / f"{what}.db"
    people.fill(file, model=True)
    environment = {**os.environ, "PYTHONMALLOC": "malloc", "MALLOC_ARENA_MAX": "2"}
    command = [sys.executable, "-m", "tests.benchmarks.desk_growth", str(file), str(cycles), what]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout:
        raise RuntimeError(f"growth of {what} could not be measured: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    child(sys.argv[1], int(sys.argv[2]), sys.argv[3])
