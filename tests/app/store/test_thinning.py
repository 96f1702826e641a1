from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.store.thinning import DAYS, MONTHS, WEEKS, superfluous

pytestmark = pytest.mark.promise("R19")

TODAY = dt.date(2026, 3, 18)
MOMENTS = st.sets(st.datetimes(dt.datetime(2023, 1, 1), dt.datetime(2026, 3, 18, 23)), max_size=120)


def kept(moments: set[dt.datetime], today: dt.date = TODAY, bad: frozenset[dt.datetime] = frozenset()) -> set:
    return moments - superfluous(moments, today, lambda moment: moment not in bad)


@given(MOMENTS)
def test_everything_of_today_and_yesterday_stays(moments: set[dt.datetime]):
    recent = {moment for moment in moments if moment.date() >= TODAY - dt.timedelta(days=1)}
    assert recent <= kept(moments)


@given(MOMENTS)
def test_older_ones_are_at_most_one_a_day_week_or_month_and_bounded(moments: set[dt.datetime]):
    older = sorted(m for m in kept(moments) if m.date() < TODAY - dt.timedelta(days=1))
    assert len(older) <= DAYS + WEEKS + MONTHS
    assert len({moment.date() for moment in older}) == len(older)
    assert sum(moment.date() >= TODAY - dt.timedelta(days=1 + DAYS) for moment in older) <= DAYS


@given(MOMENTS)
def test_thinning_again_takes_nothing_more_away(moments: set[dt.datetime]):
    once = kept(moments)
    assert kept(once) == once


@given(MOMENTS, st.data())
def test_the_newest_sound_backup_always_stays_and_broken_ones_displace_none(moments: set[dt.datetime], data):
    bad = frozenset(data.draw(st.sets(st.sampled_from(sorted(moments)))) if moments else ())
    good = moments - bad
    left = kept(moments, bad=bad)
    if good:
        assert max(good) in left
    # where the broken ones are taken for sound, no more sound ones stay than where they are known
    assert len(left & good) >= len(kept(moments) & good)


def test_a_clinic_backed_up_every_day_for_two_years_keeps_days_weeks_and_months():
    held: set[dt.datetime] = set()
    for n in range(730):
        day = dt.datetime(2024, 3, 19, 18) + dt.timedelta(days=n)
        held = kept({*held, day}, day.date())
    ages = sorted((TODAY - moment.date()).days for moment in held)
    assert ages[: 2 + DAYS] == list(range(2 + DAYS))
    assert len(ages) == 2 + DAYS + WEEKS + MONTHS
    weeks = ages[2 + DAYS : 2 + DAYS + WEEKS]
    assert 1 <= weeks[1] - weeks[0] <= 7  # the newest week is not over
    assert {older - newer for newer, older in itertools.pairwise(weeks[1:])} == {7}
    assert ages[-1] > 300


def test_a_clinic_left_alone_for_years_keeps_what_it_had():
    old = {dt.datetime(2020, 1, day, 12) for day in range(1, 6)}
    assert kept(old) == old


@settings(max_examples=30)
@given(MOMENTS)
def test_files_are_only_read_where_one_of_several_is_chosen(moments: set[dt.datetime]):
    asked: list[dt.datetime] = []
    once = kept(moments)
    superfluous(once, TODAY, lambda moment: bool(asked.append(moment)) or True)
    assert asked == []
