"""A reviewed draft goes into the clinic whole, or is refused with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import KnownError
from app.domain.records import Case, Patient
from app.importing.free_text import Correction
from app.importing.free_text.importing import import_draft
from app.importing.free_text.reviewing import Review
from app.importing.report import ImportReport
from app.store.clinic import Clinic
from app.store.conflicts import ConflictError
from app.store.drafts import KeptDraft
from tests.app.importing.free_text.test_document import draft


@pytest.fixture
def clinic(tmp_path: Path):
    with Clinic.open(tmp_path / "clinic.db", plain=True) as opened:
        yield opened


def figures(report: ImportReport) -> tuple[int, int]:
    return report.patients, report.visits


def kept(clinic: Clinic, review: Review) -> KeptDraft:
    clinic.drafts.keep("book.txt", "0" * 64, review.to_dict())
    return clinic.drafts.list()[0]


def test_the_draft_stays_so_that_an_import_taken_back_loses_no_correction(clinic: Clinic):
    review = Review(draft())
    one = kept(clinic, review)
    assert figures(import_draft(clinic, review, one, 1)) == (2, 3)
    clinic.undoing.undo()
    assert clinic.queries.counts()["patients"] == 0
    assert [left.id for left in clinic.drafts.list()] == [one.id]
    assert figures(import_draft(clinic, review, one, 1)) == (2, 3)


def test_what_somebody_else_corrected_meanwhile_is_not_passed_over(clinic: Clinic):
    review = Review(draft())
    one = kept(clinic, review)
    clinic.drafts.save(one.id, review.to_dict(), version=1)
    with pytest.raises(ConflictError):
        import_draft(clinic, review, one, 1)
    clinic.drafts.drop(one.id)
    with pytest.raises(KnownError, match="no draft"):
        import_draft(clinic, review, one, 2)
    assert clinic.queries.counts()["patients"] == 0


def test_a_number_of_somebody_else_in_the_clinic_is_refused(clinic: Clinic):
    clinic.imports.commit([Case(Patient("1001", "王小明", "M"), ())])
    review = Review(draft())
    review.correct(Correction("fact", review.draft.cases[0].start, 0, "code", to="1001"))
    with pytest.raises(KnownError, match="王小明") as refused:
        import_draft(clinic, review, kept(clinic, review), 1)
    assert refused.value.params["name"] == "张某"
    review.correct(Correction("fact", review.draft.cases[0].start, 0, "code", to="1002"))
    assert figures(import_draft(clinic, review, clinic.drafts.list()[0], 1)) == (2, 3)


def test_one_number_of_two_people_in_the_document_is_refused_with_its_line(clinic: Clinic):
    text = "案1\n编号：001\n姓名：张某 性别：女\n初诊：失眠。\n案2\n编号：001\n姓名：李某 性别：男\n初诊：咳嗽。\n"
    review = Review(draft(text))
    with pytest.raises(KnownError, match="Line") as refused:
        import_draft(clinic, review, kept(clinic, review), 1)
    assert refused.value.params["row"] == 5
    assert clinic.queries.counts()["patients"] == 0
