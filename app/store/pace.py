"""How often long work looks up: is it to stop, and what does it tell."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[int, int, str], None]  # done, total (0 where unknown), what is being done

INTERVAL = 0.1  # seconds between two looks


@dataclass(slots=True)
class Pace:
    """Called as often as one likes; looks up, and tells, at most every ``INTERVAL`` seconds.

    stop: raises where the work is to end
    """

    stop: Callable[[], None]
    progress: Progress
    _due: float = field(default_factory=lambda: time.monotonic() + INTERVAL)

    def __call__(self, done: int, total: int, words: str) -> None:
        now = time.monotonic()
        if now < self._due:
            return
        self.stop()
        self.progress(done, total, words)
        self._due = time.monotonic() + INTERVAL
