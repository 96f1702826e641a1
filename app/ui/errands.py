"""What may wait for a disk, another program or Argon2, done in a thread; the answer comes back in the window's own."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Answer:
    tell: Callable[[Any], None]
    value: object


class Errands(QObject):
    """Each errand has a thread of its own. Whoever is gone by the time of the answer is not told."""

    _over = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads: list[threading.Thread] = []
        self._over.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def run(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[BaseException], None]) -> None:
        """``work`` elsewhere, in this thread's language; then here ``done(its result)`` or ``failed(its error)``."""
        context = contextvars.copy_context()

        def go() -> None:
            try:
                answer = _Answer(done, context.run(work))
            except BaseException as error:  # noqa: BLE001 - told where it was asked
                answer = _Answer(failed, error)
            if shiboken6.isValid(self):
                self._over.emit(answer)

        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(threading.Thread(target=go, name="errand"))
        self._threads[-1].start()

    def wait(self) -> None:
        """Until no errand is under way; the answers still come."""
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _answer(self, answer: _Answer) -> None:
        tell = answer.tell.func if isinstance(answer.tell, partial) else answer.tell
        owner = getattr(tell, "__self__", None)
        if not isinstance(owner, QObject) or shiboken6.isValid(owner):
            answer.tell(answer.value)
