"""Visits on the time axis: from dates, from a clock of the study or, failing both, from their order alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain.records import (
    DateBasis,
    Diagnosis,
    Observation,
    Prescription,
    PulseReading,
    Visit,
    VisitKind,
)
from app.i18n import t
from app.importing.report import ImportReport

ORDER_GAP_DAYS = 7.0  # between visits of which only the order is known: a week of medicine is the usual prescription


@dataclass(slots=True)
class Entry:
    """What is known of one visit so far. At most one of date and clock (days on the patient's own clock) is given.

    measured: slots in ``Measurements``, which come before ``observations``. order: 诊次 where given; sequence: running
    number of the row, the last resort for ordering
    """

    sequence: int
    date: dt.date | None = None
    clock: float | None = None
    order: float | None = None
    label: str = ""
    text: str = ""
    outcome: str = ""
    age: float | None = None
    measured: Sequence[int] = ()
    observations: list[Observation] = field(default_factory=list)
    pulses: list[PulseReading] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    prescriptions: list[Prescription] = field(default_factory=list)


def place(entries: list[Entry], report: ImportReport) -> list[Visit]:
    """Visits ordered by (day, number), day 0 the first. A day that was only inferred is marked DateBasis.ORDER."""
    days = _days(entries, report)
    ranks = {id(entry): (entry.order if entry.order is not None else 0.0, entry.sequence) for entry in entries}
    ordered = sorted(entries, key=lambda entry: (days[id(entry)][0], *ranks[id(entry)]))
    first = days[id(ordered[0])][0]
    return [
        _visit(entry, number, days[id(entry)][0] - first, days[id(entry)][1])
        for number, entry in enumerate(ordered, start=1)
    ]


def _visit(entry: Entry, number: int, day: float, basis: DateBasis) -> Visit:
    return Visit(
        number=number,
        kind=VisitKind.FIRST if number == 1 else VisitKind.FOLLOW_UP,
        day=day,
        basis=basis,
        date=entry.date,
        label=entry.label,
        text=entry.text,
        observations=tuple(entry.observations),
        pulses=tuple(entry.pulses),
        diagnoses=tuple(entry.diagnoses),
        prescriptions=tuple(entry.prescriptions),
        outcome=entry.outcome,
    )


def _days(entries: list[Entry], report: ImportReport) -> dict[int, tuple[float, DateBasis]]:
    """Day and basis by id of the entry; days are on any common origin."""
    dates = [entry.date for entry in entries if entry.date is not None]
    clocks = [entry.clock for entry in entries if entry.clock is not None]
    origin = min(dates) if dates else None
    known: dict[int, float] = {}
    for entry in entries:
        if entry.date is not None and origin is not None:
            known[id(entry)] = float((entry.date - origin).days)
        elif entry.clock is not None:
            known[id(entry)] = entry.clock
    if clocks and not dates and min(clocks) != 0 and len(known) == len(entries):
        report.normalise(f"{min(clocks):g}", "0", t("days counted from the first visit"))
    placed = {key: (day, DateBasis.EXACT) for key, day in known.items()}
    if len(known) < len(entries):
        placed |= {key: (day, DateBasis.ORDER) for key, day in _between(entries, known).items()}
    return placed


def _between(entries: list[Entry], known: dict[int, float]) -> dict[int, float]:
    """Days of the undated: evenly between their dated neighbours in order, a week apart before and after them."""
    by_order = all(entry.order is not None for entry in entries)
    ordered = sorted(entries, key=lambda e: (e.order if by_order and e.order is not None else 0.0, e.sequence))
    found: dict[int, float] = {}
    previous: float | None = None
    waiting: list[Entry] = []
    for entry in [*ordered, None]:
        if entry is not None and id(entry) not in known:
            waiting.append(entry)
            continue
        following = known[id(entry)] if entry is not None else None
        count = len(waiting)
        for index, undated in enumerate(waiting, start=1):
            if previous is not None and following is not None and following >= previous:
                day = previous + (following - previous) * index / (count + 1)
            elif previous is not None:
                day = previous + ORDER_GAP_DAYS * index
            elif following is not None:
                day = following - ORDER_GAP_DAYS * (count + 1 - index)
            else:
                day = ORDER_GAP_DAYS * (index - 1)
            found[id(undated)] = day
        waiting = []
        previous = following
    return found
