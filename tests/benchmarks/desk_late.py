"""Lateness of the window's event loop, idle and while a model is trained in its worker.

A timer of 5 ms notes how late each call comes. The window is open on a small demo clinic and polls the worker as the
training dialogue does.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

from app.jobs import worker
from app.ui.forecasting import start_service
from app.ui.jobs_bridge import JobBridge
from tests.benchmarks import desk_demo
from tests.benchmarks.core_report import Part, at_most
from tests.benchmarks.desk_figures import Options, percentile

STEP_MS = 5
GOAL = 3.0
EPOCHS = 100_000  # more than the measurement lasts


class Watch(QObject):
    """late: milliseconds by which each call came after the time it was due."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._note)

    def over(self, seconds: float) -> list[float]:
        self.late, self._last = [], time.perf_counter()
        self._timer.start()
        desk_demo.turn(seconds)
        self._timer.stop()
        return self.late

    def _note(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, 1e3 * (now - self._last) - STEP_MS))
        self._last = now


def run(options: Options) -> Part:
    """Idle, training, idle: what else the machine does falls on both alike."""
    part = Part()
    with tempfile.TemporaryDirectory() as folder:
        path = desk_demo.clinic(Path(folder), trained=False)
        window = desk_demo.window(path, start_service)
        watch = Watch()
        desk_demo.turn(1.0)
        late = {"idle": watch.over(options.seconds)}
        epochs: list[object] = []
        settings = {"patience": EPOCHS}
        bridge = JobBridge(worker.start(desk_demo.TRAINING, desk_demo.order(path, epochs=EPOCHS, settings=settings)))
        bridge.progress.connect(epochs.append)
        desk_demo.until(lambda: len(epochs) > 3)
        told = len(epochs)
        late["training in its worker"] = watch.over(options.seconds)
        told = len(epochs) - told
        if not bridge.running:
            raise RuntimeError("the training ended before it was measured")
        bridge.close()
        desk_demo.turn(1.0)
        late["idle again"] = watch.over(options.seconds)
        window.close()
        desk_demo.turn(0.1)
    for when, values in late.items():
        figures = {
            f"{word} ms": percentile(values, share) for word, share in (("p50", 0.5), ("p99", 0.99), ("most", 1))
        }
        part.rows.append({"event loop late by": when, **figures, "calls": len(values)})
    idle = percentile(late["idle"] + late["idle again"], 0.99)
    trained = percentile(late["training in its worker"], 0.99)
    part.notes.append(f"{told} words of progress were told meanwhile")
    part.goals.append(at_most("p99 while training, times idle", trained / idle, GOAL))
    part.figures = {"idle_p99_ms": idle, "training_p99_ms": trained}
    return part
