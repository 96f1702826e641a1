"""Reviewed cases into the clinic: refused where they would mix two people, or pass over somebody else's corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.errors import KnownError
from app.store.conflicts import ConflictError
from app.store.imports import FileInfo
from app.store.names import code_key

if TYPE_CHECKING:
    from app.domain.records import Case
    from app.importing.free_text.reviewing import Review
    from app.importing.report import ImportReport
    from app.store.clinic import Clinic
    from app.store.drafts import KeptDraft


def import_reviewed(clinic: Clinic, review: Review, file: FileInfo) -> ImportReport:
    """Import the cases as corrected. file: the original document.

    Raises KnownError where one number stands for two people, in the document or between it and the clinic; then
    nothing is imported.
    """
    cases, report = review.cases()
    if report.rows_refused:
        first = report.refused[0]
        raise KnownError("Line {row} of the document: {reason}.", row=first.row, reason=first.reason)
    for case in cases:
        _check_same_person(clinic, case)
    report.patients, report.visits = len(cases), sum(len(case.visits) for case in cases)
    report.committed = True  # as the store keeps it
    clinic.imports.commit(cases, files=[file], report_json=report.to_json)
    return report


def import_draft(clinic: Clinic, review: Review, kept: KeptDraft, version: int) -> ImportReport:
    """``import_reviewed`` for a draft of the clinic; it stays, because the import may be taken back.

    version: of the draft as it is shown. Raises ConflictError where somebody corrected or discarded it meanwhile.
    """
    if clinic.drafts.get(kept.id)[1] != version:
        raise ConflictError("This draft was corrected by someone else meanwhile, or is gone. Open it again.")
    return import_reviewed(clinic, review, FileInfo(kept.name, review.size, kept.sha256))


def _check_same_person(clinic: Clinic, case: Case) -> None:
    here = case.patient
    for row in clinic.queries.search(here.code, limit=50):
        same = code_key(row.code) == code_key(here.code)
        if same and any(a and b and a != b for a, b in ((row.name, here.name), (row.sex, here.sex))):
            raise KnownError(
                "The number {code} is of {other} in this clinic, of {name} in the document. Correct the number or the "
                "name.",
                code=here.code,
                other=row.name or row.code,
                name=here.name or here.code,
            )
