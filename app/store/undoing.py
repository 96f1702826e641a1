"""Taking operations back and doing them again, each as a whole; and the history of a record.

An undo is an operation of its own. A redo takes the undo back and stands in the list under the first one's name, so
undo and redo can go on for ever. Where a record was changed by someone else since, nothing is taken back and
ConflictError tells what stands in the way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.domain.errors import KnownError
from app.i18n import t
from app.store import audit, beside, journal
from app.store.conflicts import ConflictError, different
from app.store.desk import Service
from app.store.journal import Label
from app.store.observer import Change, ChangeKind
from app.store.people import patient_row
from app.store.reversal import reverse, whole
from app.store.roles import Permission, needs
from app.store.search import chunks, sum_up
from app.store.tables import history, operation, patient, review_item, synonym, visit
from app.store.terms import learn

MERGE, REVIEW = "merge", "review"  # kinds with something of their own to be taken back
WITHDRAWN = "withdraw"  # an import taken back: done again by importing again, not by redo


@dataclass(frozen=True, slots=True)
class Done:
    """An operation. label: in the user's language; at: an aware moment in UTC; undone: it was taken back."""

    id: int
    at: dt.datetime
    who: str
    kind: str
    label: str
    undone: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """What one operation made of one record. fields: name -> (old, new), None where there was or is none."""

    operation_id: int
    at: dt.datetime
    who: str
    label: str
    entity: str
    fields: dict[str, tuple[Any, Any]]


class Undoing(Service):
    """Service of ``Clinic.undoing``."""

    @needs(Permission.PATIENTS_READ)
    def operations(self, *, limit: int = 100) -> list[Done]:
        """The newest first."""
        o = operation.c
        query = select(o.id, o.at, o.who, o.kind, o.label, o.state).order_by(o.id.desc()).limit(limit)
        with self._desk.database.read() as connection:
            return [
                Done(key, at, who, kind, told(label), state == journal.UNDONE)
                for key, at, who, kind, label, state in connection.execute(query)
            ]

    @needs(Permission.PATIENTS_READ)
    def next_undo(self) -> str | None:
        """What ``undo`` would take back, in words for the menu."""
        with self._desk.database.read() as connection:
            return _label(connection, _undoable(connection, self.actor.name))

    @needs(Permission.PATIENTS_READ)
    def next_redo(self) -> str | None:
        """What ``redo`` would do again, in words for the menu."""
        with self._desk.database.read() as connection:
            return _label(connection, _redoable(connection, self.actor.name))

    @needs(Permission.PATIENTS_WRITE)
    def undo(self, operation_id: int | None = None) -> str:
        """Take an operation back, None: the newest of this person's that stands. Returns what it was.

        Raises ConflictError where a record it changed was changed again since, KnownError where there is nothing.
        """
        with self._desk.database.write() as connection:
            key = operation_id if operation_id is not None else _undoable(connection, self.actor.name)
            row = _operation(connection, key)
            if row is None or row.state == journal.UNDONE or row.kind in (journal.UNDO, WITHDRAWN):
                raise KnownError("There is nothing to undo.")
            kind = WITHDRAWN if row.kind == journal.IMPORT else journal.UNDO
            codes = self._take_back(connection, row, kind, Label("Undo: {what}", {"what": row.label}))
        self._desk.changed.emit(Change(ChangeKind.PATIENT, tuple(codes)))
        return told(row.label)

    @needs(Permission.PATIENTS_WRITE)
    def redo(self) -> str:
        """Do again what this person's last undo took back, unless they have done something else since."""
        with self._desk.database.write() as connection:
            undone = _operation(connection, _redoable(connection, self.actor.name))
            first = _operation(connection, undone.undoes) if undone is not None else None
            if undone is None or first is None:
                raise KnownError("There is nothing to redo.")
            codes = self._take_back(connection, undone, first.kind, Label(**first.label))
        self._desk.changed.emit(Change(ChangeKind.PATIENT, tuple(codes)))
        return told(first.label)

    @needs(Permission.PATIENTS_READ)
    def history(self, code: str, number: int | None = None) -> list[Edit]:
        """Who changed what of a patient (number None: the patient and all visits) or of one visit; the newest first."""
        with self._desk.database.read() as connection:
            row = patient_row(connection, code)
            where = history.c.patient_id == row.id
            if number is not None:
                key = select(visit.c.id).where(visit.c.patient_id == row.id, visit.c.number == number)
                where = (history.c.entity == "visit") & (history.c.entity_id == key.scalar_subquery())
            h, o = history.c, operation.c
            query = (
                select(o.id, o.at, o.who, o.label, h.entity, h.before, h.after)
                .select_from(history.join(operation, o.id == h.operation_id))
                .where(where)
                .order_by(h.id.desc())
            )
            return [
                Edit(key, at, who, told(label), entity, _fields(before, after))
                for key, at, who, label, entity, before, after in connection.execute(query)
            ]

    def _take_back(self, connection: Connection, row: Any, kind: str, label: Label) -> list[str]:
        """Codes of the patients it touched."""
        who = self.actor.name
        number = journal.begin(connection, who, kind, label, undoes=row.id)
        connection.execute(update(operation).where(operation.c.id == row.id).values(state=journal.UNDONE))
        rows = connection.execute(select(history).where(history.c.operation_id == row.id).order_by(history.c.id)).all()
        _check_untouched(connection, rows)
        _check_alone(connection, row, rows)
        codes: list[str] = []
        if row.kind == journal.IMPORT:
            codes, gone = _withdraw(connection, row)
            rows = [one for one in rows if (one.entity, one.entity_id) not in gone]
        try:
            altered = reverse(connection, whole(rows))
        except IntegrityError as error:
            raise ConflictError(
                "It cannot be taken back: another patient or visit has the number meanwhile. Change that one first."
            ) from error
        _settle_review(connection, row, who)
        journal.record(connection, who, number, altered)
        detail = {"operation": row.id, "by": number}
        audit.write(connection, who, [audit.Entry("undo", "operation", row.id, detail)])
        return list(dict.fromkeys((*codes, *(one.patient for one in altered))))


