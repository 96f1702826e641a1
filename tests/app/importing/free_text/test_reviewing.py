"""A review keeps its corrections, takes them back and says what would be imported."""

from __future__ import annotations

import json

import pytest

from app.domain.errors import KnownError
from app.importing.free_text import Correction
from app.importing.free_text.reviewing import Review
from tests.app.importing.free_text.test_document import TEXT, draft, place


def kinds(review: Review) -> list[str]:
    return [found.text for case in review.current.cases for visit in case.visits for found in visit.findings]


def dropped(words: str) -> Correction:
    start, end = place(words)
    (found,) = [f for c in draft().cases for v in c.visits for f in v.findings if (f.start, f.end) == (start, end)]
    return Correction("drop", start, end, found.kind, found.code)


def test_corrections_are_made_one_by_one_and_taken_back_in_turn():
    review = Review(draft())
    before = kinds(review)
    review.correct(dropped("口干"))
    review.correct(Correction("fact", review.draft.cases[0].start, 0, "name", to="张小明"))
    assert "口干" not in kinds(review)[: before.index("口干") + 1]
    assert review.current.cases[0].name == "张小明"
    review.take_back()
    assert review.current.cases[0].name == "张某"
    review.take_back()
    review.take_back()  # nothing is left to take back
    assert kinds(review) == before


def test_a_boundary_moved_after_other_corrections_leaves_them_standing():
    review = Review(draft())
    review.correct(dropped("口干"))
    start, _ = place("二诊（2024-03-12）")
    review.correct(Correction("join", start, 0, "visit"))
    assert len(review.current.cases[0].visits) == 1
    assert review.current == draft().corrected(review.corrections)  # as all of them at once
    assert "无头痛" in TEXT and "口干" not in kinds(review)[:3]


def test_what_fits_nothing_is_refused_and_changes_nothing():
    review = Review(draft())
    with pytest.raises(KnownError, match="fits nothing"):
        review.correct(Correction("drop", 0, 1, "symptom", "sym.cough"))
    assert review.corrections == () and review.current == review.draft


def test_it_goes_to_json_and_back():
    review = Review(draft())
    review.correct(dropped("口干"))
    again = Review.from_dict(json.loads(json.dumps(review.to_dict())))
    assert again.current == review.current and again.corrections == review.corrections


@pytest.mark.parametrize("data", [{}, {"draft": 1, "corrections": []}, {"draft": {"version": 1}, "corrections": []}])
def test_a_broken_one_is_refused(data: dict):
    with pytest.raises(KnownError, match="damaged"):
        Review.from_dict(data)


def test_the_report_counts_what_is_imported_and_names_what_nobody_knows():
    review = Review(draft())
    cases, report = review.cases()
    assert (len(cases), report.patients, report.visits) == (2, 2, 3)
    assert [unknown.term for unknown in report.unknown_terms] == ["怪药子"]


def test_a_correction_that_fits_no_more_is_left_out_and_the_rest_stands():
    review = Review(draft())
    review.correct(dropped("口干"))
    data = review.to_dict()
    gone = Correction("drop", *place("头痛"), "symptom", "sym.unknown_today")
    data["corrections"].insert(0, gone.to_dict())
    again = Review.from_dict(json.loads(json.dumps(data)))
    assert again.lost == (gone,)
    assert again.current == review.current and again.corrections == review.corrections


def test_the_same_is_not_found_twice_in_the_same_words():
    review = Review(draft())
    found = review.current.cases[0].visits[0].findings[0]
    with pytest.raises(KnownError, match="already"):
        review.correct(Correction("add", found.start, found.end, found.kind, found.code))


def test_an_age_that_is_none_is_told_as_such():
    review = Review(draft())
    for age in ("45岁", "200"):
        with pytest.raises(KnownError, match="from 0 to 130"):
            review.correct(Correction("fact", review.draft.cases[0].start, 0, "age", to=age))
