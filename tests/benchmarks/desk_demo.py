"""A small demo clinic for the desk's benchmark, its window, and turning the event loop until something holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.jobs import worker
from app.jobs.events import Finished

if TYPE_CHECKING:
    from app.ui.forecasting import Maker
    from app.ui.window import MainWindow

PATIENTS, MODEL = 40, "desk"
TRAINING = "app.jobs.training:train"
PATIENCE = 120.0


def clinic(folder: Path, *, trained: bool) -> Path:
    """Simulated patients imported as the demo's are; trained: with a real model of few epochs, made in a worker."""
    from app.analysis.simulator import simulate, write_wide
    from app.importing.run import import_files
    from app.store.clinic import Clinic

    path, table = folder / "clinic.db", folder / "visits.xlsx"
    write_wide(simulate(patients=PATIENTS, seed=7), table)
    with Clinic.open(path, plain=True) as opened:
        import_files([table], opened)
    if trained:
        job = worker.start(TRAINING, order(path, epochs=3))
        last = job.wait(PATIENCE * 4)
        job.close()
        if not isinstance(last, Finished):
            raise RuntimeError(f"no model could be trained: {last}")
    return path


def order(path: Path, **settings: Any) -> dict[str, Any]:
    """Keywords of the training job."""
    return {"db": str(path), "name": MODEL, "compare": "none", **settings}


def window(path: Path, make_service: Maker) -> MainWindow:
    """Shown on the clinic, its first patient on screen."""
    from app.ui.main import application, make_window
    from app.ui.settings import Settings
    from app.ui.window import MainWindow

    app = application()
    make_window(app, scheme="light", language="zh").deleteLater()  # language and dress
    made = MainWindow(Settings(language="zh", scheme="light"), make_service=make_service)
    made.show()
    made.session.open(path)
    until(lambda: made.session.case is not None)
    return made


def until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """The event loop goes on until it holds, looked at every millisecond. Raises TimeoutError where it never does."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, looking = QEventLoop(), QTimer()
    end = time.monotonic() + patience

    def look() -> None:
        if holds() or time.monotonic() > end:
            loop.quit()

    looking.timeout.connect(look)
    looking.start(1)
    if not holds():
        loop.exec()
    looking.stop()
    if not holds():
        raise TimeoutError(f"waited {patience:g} s in vain")


def turn(seconds: float) -> None:
    """The event loop goes on for so long."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
