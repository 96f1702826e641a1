"""The review queue: terms an import could not code, met with suggestions, and coded by a person for good.

Coding a term teaches the clinic a synonym, so that the next import knows it, and codes what is stored already (herbs of
prescriptions, syndromes) as one operation that can be undone. Signs that were looked for in running text are found by
importing the text again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.domain import local_terms
from app.domain.concept import normal_term
from app.domain.errors import KnownError
from app.domain.herbs import clean_name
from app.domain.suggesting import Suggestion, suggest
from app.store import audit, journal, snapshots
from app.store.content import check_visit
from app.store.desk import Service
from app.store.journal import Altered, Label
from app.store.observer import Change, ChangeKind
from app.store.roles import Permission, needs
from app.store.tables import diagnosis, patient, prescription, prescription_item, review_item, visit
from app.store.tables.sources import CODED, KEPT, OPEN
from app.store.terms import learn, read_local
from app.store.writing import replace_visit

MANY = 200  # patients looked at together


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """file, row, column: the first place the term was met at; code: what it was coded as, "" while open or kept."""

    id: int
    kind: str
    term: str
    count: int
    file: str
    row: int
    column: str
    state: str
    code: str


class Review(Service):
    """Service of ``Clinic.review``."""

    @needs(Permission.PATIENTS_READ)
    def items(self, *, kind: str = "", state: str = OPEN, limit: int = 500) -> list[ReviewItem]:
        """The commonest first. kind "": all."""
        r = review_item.c
        columns = (r.id, r.kind, r.term, r.count, r.file, r.row, r.column, r.state, r.code)
        query = select(*columns).where(r.state == state).order_by(r.count.desc(), r.kind, r.term).limit(limit)
        with self._desk.database.read() as connection:
            rows = connection.execute(query.where(r.kind == kind) if kind else query).all()
        return [ReviewItem(*row) for row in rows]

    @needs(Permission.PATIENTS_READ)
    def suggestions(self, item: ReviewItem, limit: int = 8) -> list[Suggestion]:
        """What the term may have meant, the likeliest first."""
        with self._desk.database.read() as connection:
            local = read_local(connection)
        with local_terms.using(local):
            return suggest(item.term, item.kind, limit)

    @needs(Permission.PATIENTS_WRITE)
    def code(self, item_id: int, code: str) -> int:
        """The term means ``code``, here and from now on. Returns how many visits were coded by it.

        Raises KnownError for a code that is unknown, or a term that has another meaning already.
        """
        with self._desk.database.write() as connection:
            item = _item(connection, item_id)
            learn(connection, self.actor.name, item.kind, item.term, code)
            label = Label("{term} coded as {code}", {"term": item.term, "code": code})
            operation_id = journal.begin(connection, self.actor.name, "review", label)
            altered = _recode(connection, item.kind, item.term_key, code, journal.version_of(operation_id))
            journal.record(connection, self.actor.name, operation_id, altered)
            self._settle(connection, item_id, CODED, code)
        codes = dict.fromkeys(one.patient for one in altered)
        self._desk.changed.emit(Change(ChangeKind.VOCABULARY, (item.term,)))  # first: what is shown is named by it
        self._desk.changed.emit(Change(ChangeKind.PATIENT, tuple(codes)))
        return len(altered)

    @needs(Permission.PATIENTS_WRITE)
    def keep(self, item_id: int) -> None:
        """The term stays as it was written: it is none of the vocabulary's."""
        with self._desk.database.write() as connection:
            _item(connection, item_id)
            self._settle(connection, item_id, KEPT, "")

    @needs(Permission.PATIENTS_WRITE)
    def reopen(self, item_id: int) -> None:
        """Ask again; a synonym learned by it stays until it is taken out."""
        with self._desk.database.write() as connection:
            _item(connection, item_id)
            self._settle(connection, item_id, OPEN, "")

    def _settle(self, connection: Connection, item_id: int, state: str, code: str) -> None:
        connection.execute(update(review_item).where(review_item.c.id == item_id).values(state=state, code=code))
        detail = {"state": state, "code": code}
        audit.write(connection, self.actor.name, [audit.Entry("review", "review_item", item_id, detail)])


