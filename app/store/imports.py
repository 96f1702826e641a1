"""The road of imported cases into the clinic: one transaction for all of them.

A patient is known by the normalised code. A known patient gets the visits that are new; an identical visit changes
nothing; a visit with other content replaces the stored one, whose old content goes to the audit log. Visits that the
source no longer has stay. Fields of the patient that the source leaves empty stay as they are.
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

from sqlalchemy import Connection, Engine, insert, select, update

from app.domain.errors import KnownError
from app.domain.records import Case, Patient
from app.i18n import t
from app.store.audit import Audit, Entry
from app.store.content import check_case
from app.store.engine import Database
from app.store.journal import shrink_journal
from app.store.merge import merge
from app.store.names import code_key
from app.store.observer import Change, Changed, ChangeKind
from app.store.pace import Pace, Progress
from app.store.reading import PATIENT_FIELDS
from app.store.tables import import_batch, patient
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


class Imports:
    """Service of ``Clinic.imports``."""

    def __init__(self, database: Database, audit: Audit, changed: Changed) -> None:
        self._database = database
        self._audit = audit
        self._changed = changed

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
        engine: Engine | None = None
        try:
            with self._database.write() as connection:
                engine = connection.engine
                batch = _Batch(connection, self._audit, files, lambda: pace(done, total, words))
                for chunk in _chunks(_watched(cases, cancelled)):
                    batch.store(chunk)
                    done += len(chunk)
                    told(done, total, words)
                report = report_json() if callable(report_json) else report_json
                result = batch.finish(json.loads(report))
                _stop_if(cancelled)
        finally:
            if engine is not None:
                shrink_journal(engine, self._database.path)
        if batch.touched:
            self._changed.emit(Change(ChangeKind.IMPORT, tuple(batch.touched)))
        return result


class _Batch:
    """One import inside its transaction."""

    def __init__(
        self, connection: Connection, audit: Audit, files: Sequence[FileInfo], between: Callable[[], None]
    ) -> None:
        """between: called in the midst of long work; may raise to end it."""
        self._between = between
        self._connection = connection
        self._audit = audit
        started = {
            "at": dt.datetime.now(dt.UTC),
            "files": [dataclasses.asdict(file) for file in files],
            "report": {},
            "counts": {},
        }
        self._id = int(connection.execute(insert(import_batch).returning(import_batch.c.id), started).scalar_one())
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
        if old:
            self._merge(old)

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
        self._audit.write(self._connection, [Entry("import", "import_batch", self._id, counts)])
        return result

    def _known_patients(self, keys: Sequence[str]) -> dict[str, Any]:
        query = select(patient.c.id, patient.c.code_key, patient.c.attributes, *PATIENT_FIELDS)
        rows = self._connection.execute(query.where(patient.c.code_key.in_(keys)))
        return {row.code_key: row for row in rows}

    def _add(self, cases: Sequence[tuple[Case, list[str]]]) -> None:
        values = [patient_values(case.patient, case.attributes) for case, _ in cases]
        ids = insert_patients(self._connection, values)
        entries = [
            NewVisit(patient_id, visit, visit.number, mark)
            for patient_id, (case, marks) in zip(ids, cases, strict=True)
            for visit, mark in zip(case.visits, marks, strict=True)
        ]
        insert_visits(self._connection, entries, self._id, self._between)
        self._added.update(ids)
        self._visits["added"] += len(entries)
        self.touched |= dict.fromkeys(case.patient.code for case, _ in cases)

    def _merge(self, cases: Sequence[tuple[Any, Case, list[str]]]) -> None:
        """Cases of patients who are there already, with the stored row and the fingerprints of the visits."""
        stored = known_visits(self._connection, [row.id for row, _, _ in cases])
        merges = {row.id: (row.code, merge(stored[row.id], case.visits, marks)) for row, case, marks in cases}
        entries = write_merges(self._connection, merges, self._id, self._between)
        for row, case, _ in cases:
            merged = merges[row.id][1]
            entry = self._update_patient(row, case)
            if entry is not None:
                entries.append(entry)
            if entry is not None or merged.new or merged.changed or merged.moved:
                self.touched[row.code] = None
                self._updated.update({row.id} - self._added)
            self._visits["added"] += len(merged.new)
            self._visits["updated"] += len(merged.changed)
            self._visits["unchanged"] += merged.unchanged
        self._audit.write(self._connection, entries)

    def _update_patient(self, row: Any, case: Case) -> Entry | None:
        before = Patient(*row[3:])
        given = {
            field.name: value
            for field in dataclasses.fields(Patient)
            if field.name != "code" and (value := getattr(case.patient, field.name)) not in ("", None)
        }
        after = dataclasses.replace(before, **given)
        attributes = {**row.attributes, **case.attributes}
        if after == before and attributes == row.attributes:
            return None
        values = patient_values(after, attributes)
        change = update(patient).where(patient.c.id == row.id)
        self._connection.execute(change.values(**values, version=patient.c.version + 1))
        old = json.loads(json.dumps({**dataclasses.asdict(before), "attributes": row.attributes}, default=str))
        return Entry("update", "patient", row.id, {"patient": row.code, "before": old})


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
