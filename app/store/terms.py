"""The clinic's own vocabulary beside the shipped one: packs it loaded, synonyms it uses."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from app.domain import local_terms, terminology
from app.domain.concept import Concept, Vocabulary, normal_term
from app.domain.duplicates import Duplicates, duplicates
from app.domain.errors import KnownError
from app.domain.pack_diff import PackDiff, diff
from app.domain.packs import Pack, to_csv
from app.domain.scope import LocalVocabulary
from app.store import audit
from app.store.desk import Desk, Service
from app.store.observer import Change, ChangeKind
from app.store.roles import Permission, needs
from app.store.tables import concept, review_item, synonym, vocabulary_pack
from app.store.tables.sources import CODED, OPEN

FIELDS = ("code", "kind", "zh", "en", "pinyin", "unit", "scale", "source", "valid_from", "valid_to", "extra")


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """concepts: in force and withdrawn; at: an aware moment in UTC."""

    name: str
    version: str
    at: dt.datetime
    who: str
    concepts: int


@dataclass(frozen=True, slots=True)
class Synonym:
    kind: str
    term: str
    code: str
    who: str
    at: dt.datetime


class Terms(Service):
    """Service of ``Clinic.terms``."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._stamp: tuple[object, ...] = ()
        self._local = LocalVocabulary()

    @needs(Permission.ANYONE)
    def local(self) -> LocalVocabulary:
        """For ``local_terms.using``; the same object as long as nothing has changed."""
        with self._desk.database.read() as connection:
            stamp = _stamp(connection)
            if stamp != self._stamp:
                self._local, self._stamp = read_local(connection), stamp
        return self._local

    @needs(Permission.ANYONE)
    def packs(self) -> list[LoadedPack]:
        """By name."""
        p = vocabulary_pack.c
        count = select(func.count()).where(concept.c.pack_id == p.id).scalar_subquery()
        with self._desk.database.read() as connection:
            rows = connection.execute(select(p.name, p.version, p.at, p.who, count).order_by(p.name)).all()
        return [LoadedPack(*row) for row in rows]

    @needs(Permission.ANYONE)
    def synonyms(self) -> list[Synonym]:
        """By kind and term."""
        s = synonym.c
        with self._desk.database.read() as connection:
            rows = connection.execute(select(s.kind, s.term, s.code, s.who, s.at).order_by(s.kind, s.term)).all()
        return [Synonym(*row) for row in rows]

    @needs(Permission.ANYONE)
    def duplicates(self) -> Duplicates:
        """Terms that several concepts of the whole vocabulary claim."""
        with local_terms.using(self.local()):
            return duplicates(terminology.everything())

    @needs(Permission.ANYONE)
    def diff(self, pack: Pack) -> PackDiff:
        """What applying the pack would change. Nothing is changed by asking."""
        return diff(pack, self._whole())

    @needs(Permission.VOCABULARY)
    def apply(self, pack: Pack, version: str = "") -> PackDiff:
        """Load a pack, or a later version of it; returns what changed. All of it or nothing.

        Concepts that are no longer in it stay readable and get today as their last day.
        Raises KnownError for a concept that would redefine another source's.
        """
        changes = diff(pack, self._whole())
        if changes.taken_over:
            other = changes.taken_over[0].before
            raise KnownError(
                "{code} belongs to {source}; a pack cannot redefine it. Take the row out or give it another code.",
                code=other.code,
                source=other.source or "-",
            )
        today = dt.date.today().isoformat()
        withdrawn = [replace(one, valid_to=one.valid_to or today) for one in changes.withdrawn]
        with self._desk.database.write() as connection:
            key = self._enter(connection, pack, version)
            connection.execute(delete(concept).where(concept.c.pack_id == key))
            rows = [_row(key, one) for one in (*pack.concepts, *withdrawn)]
            if rows:
                connection.execute(insert(concept), rows)
            _check(connection)
            detail = {
                "name": pack.name,
                "version": version,
                "added": len(changes.added),
                "changed": len(changes.changed),
                "withdrawn": len(changes.withdrawn),
            }
            audit.write(connection, self.actor.name, [audit.Entry("load", "vocabulary_pack", key, detail)])
        self._tell(pack.name)
        return changes

    @needs(Permission.VOCABULARY)
    def remove(self, name: str) -> None:
        """Take a pack out. What was recorded with its concepts keeps their codes."""
        with self._desk.database.write() as connection:
            key = connection.execute(
                delete(vocabulary_pack).where(vocabulary_pack.c.name == name).returning(vocabulary_pack.c.id)
            ).scalar()
            if key is None:
                raise KnownError("There is no vocabulary pack {name}.", name=name)
            _check(connection)
            audit.write(connection, self.actor.name, [audit.Entry("remove", "vocabulary_pack", key, {"name": name})])
        self._tell(name)

    @needs(Permission.PATIENTS_WRITE)
    def add_synonym(self, kind: str, term: str, code: str) -> None:
        """From now on ``term`` is coded as ``code`` here. Raises KnownError for a term that has a meaning already."""
        with self._desk.database.write() as connection:
            learn(connection, self.actor.name, kind, term, code)
        self._tell(term)

    @needs(Permission.PATIENTS_WRITE)
    def remove_synonym(self, kind: str, term: str) -> None:
        """What was coded by it stays coded; the review asks about the term again."""
        where = (synonym.c.kind == kind) & (synonym.c.term_key == normal_term(term))
        with self._desk.database.write() as connection:
            key = connection.execute(delete(synonym).where(where).returning(synonym.c.id)).scalar()
            if key is None:
                raise KnownError("{term} is no synonym of this clinic.", term=term)
            r = review_item.c
            known = (r.kind == kind) & (r.term_key == normal_term(term)) & (r.state == CODED)
            connection.execute(update(review_item).where(known).values(state=OPEN, code=""))
            detail = {"kind": kind, "term": term}
            audit.write(connection, self.actor.name, [audit.Entry("remove", "synonym", key, detail)])
        self._tell(term)

    def _whole(self) -> Vocabulary:
        with local_terms.using(self.local()):
            return terminology.everything()

    def _enter(self, connection: Connection, pack: Pack, version: str) -> int:
        values = {
            "version": version,
            "source": pack.name,
            "sha256": hashlib.sha256(to_csv(pack)).hexdigest(),
            "at": dt.datetime.now(dt.UTC),
            "who": self.actor.name,
        }
        p = vocabulary_pack.c
        key = connection.execute(
            update(vocabulary_pack).where(p.name == pack.name).values(**values).returning(p.id)
        ).scalar()
        if key is None:
            adding = insert(vocabulary_pack).returning(p.id)
            key = connection.execute(adding, {"name": pack.name, **values}).scalar_one()
        return key

    def _tell(self, name: str) -> None:
        self._desk.changed.emit(Change(ChangeKind.VOCABULARY, (name,)))


