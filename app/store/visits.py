"""The road of visits entered by hand."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.errors import KnownError
from app.domain.records import Visit
from app.store.audit import Audit, Entry
from app.store.content import as_json, check_visit
from app.store.engine import Database
from app.store.merge import merge
from app.store.names import code_key
from app.store.observer import Change, Changed, ChangeKind
from app.store.tables import patient, visit
from app.store.writing import known_visits, write_merges


class Visits:
    """Service of ``Clinic.visits``."""

    def __init__(self, database: Database, audit: Audit, changed: Changed) -> None:
        self._database = database
        self._audit = audit
        self._changed = changed

    def add_visit(self, patient_code: str, new: Visit) -> int:
        """Add a visit to a patient; returns the number it is stored under.

        Where the number is taken, the patient's visits are numbered anew by time; a dated visit earlier than the
        first one becomes day 0 and the others move.
        Raises KnownError where there is no such patient, or the patient has exactly this visit already.
        """
        mark = check_visit(patient_code, new)
        with self._database.write() as connection:
            query = select(patient.c.id, patient.c.code).where(patient.c.code_key == code_key(patient_code))
            row = connection.execute(query).first()
            if row is None:
                raise no_such_patient(patient_code)
            stored = known_visits(connection, [row.id])[row.id]
            if any(known.content_hash == mark for known in stored):
                raise KnownError(
                    "Patient {patient} has this visit already (number {number}).",
                    patient=row.code,
                    number=next(known.number for known in stored if known.content_hash == mark),
                )
            merged = merge(stored, [new], [mark], match=False)
            number = merged.new[0].number
            entries = write_merges(connection, {row.id: (row.code, merged)}, None)
            where = (visit.c.patient_id == row.id) & (visit.c.number == number)
            visit_id = connection.execute(select(visit.c.id).where(where)).scalar_one()
            entries.append(Entry("add", "visit", visit_id, {"patient": row.code, "after": as_json(new)}))
            self._audit.write(connection, entries)
        self._changed.emit(Change(ChangeKind.VISIT, (row.code,)))
        return number


def no_such_patient(code: str) -> KnownError:
    return KnownError("There is no patient with the number {code} in this clinic file.", code=code)