def told(label: Mapping[str, Any]) -> str:
    """An operation's label in the user's language; an undo's names what it took back."""
    params = {name: told(value) if isinstance(value, dict) else value for name, value in label["params"].items()}
    return t(label["template"], **params)


def _fields(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, tuple[Any, Any]]:
    hidden = {
        "content_hash",
        "batch_id",
        "patient_id",
        "source_number",
        "version",
        "aliases",
        "new_aliases",
        "name_key",
    }
    return {
        name: ((before or {}).get(name), (after or {}).get(name))
        for name in different(before, after)
        if name not in hidden
    }


def _operation(connection: Connection, key: int | None) -> Row[Any] | None:
    return None if key is None else connection.execute(select(operation).where(operation.c.id == key)).first()


def _label(connection: Connection, key: int | None) -> str | None:
    row = _operation(connection, key)
    if row is not None and row.kind == journal.UNDO:
        row = _operation(connection, row.undoes)
    return None if row is None else told(row.label)


def _undoable(connection: Connection, who: str) -> int | None:
    o = operation.c
    query = select(o.id).where(o.who == who, o.state == journal.DONE, o.kind.not_in((journal.UNDO, WITHDRAWN)))
    return connection.execute(query.order_by(o.id.desc()).limit(1)).scalar()


def _redoable(connection: Connection, who: str) -> int | None:
    o = operation.c
    undo = select(o.id).where(o.who == who, o.state == journal.DONE, o.kind == journal.UNDO)
    key = connection.execute(undo.order_by(o.id.desc()).limit(1)).scalar()
    if key is None:
        return None
    fresh = select(o.id).where(o.who == who, o.id > key, o.kind != journal.UNDO, o.undoes.is_(None))
    return None if connection.execute(fresh.limit(1)).first() is not None else key


def _check_untouched(connection: Connection, rows: Sequence[Any]) -> None:
    """Raises ConflictError where a record is not as the operation left it."""
    expected: dict[tuple[str, int], int | None] = {}
    for row in rows:
        expected[row.entity, row.entity_id] = None if row.after is None else row.version
    for entity, table in (("patient", patient), ("visit", visit)):
        wanted = {key: version for (kind, key), version in expected.items() if kind == entity}
        found: dict[int, int] = {}
        for chunk in chunks(list(wanted)):
            query = select(table.c.id, table.c.version).where(table.c.id.in_(chunk))
            found |= {row.id: row.version for row in connection.execute(query)}
        for key, version in wanted.items():
            if found.get(key) != version:
                raise _in_the_way(connection, [(entity, key)])
    for entity in beside.TABLES:
        wanted = {key: version for (kind, key), version in expected.items() if kind == entity}
        standing = beside.versions(connection, entity, list(wanted)) if wanted else {}
        for key, version in wanted.items():
            if standing.get(key) != version:
                raise _in_the_way(connection, [(entity, key)])


