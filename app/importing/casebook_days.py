"""Days of a case book's visits on one clock: known ones checked against each other, unknown ones placed by order."""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right

from app.domain.records import DateBasis
from app.i18n import t
from app.importing.placing import ORDER_GAP_DAYS
from app.importing.report import ImportReport


def placed(
    dates: list[dt.date | None], offsets: list[float | None], report: ImportReport
) -> list[tuple[float, DateBasis, dt.date | None]]:
    """Day, basis and date of every visit, the first at day 0, never backwards; the report hears what was inferred."""
    dates = list(dates)
    days = known_days(dates, offsets)
    for index in contradictions(days):
        date = dates[index]
        told = f"{days[index]:g}" if date is None else date.isoformat()
        report.normalise(told, DateBasis.ORDER.value, t("a day before the visit before it: placed by order"))
        days[index], dates[index] = None, None
    bases = [
        DateBasis.ORDER if day is None else DateBasis.EXACT if date is not None else DateBasis.RELATIVE
        for day, date in zip(days, dates, strict=True)
    ]
    filled = fill_days(days)
    if undated := bases.count(DateBasis.ORDER):
        gap = f"{ORDER_GAP_DAYS:g}"
        report.normalise("", DateBasis.ORDER.value, t("visit without a date, {n} days apart", n=gap), undated)
    return [(day - filled[0], basis, date) for day, basis, date in zip(filled, bases, dates, strict=True)]


def known_days(dates: list[dt.date | None], offsets: list[float | None]) -> list[float | None]:
    """Days on one clock: dates count from the first visit that has both, else from the first date."""
    both = [(d, o) for d, o in zip(dates, offsets, strict=True) if d is not None and o is not None]
    first = next((date for date in dates if date is not None), None)
    origin, at = both[0] if both else (first, 0.0)
    if not both and any(offset is not None for offset in offsets):
        origin = None  # two clocks that never meet: the day counts are kept
    return [
        float((date - origin).days) + at if date is not None and origin is not None else offset
        for date, offset in zip(dates, offsets, strict=True)
    ]


def contradictions(days: list[float | None]) -> list[int]:
    """The fewest visits without which the known days never decrease (longest non-decreasing subsequence)."""
    tails: list[float] = []
    lengths: dict[int, int] = {}
    for index, day in enumerate(days):
        if day is not None:
            at = bisect_right(tails, day)
            tails[at : at + 1] = [day]
            lengths[index] = at + 1
    keep, wanted, ceiling = set[int](), len(tails), math.inf
    for index in sorted(lengths, reverse=True):
        day = days[index]
        if day is not None and lengths[index] == wanted and day <= ceiling:
            keep.add(index)
            wanted, ceiling = wanted - 1, day
    return [index for index in lengths if index not in keep]


def fill_days(days: list[float | None]) -> list[float]:
    """Unknown days placed by order: evenly between known neighbours, ``ORDER_GAP_DAYS`` apart outside them."""
    known = [index for index, day in enumerate(days) if day is not None]
    if not known:
        return [ORDER_GAP_DAYS * index for index in range(len(days))]
    out: list[float] = []
    for index, day in enumerate(days):
        before = max((k for k in known if k < index), default=None)
        after = min((k for k in known if k > index), default=None)
        if day is not None:
            out.append(day)
        elif before is None:
            out.append(_at(days, after) - ORDER_GAP_DAYS * ((after or 0) - index))
        elif after is None:
            out.append(_at(days, before) + ORDER_GAP_DAYS * (index - before))
        else:
            share = (index - before) / (after - before)
            out.append(_at(days, before) + (_at(days, after) - _at(days, before)) * share)
    return out


def _at(days: list[float | None], index: int | None) -> float:
    day = None if index is None else days[index]
    assert day is not None, "only asked of known days"
    return day
