"""Read-only questions to a clinic file. Every answer comes from one consistent state of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, bindparam, case, func, or_, select

from app.domain.ages import completed_years
from app.domain.patient_filter import EVERYONE, PatientFilter
from app.domain.records import Case, ValueKind
from app.domain.scrubbing import Scrubber
from app.store import tables
from app.store.desk import Desk, Service
from app.store.finding import Found, Memory, Ranked, find
from app.store.marks import owner
from app.store.names import code_key, search_range
from app.store.people import no_such_patient, patient_row
from app.store.prepared import Glance, Prepared
from app.store.pseudonyms import deidentifier, scrubber
from app.store.reading import read_case, read_cases
from app.store.roles import Permission, needs
from app.store.search import found_between
from app.store.sqlite import SqliteDatabase
from app.store.tables import observation, patient, pin, tag, visit
from app.store.tables.records import NEVER

CHUNK = 200  # patients read together
SPARKS = 256  # patients whose sparks and tags are read together
SEEN = 2000  # entries of the log that are looked through for who was seen last

_COUNTED = {
    "patients": tables.patient,
    "visits": tables.visit,
    "observations": tables.observation,
    "pulse_readings": tables.pulse_reading,
    "diagnoses": tables.diagnosis,
    "prescriptions": tables.prescription,
    "prescription_items": tables.prescription_item,
    "models": tables.model,
    "imports": tables.import_batch,
}


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One line of the patient list.

    age: years at the first visit, as recorded or from the birth date
    last_day: day of the last visit on the patient's clock; last_date: latest known civil date; None without visits
    pinned: by who asks; tags: in the order they were given
    spark: total symptom score at each visit, in time order: the sum of the scores where the patient has scores, else
    the number of positive symptoms. Visits that say nothing of either are left out, so it may be shorter than visits
    """

    code: str
    name: str
    sex: str
    age: float | None
    chief: str
    visits: int
    last_day: float | None
    last_date: dt.date | None
    spark: list[float]
    pinned: bool = False
    tags: tuple[str, ...] = ()