def _check_alone(connection: Connection, row: Any, rows: Sequence[Any]) -> None:
    """Raises ConflictError where visits others have added would go, or stay with the wrong patient."""
    known = {one.entity_id for one in rows if one.entity == "visit"}
    leaving = [one.entity_id for one in rows if one.entity == "patient" and one.before is None]
    joined = [one.entity_id for one in rows if one.entity == "patient" and one.before and row.kind == MERGE]
    v = visit.c
    for owners, newer in ((leaving, 0), (joined, journal.version_of(row.id))):
        for chunk in chunks(owners):
            query = select(v.id, v.version).where(v.patient_id.in_(chunk), v.version > newer)
            others = [one.id for one in connection.execute(query) if one.id not in known]
            if others:
                raise _in_the_way(connection, [("visit", key) for key in others[:50]])


def _settle_review(connection: Connection, row: Any, who: str) -> None:
    """A coding of a term that is taken back asks again, one done again is settled again."""
    review = row if row.kind == REVIEW else _operation(connection, row.undoes)
    if review is None or review.kind != REVIEW:
        return
    term, code = review.label["params"]["term"], review.label["params"]["code"]
    r = review_item.c
    item = connection.execute(select(review_item).where(r.term == term, r.code.in_((code, "")))).first()
    if item is None:
        return
    undone = row.kind == REVIEW
    state = {"state": "open", "code": ""} if undone else {"state": "coded", "code": code}
    connection.execute(update(review_item).where(r.id == item.id).values(**state))
    if undone:
        mine = (synonym.c.kind == item.kind) & (synonym.c.term_key == item.term_key)
        connection.execute(delete(synonym).where(mine))
    else:
        learn(connection, who, item.kind, item.term, code)


def _in_the_way(connection: Connection, records: list[tuple[str, int]]) -> ConflictError:
    h, o = history.c, operation.c
    of_records = or_(*((h.entity == entity) & (h.entity_id == key) for entity, key in records))
    query = (
        select(o.label, o.who)
        .select_from(history.join(operation, o.id == h.operation_id))
        .where(of_records)
        .order_by(h.id.desc())
    )
    last = connection.execute(query.limit(1)).first()
    return ConflictError(
        "It cannot be taken back: what it changed was changed again since by {who} ({what}). Undo that first.",
        who=last.who if last else "?",
        what=told(last.label) if last else "?",
    )


def _withdraw(connection: Connection, row: Any) -> tuple[list[str], set[tuple[str, int]]]:
    """Delete what an import added: numbers of the patients it touched, and what went.

    Raises ConflictError where others have built on it.
    """
    v, p, batch = visit.c, patient.c, row.batch_id
    added = connection.execute(select(v.id, v.version, v.patient_id).where(v.batch_id == batch)).all()
    people = connection.execute(select(p.id, p.code, p.version).where(p.batch_id == batch)).all()
    own = (1, journal.version_of(row.id))  # 1: of rows from before versions were given by operations
    touched = [("visit", one.id) for one in added if one.version not in own]
    touched += [("patient", one.id) for one in people if one.version not in own]
    touched += _taken_out(connection, row)
    if touched:
        raise _in_the_way(connection, touched[:50])
    new, ours = {one.id for one in people}, {one.id for one in added}
    for chunk in chunks(sorted(new)):
        for key, owner in connection.execute(select(v.id, v.patient_id).where(v.patient_id.in_(chunk))):
            if key not in ours:
                raise ConflictError(
                    "It cannot be taken back: patient {patient}, who came with it, has got other visits since. Take "
                    "those out first.",
                    patient=next(one.code for one in people if one.id == owner),
                )
    elsewhere = sorted({one.patient_id for one in added} - new)
    codes = [one.code for one in people]
    for chunk in chunks(elsewhere):
        codes += connection.execute(select(p.code).where(p.id.in_(chunk))).scalars()
    for chunk in chunks(sorted(ours)):
        connection.execute(delete(visit).where(v.id.in_(chunk)))
    for chunk in chunks(sorted(new)):
        connection.execute(delete(patient).where(p.id.in_(chunk)))
    sum_up(connection, elsewhere)
    return codes, {*(("visit", key) for key in ours), *(("patient", key) for key in new)}


def _taken_out(connection: Connection, row: Any) -> list[tuple[str, int]]:
    """Records the import added that were deleted since: undoing that would bring them back without their import."""
    h, o = history.c, operation.c
    query = (
        select(h.entity, h.entity_id, h.before)
        .select_from(history.join(operation, o.id == h.operation_id))
        .where(h.operation_id > row.id, o.state == journal.DONE, o.kind != journal.UNDO, o.undoes.is_(None))
        .where(h.after.is_(None))
    )
    return [(kind, key) for kind, key, before in connection.execute(query) if before.get("batch_id") == row.batch_id]
