"""Second signatures beside cautions of a prescription: who signed what, when, and for which reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from app.store.desk import Service
from app.store.people import patient_row
from app.store.roles import Permission, needs
from app.store.tables import signature, visit


@dataclass(frozen=True, slots=True)
class Signed:
    """rule, herbs: of the caution; digest: of the herbs and doses signed for, see ``visit_making.digest``."""

    visit: int
    rule: str
    herbs: tuple[str, ...]
    reason: str
    who: str
    at: dt.datetime
    digest: str


class Signatures(Service):
    """``Clinic.signatures``; they are given with the visit, see ``Visits.add_visit``."""

    @needs(Permission.PATIENTS_READ)
    def list(self, patient_code: str) -> list[Signed]:
        """Of all visits, in the order of time."""
        s, v = signature.c, visit.c
        with self._desk.database.read() as connection:
            owner = patient_row(connection, patient_code)
            query = (
                select(v.number, s.rule, s.herbs, s.reason, s.who, s.at, s.digest)
                .select_from(signature.join(visit, v.id == s.visit_id))
                .where(v.patient_id == owner.id, s.removed.is_(False))
                .order_by(v.day, v.number, s.id)
            )
            return [
                Signed(number, rule, tuple(herbs), *rest) for number, rule, herbs, *rest in connection.execute(query)
            ]
