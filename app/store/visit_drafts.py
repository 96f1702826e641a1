"""Visits begun and not yet saved, kept in the clinic's own database: a crash, a lock or a power cut loses no words.

They are no records: no history, no undo, and the audit log is told nothing that is not already told of the visit. A
patient who is taken out takes them along; one who is merged does not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from app.store.desk import Service
from app.store.people import patient_row
from app.store.roles import Permission, needs
from app.store.tables import patient, visit_draft


@dataclass(frozen=True, slots=True)
class Begun:
    """number: of the visit that is corrected, 0 of a new one."""

    patient: str
    number: int
    at: dt.datetime


class VisitDrafts(Service):
    """Service of ``Clinic.visit_drafts``: each person's own."""

    @needs(Permission.PATIENTS_WRITE)
    def list(self) -> list[Begun]:
        """What this person has begun, the latest first."""
        d = visit_draft.c
        query = (
            select(patient.c.code, d.number, d.at)
            .select_from(visit_draft.join(patient, patient.c.id == d.patient_id))
            .where(d.who == self.actor.name)
            .order_by(d.at.desc())
        )
        with self._desk.database.read() as connection:
            return [Begun(*row) for row in connection.execute(query)]

    @needs(Permission.PATIENTS_WRITE)
    def get(self, patient_code: str, number: int = 0) -> dict[str, Any] | None:
        """The content that was kept; None where there is none."""
        with self._desk.database.read() as connection:
            where = self._one(patient_row(connection, patient_code).id, number)
            return connection.execute(select(visit_draft.c.content).where(where)).scalar()

    @needs(Permission.PATIENTS_WRITE)
    def keep(self, patient_code: str, content: Mapping[str, Any], number: int = 0) -> None:
        """Keep this from now on, in place of what was kept before."""
        with self._desk.database.write() as connection:
            owner = patient_row(connection, patient_code).id
            connection.execute(delete(visit_draft).where(self._one(owner, number)))
            values = {"patient_id": owner, "who": self.actor.name, "number": number, "content": dict(content)}
            connection.execute(insert(visit_draft), {**values, "at": dt.datetime.now(dt.UTC)})

    @needs(Permission.PATIENTS_WRITE)
    def drop(self, patient_code: str, number: int = 0) -> None:
        """It is not wanted; nothing happens where there is none."""
        with self._desk.database.write() as connection:
            connection.execute(delete(visit_draft).where(self._one(patient_row(connection, patient_code).id, number)))

    def _one(self, owner: int, number: int) -> Any:
        d = visit_draft.c
        return (d.patient_id == owner) & (d.who == self.actor.name) & (d.number == number)
