"""Visits side by side, a course before and after a formula, two patients: what differs, and how far symptoms have come.

What was not recorded stays "not recorded" and is never taken for 0; what a visit denies is 0.
"""

from app.domain.comparison.courses import (
    BeforeAfter,
    By,
    Course,
    Herb,
    Point,
    Treatment,
    TwoCourses,
    before_after,
    compare_patients,
    counterpart,
    course,
    treatments,
    under,
)
from app.domain.comparison.facts import Fact, Kind, facts
from app.domain.comparison.visits import (
    Cell,
    Change,
    Effect,
    Row,
    Verdict,
    compare,
    compare_visits,
    effect_between,
    graded,
    scored,
)

__all__ = [
    "BeforeAfter",
    "By",
    "Cell",
    "Change",
    "Course",
    "Effect",
    "Fact",
    "Herb",
    "Kind",
    "Point",
    "Row",
    "Treatment",
    "TwoCourses",
    "Verdict",
    "before_after",
    "compare",
    "compare_patients",
    "compare_visits",
    "counterpart",
    "course",
    "effect_between",
    "facts",
    "graded",
    "scored",
    "treatments",
    "under",
]
