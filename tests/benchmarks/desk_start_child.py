"""One start in a process of its own: ``python -m tests.benchmarks.desk_start_child bare|window|clinic [FILE]``.

Writes a JSON line once the window can be used: it was painted, and its event loop has nothing more to do.
bare: a QMainWindow holding one pyqtgraph plot; window: the program as it starts without a clinic; clinic: as it starts
with one, until its first patient is on screen.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

CALM, QUICK = 5, 0.005  # turns of the event loop in a row, each within so many seconds
PATIENCE = 60  # seconds until a start is given up, and tells where it was


def watch(window: QMainWindow, there: Callable[[], bool]) -> None:
    """End the process, with a word, when ``there()`` holds, the window is on screen, and the loop is idle: what was to
    be painted has been."""
    from PySide6.QtCore import QObject, QTimer

    class Watch(QObject):
        calm, last = 0, 0.0

        def turn(self) -> None:
            now = time.perf_counter()
            handle = window.windowHandle()
            exposed = handle is not None and handle.isExposed()
            self.calm = self.calm + 1 if exposed and there() and now - self.last < QUICK else 0
            self.last = now
            if self.calm == CALM:
                loaded = {name: name in sys.modules for name in ("torch", "sqlalchemy", "pandas", "pydantic")}
                print(json.dumps(loaded), flush=True)
                os._exit(0)

    seen = Watch(window)
    timer = QTimer(seen)  # of no wait: called whenever nothing else is left to do
    timer.timeout.connect(seen.turn)
    timer.start()


def bare() -> None:
    import pyqtgraph as pg
    from PySide6.QtWidgets import QApplication, QMainWindow

    app = QApplication([])
    window = QMainWindow()
    plot = pg.PlotWidget()
    plot.plot(list(range(11)), [(7 * n) % 5 for n in range(11)])
    window.setCentralWidget(plot)
    window.resize(1280, 800)
    watch(window, window.isVisible)
    window.show()
    app.exec()


def program(file: str) -> None:
    """The program from its own first line on, as a person starts it."""
    from app.ui import main as starting

    make = starting.make_window

    def watched(*args: Any, **kwargs: Any) -> Any:
        window = make(*args, **kwargs)
        watch(window, partial(_shown, window, bool(file)))
        return window

    starting.make_window = watched
    from app.__main__ import main

    sys.argv = ["mailiu", *(("--db", file) if file else ())]
    main()


def _shown(window: Any, with_patient: bool) -> bool:
    return window.isVisible() and (not with_patient or window.session.case is not None)


if __name__ == "__main__":
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    bare() if sys.argv[1] == "bare" else program(sys.argv[2] if sys.argv[1] == "clinic" else "")
