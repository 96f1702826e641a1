"""What the header says of a course."""

from __future__ import annotations

import dataclasses

from app.ui.summary import summarise
from tests.ui.people import cases


def test_the_effect_index_counts_symptoms_that_the_first_and_the_last_scored_visit_both_grade() -> None:
    case = cases()[0]
    whole = summarise(case)
    assert whole.effect is not None
    assert round(whole.effect, 3) == round((12 - 2) / 12, 3)
    last = case.visits[-1]
    fewer = dataclasses.replace(last, observations=last.observations[1:])  # insomnia (6 at first) was not asked
    short = summarise(dataclasses.replace(case, visits=(*case.visits[:-1], fewer)))
    assert short.effect is not None
    assert round(short.effect, 3) == round((6 - 1) / 6, 3)


def test_a_course_with_one_scored_visit_has_no_effect_index() -> None:
    case = cases()[0]
    bare = tuple(dataclasses.replace(visit, observations=()) for visit in case.visits[1:])
    found = summarise(dataclasses.replace(case, visits=(case.visits[0], *bare)))
    assert (found.effect, found.effect_class) == (None, "")
