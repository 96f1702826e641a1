"""The road of imported cases into the clinic: one transaction for all of them.

A patient is known by the normalised code, also by that of a patient merged into it. A known patient gets the visits
that are new; an identical visit changes nothing; a visit with other content replaces the stored one, whose old content
goes to the history. Visits that the source no longer has stay. Fields of the patient that the source leaves empty stay
as they are. The import is one operation, undone as a whole by ``app.store.undoing``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.domain.errors import KnownError
from app.domain.records import Case, Patient
from app.i18n import t
from app.store import audit, journal, review, snapshots
from app.store.content import check_case
from app.store.desk import Service
from app.store.journal import Altered, Label
from app.store.merge import merge
from app.store.names import code_key
from app.store.observer import Change, ChangeKind
from app.store.pace import Pace, Progress
from app.store.reading import PATIENT_FIELDS
from app.store.roles import Permission, needs
from app.store.search import index_patients, sum_up
from app.store.tables import import_batch, operation, patient, patient_alias
from app.store.writing import NewVisit, insert_patients, insert_visits, known_visits, patient_values, write_merges

CHUNK = 100  # cases written together, at most; progress is told in between
CHUNK_OBSERVATIONS = 10_000  # of these cases, unless a single one has more


@dataclass(frozen=True, slots=True)
class FileInfo:
    """Which file a batch came from. size: bytes; sha256: hexadecimal."""

    name: str
    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> FileInfo:
        """Reads the whole file. KnownError where it cannot be read."""
        try:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
                name = path.name.encode("utf-8", "backslashreplace").decode()  # bytes of a name that are no text
                return cls(name, stream.tell(), digest)
        except OSError as error:
            raise KnownError(
                "File {file} cannot be read ({reason}).", file=path, reason=error.strerror or str(error)
            ) from error


@dataclass(frozen=True, slots=True)
class ImportResult:
    """patients_updated: known patients of whom a field or a visit was added or changed."""

    batch_id: int
    patients_added: int
    patients_updated: int
    visits_added: int
    visits_updated: int
    visits_unchanged: int


class ImportCancelledError(KnownError):
    """The person stopped the import; the transaction was rolled back."""


@dataclass(frozen=True, slots=True)
class Batch:
    """An import as the list shows it. operation_id: what undoes it; undone: it was taken back."""

    id: int
    at: dt.datetime
    who: str
    files: tuple[str, ...]
    counts: dict[str, int]
    operation_id: int | None
    undone: bool
    sha256s: tuple[str, ...] = ()


class Imports(Service):
    """Service of ``Clinic.imports``."""

    @needs(Permission.PATIENTS_WRITE)
    def commit(
        self,
        cases: Iterable[Case],
        *,
        files: Sequence[FileInfo] = (),
        report_json: str | Callable[[], str] = "{}",
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> ImportResult:
        """Store all cases or, where anything raises or ``cancelled()`` turns true, none.

        The file is locked for other writers while ``cases`` is walked through, so a slow source is read beforehand.
        report_json: a JSON object, or a callable giving it, asked after the last case and before the commit
        progress: called with (cases done, cases in all or 0, text); it and ``cancelled`` several times a second
        Raises ImportCancelledError, and KnownError for a case that cannot be stored or a file that cannot be written.
        """
        total = len(cases) if isinstance(cases, Sized) else 0
        words = t("Storing patients")
        told = progress or _quiet
        pace = Pace(lambda: _stop_if(cancelled), told)
        done = 0
        try:
            with self._desk.database.write() as connection:
                batch = _Batch(connection, self.actor.name, files, lambda: pace(done, total, words))
                for chunk in _chunks(_watched(cases, cancelled)):
                    batch.store(chunk)
                    done += len(chunk)
                    told(done, total, words)
                report = report_json() if callable(report_json) else report_json
                result = batch.finish(json.loads(report))
                _stop_if(cancelled)
        finally:
            self._desk.database.after_large_write()
        if batch.touched:
            self._desk.changed.emit(Change(ChangeKind.IMPORT, tuple(batch.touched)))
        return result

    @needs(Permission.PATIENTS_READ)
    def batches(self) -> list[Batch]:
        """Every import, the newest first."""
        b, o = import_batch.c, operation.c
        query = (
            select(b.id, b.at, o.who, b.files, b.counts, o.id, o.state)
            .select_from(import_batch.outerjoin(operation, (o.batch_id == b.id) & (o.kind == journal.IMPORT)))
            .order_by(b.id.desc())
        )
        with self._desk.database.read() as connection:
            return [
                Batch(
                    key,
                    at,
                    who or "",
                    tuple(file["name"] for file in files),
                    counts,
                    number,
                    state == journal.UNDONE,
                    tuple(file.get("sha256", "") for file in files),
                )
                for key, at, who, files, counts, number, state in connection.execute(query)
            ]

    @needs(Permission.PATIENTS_READ)
    def report(self, batch_id: int) -> dict[str, Any]:
        """The import report as it was stored. Raises KnownError where there is no such import."""
        with self._desk.database.read() as connection:
            found = connection.execute(select(import_batch.c.report).where(import_batch.c.id == batch_id)).scalar()
        if found is None:
            raise KnownError("There is no import with the number {n}.", n=batch_id)
        return found


class _Batch:
    """One import inside its transaction."""

    def __init__(
        self, connection: Connection, who: str, files: Sequence[FileInfo], between: Callable[[], None]
    ) -> None:
        """between: called in the midst of long work; may raise to end it."""
        self._between = between
        self._connection = connection
        self._who = who
        started = {
            "at": dt.datetime.now(dt.UTC),
            "files": [dataclasses.asdict(file) for file in files],
            "report": {},
            "counts": {},
        }
        self._id = int(connection.execute(insert(import_batch).returning(import_batch.c.id), started).scalar_one())
        label = Label("Import of {files}", {"files": ", ".join(file.name for file in files) or "-"})
        self._operation = journal.begin(connection, who, journal.IMPORT, label, batch_id=self._id)
        self._version = journal.version_of(self._operation)
        self.touched: dict[str, None] = {}  # codes of patients added or changed, in order
        self._added: set[int] = set()
        self._updated: set[int] = set()
        self._visits = {"added": 0, "updated": 0, "unchanged": 0}

    def store(self, cases: Sequence[Case]) -> None:
        """Cases of different patients."""
        hashes = [check_case(case, self._between) for case in cases]
        known = self._known_patients([code_key(case.patient.code) for case in cases])
        new = [pair for pair in zip(cases, hashes, strict=True) if code_key(pair[0].patient.code) not in known]
        old = [
            (known[key], case, marks)
            for case, marks in zip(cases, hashes, strict=True)
            if (key := code_key(case.patient.code)) in known
        ]
        self._add(new)
        while old:  # two numbers may be one patient's, since a merge: such cases are taken one after the other
            first = {row.id: (row, case, marks) for row, case, marks in reversed(old)}
            self._merge(list(first.values()))
            old = [entry for entry in old if first[entry[0].id][1] is not entry[1]]
            if old:
                again = self._known_patients([code_key(case.patient.code) for _, case, _ in old])
                old = [(again[code_key(case.patient.code)], case, marks) for _, case, marks in old]

    def finish(self, report: Mapping[str, Any]) -> ImportResult:
        result = ImportResult(
            batch_id=self._id,
            patients_added=len(self._added),
            patients_updated=len(self._updated),
            visits_added=self._visits["added"],
            visits_updated=self._visits["updated"],
            visits_unchanged=self._visits["unchanged"],
        )
        counts = {key: value for key, value in dataclasses.asdict(result).items() if key != "batch_id"}
        closing = update(import_batch).where(import_batch.c.id == self._id)
        self._connection.execute(closing.values(report=dict(report), counts=counts))
        review.enter(self._connection, report.get("unknown", ()), self._id)
        entry = audit.Entry("import", "import_batch", self._id, {**counts, "operation": self._operation})
        audit.write(self._connection, self._who, [entry])
        return result

    def _known_patients(self, keys: Sequence[str]) -> dict[str, Any]:
        query = select(patient.c.id, patient.c.version, patient.c.code_key, patient.c.attributes, *PATIENT_FIELDS)
        found = {row.code_key: row for row in self._connection.execute(query.where(patient.c.code_key.in_(keys)))}
        a = patient_alias.c
        aliases = self._connection.execute(
            select(a.code_key, a.patient_id).where(a.code_key.in_([key for key in keys if key not in found]))
        ).all()
        if aliases:
            ids = {one for _, one in aliases}
            people = {row.id: row for row in self._connection.execute(query.where(patient.c.id.in_(ids)))}
            found |= {key: people[one] for key, one in aliases}
        return found

    def _add(self, cases: Sequence[tuple[Case, list[str]]]) -> None:
        values = [patient_values(case.patient, case.attributes) for case, _ in cases]
        ids = insert_patients(self._connection, values, self._id, self._version)
        entries = [
            NewVisit(patient_id, visit, visit.number, mark)
            for patient_id, (case, marks) in zip(ids, cases, strict=True)
            for visit, mark in zip(case.visits, marks, strict=True)
        ]
        insert_visits(self._connection, entries, self._id, self._version, self._between)
        sum_up(self._connection, ids)
        self._added.update(ids)
        self._visits["added"] += len(entries)
        self.touched |= dict.fromkeys(case.patient.code for case, _ in cases)

    def _merge(self, cases: Sequence[tuple[Any, Case, list[str]]]) -> None:
        """Cases of patients who are there already, with the stored row and the fingerprints of the visits."""
        stored = known_visits(self._connection, [row.id for row, _, _ in cases])
        merges = {row.id: (row.code, merge(stored[row.id], case.visits, marks)) for row, case, marks in cases}
        altered = write_merges(self._connection, merges, self._id, self._version, self._between)
        for row, case, _ in cases:
            merged = merges[row.id][1]
            change = self._update_patient(row, case)
            if change is not None:
                altered.append(change)
            if change is not None or merged.new or merged.changed or merged.moved:
                self.touched[row.code] = None
                self._updated.update({row.id} - self._added)
            self._visits["added"] += len(merged.new)
            self._visits["updated"] += len(merged.changed)
            self._visits["unchanged"] += merged.unchanged
        journal.record(self._connection, self._who, self._operation, altered)

    def _update_patient(self, row: Any, case: Case) -> Altered | None:
        before = Patient(*row[4:])
        given = {
            field.name: value
            for field in dataclasses.fields(Patient)
            if field.name != "code" and (value := getattr(case.patient, field.name)) not in ("", None)
        }
        after = dataclasses.replace(before, **given)
        attributes = {**row.attributes, **case.attributes}
        if after == before and attributes == row.attributes:
            return None
        old = snapshots.of_patient(self._connection, row.id)
        assert old is not None
        values = patient_values(after, attributes)
        change = update(patient).where(patient.c.id == row.id)
        self._connection.execute(change.values(**values, version=self._version))
        if after.name != before.name:
            index_patients(self._connection, [(row.id, after.code, after.name)], new=False)
        new = {**old.content, **snapshots.patient_json(after, attributes), "version": self._version}
        return Altered("update", "patient", row.id, row.id, row.code, old.content, new, self._version)


def _quiet(_done: int, _total: int, _text: str) -> None:
    """No one is listening."""


def _watched(cases: Iterable[Case], cancelled: Callable[[], bool] | None) -> Iterator[Case]:
    for case in cases:
        _stop_if(cancelled)
        yield case


def _stop_if(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise ImportCancelledError("The import was stopped; nothing of it was stored.")


def _chunks(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """A few cases at once, each of another patient: a patient's second case has to find the first one stored."""
    chunk: list[Case] = []
    keys: set[str] = set()
    size = 0
    for case in cases:
        key = code_key(case.patient.code)
        said = sum(len(visit.observations) for visit in case.visits)
        if chunk and (len(chunk) == CHUNK or key in keys or size + said > CHUNK_OBSERVATIONS):
            yield chunk
            chunk, keys, size = [], set(), 0
        chunk.append(case)
        keys.add(key)
        size += said
    if chunk:
        yield chunk
