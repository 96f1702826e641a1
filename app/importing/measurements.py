"""The values of long tables, small enough for millions: a number for the visit, one for the concept, one for the value.

Equal values of one variable share a slot; a slot holds number, words as given and what they mean. Observations are
made from them visit by visit, when a case is put together.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np

from app.domain.records import Observation, ValueKind
from app.importing.tables import Cell

REMEMBERED = 50_000  # cells of one kind read once: what comes a million times is mostly the same few thousand
MISSING = -1  # instead of a slot, where nothing was recorded
Normalised = tuple[str, str, str]  # from, to, rule
Read = tuple[int, Normalised | None] | str  # what a cell was read as: slot, and what was changed; or why refused
_CONCEPT_BITS = 32
_KEPT = 50_000  # observations made once and shared, since most values come again


def is_key(cell: Cell) -> bool:
    """May a cell be remembered by its value? Not where an equal one is read otherwise: True as 1, -0.0, 1e15."""
    kind = cell.__class__
    return kind is str or cell is None or kind is int or (kind is float and cell != 0 and -1e15 < cell < 1e15)


@dataclass(slots=True)
class _Sorted:
    """slots: of all visits one after the other; starts: where those of a visit begin, one more than visits."""

    slots: np.ndarray  # (values,)
    starts: np.ndarray  # (visits + 1,)


class Measurements:
    """At most one value of a concept at a visit. Visits and concepts are numbers from 0."""

    def __init__(self) -> None:
        self._at: dict[int, int] = {}  # visit and concept in one number -> slot
        self._concepts: dict[str, int] = {}
        self._meanings: dict[tuple[str, ValueKind, str], int] = {}  # (concept, kind, unit) -> number
        self._numbers = array("d")  # by slot; NaN where the value is no number
        self._meant = array("l")  # by slot: number of the meaning
        self._ends = array("q", [0])  # by slot and one more: where its words end
        self._words = bytearray()
        self._kept: dict[int, Observation] = {}
        self._known: list[tuple[str, ValueKind, str]] = []
        self._sorted: _Sorted | None = None

    def concept(self, code: str) -> int:
        return self._concepts.setdefault(code, len(self._concepts))

    def keep(self, seen: Observation) -> int:
        """A new slot for what ``importing.observing.observe`` made."""
        number = np.nan if seen.number is None else seen.number
        return self.keep_number(seen.concept, seen.kind, seen.unit, number, seen.raw)

    def keep_number(self, concept: str, kind: ValueKind, unit: str, number: float, raw: str) -> int:
        """As ``keep``, of what an observation would hold."""
        meaning = concept, kind, unit
        if (meant := self._meanings.get(meaning)) is None:
            meant = self._meanings[meaning] = len(self._known)
            self._known.append(meaning)
        self._numbers.append(number)
        self._meant.append(meant)
        self._words += raw.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._words))
        return len(self._numbers) - 1

    def put(self, visit: int, concept: int, slot: int) -> int | None:
        """Where a value is there already, its slot, and it stays; else None."""
        count = len(self._at)
        before = self._at.setdefault(visit << _CONCEPT_BITS | concept, slot)
        return before if len(self._at) == count else None

    def observation(self, slot: int) -> Observation:
        if (seen := self._kept.get(slot)) is not None:
            return seen
        concept, kind, unit = self._known[self._meant[slot]]
        raw = self._words[self._ends[slot] : self._ends[slot + 1]].decode("utf-8", "surrogatepass")
        if kind == ValueKind.TEXT:
            seen = Observation(concept, kind, unit=unit, text=raw, raw=raw)
        elif kind == ValueKind.CODE:
            seen = Observation(concept, kind, unit=unit, code=raw, raw=raw)
        else:
            seen = Observation(concept, kind, number=self._numbers[slot], unit=unit, raw=raw)
        if len(self._kept) < _KEPT:
            self._kept[slot] = seen
        return seen

    def of(self, visit: int) -> list[Observation]:
        """What was measured at a visit, in the order read. Nothing can be put any more afterwards."""
        if self._sorted is None:
            self._sorted = self._sort()
        slots, starts = self._sorted.slots, self._sorted.starts
        if visit + 1 >= len(starts):
            return []
        return [self.observation(slot) for slot in slots[starts[visit] : starts[visit + 1]].tolist()]

    def _sort(self) -> _Sorted:
        count = len(self._at)
        visits = np.fromiter(self._at.keys(), np.int64, count) >> _CONCEPT_BITS
        slots = np.fromiter(self._at.values(), np.int64, count)
        self._at.clear()
        starts = np.concatenate([[0], np.cumsum(np.bincount(visits))])
        return _Sorted(slots[np.argsort(visits, kind="stable")], starts)
