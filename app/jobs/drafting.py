"""Read a document of case histories and keep it as a draft, as a job: a book takes its time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.i18n import t

if TYPE_CHECKING:
    from app.jobs.worker import Reporter


def read(
    listener: Reporter,
    *,
    db: str,
    file: str,
    encoding: str | None = None,
    convention: str = "modern",
    near: int | None = None,
    access: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Returns id (of the draft that was kept), cases and visits.

    near: a year near which dates of the cycle of sixty lie. Raises KnownError for a file that cannot be read, and
    StoppedEarly where the listener asked to stop: nothing was kept.
    """
    from app.domain.units import UnitConvention
    from app.importing.free_text.document import read_document
    from app.importing.free_text.reviewing import Review
    from app.importing.report import ImportReport
    from app.jobs.worker import StoppedEarly
    from app.store.clinic import Clinic, Credentials
    from app.store.imports import FileInfo

    path = Path(file)
    listener.progress(0, 0, t("Reading {file}", file=path.name))
    with Clinic.open(db, create=False, credentials=Credentials.of(access)) as clinic:
        about = FileInfo.of(path)
        report = ImportReport()
        draft = read_document(path, UnitConvention(convention), report, encoding=encoding, near=near)
        if listener.cancelled():
            raise StoppedEarly({})
        key = clinic.drafts.keep(about.name, about.sha256, Review(draft, size=about.size).to_dict())
    return {"id": key, "cases": report.patients, "visits": report.visits}
