"""Opens the first clinic file after the window has been painted.

What reading records needs (SQLAlchemy, Alembic, the vocabulary) takes most of a second to import; a thread does that
while the window already answers.
"""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

if TYPE_CHECKING:
    from app.ui.window import MainWindow

NEEDED = ("app.store.clinic", "alembic.command", "alembic.script")


class Opening(QObject):
    """Call ``start`` once the window is shown; ``done`` follows the opened (or refused) file."""

    done = Signal()
    _warm = Signal()

    def __init__(self, window: MainWindow, path: Path) -> None:
        super().__init__()
        self._window, self._path = window, path
        self._warm.connect(self._open, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._import, name="opening")

    def start(self) -> None:
        self._window.show_opening(self._path)
        self._thread.start()

    def wait(self) -> None:
        """Until the thread has ended: a window closed at once leaves nothing running."""
        if self._thread.is_alive():
            self._thread.join()

    def _import(self) -> None:
        warm_up()
        self._warm.emit()

    def _open(self) -> None:
        if shiboken6.isValid(self._window):  # else it was closed meanwhile
            self._window.open_path(str(self._path))
            self._window.opening_over()
        self.done.emit()


def warm_up() -> None:
    """Import and read what the first patient on screen needs."""
    for module in NEEDED:
        importlib.import_module(module)
    from app.domain.herbs import herbs
    from app.domain.vocabulary import core

    core()
    herbs()