def read_local(connection: Connection) -> LocalVocabulary:
    """Everything the clinic has of its own."""
    columns = (*(concept.c[name] for name in FIELDS), concept.c.synonyms)
    concepts = tuple(
        Concept(**{**row._mapping, "synonyms": tuple(row.synonyms)})
        for row in connection.execute(select(*columns).order_by(concept.c.id))
    )
    known: dict[str, dict[str, str]] = {}
    for kind, term, code in connection.execute(select(synonym.c.kind, synonym.c.term, synonym.c.code)):
        known.setdefault(kind, {})[term] = code
    return LocalVocabulary(concepts, known)


def learn(connection: Connection, who: str, kind: str, term: str, code: str) -> None:
    """Enter a synonym. Raises KnownError for an unknown code and for a term that has another meaning already."""
    local_terms.learned(read_local(connection), kind, {term: code})  # refuses what cannot be
    values = {"term": term.strip(), "code": code, "at": dt.datetime.now(dt.UTC), "who": who}
    where = (synonym.c.kind == kind) & (synonym.c.term_key == normal_term(term))
    key = connection.execute(update(synonym).where(where).values(**values).returning(synonym.c.id)).scalar()
    if key is None:
        adding = insert(synonym).returning(synonym.c.id)
        key = connection.execute(adding, {"kind": kind, "term_key": normal_term(term), **values}).scalar_one()
    detail: Mapping[str, Any] = {"kind": kind, "term": term, "code": code}
    audit.write(connection, who, [audit.Entry("learn", "synonym", key, detail)])


def _check(connection: Connection) -> None:
    """Raises KnownError where packs and synonyms no longer hold together: the transaction is taken back."""
    with local_terms.using(read_local(connection)):
        pass


def _row(pack_id: int, one: Concept) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in FIELDS}
    return {"pack_id": pack_id, **fields, "synonyms": list(one.synonyms)}


def _stamp(connection: Connection) -> tuple[object, ...]:
    p, s = vocabulary_pack.c, synonym.c
    packs = connection.execute(select(func.count(), func.max(p.id), func.max(p.at))).one()
    terms = connection.execute(select(func.count(), func.max(s.id), func.max(s.at))).one()
    return (*packs, *terms)
