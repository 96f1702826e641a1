"""The road of visits entered, corrected and taken out by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from app.domain.errors import KnownError, no_such_visit
from app.domain.photos import NewPhoto
from app.domain.records import Visit
from app.domain.visit_making import Signature
from app.store import beside, journal, snapshots
from app.store.conflicts import check_version
from app.store.content import check_visit, check_words
from app.store.desk import Service
from app.store.journal import Altered, Label
from app.store.merge import Known, changed, merge, without
from app.store.observer import Change, ChangeKind
from app.store.people import patient_row
from app.store.roles import Permission, needs
from app.store.search import sum_up
from app.store.tables import signature, visit, visit_draft
from app.store.writing import known_visits, write_merges


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What is entered with a visit and stored beside it."""

    signatures: tuple[Signature, ...] = ()
    photos: tuple[NewPhoto, ...] = ()


class Visits(Service):
    """Service of ``Clinic.visits``."""

    @needs(Permission.PATIENTS_WRITE)
    def add_visit(self, patient_code: str, new: Visit, enclosed: Enclosed | None = None) -> int:
        """Add a visit to a patient; returns the number it is stored under.

        Where the number is taken, the patient's visits are numbered anew by time; a dated visit earlier than the
        first one becomes day 0 and the others move.
        Raises KnownError where there is no such patient, or the patient has exactly this visit already.
        """
        mark = check_visit(patient_code, new)
        with self._desk.database.write() as connection:
            row = patient_row(connection, patient_code)
            stored = known_visits(connection, [row.id])[row.id]
            if any(known.content_hash == mark for known in stored):
                raise KnownError(
                    "Patient {patient} has this visit already (number {number}).",
                    patient=row.code,
                    number=next(known.number for known in stored if known.content_hash == mark),
                )
            merged = merge(stored, [new], [mark], match=False)
            number = merged.new[0].number
            label = Label("New visit of {patient}", {"patient": row.code})
            operation_id = journal.begin(connection, self.actor.name, "add", label)
            version = journal.version_of(operation_id)
            altered = write_merges(connection, {row.id: (row.code, merged)}, None, version)
            where = (visit.c.patient_id == row.id) & (visit.c.number == number)
            visit_id = connection.execute(select(visit.c.id).where(where)).scalar_one()
            after = snapshots.of_visits(connection, [row.id])[visit_id]
            altered.append(Altered("add", "visit", visit_id, row.id, row.code, None, after.content, after.version))
            altered += self._enclose(connection, operation_id, row, visit_id, enclosed, 0)
            journal.record(connection, self.actor.name, operation_id, altered)
        self._tell(row.code)
        return number

    @needs(Permission.PATIENTS_WRITE)
    def change_visit(
        self, patient_code: str, number: int, corrected: Visit, enclosed: Enclosed | None = None, *, version: int
    ) -> int:
        """Replace what a visit says; returns the number it is stored under then.

        version: of the visit when it was read; where someone has changed it since, ConflictError tells what and who.
        A new date moves the visit on the patient's clock (and numbers the visits anew where their order changes).
        """
        mark = check_visit(patient_code, corrected)
        with self._desk.database.write() as connection:
            row = patient_row(connection, patient_code)
            stored = known_visits(connection, [row.id])[row.id]
            known = _numbered(stored, row.code, number)
            check_version(connection, "visit", known.id, version)
            merged = changed(stored, known, corrected, mark)
            label = Label("Visit {number} of {patient}", {"patient": row.code, "number": number})
            operation_id = journal.begin(connection, self.actor.name, "change", label)
            new_version = journal.version_of(operation_id)
            altered = write_merges(connection, {row.id: (row.code, merged)}, None, new_version)
            altered += self._enclose(connection, operation_id, row, known.id, enclosed, number)
            journal.record(connection, self.actor.name, operation_id, altered)
        self._tell(row.code)
        return merged.changed[0].number

    @needs(Permission.PATIENTS_WRITE)
    def delete_visit(self, patient_code: str, number: int, *, version: int) -> None:
        """Take a visit out; what it said stays in the history. version: as for ``change_visit``."""
        with self._desk.database.write() as connection:
            row = patient_row(connection, patient_code)
            stored = known_visits(connection, [row.id])[row.id]
            known = _numbered(stored, row.code, number)
            check_version(connection, "visit", known.id, version)
            label = Label("Visit {number} of {patient} taken out", {"patient": row.code, "number": number})
            operation_id = journal.begin(connection, self.actor.name, "delete", label)
            altered = _take_out(connection, row.id, row.code, stored, known.id, journal.version_of(operation_id))
            journal.record(connection, self.actor.name, operation_id, altered)
        self._tell(row.code)

    @needs(Permission.PATIENTS_READ)
    def version(self, patient_code: str, number: int) -> int:
        """Of a visit as it is now, to be named when it is changed. Raises KnownError where there is none."""
        with self._desk.database.read() as connection:
            row = patient_row(connection, patient_code)
            query = select(visit.c.version).where(visit.c.patient_id == row.id, visit.c.number == number)
            found = connection.execute(query).scalar()
        if found is None:
            raise no_such_visit(row.code, number)
        return found

    def _enclose(
        self,
        connection: Connection,
        operation_id: int,
        owner: Any,
        visit_id: int,
        enclosed: Enclosed | None,
        number: int,
    ) -> list[Altered]:
        """Signatures and photos that come with a visit, in the same operation; the draft it was entered in goes."""
        if enclosed is None:
            return []
        for words in (*(one.reason for one in enclosed.signatures), *(one.name for one in enclosed.photos)):
            check_words(owner.code, words)
        where = (visit_draft.c.patient_id == owner.id) & (visit_draft.c.who == self.actor.name)
        connection.execute(delete(visit_draft).where(where & (visit_draft.c.number == number)))
        now = {"visit_id": visit_id, "at": dt.datetime.now(dt.UTC)}
        mine = {**now, "who": self.actor.name}
        signed = [
            {**mine, **asdict(one), "herbs": list(one.herbs)}
            for one in enclosed.signatures
            if not _is_signed(connection, visit_id, one)
        ]
        photos = [{**now, **one.values()} for one in enclosed.photos]
        return [
            *beside.add_within(connection, operation_id, "signature", owner, signed),
            *beside.add_within(connection, operation_id, "photo", owner, photos),
        ]

    def _tell(self, code: str) -> None:
        self._desk.changed.emit(Change(ChangeKind.VISIT, (code,)))


def _take_out(
    connection: Connection, patient_id: int, code: str, stored: list[Known], visit_id: int, version: int
) -> list[Altered]:
    """Delete a visit of a patient; those that stay keep their numbers, and the first of them is day 0."""
    before = snapshots.of_visits(connection, [patient_id])[visit_id]
    connection.execute(delete(visit).where(visit.c.id == visit_id))
    altered = write_merges(connection, {patient_id: (code, without(stored, {visit_id}))}, None, version)
    sum_up(connection, [patient_id])
    return [*altered, Altered("delete", "visit", visit_id, patient_id, code, before.content, None, before.version)]


def _numbered(stored: list[Known], code: str, number: int) -> Known:
    for known in stored:
        if known.number == number:
            return known
    raise no_such_visit(code, number)


def _is_signed(connection: Connection, visit_id: int, one: Signature) -> bool:
    """Whether the very same was signed before: a correction of the note needs no further signature."""
    s = signature.c
    same = (s.visit_id == visit_id) & (s.rule == one.rule) & (s.digest == one.digest) & s.removed.is_(False)
    rows = connection.execute(select(s.herbs, s.reason).where(same)).all()
    return any(tuple(row.herbs) == one.herbs and row.reason == one.reason for row in rows)
