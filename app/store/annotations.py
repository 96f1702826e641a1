"""Words a person puts at a time of a course: added, changed and taken out, each as one act that can be undone."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.domain.errors import KnownError
from app.store import beside
from app.store.content import check_words
from app.store.desk import Service
from app.store.journal import Label
from app.store.observer import Change, ChangeKind
from app.store.people import patient_row
from app.store.roles import Permission, needs
from app.store.tables import annotation

ENTITY = "annotation"
LONGEST = 500  # characters: longer words belong into the visit


@dataclass(frozen=True, slots=True)
class Annotation:
    """day, until: days since the first visit; until is None for a moment. at: an aware moment in UTC."""

    id: int
    day: float
    until: float | None
    text: str
    who: str
    at: dt.datetime
    version: int


class Annotations(Service):
    """Service of ``Clinic.annotations``."""

    @needs(Permission.PATIENTS_READ)
    def list(self, patient_code: str) -> list[Annotation]:
        """Of one patient, by day."""
        a = annotation.c
        with self._desk.database.read() as connection:
            row = patient_row(connection, patient_code)
            query = select(a.id, a.day, a.until, a.text, a.who, a.at, a.version)
            found = connection.execute(
                query.where(a.patient_id == row.id, a.removed.is_(False)).order_by(a.day, a.id)
            ).all()
        return [Annotation(*one) for one in found]

    @needs(Permission.PATIENTS_WRITE)
    def add(self, patient_code: str, day: float, text: str, until: float | None = None) -> int:
        """Put words at a day of a course; returns the id. Raises KnownError for words or days that are none."""
        values = {**_checked(patient_code, day, text, until), "who": self.actor.name, "at": dt.datetime.now(dt.UTC)}
        with self._desk.database.write() as connection:
            row = patient_row(connection, patient_code)
            label = Label("Annotation of {patient}", {"patient": row.code})
            (key,) = beside.add(connection, self.actor.name, ENTITY, row, [values], label)
        self._tell(row.code)
        return key

    @needs(Permission.PATIENTS_WRITE)
    def change(
        self, patient_code: str, key: int, text: str, day: float, until: float | None = None, *, version: int
    ) -> None:
        """Other words, or another place. version: as read. Raises ConflictError where it was changed since."""
        values = {**_checked(patient_code, day, text, until), "who": self.actor.name, "at": dt.datetime.now(dt.UTC)}
        self._put(patient_code, key, values, "Annotation of {patient}", version)

    @needs(Permission.PATIENTS_WRITE)
    def remove(self, patient_code: str, key: int, *, version: int) -> None:
        """Take it out; undo puts it back. version: as read. Raises ConflictError where it was changed since."""
        self._put(patient_code, key, None, "Annotation of {patient} taken out", version)

    def _put(self, code: str, key: int, values: dict[str, Any] | None, template: str, version: int) -> None:
        with self._desk.database.write() as connection:
            row = patient_row(connection, code)
            label = Label(template, {"patient": row.code})
            beside.change(connection, self.actor.name, ENTITY, row, key, values, label, version=version)
        self._tell(row.code)

    def _tell(self, code: str) -> None:
        self._desk.changed.emit(Change(ChangeKind.ANNOTATION, (code,)))


def _checked(code: str, day: float, text: str, until: float | None) -> dict[str, Any]:
    words = " ".join(text.split())
    if not words:
        raise KnownError("An annotation needs words.")
    if len(words) > LONGEST:
        raise KnownError("An annotation has at most {n} characters; these are {got}.", n=LONGEST, got=len(words))
    if not math.isfinite(day) or (until is not None and not (math.isfinite(until) and until >= day)):
        raise KnownError("An annotation stands at a day, or from a day to a later one.")
    check_words(code, words)
    return {"day": float(day), "until": until, "text": words}
