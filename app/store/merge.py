"""Visits of one patient from several sources: which are the same, and where the new ones belong.

The same visit is, in this order: equal content; equal date and source number; equal date; equal source number where
one of the two has no date. What is left is new. A known date is never replaced by an unknown one. Where both sides
have dates, the incoming clock (days since *its* first visit) is shifted onto the known one. Where a new visit brings
a number that is taken, the patient's visits are numbered anew by time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.domain.records import DateBasis, Visit, VisitKind


@dataclass(frozen=True, slots=True)
class Known:
    """A stored visit, without what was said at it."""

    id: int
    number: int
    source_number: int
    kind: VisitKind
    day: float
    basis: DateBasis
    date: dt.date | None
    content_hash: str


@dataclass(slots=True)
class Placed:
    """One visit of the patient after the merge.

    known: the stored visit, None for a new one
    incoming: the content to write, None where the stored one stays
    """

    known: Known | None
    incoming: Visit | None
    content_hash: str
    number: int
    kind: VisitKind
    day: float
    basis: DateBasis
    date: dt.date | None

    @property
    def moved(self) -> bool:
        known = self.known
        return known is not None and (known.number, known.kind, known.day) != (self.number, self.kind, self.day)


@dataclass(frozen=True, slots=True)
class Merge:
    visits: tuple[Placed, ...]
    unchanged: int

    @property
    def new(self) -> list[Placed]:
        return [placed for placed in self.visits if placed.known is None]

    @property
    def changed(self) -> list[Placed]:
        return [placed for placed in self.visits if placed.known is not None and placed.incoming is not None]

    @property
    def shift(self) -> float:
        """Days by which the patient's clock now begins earlier: what the visits that kept their date were moved by."""
        kept = (p for p in self.visits if p.known is not None and (p.incoming is None or p.date == p.known.date))
        moved = {round(p.day - p.known.day, 6) for p in kept if p.known is not None and (p.date or p.incoming is None)}
        return moved.pop() if len(moved) == 1 else 0.0

    @property
    def moved(self) -> list[Placed]:
        return [placed for placed in self.visits if placed.moved]


def merge(known: Sequence[Known], incoming: Sequence[Visit], hashes: Sequence[str], *, match: bool = True) -> Merge:
    """Bring ``incoming`` (its fingerprints in ``hashes``) to the ``known`` visits of one patient.

    match: False adds every incoming visit as a new one
    """
    partner = _match(known, incoming, hashes) if match else {}
    shift = _clock_shift(
        known, incoming, [(partner[i], incoming[i]) for i in partner if partner[i].content_hash == hashes[i]]
    )
    visits: dict[int, Placed] = {stored.id: _stay(stored) for stored in known}
    new: list[Placed] = []
    unchanged = 0
    for index, (visit, content_hash) in enumerate(zip(incoming, hashes, strict=True)):
        stored = partner.get(index)
        if stored is None:
            day = visit.day + shift
            new.append(Placed(None, visit, content_hash, visit.number, visit.kind, day, visit.basis, visit.date))
        elif stored.content_hash == content_hash and not _kind_corrected(stored, visit):
            unchanged += 1
        else:
            visits[stored.id] = _update(stored, visit, content_hash, shift)
    everything = [*visits.values(), *new]
    if shift and (low := min(placed.day for placed in everything)) < 0:
        for placed in everything:
            placed.day -= low
    if {placed.number for placed in new} & {placed.number for placed in visits.values()}:
        _number_by_time(everything)
    return Merge(tuple(everything), unchanged)


def changed(known: Sequence[Known], which: Known, corrected: Visit, content_hash: str) -> Merge:
    """One stored visit gets other content, and the place its date gives it.

    Without a date it has the day it says, which is its own as long as nobody counted anew; one that loses its date
    keeps its day.
    """
    day, basis = which.day, corrected.basis
    others = [stored for stored in known if stored.id != which.id]
    if corrected.date is not None and (origin := _origin(others)) is not None:
        day = float(corrected.date.toordinal() - origin)
    elif corrected.date is None and (which.date is None or not others):
        day = corrected.day
    placed = Placed(which, corrected, content_hash, which.number, corrected.kind, day, basis, corrected.date)
    everything = [*(_stay(stored) for stored in others), placed]
    _begin_at_zero(everything)
    by_day = sorted(everything, key=lambda one: (one.day, one.number))
    if [one.number for one in by_day] != sorted(one.number for one in everything):
        for number, one in zip(sorted(one.number for one in everything), by_day, strict=True):
            one.number = number
    return Merge(tuple(everything), 0)


def without(known: Sequence[Known], gone: set[int]) -> Merge:
    """What stays when visits are taken out: their numbers, on a clock that begins with the first of them."""
    everything = [_stay(stored) for stored in known if stored.id not in gone]
    _begin_at_zero(everything)
    return Merge(tuple(everything), 0)


