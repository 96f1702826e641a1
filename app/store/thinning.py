"""Which backups stay: every one of today and yesterday, then the newest of each of 12 days, 10 weeks and 9 months.

Days, weeks and months are counted where there are backups, not on the calendar: a clinic that was left alone for a
year keeps what it had. A backup that is not sound never counts: where it is the newest of a period, the next one stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

DAYS, WEEKS, MONTHS = 12, 10, 9


def superfluous(
    moments: Iterable[dt.datetime], today: dt.date, sound: Callable[[dt.datetime], bool] = lambda _: True
) -> set[dt.datetime]:
    """The backups to take away, given by their (local) moments; the newest sound one is never among them.

    sound: asked as seldom as possible, since the answer costs reading a whole file: where one of several is chosen
    """
    everything = sorted(set(moments), reverse=True)
    older = [moment for moment in everything if moment.date() < today - dt.timedelta(days=1)]
    rules: tuple[tuple[Callable[[dt.datetime], Hashable], int], ...] = (
        (lambda moment: moment.date(), DAYS),
        (lambda moment: moment.isocalendar()[:2], WEEKS),
        (lambda moment: (moment.year, moment.month), MONTHS),
    )
    drop: set[dt.datetime] = set()
    for period, most in rules:
        groups = list(_groups(older, period))
        for group in groups[:most]:
            drop |= _all_but_newest_sound(group, sound)
        older = [moment for group in groups[most:] for moment in group]
    if older and any(sound(moment) for moment in everything if moment not in drop and moment > older[0]):
        drop.update(older)
    return drop


def _groups(moments: Sequence[dt.datetime], period: Callable[[dt.datetime], Hashable]) -> Iterator[list[dt.datetime]]:
    """Runs of one period; moments: the newest first."""
    group: list[dt.datetime] = []
    for moment in moments:
        if group and period(group[0]) != period(moment):
            yield group
            group = []
        group.append(moment)
    if group:
        yield group


def _all_but_newest_sound(group: Sequence[dt.datetime], sound: Callable[[dt.datetime], bool]) -> set[dt.datetime]:
    """Nothing where none is sound."""
    kept = next((moment for moment in group if sound(moment)), None) if len(group) > 1 else group[0]
    return set() if kept is None else set(group) - {kept}
