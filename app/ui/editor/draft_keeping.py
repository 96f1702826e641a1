"""Drafts on their way to the clinic: in the order in which they were typed, and none after the visit was saved."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from app.store.clinic import Clinic


T = TypeVar("T")


class DraftKeeping:
    """``keep`` and ``end`` run in threads; an older draft never overwrites a newer one, nor comes after the end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest = 0  # of the drafts handed out
        self._written = 0

    def number(self) -> int:
        """For the next draft; asked where it is made."""
        self._latest += 1
        return self._latest

    def keep(self, clinic: Clinic, code: str, visit: int, content: dict[str, Any], number: int) -> bool:
        """False where something newer is written already."""
        with self._lock:
            if number <= self._written:
                return False
            clinic.visit_drafts.keep(code, content, visit)
            self._written = number
            return True

    def end(self, work: Callable[[], T], number: int) -> T:
        """Save the visit, which takes its draft along: what is on its way comes too late."""
        with self._lock:
            done = work()
            self._written = max(self._written, number)
            return done

    def drop(self, clinic: Clinic, code: str, visit: int, number: int) -> None:
        """The visit is given up."""
        with self._lock:
            self._written = max(self._written, number)
            clinic.visit_drafts.drop(code, visit)