@dataclass(frozen=True, slots=True)
class Joined:
    """Two courses made one. places: (number, kind, day) of each visit that stays, by id.

    kept_later, other_later: days by which each clock is later in the new course
    twins: visits of the other that the kept one has word for word and that go, by id: the id of the one that stays
    """

    places: dict[int, tuple[int, VisitKind, float]]
    kept_later: float
    other_later: float
    twins: dict[int, int]


def joined(kept: Sequence[Known], other: Sequence[Known]) -> Joined:
    """Dates bring the other's clock onto the kept one's."""
    ours, theirs = _origin(kept), _origin(other)
    shift = theirs - ours if ours is not None and theirs is not None else 0.0
    known = {stored.content_hash: stored.id for stored in kept}
    everything = [_stay(stored) for stored in kept]
    for stored in other:
        if stored.content_hash not in known:
            placed = _stay(stored)
            placed.day += shift
            everything.append(placed)
    zero = _begin_at_zero(everything)
    everything.sort(key=lambda one: (one.day, one.number))
    found: dict[int, tuple[int, VisitKind, float]] = {}
    for number, one in enumerate(everything, start=1):
        kind = VisitKind.FOLLOW_UP if number > 1 and one.kind is VisitKind.FIRST else one.kind
        if one.known is not None:
            found[one.known.id] = (number, kind, one.day)
    twins = {stored.id: known[stored.content_hash] for stored in other if stored.content_hash in known}
    return Joined(found, zero, shift + zero, twins)


def _begin_at_zero(visits: Sequence[Placed]) -> float:
    """The earliest is day 0 from now on; returns by how many days all of them are later."""
    low = min((placed.day for placed in visits), default=0.0)
    if low:
        for placed in visits:
            placed.day -= low
    return 0.0 - low


def _match(known: Sequence[Known], incoming: Sequence[Visit], hashes: Sequence[str]) -> dict[int, Known]:
    def undated(visit: Visit, stored: Known) -> bool:
        return visit.date is None or stored.date is None

    rules: tuple[Callable[[Visit, str, Known], bool], ...] = (
        lambda visit, content_hash, stored: content_hash == stored.content_hash,
        lambda visit, _, stored: visit.date == stored.date is not None and visit.number == stored.source_number,
        lambda visit, _, stored: visit.date == stored.date is not None,
        lambda visit, _, stored: visit.number == stored.source_number and undated(visit, stored),
    )
    partner: dict[int, Known] = {}
    free = list(known)
    for rule in rules:
        for index, (visit, content_hash) in enumerate(zip(incoming, hashes, strict=True)):
            if index in partner:
                continue
            found = next((stored for stored in free if rule(visit, content_hash, stored)), None)
            if found is not None:
                partner[index] = found
                free.remove(found)
    return partner


def _clock_shift(known: Sequence[Known], incoming: Sequence[Visit], equal: Sequence[tuple[Known, Visit]]) -> float:
    """Days to add to the incoming clock: by dates, else by a visit both have, else both are taken to mean one clock."""
    ours, theirs = _origin(known), _origin(incoming)
    if ours is not None and theirs is not None:
        return theirs - ours
    return equal[0][0].day - equal[0][1].day if equal else 0.0


def _origin(visits: Iterable[Known | Visit]) -> int | None:
    """Calendar day, as an ordinal, of day 0."""
    first = min((visit for visit in visits if visit.date is not None), key=lambda visit: visit.day, default=None)
    return None if first is None or first.date is None else first.date.toordinal() - round(first.day)


def _stay(stored: Known) -> Placed:
    return Placed(stored, None, stored.content_hash, stored.number, stored.kind, stored.day, stored.basis, stored.date)


def _kind_corrected(stored: Known, visit: Visit) -> bool:
    """The source changed first or follow-up, as opposed to counting from another visit."""
    return visit.kind != stored.kind and visit.number == stored.source_number == stored.number


def _update(stored: Known, visit: Visit, content_hash: str, shift: float) -> Placed:
    kind = visit.kind if visit.number == stored.number else stored.kind  # first in its source is not first of all
    if visit.date is None and stored.date is not None:
        return Placed(stored, visit, content_hash, stored.number, kind, stored.day, stored.basis, stored.date)
    return Placed(stored, visit, content_hash, stored.number, kind, visit.day + shift, visit.basis, visit.date)


def _number_by_time(visits: list[Placed]) -> None:
    visits.sort(key=lambda placed: (placed.day, placed.known is None, placed.number))
    for number, placed in enumerate(visits, start=1):
        if number != placed.number or placed.known is None:
            placed.number = number
            if number > 1 and placed.kind is VisitKind.FIRST:
                placed.kind = VisitKind.FOLLOW_UP  # first in its own source, not in the patient's course
