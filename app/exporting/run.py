"""Everything out of a clinic, for research without names or whole; each export is told to the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from app import __version__
from app.domain.errors import KnownError
from app.domain.records import Case
from app.exporting.as_fhir import write_fhir
from app.exporting.as_json import write_json_cases
from app.exporting.tables import write_tables
from app.files import keep_apart
from app.i18n import t
from app.store.clinic import Clinic
from app.store.imports import Progress
from app.store.keys import header_path
from app.store.roles import Permission

Writer = Callable[[Iterable[Case], Path, dict[str, Any]], None]

# form -> what writes the cases to a path, whole or not at all; the third argument says of the export what it is
WRITERS: dict[str, Writer] = {"csv": write_tables, "json": write_json_cases, "fhir": write_fhir}
_TELL_EVERY = 50  # cases


def export(
    clinic: Clinic,
    target: Path,
    form: str,
    *,
    identified: bool = False,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> int:
    """Write every case; how many there were.

    form: one of WRITERS; identified: with names, numbers and dates as they are, else as ``app.domain.deidentify``
    leaves them. Raises NotAllowedError, and KnownError where the target cannot be written or ``cancelled`` said so:
    then nothing is left.
    """
    if form not in WRITERS:
        raise KnownError("Unknown form {form}; there are {known}.", form=form, known=", ".join(WRITERS))
    clinic.actor.require(Permission.EXPORT_IDENTIFIED if identified else Permission.EXPORT_DEIDENTIFIED)
    if clinic.is_file:
        keep_apart(target, [clinic.path, header_path(clinic.path)])
    total = clinic.queries.counts()["patients"]
    cases = clinic.queries.cases() if identified else clinic.queries.cohort()
    told = _Told(total, progress, cancelled)
    about = {
        "program": f"Mailiu {__version__}",
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "deidentified": not identified,
    }
    # first: an export that cannot be entered in the log must not happen
    detail = {"form": form, "identified": identified, "patients": total, "to": target.name}
    clinic.audit.note("export", "patient", detail)
    WRITERS[form](told.watched(cases), target, about)
    return told.done


class _Told:
    """Progress and cancel along the cases."""

    def __init__(self, total: int, progress: Progress | None, cancelled: Callable[[], bool] | None) -> None:
        self.done = 0
        self._total = total
        self._progress = progress
        self._cancelled = cancelled

    def watched(self, cases: Iterable[Case]) -> Iterator[Case]:
        for case in cases:
            if self._cancelled is not None and self._cancelled():
                raise KnownError("The export was stopped; nothing was written.")
            yield case
            self.done += 1
            if self._progress is not None and (self.done % _TELL_EVERY == 0 or self.done == self._total):
                self._progress(self.done, self._total, t("Exporting patients"))
