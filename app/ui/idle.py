"""Notices that nobody has touched the window for a while, so that the clinic can be locked.

The clock runs on while the computer sleeps where the system has such a clock: a laptop opened again is locked.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal

TICK_MS = 250
NOTICE = 60.0  # seconds before the limit, where the limit is at least twice as long
_TOUCHED = frozenset(
    (
        QEvent.Type.KeyPress,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletMove,
        QEvent.Type.InputMethod,
    )
)


def monotonic() -> float:
    """Seconds that only grow, time asleep included where that can be known."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class IdleWatch(QObject):
    """expired: the limit is over; soon: it will be in NOTICE seconds. Rests until ``watch(True)``."""

    expired = Signal()
    soon = Signal()

    def __init__(
        self, app: QCoreApplication, parent: QObject | None = None, *, clock: Callable[[], float] = monotonic
    ) -> None:
        super().__init__(parent)
        self._app, self._clock = app, clock
        self._limit: float | None = None
        self._last = clock()
        self._told = self._wanted = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.check)

    @property
    def watching(self) -> bool:
        return self._timer.isActive()

    def set_limit(self, seconds: float | None) -> None:
        """None: never."""
        self._limit = seconds
        self.watch(self._wanted)

    def watch(self, on: bool) -> None:
        """Begin to count anew, or rest."""
        self._wanted = on
        self._touch()
        if on and self._limit is not None:
            if not self.watching:
                self._app.installEventFilter(self)
                self._timer.start()
        elif self.watching:
            self._app.removeEventFilter(self)
            self._timer.stop()

    def check(self) -> None:
        """Ask the clock; the timer does so, and every touch before it counts as one."""
        if self._limit is None or not self.watching:
            return
        left = self._limit - (self._clock() - self._last)
        if left <= 0:
            self.watch(False)  # until someone is let in again
            self.expired.emit()
        elif left <= NOTICE and not self._told and self._limit >= 2 * NOTICE:
            self._told = True
            self.soon.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHED and event.spontaneous():
            self.check()  # the hand that wakes a sleeping computer comes after the limit
            self._touch()
        return False

    def _touch(self) -> None:
        self._last = self._clock()
        self._told = False
