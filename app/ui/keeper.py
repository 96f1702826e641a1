"""Writes the settings a moment after they change, in a thread: a process that is killed comes back as it was."""

from __future__ import annotations

import logging
from copy import deepcopy
from functools import partial

from PySide6.QtCore import QObject, QTimer

from app.ui import settings as memory
from app.ui.errands import Errands
from app.ui.settings import Settings

SETTLE_MS = 250
log = logging.getLogger(__name__)


class Keeper(QObject):
    def __init__(self, parent: QObject, settings: Settings) -> None:
        super().__init__(parent)
        self._settings = settings
        self._written = deepcopy(settings)
        self._errands = Errands(self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SETTLE_MS)
        self._pause.timeout.connect(self._write)

    def soon(self, *_: object) -> None:
        """Something may have changed."""
        self._pause.start()

    def end(self) -> None:
        """The last word, and waits for it. Raises OSError where the folder cannot be written."""
        self._pause.stop()
        self._errands.wait()
        memory.save(self._settings)

    def _write(self) -> None:
        if self._errands.busy:  # one after the other: an older state must not come last
            self._pause.start()
        elif self._settings != self._written:
            self._written = deepcopy(self._settings)
            self._errands.run(partial(memory.save, self._written, memory.location()), self._done, self._failed)

    def _done(self, _: object) -> None:
        """Nobody waits for it."""

    def _failed(self, error: BaseException) -> None:
        log.warning("settings were not saved: %s", error)
