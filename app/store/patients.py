"""Patients entered, corrected, taken out and merged by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from app.domain.errors import KnownError
from app.domain.records import Case, Patient
from app.store import audit, beside, journal, snapshots
from app.store.conflicts import ConflictError, check_version
from app.store.content import check_case
from app.store.desk import Service
from app.store.journal import Altered, Label
from app.store.merge import Joined, Known, joined
from app.store.names import code_key
from app.store.observer import Change, ChangeKind
from app.store.people import patient_row
from app.store.reading import read_cases
from app.store.roles import Permission, needs
from app.store.search import index_patients, sum_up
from app.store.tables import patient, patient_alias, pin, visit, visit_draft
from app.store.writing import BY_HAND, insert_patients, known_visits, move_visits, patient_values

FIELDS = tuple(field.name for field in dataclasses.fields(Patient))


@dataclass(frozen=True, slots=True)
class Record:
    """A case with the versions of its rows, as an edit must name them. visits: version by number."""

    case: Case
    version: int
    visits: dict[int, int]


class Patients(Service):
    """Service of ``Clinic.patients``."""

    @needs(Permission.PATIENTS_READ)
    def open(self, code: str) -> Record:
        """A patient's whole record, for a person to look at: the audit log is told who did."""
        with self._desk.database.write() as connection:
            row = patient_row(connection, code)
            case = read_cases(connection, patient.c.id == row.id)[row.id]
            query = select(visit.c.number, visit.c.version).where(visit.c.patient_id == row.id)
            versions = {row.number: row.version for row in connection.execute(query)}
            audit.write(connection, self.actor.name, [audit.Entry("view", "patient", row.id, {"patient": row.code})])
        return Record(case, row.version, versions)

    @needs(Permission.PATIENTS_READ)
    def version(self, code: str) -> int:
        """Of a patient's own data as they are now, to be named when they are changed."""
        with self._desk.database.read() as connection:
            row = patient_row(connection, code)
            return int(connection.execute(select(patient.c.version).where(patient.c.id == row.id)).scalar_one())

    @needs(Permission.PATIENTS_WRITE)
    def add(self, person: Patient, attributes: Mapping[str, str] | None = None) -> None:
        """A new patient without visits. Raises KnownError where the number is taken."""
        check_case(Case(person, (), dict(attributes or {})))
        with self._desk.database.write() as connection:
            self._check_free(connection, person.code)
            label = Label("New patient {patient}", {"patient": person.code})
            operation_id = self._begin(connection, "add", label)
            version = journal.version_of(operation_id)
            (key,) = insert_patients(connection, [patient_values(person, attributes or {})], None, version)
            after = _snapshot(connection, key)
            change = Altered("add", "patient", key, key, person.code, None, after.content, after.version)
            journal.record(connection, self.actor.name, operation_id, [change])
        self._tell(person.code)

    @needs(Permission.PATIENTS_WRITE)
    def change(self, code: str, /, *, version: int, attributes: Mapping[str, str] | None = None, **fields: Any) -> None:
        """Correct a patient's own data. fields: those of ``Patient``; attributes: all of them, None leaves them.

        version: of the patient when read; where someone has changed the record since, ConflictError tells who.
        """
        with self._desk.database.write() as connection:
            row = patient_row(connection, code)
            check_version(connection, "patient", row.id, version)
            before = _snapshot(connection, row.id)
            person = dataclasses.replace(Patient(*row[3:]), **fields)
            check_case(Case(person, (), dict(attributes if attributes is not None else row.attributes)))
            if code_key(person.code) != code_key(row.code):
                self._check_free(connection, person.code)
            values = patient_values(person, attributes if attributes is not None else row.attributes)
            label = Label("Data of {patient}", {"patient": row.code})
            operation_id = self._begin(connection, "change", label)
            put_patient(connection, row.id, values, journal.version_of(operation_id))
            after = _snapshot(connection, row.id)
            change = Altered(
                "update", "patient", row.id, row.id, row.code, before.content, after.content, after.version
            )
            journal.record(connection, self.actor.name, operation_id, [change])
        self._tell(person.code)

    @needs(Permission.PATIENTS_WRITE)
    def delete(self, code: str, *, version: int, visits: Mapping[int, int]) -> None:
        """Take a patient out with all visits; everything stays in the history and can be put back.

        version, visits: as ``Record`` has them; ConflictError where anything was changed or added since.
        """
        with self._desk.database.write() as connection:
            row = patient_row(connection, code)
            check_version(connection, "patient", row.id, version)
            c = visit.c
            rows = connection.execute(select(c.id, c.number, c.version).where(c.patient_id == row.id)).all()
            for one in rows:
                check_version(connection, "visit", one.id, visits.get(one.number, 0))
            if len(rows) != len(visits):
                raise ConflictError("Visits of {patient} were taken out meanwhile. Look again.", patient=row.code)
            label = Label("Patient {patient} taken out", {"patient": row.code})
            operation_id = self._begin(connection, "delete", label)
            journal.record(connection, self.actor.name, operation_id, take_out(connection, row.id, row.code))
        self._tell(row.code)

    @needs(Permission.PATIENTS_WRITE)
    def merge(self, keep: str, other: str) -> None:
        """Two records of one person become one: ``other``'s visits go to ``keep``, whose empty fields are filled.

        Imports under the number ``other`` find the merged record from now on. Undone as a whole like any operation.
        """
        with self._desk.database.write() as connection:
            kept, gone = patient_row(connection, keep), patient_row(connection, other)
            if kept.id == gone.id:
                raise KnownError("{patient} is one patient already.", patient=kept.code)
            label = Label("{other} merged into {patient}", {"patient": kept.code, "other": gone.code})
            operation_id = self._begin(connection, "merge", label)
            altered = _merge(connection, kept, gone, journal.version_of(operation_id))
            journal.record(connection, self.actor.name, operation_id, altered)
        self._tell(kept.code, gone.code)

    @staticmethod
    def _check_free(connection: Connection, code: str) -> None:
        key = code_key(code)
        taken = select(patient.c.code).where(patient.c.code_key == key)
        merged = select(patient_alias.c.code).where(patient_alias.c.code_key == key)
        if connection.execute(taken.union(merged)).first() is not None:
            raise KnownError("The patient number {code} is taken. Choose another one.", code=code)

    def _begin(self, connection: Connection, kind: str, label: Label) -> int:
        return journal.begin(connection, self.actor.name, kind, label)

    def _tell(self, *codes: str) -> None:
        self._desk.changed.emit(Change(ChangeKind.PATIENT, codes))


