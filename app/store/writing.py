"""Domain records into rows: bulk inserts, and the result of a merge. Used by the services, inside their transaction."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from app.domain.records import Patient, Visit
from app.store import snapshots
from app.store.journal import Altered
from app.store.merge import Known, Merge, Placed
from app.store.names import code_key, name_key
from app.store.search import index_patients, sum_up
from app.store.tables import diagnosis, observation, patient, prescription, prescription_item, pulse_reading, visit


@dataclass(frozen=True, slots=True)
class NewVisit:
    patient_id: int
    visit: Visit  # with the number, kind and day it is stored under
    source_number: int
    content_hash: str


def patient_values(person: Patient, attributes: Mapping[str, str]) -> dict[str, Any]:
    """Column values of a patient."""
    return {
        "code": person.code,
        "code_key": code_key(person.code),
        "name": person.name,
        "name_key": name_key(person.name),
        "sex": person.sex,
        "birth_date": person.birth_date,
        "age": person.age,
        "chief": person.chief,
        "note": person.note,
        "attributes": dict(attributes),
    }


def insert_patients(connection: Connection, values: Sequence[Mapping[str, Any]], batch_id: int | None) -> list[int]:
    """Ids of the new rows, in order; the search finds them from now on."""
    ids = _insert_with_ids(connection, patient, [{**row, "version": 1, "batch_id": batch_id} for row in values])
    index_patients(
        connection, [(key, row["code"], row["name"]) for key, row in zip(ids, values, strict=True)], new=True
    )
    return ids


def insert_visits(connection: Connection, entries: Sequence[NewVisit], batch_id: int | None) -> list[int]:
    """Visits with everything said at them. Ids in order."""
    rows = [
        {
            "patient_id": entry.patient_id,
            **_visit_values(entry.visit, entry.source_number, entry.content_hash, batch_id),
            "version": 1,
        }
        for entry in entries
    ]
    ids = _insert_with_ids(connection, visit, rows)
    _insert_children(connection, list(zip(ids, (entry.visit for entry in entries), strict=True)))
    return ids


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
    connection: Connection, merges: Mapping[int, tuple[str, Merge]], batch_id: int | None
) -> list[Altered]:
    """Store merges, given by patient id with the patient's code. Returns what became of visits that were there."""
    touched = [key for key, (_, merge) in merges.items() if merge.changed]
    before = snapshots.of_visits(connection, touched) if touched else {}
    altered: list[Altered] = []
    new: list[NewVisit] = []
    for patient_id, (code, merge) in merges.items():
        altered += _move(connection, patient_id, code, merge)
        for placed in merge.changed:
            altered.append(_replace(connection, patient_id, code, placed, before, batch_id))
        new += [
            NewVisit(patient_id, _as_stored(placed, said), said.number, placed.content_hash)
            for placed, said in _contents(merge.new)
        ]
    if new:
        insert_visits(connection, new, batch_id)
    sum_up(connection, [key for key, (_, merge) in merges.items() if merge.new or merge.changed or merge.moved])
    return with_versions(connection, altered)


def with_versions(connection: Connection, altered: Sequence[Altered]) -> list[Altered]:
    """The same with the versions the visits have now."""
    ids = [one.entity_id for one in altered]
    query = select(visit.c.id, visit.c.version).where(visit.c.id.in_(ids))
    versions = {row.id: row.version for row in connection.execute(query)} if ids else {}
    return [dataclasses.replace(one, version=versions[one.entity_id]) for one in altered]


def _move(connection: Connection, patient_id: int, code: str, merge: Merge) -> list[Altered]:
    """Give stored visits their new number, kind and day."""
    moved = [(placed, placed.known) for placed in merge.moved if placed.known is not None]
    if not moved:
        return []
    move_visits(connection, {known.id: (patient_id, placed.number, placed.kind, placed.day) for placed, known in moved})
    return [
        Altered(
            "move",
            "visit",
            known.id,
            patient_id,
            code,
            {"patient_id": patient_id, "number": known.number, "kind": known.kind, "day": known.day},
            {"patient_id": patient_id, "number": placed.number, "kind": placed.kind, "day": placed.day},
            0,
        )
        for placed, known in moved
        if placed.incoming is None  # an update's entry holds these fields already
    ]