class Queries(Service):
    """``Clinic.queries``."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._memory = Memory()

    @needs(Permission.ANYONE)
    def counts(self) -> dict[str, int]:
        """Rows of each kind. ``observations`` are observation rows alone: pulse readings and diagnoses count apart."""
        query = select(
            *(select(func.count()).select_from(table).scalar_subquery().label(n) for n, table in _COUNTED.items())
        )
        with self._desk.database.read() as connection:
            return dict(connection.execute(query).one()._mapping)

    @needs(Permission.ANYONE)
    def check(self) -> list[str]:
        """What the database itself finds wrong with its pages and references; [] where nothing.

        The seal of every page of an encrypted file is looked at. Raises KnownError where reading meets a broken one.
        """
        with self._desk.database.read() as connection:
            if connection.dialect.name != "sqlite":
                return []  # a server keeps its own checksums and has no switch for foreign keys
            ask = connection.exec_driver_sql
            sealed = isinstance(self._desk.database, SqliteDatabase) and self._desk.database.encrypted
            found = [str(row[0]) for row in ask("PRAGMA cipher_integrity_check")] if sealed else []
            found += [str(row[0]) for row in ask("PRAGMA integrity_check") if row[0] != "ok"]
            return found + [f"{row[0]} {row[1]} -> {row[2]}" for row in ask("PRAGMA foreign_key_check")]

    @needs(Permission.PATIENTS_READ)
    def patient_codes(self) -> list[str]:
        """In the order the patients were entered."""
        with self._desk.database.read() as connection:
            return list(connection.execute(select(patient.c.code).order_by(patient.c.id)).scalars())

    @needs(Permission.PATIENTS_READ)
    def case(self, code: str) -> Case:
        """A patient with all visits, ordered by (day, number), and all that was said. 7 statements.

        Raises KnownError where there is no such patient.
        """
        with self._desk.database.glance() as glance:
            found = read_case(glance, code_key(code))
        if found is None:  # the number of one merged into another, or of nobody
            with self._desk.database.read() as connection:
                found = read_case(connection, code_key(patient_row(connection, code).code))
        if found is None:
            raise no_such_patient(code)
        return found

    @needs(Permission.PATIENTS_READ)
    def cases(self) -> Iterator[Case]:
        """Every case, in the order the patients were entered; never more than CHUNK of them in memory."""
        return self._cases()

    @needs(Permission.COHORT_READ)
    def cohort(self) -> Iterator[Case]:
        """Every case without what names the patient, see ``app.domain.deidentify``."""
        return map(deidentifier(self._desk.database).case, self._cases())

    @needs(Permission.COHORT_READ)
    def pseudonym(self) -> Callable[[str], str]:
        """From a patient's number to the one ``cohort`` calls him by: of this clinic alone, and told to nobody else."""
        return deidentifier(self._desk.database).pseudonym

    @needs(Permission.PATIENTS_READ)
    def seen_last(self) -> str:
        """Number of the patient whom this user looked at last, by the newest SEEN entries of the log; "" for none."""
        log = tables.audit.c
        seen = and_(log.who == self.actor.name, log.action == "view", log.entity == "patient")
        with self._desk.database.read() as connection:
            newest = connection.execute(select(func.max(log.id))).scalar() or 0
            query = select(log.detail).where(seen, log.id > newest - SEEN).order_by(log.id.desc()).limit(1)
            found = connection.execute(query).scalar()
        return str(found.get("patient", "")) if found else ""

    @needs(Permission.ANYONE)
    def scrubber(self) -> Scrubber:
        """Takes the names and numbers of this clinic's patients out of a text; tells nobody what they are."""
        return scrubber(self._desk.database)

    def _cases(self) -> Iterator[Case]:
        last = 0
        with self._desk.database.read() as connection:
            while found := read_cases(connection, patient.c.id > last, limit=CHUNK):
                yield from found.values()
                last = max(found)

    @needs(Permission.PATIENTS_READ)
    def search(self, text: str = "", *, limit: int = 200, offset: int = 0) -> list[PatientRow]:
        """Patients whose name or number contains ``text``, or whose pinyin or initials do from a syllable on; the
        latest visit first. Case, white space, tone marks and full width do not matter. "" finds everyone.
        """
        bounds = search_range(text)
        given = {"limit": limit, "offset": offset} | ({"low": bounds[0], "high": bounds[1]} if bounds else {})
        with self._desk.database.glance() as glance:
            return self._told(glance, _LISTED[bounds is not None].rows(glance, **given))

    @needs(Permission.PATIENTS_READ)
    def find(self, asked: PatientFilter = EVERYONE, ranked: Ranked | None = None) -> Found:
        """All of them by row, in the order of the list: the person's pinned ones first, then the latest visit.

        ranked: what a model found of the patients; without it nobody is beyond expectation or at risk
        """
        with self._desk.database.read() as connection:
            return find(connection, asked, owner(connection, self.actor), self._memory, ranked)

    @needs(Permission.PATIENTS_READ)
    def rows(self, ids: Sequence[int]) -> dict[int, PatientRow]:
        """Lines of the list by row; who is gone meanwhile is left out."""
        with self._desk.database.glance() as glance:
            found = [row for some in _places(ids) for row in _listed_of(len(some)).rows(glance, **some)]
            told = self._told(glance, found)
        return {row[0]: line for row, line in zip(found, told, strict=True)}

    @needs(Permission.PATIENTS_READ)
    def row_of(self, code: str) -> int | None:
        """The row of a patient in ``Found.ids``; None where there is no such patient."""
        with self._desk.database.read() as connection:
            return connection.execute(select(patient.c.id).where(patient.c.code_key == code_key(code))).scalar()

    def _told(self, glance: Connection | Glance, found: Sequence[Sequence[Any]]) -> list[PatientRow]:
        rows = [_Listed(*row) for row in found]
        ids = [row.id for row in rows]
        sparks, tags, pins = (_sparks(glance, ids), _tags(glance, ids), self._pins(glance)) if rows else ({}, {}, ())
        return [
            PatientRow(
                code=row.code,
                name=row.name,
                sex=row.sex,
                age=completed_years(row.birth_date, row.first_date) if row.age is None else row.age,
                chief=row.chief,
                visits=row.visits,
                last_day=row.recent_day if row.visits else None,
                last_date=None if row.recent_date == NEVER else row.recent_date,
                spark=sparks.get(row.id, []),
                pinned=row.id in pins,
                tags=tuple(tags.get(row.id, ())),
            )
            for row in rows
        ]

    def _pins(self, glance: Connection | Glance) -> set[int]:
        pins = _PINS.rows(glance)
        if not pins:
            return set()
        mine = self.actor.name if _STAFF.rows(glance) else ""  # see ``marks.owner``
        return {key for key, who in pins if who == mine}