def enter(connection: Connection, unknown: Iterable[Mapping[str, Any]], batch_id: int) -> None:
    """Take the unknown terms of an import report into the queue; known ones are counted on, settled ones stay so."""
    r = review_item.c
    found = {(kind, key): item_id for item_id, kind, key in connection.execute(select(r.id, r.kind, r.term_key))}
    new: dict[tuple[str, str], dict[str, Any]] = {}
    for one in unknown:
        key = (one["kind"], normal_term(one["term"]))
        if key in found:
            where = update(review_item).where(r.id == found[key])
            connection.execute(where.values(count=r.count + one["count"], batch_id=batch_id))
        elif key[1]:
            place = {name: one[name] for name in ("kind", "term", "count", "file", "row", "column")}
            new.setdefault(key, {**place, "term_key": key[1], "state": OPEN, "code": "", "batch_id": batch_id})
    if new:
        connection.execute(insert(review_item), list(new.values()))


def _item(connection: Connection, item_id: int) -> Any:
    row = connection.execute(select(review_item).where(review_item.c.id == item_id)).first()
    if row is None:
        raise KnownError("There is no term with the number {n} in the review queue.", n=item_id)
    return row


def _recode(connection: Connection, kind: str, term_key: str, code: str, version: int) -> list[Altered]:
    """Code what is stored under this term and has no code yet."""
    owners = sorted(_owners(connection, kind, term_key))
    altered: list[Altered] = []
    for start in range(0, len(owners), MANY):
        chunk = owners[start : start + MANY]
        codes = {
            row.id: row.code
            for row in connection.execute(select(patient.c.id, patient.c.code).where(patient.c.id.in_(chunk)))
        }
        for snapshot in snapshots.of_visits(connection, chunk).values():
            after = _coded(snapshot.content, kind, term_key, code)
            if after is None:
                continue
            owner = codes[snapshot.patient_id]
            after |= {"content_hash": check_visit(owner, snapshots.visit_of(after)), "version": version}
            replace_visit(connection, snapshot.id, after)
            altered.append(
                Altered("update", "visit", snapshot.id, snapshot.patient_id, owner, snapshot.content, after, version)
            )
    return altered


def _owners(connection: Connection, kind: str, term_key: str) -> set[int]:
    """Patients in whose visits the term stands uncoded."""
    if kind == "herb":
        source = prescription_item.join(prescription).join(visit)
        names = select(prescription_item.c.raw_name, visit.c.patient_id).select_from(source)
        rows = connection.execute(names.where(prescription_item.c.herb == "").distinct())
    elif kind == "syndrome":
        names = select(diagnosis.c.text, visit.c.patient_id).select_from(diagnosis.join(visit))
        rows = connection.execute(names.where(diagnosis.c.kind == kind, diagnosis.c.code == "").distinct())
    else:
        return set()
    return {owner for name, owner in rows if _is(name, kind, term_key)}


def _is(name: str, kind: str, term_key: str) -> bool:
    return normal_term(name) == term_key or (kind == "herb" and normal_term(clean_name(name)) == term_key)


def _coded(content: Mapping[str, Any], kind: str, term_key: str, code: str) -> dict[str, Any] | None:
    """The visit with its uncoded uses of the term coded; None where there are none."""
    changed = False

    def one(entry: dict[str, Any], field: str, name: str) -> dict[str, Any]:
        nonlocal changed
        if entry[field] or not _is(entry[name], kind, term_key):
            return entry
        changed = True
        return {**entry, field: code}

    after = dict(content)
    if kind == "herb":
        after["prescriptions"] = [
            {**given, "items": [one(item, "herb", "raw_name") for item in given["items"]]}
            for given in content["prescriptions"]
        ]
    else:
        after["diagnoses"] = [
            one(made, "code", "text") if made["kind"] == kind else made for made in content["diagnoses"]
        ]
    return after if changed else None