def put_patient(connection: Connection, patient_id: int, values: Mapping[str, Any], version: int) -> None:
    """Bring a patient's row, and the search, to ``values`` (see ``patient_values``)."""
    connection.execute(update(patient).where(patient.c.id == patient_id).values(**values, version=version))
    index_patients(connection, [(patient_id, values["code"], values["name"])], new=False)


def take_out(connection: Connection, patient_id: int, code: str) -> list[Altered]:
    """Delete a patient with everything below."""
    own = _snapshot(connection, patient_id)
    said = snapshots.of_visits(connection, [patient_id])
    aliases = connection.execute(select(patient_alias.c.code).where(patient_alias.c.patient_id == patient_id)).scalars()
    content = {**own.content, "aliases": list(aliases)}
    connection.execute(delete(patient).where(patient.c.id == patient_id))
    return [
        *(
            Altered("delete", "visit", key, patient_id, code, one.content, None, one.version)
            for key, one in said.items()
        ),
        Altered("delete", "patient", patient_id, patient_id, code, content, None, own.version),
    ]


def _merge(connection: Connection, kept: Any, gone: Any, version: int) -> list[Altered]:
    stored = known_visits(connection, [kept.id, gone.id])
    one_course = joined(stored[kept.id], stored[gone.id])
    _bring_along(connection, kept, gone, stored[gone.id], one_course)
    altered = [
        *beside.shift(connection, kept.id, kept.code, one_course.kept_later, version),
        *beside.move(connection, gone, kept, version, one_course),
        *_bring_together(connection, kept, gone, one_course.places, version),
    ]
    person, other = Patient(*kept[3:]), Patient(*gone[3:])
    blank = {name: getattr(other, name) for name in FIELDS if getattr(person, name) in ("", None)}
    attributes = {**gone.attributes, **kept.attributes}
    filled = dataclasses.replace(person, **blank)
    before = _snapshot(connection, kept.id)
    altered += take_out(connection, gone.id, gone.code)
    aliases = [gone.code, *altered[-1].before.get("aliases", ())] if altered[-1].before else [gone.code]
    rows = [{"code_key": code_key(code), "code": code, "patient_id": kept.id} for code in aliases]
    connection.execute(insert(patient_alias), rows)
    put_patient(connection, kept.id, patient_values(filled, attributes), version)
    sum_up(connection, [kept.id])
    after = _snapshot(connection, kept.id)
    content = {**after.content, "new_aliases": aliases}
    altered.append(Altered("update", "patient", kept.id, kept.id, kept.code, before.content, content, after.version))
    return altered