class _Listed(NamedTuple):
    """Columns of ``listed``."""

    id: int
    code: str
    name: str
    sex: str
    age: float | None
    chief: str
    birth_date: dt.date | None
    visits: int
    first_date: dt.date | None
    recent_date: dt.date
    recent_day: float


def listed(*, searched: bool) -> Select[*tuple[Any, ...]]:
    """The rows of the list, by an index both for finding and for the order.

    Parameters: limit, offset, and low and high (see ``search_range``) where it is searched.
    """
    p = patient.c
    query = select(*(p[name] for name in _Listed._fields))
    if searched:
        query = query.where(found_between(bindparam("low"), bindparam("high")))
    order = (p.recent_date.desc(), p.recent_day.desc(), p.code_key.desc())
    return query.order_by(*order).limit(bindparam("limit", 0, Integer)).offset(bindparam("offset", 0, Integer))


_LISTED = {searched: Prepared(listed(searched=searched)) for searched in (False, True)}


_PINS = Prepared(select(pin.c.patient_id, pin.c.who))
_STAFF = Prepared(select(tables.account.c.id).limit(1))


def _places(ids: Sequence[int]) -> Iterator[dict[str, int]]:
    """Ids as parameters id0, id1 ... of statements of few sizes; a place left over repeats the last."""
    for start in range(0, len(ids), SPARKS):
        some = ids[start : start + SPARKS]
        yield {f"id{n}": some[min(n, len(some) - 1)] for n in range(1 << (len(some) - 1).bit_length())}


def _one_of(column: ColumnElement[int], count: int) -> ColumnElement[bool]:
    return column.in_([bindparam(f"id{n}", 0, Integer) for n in range(count)])


@cache
def _listed_of(count: int) -> Prepared:
    """Parameters: id0, id1 ... of as many patients."""
    return Prepared(select(*(patient.c[name] for name in _Listed._fields)).where(_one_of(patient.c.id, count)))


@cache
def _tags_of(count: int) -> Prepared:
    """Parameters: as above."""
    t = tag.c
    return Prepared(
        select(t.patient_id, t.name).where(_one_of(t.patient_id, count), t.removed.is_(False)).order_by(t.id)
    )


def _tags(glance: Connection | Glance, patient_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for some in _places(patient_ids):
        for key, name in _tags_of(len(some)).rows(glance, **some):
            found[key].append(name)
    return found


def _sparks(glance: Connection | Glance, patient_ids: Sequence[int]) -> dict[int, list[float]]:
    """Total symptom score by visit of each patient; the two measures are never mixed within one patient."""
    scores: dict[int, list[float]] = defaultdict(list)
    counts: dict[int, list[float]] = defaultdict(list)
    for some in _places(patient_ids):
        for key, score, present, named in _sparks_of(len(some)).rows(glance, **some):
            if score is not None:
                scores[key].append(float(score))
            if named:
                counts[key].append(float(present))
    return {key: scores.get(key) or counts[key] for key in {*scores, *counts}}


@cache
def _sparks_of(count: int) -> Prepared:
    """Parameters: as above."""
    o = observation.c
    scored = and_(o.kind == ValueKind.SCORE, o.number.is_not(None))
    symptom = o.concept.startswith("sym.", autoescape=True)
    positive = and_(symptom, o.negated.is_(False), or_(o.number.is_(None), o.number > 0))
    return Prepared(
        select(
            visit.c.patient_id,
            func.sum(case((scored, o.number))),
            func.sum(case((positive, 1), else_=0)),
            func.sum(case((symptom, 1), else_=0)),
        )
        .select_from(visit.join(observation, o.visit_id == visit.c.id))
        .where(_one_of(visit.c.patient_id, count))
        .group_by(visit.c.id)
        .order_by(visit.c.patient_id, visit.c.day, visit.c.number)
    )