def move_visits(connection: Connection, targets: Mapping[int, tuple[int, int, str, float]]) -> None:
    """Bring visits, by id, to their (patient id, number, kind, day)."""
    if not targets:
        return
    put_aside(connection, targets)
    placing = (
        update(visit)
        .where(visit.c.id == bindparam("key"))
        .values(
            patient_id=bindparam("as_patient"),
            number=bindparam("as_number"),
            kind=bindparam("as_kind"),
            day=bindparam("as_day"),
            version=visit.c.version + 1,
        )
    )
    connection.execute(
        placing,
        [
            {"key": key, "as_patient": owner, "as_number": number, "as_kind": kind, "as_day": day}
            for key, (owner, number, kind, day) in targets.items()
        ],
    )


def put_aside(connection: Connection, visit_ids: Iterable[int]) -> None:
    """Numbers are unique at every moment: those that are to change go out of the way first, below zero."""
    connection.execute(update(visit).where(visit.c.id.in_(list(visit_ids))).values(number=-visit.c.id))


def _replace(
    connection: Connection,
    patient_id: int,
    code: str,
    placed: Placed,
    before: Mapping[int, snapshots.Snapshot],
    batch_id: int | None,
) -> Altered:
    known, said = placed.known, placed.incoming
    if known is None or said is None:
        raise ValueError("only a stored visit with incoming content can be replaced")
    kept = {"source_number": said.number, "content_hash": placed.content_hash, "batch_id": batch_id}
    content = {"patient_id": patient_id, **kept, **snapshots.visit_json(_as_stored(placed, said))}
    replace_visit(connection, known.id, content)
    return Altered("update", "visit", known.id, patient_id, code, before[known.id].content, content, 0)


def replace_visit(connection: Connection, visit_id: int, content: Mapping[str, Any]) -> None:
    """Bring a stored visit to a snapshot's content, with everything said at it."""
    said = snapshots.visit_of(content)
    values = _visit_values(said, content["source_number"], content["content_hash"], content["batch_id"])
    connection.execute(
        update(visit)
        .where(visit.c.id == visit_id)
        .values(**values, patient_id=content["patient_id"], version=visit.c.version + 1)
    )
    for table in (observation, pulse_reading, diagnosis, prescription):
        connection.execute(delete(table).where(table.c.visit_id == visit_id))
    _insert_children(connection, [(visit_id, said)])


def restore_visit(connection: Connection, visit_id: int, content: Mapping[str, Any], version: int) -> None:
    """A deleted visit again, under its old id."""
    said = snapshots.visit_of(content)
    values = _visit_values(said, content["source_number"], content["content_hash"], content["batch_id"])
    row = {"id": visit_id, "patient_id": content["patient_id"], **values, "version": version}
    connection.execute(insert(visit), row)
    _insert_children(connection, [(visit_id, said)])


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
    _insert(connection, observation, [row for key, said in visits for row in _observation_rows(key, said)])
    _insert(connection, pulse_reading, [row for key, said in visits for row in _pulse_rows(key, said)])
    _insert(connection, diagnosis, [row for key, said in visits for row in _diagnosis_rows(key, said)])
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
    ids = _insert_with_ids(connection, prescription, rows)
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
    _insert(connection, prescription_item, items)


def _observation_rows(key: int, said: Visit) -> list[dict[str, Any]]:
    return [
        {
            "visit_id": key,
            "seq": seq,
            "concept": seen.concept,
            "kind": seen.kind,
            "number": _real(seen.number),
            "unit": seen.unit,
            "code": seen.code,
            "text": seen.text,
            "negated": bool(seen.negated),
            "raw": seen.raw,
        }
        for seq, seen in enumerate(said.observations)
    ]


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


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _insert_with_ids(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    if not rows:
        return []
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.execute(statement, rows).scalars())
