"""Domain records into rows: bulk inserts, and the result of a merge. Used by the services, inside their transaction."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from app.domain.records import Patient, ValueKind, Visit
from app.store.audit import Entry
from app.store.bulk import encoded, insert_rows, insert_tuples, insert_with_ids
from app.store.content import as_json
from app.store.merge import Known, Merge, Placed
from app.store.names import code_key, name_key, pinyin_keys
from app.store.reading import read_visits
from app.store.tables import diagnosis, observation, patient, prescription, prescription_item, pulse_reading, visit

PART = 10_000  # visits and observations whose rows are in memory at once
_OBSERVATION_COLUMNS = ("visit_id", "seq", "concept", "kind", "number", "unit", "code", "text", "negated", "raw")


@dataclass(frozen=True, slots=True)
class NewVisit:
    patient_id: int
    visit: Visit  # with the number, kind and day it is stored under
    source_number: int
    content_hash: str


def patient_values(person: Patient, attributes: Mapping[str, str]) -> dict[str, Any]:
    """Column values of a patient, search keys included."""
    pinyin, initials = pinyin_keys(person.name)
    return {
        "code": person.code,
        "code_key": code_key(person.code),
        "name": person.name,
        "name_key": name_key(person.name),
        "pinyin": pinyin,
        "initials": initials,
        "sex": person.sex,
        "birth_date": person.birth_date,
        "age": person.age,
        "chief": person.chief,
        "note": person.note,
        "attributes": dict(attributes),
    }


def insert_patients(connection: Connection, values: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """Ids of the new rows, in order."""
    return insert_with_ids(connection, patient, [{**row, "version": 1} for row in values])


def insert_visits(
    connection: Connection,
    entries: Sequence[NewVisit],
    batch_id: int | None,
    between: Callable[[], None] = lambda: None,
) -> None:
    """Visits with everything said at them. between: called every few thousand observations; may raise to end it."""
    for part in _parts(entries):
        rows = [
            {
                "patient_id": entry.patient_id,
                **_visit_values(entry.visit, entry.source_number, entry.content_hash, batch_id),
                "version": 1,
            }
            for entry in part
        ]
        ids = insert_with_ids(connection, visit, rows)
        _insert_children(connection, list(zip(ids, (entry.visit for entry in part), strict=True)))
        between()


def _parts(entries: Sequence[NewVisit]) -> Iterator[list[NewVisit]]:
    part: list[NewVisit] = []
    said = 0
    for entry in entries:
        part.append(entry)
        said += 1 + len(entry.visit.observations)
        if said >= PART:
            yield part
            part, said = [], 0
    if part:
        yield part


def known_visits(connection: Connection, patient_ids: Sequence[int]) -> dict[int, list[Known]]:
    """What the merge has to know of the stored visits, by patient id."""
    c = visit.c
    query = (
        select(c.patient_id, c.id, c.number, c.source_number, c.kind, c.day, c.basis, c.date, c.content_hash)
        .where(c.patient_id.in_(patient_ids))
        .order_by(c.patient_id, c.day, c.number)
    )
    found: dict[int, list[Known]] = defaultdict(list)
    for row in connection.execute(query):
        found[row[0]].append(Known(*row[1:]))
    return found


def write_merges(
    connection: Connection,
    merges: Mapping[int, tuple[str, Merge]],
    batch_id: int | None,
    between: Callable[[], None] = lambda: None,
) -> list[Entry]:
    """Store merges, given by patient id with the patient's code. Returns the audit entries of what was overwritten.

    between: called in the midst of long work; may raise to end it
    """
    entries: list[Entry] = []
    touched = [patient_id for patient_id, (_, merge) in merges.items() if merge.changed]
    before = {key: said for rows in read_visits(connection, touched).values() for key, said in rows} if touched else {}
    new: list[NewVisit] = []
    for patient_id, (code, merge) in merges.items():
        entries += _move(connection, patient_id, code, merge)
        for placed in merge.changed:
            entries.append(_replace(connection, code, placed, before, batch_id))
            between()
        new += [
            NewVisit(patient_id, _as_stored(placed, said), said.number, placed.content_hash)
            for placed, said in _contents(merge.new)
        ]
    if new:
        insert_visits(connection, new, batch_id, between)
    return entries


def _move(connection: Connection, patient_id: int, code: str, merge: Merge) -> list[Entry]:
    """Give stored visits their new number, kind and day."""
    moved = [(placed, placed.known) for placed in merge.moved if placed.known is not None]
    if not moved:
        return []
    if any(placed.number != known.number for placed, known in moved):
        # two steps, because numbers are unique at every moment: first out of the way, below zero
        aside = update(visit).where(visit.c.patient_id == patient_id).values(number=-visit.c.number - 1)
        connection.execute(aside)
        back = update(visit).where(visit.c.id == bindparam("key")).values(number=bindparam("target"))
        stored = [(placed, placed.known) for placed in merge.visits if placed.known is not None]
        connection.execute(back, [{"key": known.id, "target": placed.number} for placed, known in stored])
    placing = (
        update(visit)
        .where(visit.c.id == bindparam("key"))
        .values(kind=bindparam("as_kind"), day=bindparam("as_day"), version=visit.c.version + 1)
    )
    connection.execute(
        placing, [{"key": known.id, "as_kind": placed.kind, "as_day": placed.day} for placed, known in moved]
    )
    return [
        Entry(
            "move",
            "visit",
            known.id,
            {"patient": code, "before": {"number": known.number, "kind": known.kind, "day": known.day}},
        )
        for placed, known in moved
        if placed.incoming is None  # an update's entry holds these fields already
    ]


def _replace(
    connection: Connection, code: str, placed: Placed, before: Mapping[int, Visit], batch_id: int | None
) -> Entry:
    known, said = placed.known, placed.incoming
    if known is None or said is None:
        raise ValueError("only a stored visit with incoming content can be replaced")
    values = _visit_values(_as_stored(placed, said), said.number, placed.content_hash, batch_id)
    connection.execute(update(visit).where(visit.c.id == known.id).values(**values, version=visit.c.version + 1))
    for table in (observation, pulse_reading, diagnosis, prescription):
        connection.execute(delete(table).where(table.c.visit_id == known.id))
    _insert_children(connection, [(known.id, said)])
    return Entry("update", "visit", known.id, {"patient": code, "before": as_json(before[known.id])})


def _contents(placed: Iterable[Placed]) -> list[tuple[Placed, Visit]]:
    return [(one, one.incoming) for one in placed if one.incoming is not None]


def _as_stored(placed: Placed, said: Visit) -> Visit:
    return dataclasses.replace(
        said, number=placed.number, kind=placed.kind, day=placed.day, basis=placed.basis, date=placed.date
    )


def _visit_values(said: Visit, source_number: int, content_hash: str, batch_id: int | None) -> dict[str, Any]:
    return {
        "number": said.number,
        "source_number": source_number,
        "kind": said.kind,
        "day": float(said.day),
        "basis": said.basis,
        "date": said.date,
        "label": said.label,
        "text": said.text,
        "outcome": said.outcome,
        "content_hash": content_hash,
        "batch_id": batch_id,
    }


def _insert_children(connection: Connection, visits: Sequence[tuple[int, Visit]]) -> None:
    """Everything said at visits whose rows are there already."""
    _insert_observations(connection, visits)
    insert_rows(connection, pulse_reading, [row for key, said in visits for row in _pulse_rows(key, said)])
    insert_rows(connection, diagnosis, [row for key, said in visits for row in _diagnosis_rows(key, said)])
    prescriptions = [(key, seq, given) for key, said in visits for seq, given in enumerate(said.prescriptions)]
    rows = [
        {
            "visit_id": key,
            "seq": seq,
            "formula": given.formula,
            "days": _real(given.days),
            "mode": given.mode,
            "raw": given.raw,
        }
        for key, seq, given in prescriptions
    ]
    ids = insert_with_ids(connection, prescription, rows)
    items = [
        {
            "prescription_id": key,
            "seq": seq,
            "raw_name": item.raw_name,
            "herb": item.herb,
            "grams": _real(item.grams),
            "processing": item.processing,
            "note": item.note,
            "raw_dose": item.raw_dose,
        }
        for key, (_, _, given) in zip(ids, prescriptions, strict=True)
        for seq, item in enumerate(given.items)
    ]
    insert_rows(connection, prescription_item, items)


def _insert_observations(connection: Connection, visits: Sequence[tuple[int, Visit]]) -> None:
    """The one table that a large import fills with a million rows: tuples from the start."""
    kinds = encoded(connection, observation, "kind", ValueKind)
    truths = encoded(connection, observation, "negated", (False, True))
    rows = [
        (
            key,
            seq,
            seen.concept,
            kinds[seen.kind],
            _real(seen.number),
            seen.unit,
            seen.code,
            seen.text,
            truths[bool(seen.negated)],
            seen.raw,
        )
        for key, said in visits
        for seq, seen in enumerate(said.observations)
    ]
    insert_tuples(connection, observation, _OBSERVATION_COLUMNS, rows)


def _pulse_rows(key: int, said: Visit) -> list[dict[str, Any]]:
    return [
        {
            "visit_id": key,
            "seq": seq,
            "side": felt.side,
            "position": felt.position,
            "terms": list(felt.terms),
            "raw": felt.raw,
        }
        for seq, felt in enumerate(said.pulses)
    ]


def _diagnosis_rows(key: int, said: Visit) -> list[dict[str, Any]]:
    return [
        {"visit_id": key, "seq": seq, "kind": made.kind, "text": made.text, "code": made.code}
        for seq, made in enumerate(said.diagnoses)
    ]


def _real(value: float | None) -> float | None:
    return None if value is None else float(value)
