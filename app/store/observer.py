"""Who wants to know what changed: the window refreshes from this."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    IMPORT = "import"  # ids: codes of the patients added or changed
    VISIT = "visit"  # ids: code of the patient
    PATIENT = "patient"  # ids: codes of the patients entered, corrected, merged or taken out
    MARK = "mark"  # a tag, a pin or a saved filter: nothing of a course; ids: code of the patient, if any
    ANNOTATION = "annotation"  # words at a time of a course; ids: code of the patient
    VOCABULARY = "vocabulary"  # ids: names of packs, or terms
    ELSEWHERE = "elsewhere"  # another window or workstation wrote; ids: codes of the patients, as far as known
    LOCK = "lock"  # ids: "locked" or "unlocked"
    MODEL = "model"  # ids: name of the model
    KEY = "key"  # the file was encrypted, encrypted anew, or opens for others; ids: "encrypt", "rekey" or "users"


@dataclass(frozen=True, slots=True)
class Change:
    kind: ChangeKind
    ids: tuple[str, ...]


class Changed:
    """Emits after a commit, in the thread that committed: a subscriber that touches widgets crosses over itself."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[Change], None]] = []

    def subscribe(self, subscriber: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``subscriber`` after every change. Returns what ends the subscription (again is harmless)."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def emit(self, change: Change) -> None:
        """Every subscriber is called, in order, even where one of them raises."""
        with contextlib.ExitStack() as stack:
            for subscriber in reversed(self._subscribers):
                stack.callback(subscriber, change)
