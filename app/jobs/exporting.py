"""Write every case out of a clinic, as a job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.errors import KnownError
from app.jobs.worker import StoppedEarly

if TYPE_CHECKING:
    from app.jobs.worker import Reporter


def export(
    listener: Reporter,
    *,
    db: str,
    out: str,
    form: str,
    identified: bool = False,
    access: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole export, or nothing of it: where it lies and how many patients it holds.

    Raises StoppedEarly where the listener asked to stop before the end: nothing was written.
    """
    from app.exporting import run
    from app.store.clinic import Clinic, Credentials

    with Clinic.open(db, create=False, credentials=Credentials.of(access)) as clinic:
        try:
            count = run.export(
                clinic,
                Path(out),
                form,
                identified=identified,
                progress=listener.progress,
                cancelled=listener.cancelled,
            )
        except KnownError as error:
            if listener.cancelled():
                raise StoppedEarly({}) from error
            raise
    return {"path": out, "patients": count}
