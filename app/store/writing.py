"""Domain records into rows: bulk inserts, and the result of a merge. Used by the services, inside their transaction."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from app.domain.records import Patient, ValueKind, Visit
from app.store import beside, snapshots
from app.store.bulk import encoded, insert_rows, insert_tuples, insert_with_ids
from app.store.journal import Altered
from app.store.merge import Known, Merge, Placed
from app.store.names import code_key, name_key
from app.store.search import chunks, index_patients, sum_up
from app.store.tables import diagnosis, observation, patient, prescription, prescription_item, pulse_reading, visit

BY_HAND = -1  # source number of a visit no source has numbered; none is matched by it
PART = 10_000  # visits and observations whose rows are in memory at once
_OBSERVATION_COLUMNS = ("visit_id", "seq", "concept", "kind", "number", "unit", "code", "text", "negated", "raw")


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


def insert_patients(
    connection: Connection, values: Sequence[Mapping[str, Any]], batch_id: int | None, version: int
) -> Sequence[int]:
    """Ids of the new rows, in order; the search finds them from now on. version: of the operation."""
    own = {"version": version, "batch_id": batch_id}
    ids = insert_with_ids(connection, patient, [{**row, **own} for row in values])
    named = [(key, row["code"], row["name"]) for key, row in zip(ids, values, strict=True)]
    index_patients(connection, named, new=True)
    return ids


def insert_visits(
    connection: Connection,
    entries: Sequence[NewVisit],
    batch_id: int | None,
    version: int,
    between: Callable[[], None] = lambda: None,
) -> None:
    """Visits with everything said at them.

    version: of the operation; between: called every few thousand observations; may raise to end it
    """
    for part in _parts(entries):
        rows = [
            {
                "patient_id": entry.patient_id,
                **_visit_values(entry.visit, entry.source_number, entry.content_hash, batch_id),
                "version": version,
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
    version: int,
    between: Callable[[], None] = lambda: None,
) -> list[Altered]:
    """Store merges, given by patient id with the patient's code. Returns what became of visits that were there.

    version: of the operation, which every changed row takes; between: called in the midst of long work; may raise
    """
    touched = [key for key, (_, merge) in merges.items() if merge.changed or merge.moved]
    before = snapshots.of_visits(connection, touched) if touched else {}
    altered: list[Altered] = []
    new: list[NewVisit] = []
    for patient_id, (code, merge) in merges.items():
        altered += _move(connection, patient_id, code, merge, before, version)
        altered += beside.shift(connection, patient_id, code, merge.shift, version)
        for placed in merge.changed:
            altered.append(_replace(connection, code, placed, before, batch_id, version))
            between()
        new += [
            NewVisit(
                patient_id,
                _as_stored(placed, said),
                said.number if batch_id is not None else BY_HAND,
                placed.content_hash,
            )
            for placed, said in _contents(merge.new)
        ]
    if new:
        insert_visits(connection, new, batch_id, version, between)
    sum_up(connection, [key for key, (_, merge) in merges.items() if merge.new or merge.changed or merge.moved])
    return altered


def _move(
    connection: Connection,
    patient_id: int,
    code: str,
    merge: Merge,
    before: Mapping[int, snapshots.Snapshot],
    version: int,
) -> list[Altered]:
    """Give stored visits their new number, kind and day."""
    moved = [(placed, placed.known) for placed in merge.moved if placed.known is not None]
    targets = {
        known.id: snapshots.Place(patient_id, p.number, p.kind, p.day, version, known.source_number)
        for p, known in moved
    }
    move_visits(connection, targets)
    return [
        Altered("move", "visit", key, patient_id, code, before[key].place.to_json(), targets[key].to_json(), version)
        for key in (known.id for placed, known in moved if placed.incoming is None)
        # an update's entry holds these fields already
    ]


def move_visits(connection: Connection, targets: Mapping[int, snapshots.Place]) -> None:
    """Bring visits, by id, to their places."""
    if not targets:
        return
    put_aside(connection, targets)
    placing = (
        update(visit)
        .where(visit.c.id == bindparam("key"))
        .values(**{name: bindparam(f"as_{name}") for name in snapshots.PLACE})
    )
    connection.execute(
        placing,
        [
            {"key": key, **{f"as_{name}": value for name, value in place.to_json().items()}}
            for key, place in targets.items()
        ],
    )


def put_aside(connection: Connection, visit_ids: Iterable[int]) -> None:
    """Numbers are unique at every moment: those that are to change go out of the way first, below zero."""
    for chunk in chunks(list(visit_ids)):
        connection.execute(update(visit).where(visit.c.id.in_(chunk)).values(number=-visit.c.id))


def _replace(
    connection: Connection,
    code: str,
    placed: Placed,
    before: Mapping[int, snapshots.Snapshot],
    batch_id: int | None,
    version: int,
) -> Altered:
    known, said = placed.known, placed.incoming
    if known is None or said is None:
        raise ValueError("only a stored visit with incoming content can be replaced")
    old = before[known.id].content
    content = {
        **old,
        "source_number": said.number if batch_id is not None else old["source_number"],
        "content_hash": placed.content_hash,
        "version": version,
        **snapshots.visit_json(_as_stored(placed, said)),
    }
    replace_visit(connection, known.id, content)
    return Altered("update", "visit", known.id, content["patient_id"], code, old, content, version)


def replace_visit(connection: Connection, visit_id: int, content: Mapping[str, Any]) -> None:
    """Bring a stored visit to a snapshot's content, with everything said at it."""
    said = snapshots.visit_of(content)
    values = _visit_values(said, content["source_number"], content["content_hash"], content["batch_id"])
    values |= {"patient_id": content["patient_id"], "version": content["version"]}
    connection.execute(update(visit).where(visit.c.id == visit_id).values(**values))
    for table in (observation, pulse_reading, diagnosis, prescription):
        connection.execute(delete(table).where(table.c.visit_id == visit_id))
    _insert_children(connection, [(visit_id, said)])


def restore_visit(connection: Connection, visit_id: int, content: Mapping[str, Any]) -> None:
    """A deleted visit again, under its old id and version."""
    said = snapshots.visit_of(content)
    values = _visit_values(said, content["source_number"], content["content_hash"], content["batch_id"])
    row = {"id": visit_id, "patient_id": content["patient_id"], **values, "version": content["version"]}
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