def _bring_along(connection: Connection, kept: Any, gone: Any, visits: Sequence[Known], course: Joined) -> None:
    """Pins, and visits people are in the midst of entering: no records of anyone, they stay where a merge is undone.

    Raises KnownError where a person has begun a visit of either patient: one of the two would be lost.
    """
    pins = select(pin.c.who).where(pin.c.patient_id == kept.id)
    connection.execute(
        update(pin).where(pin.c.patient_id == gone.id, pin.c.who.not_in(pins)).values(patient_id=kept.id)
    )
    d = visit_draft.c
    numbers = {0: 0} | {one.number: course.places[one.id][0] for one in visits if one.id in course.places}
    begun = {tuple(row) for row in connection.execute(select(d.who, d.number).where(d.patient_id == kept.id))}
    for who, number in connection.execute(select(d.who, d.number).where(d.patient_id == gone.id)).all():
        new = numbers.get(number, number)
        if (who, new) in begun:
            raise KnownError(
                "{who} has begun a visit of {patient} and of {other}. Save or discard one of them first.",
                who=who or "-",
                patient=kept.code,
                other=gone.code,
            )
        where = (d.patient_id == gone.id) & (d.who == who) & (d.number == number)
        connection.execute(update(visit_draft).where(where).values(patient_id=kept.id, number=new))


def _bring_together(
    connection: Connection, kept: Any, gone: Any, placed: Mapping[int, tuple[int, str, float]], version: int
) -> list[Altered]:
    """Visits of both patients to their new places under ``kept``."""
    old = {key: one.place for key, one in snapshots.of_visits(connection, (kept.id, gone.id)).items()}
    targets = {  # the number a visit had in the other's source says nothing among the kept one's
        key: snapshots.Place(
            kept.id, *where, version, old[key].source_number if old[key].patient_id == kept.id else BY_HAND
        )
        for key, where in placed.items()
    }
    moved = {key: place for key, place in targets.items() if replace(place, version=old[key].version) != old[key]}
    move_visits(connection, moved)
    return [
        Altered("move", "visit", key, kept.id, kept.code, old[key].to_json(), place.to_json(), version)
        for key, place in moved.items()
    ]


def _snapshot(connection: Connection, patient_id: int) -> snapshots.Snapshot:
    found = snapshots.of_patient(connection, patient_id)
    if found is None:
        raise ValueError(f"patient row {patient_id} vanished inside a transaction")
    return found
