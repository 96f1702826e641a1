"""Filters of the patient list that a clinic keeps under a name, and what there is to choose from in each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update

from app.domain.errors import KnownError
from app.domain.patient_filter import TERMS, PatientFilter
from app.domain.suggesting import Why, suggest
from app.store import audit
from app.store.desk import Service
from app.store.finding import DISEASES, SYNDROMES
from app.store.observer import Change, ChangeKind
from app.store.roles import Permission, needs
from app.store.tables import diagnosis, patient, prescription, prescription_item, saved_filter, tag, visit

LONGEST = 60  # characters of a name


@dataclass(frozen=True, slots=True)
class Saved:
    """filter: None where this version cannot read it."""

    name: str
    filter: PatientFilter | None
    who: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """One term of the clinic's own records.

    key: as ``PatientFilter`` names it; text: the words of the record, of a coded herb its code
    count: patients who have it; of a herb, prescriptions
    """

    key: str
    text: str
    count: int


class Filters(Service):
    """Service of ``Clinic.filters``."""

    @needs(Permission.PATIENTS_READ)
    def list(self) -> list[Saved]:
        """By name."""
        s = saved_filter.c
        with self._desk.database.read() as connection:
            rows = connection.execute(select(s.name, s.content, s.who, s.at).order_by(s.name)).all()
        return [Saved(row.name, _readable(row.content), row.who, row.at) for row in rows]

    @needs(Permission.PATIENTS_READ)
    def get(self, name: str) -> PatientFilter:
        """Raises KnownError where there is none of that name, or it cannot be read."""
        query = select(saved_filter.c.content).where(saved_filter.c.name == _folded(name))
        with self._desk.database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise KnownError("There is no saved filter {name}.", name=name)
        return PatientFilter.from_json(row.content)

    @needs(Permission.PATIENTS_WRITE)
    def save(self, name: str, asked: PatientFilter) -> None:
        """For everyone in the clinic; a filter of the same name is replaced."""
        word = _folded(name)
        if not word or len(word) > LONGEST or not word.isprintable():
            raise KnownError("The name of a filter has 1 to {most} characters.", most=LONGEST)
        values = {"content": asked.to_json(), "who": self.actor.name, "at": dt.datetime.now(dt.UTC)}
        s = saved_filter.c
        with self._desk.database.write() as connection:
            if connection.execute(select(s.name).where(s.name == word)).first() is None:
                connection.execute(insert(saved_filter), {"name": word, **values})
            else:
                connection.execute(update(saved_filter).where(s.name == word).values(**values))
            self._write_down(connection, "save", word)
        self._desk.changed.emit(Change(ChangeKind.MARK, ()))

    @needs(Permission.PATIENTS_WRITE)
    def remove(self, name: str) -> None:
        """Again is harmless."""
        with self._desk.database.write() as connection:
            gone = connection.execute(delete(saved_filter).where(saved_filter.c.name == _folded(name))).rowcount
            if gone:
                self._write_down(connection, "delete", name)
        if gone:
            self._desk.changed.emit(Change(ChangeKind.MARK, ()))

    @needs(Permission.PATIENTS_READ)
    def choices(self, kind: str) -> list[Choice]:
        """What the records hold of one of ``TERMS``, the commonest first. Reads all visits: some seconds in a large
        clinic. Raises ValueError for another kind."""
        if kind not in _CHOICES:
            raise ValueError(f"no terms {kind!r}; there are {', '.join(TERMS)}")
        with self._desk.database.read() as connection:
            rows: Sequence[Any] = connection.execute(_CHOICES[kind]()).all()
        found = [Choice(str(row[0]), str(row[1]), int(row[2])) for row in rows if row[0]]
        return sorted(found, key=lambda one: (-one.count, one.text))

    @needs(Permission.PATIENTS_READ)
    def key(self, kind: str, word: str) -> str:
        """A word as ``PatientFilter`` names it: the code of the concept it means where the records have that code."""
        code, column = _meant(kind, word), _CODES.get(kind)
        if not code or column is None:
            return word.strip()
        with self._desk.database.read() as connection:
            there = connection.execute(select(column).where(column == code).limit(1)).first() is not None
        return code if there else word.strip()

    def _write_down(self, connection: Any, action: str, name: str) -> None:
        audit.write(connection, self.actor.name, [audit.Entry(action, "saved_filter", None, {"name": name})])


def _folded(name: str) -> str:
    """The name as it is stored."""
    return " ".join(name.split())


def _meant(kind: str, word: str) -> str:
    names = {"diagnoses": "disease", "syndromes": "syndrome", "herbs": "herb"}
    if kind not in names:
        return ""
    found = suggest(word, names[kind], 1)
    return found[0].code if found and found[0].why is Why.KNOWN else ""


def _readable(content: Any) -> PatientFilter | None:
    try:
        return PatientFilter.from_json(content)
    except KnownError:
        return None


def _diagnoses(kinds: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    d = diagnosis.c
    key = func.coalesce(func.nullif(d.code, ""), d.text)
    said = (
        select(key.label("key"), func.min(d.text).label("text"), visit.c.patient_id)
        .select_from(diagnosis.join(visit, visit.c.id == d.visit_id))
        .where(d.kind.in_(kinds))
        .group_by(key, visit.c.patient_id)
        .subquery()
    )
    return _counted(said)


def _formulas() -> Select[*tuple[Any, ...]]:
    p = prescription.c
    said = (
        select(p.formula.label("key"), p.formula.label("text"), visit.c.patient_id)
        .select_from(prescription.join(visit, visit.c.id == p.visit_id))
        .where(p.formula != "")
        .group_by(p.formula, visit.c.patient_id)
        .subquery()
    )
    return _counted(said)


def _herbs() -> Any:
    """Prescriptions, not patients: these walk along an index, where patients would take ten seconds of a large
    clinic."""
    i = prescription_item.c
    key = func.coalesce(func.nullif(i.herb, ""), i.raw_name)
    coded = select(i.herb, i.herb, func.count()).where(i.herb != "").group_by(i.herb)
    plain = select(key, key, func.count()).where(i.herb == "").group_by(key)
    return coded.union_all(plain)


def _tags() -> Select[*tuple[Any, ...]]:
    return (
        select(func.min(tag.c.name), func.min(tag.c.name), func.count())
        .select_from(tag.join(patient, patient.c.id == tag.c.patient_id))
        .where(tag.c.removed.is_(False))
        .group_by(tag.c.name_key)
    )


def _counted(said: Any) -> Select[*tuple[Any, ...]]:
    """Patients by key; of several ways to write it, one."""
    return select(said.c.key, func.min(said.c.text), func.count()).group_by(said.c.key)


_CODES = {"diagnoses": diagnosis.c.code, "syndromes": diagnosis.c.code, "herbs": prescription_item.c.herb}
_CHOICES: dict[str, Callable[[], Any]] = {
    "diagnoses": partial(_diagnoses, DISEASES),
    "syndromes": partial(_diagnoses, SYNDROMES),
    "formulas": _formulas,
    "herbs": _herbs,
    "tags": _tags,
}
