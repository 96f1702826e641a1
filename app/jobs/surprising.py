"""What came at the last visit beside what would have been forecast for it from the visits before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.analysis import series
from models import surprise

if TYPE_CHECKING:
    from app.domain.records import Case
    from models.course import Course
    from models.forecaster import LiquidForecaster

_SAME_DAY = 1e-6


def before_last(case: Case) -> Case | None:
    """The case as it stood before the last day with a visit, None where there was nothing before it.

    The case is cut, not the course: a prescription that the last visit ended was not yet known to end.
    """
    if not case.visits:
        return None
    last = case.visits[-1].day
    earlier = tuple(visit for visit in case.visits if visit.day < last - _SAME_DAY)
    return replace(case, visits=earlier) if earlier else None


def earlier_course(course: Course, earlier: Case, plan: series.SeriesPlan) -> Course:
    """The course of ``before_last``: the same rows but the last day's, and what was prescribed as it looked then."""
    count = len(earlier.visits)
    known = tuple(t for t in series.treatments(earlier) if t.name in plan.treatments)
    cut = course.until_row(count)
    return replace(cut, treatments=known, followed=None)


def observed_last(course: Course) -> dict[str, float]:
    """What the last day's visits recorded, by variable; NaN where they say nothing."""
    there = course.times >= course.times[-1] - _SAME_DAY
    found = replace(course, times=course.times[there], values=course.values[there]).last_values()
    return dict(zip(course.names, found.tolist(), strict=True))


def beyond(forecaster: LiquidForecaster, cases: Sequence[Case]) -> Mapping[str, float]:
    """By patient's number how far beyond expectation the last visit lay (``surprise.overall``), 0..1.

    Whoever has no visit before the last is left out.
    """
    plan = series.SeriesPlan.from_dict(forecaster.card["series"])
    pairs = [(case, earlier) for case in cases if (earlier := before_last(case)) is not None]
    courses = [series.course(case, plan) for case, _ in pairs]
    found = forecaster.predict_many(
        [earlier_course(course, earlier, plan) for course, (_, earlier) in zip(courses, pairs, strict=True)],
        [course.times[-1:] for course in courses],
    )
    return {
        course.patient: surprise.overall(surprise.surprises(one, observed_last(course)))
        for course, one in zip(courses, found, strict=True)
    }
