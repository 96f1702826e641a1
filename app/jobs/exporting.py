"""Write every case out of a clinic, as a job; and what a worker that was ended at once may have left of it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.errors import KnownError
from app.jobs.worker import StoppedEarly

if TYPE_CHECKING:
    from collections.abc import Collection

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


def unfinished(out: str) -> set[Path]:
    """What lies beside ``out`` under a name that an export to it writes under until it is whole.

    A worker that stops takes it away itself; one that is killed cannot.
    """
    place = Path(os.path.realpath(out))
    stem, suffix = re.escape(place.stem), re.escape(place.suffix)
    folder, file = rf"\.{re.escape(place.name[:40])}-\w{{8}}", rf"\.{stem}-\w{{8}}{suffix}"
    with contextlib.suppress(OSError):
        return {path for path in place.parent.iterdir() if re.fullmatch(f"{folder}|{file}", path.name)}
    return set()


def sweep(out: str, before: Collection[Path]) -> None:
    """Take away what an export to ``out`` left that was killed. before: what was ``unfinished`` when it began."""
    for path in unfinished(out).difference(before):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
