"""The history of one field: only the edits that touched it, with what it was and became."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from app.domain.comparison import Change, Kind, Row
from app.domain.records import Observation, Prescription, ValueKind
from app.store.clinic import Clinic
from app.store.field_history import FieldEdit, of_field
from tests.ui import people


def told(clinic: Clinic, key: str) -> list[FieldEdit]:
    def wanted(row: Row) -> bool:
        return row.key == key

    return of_field(clinic.undoing.history("P0001", 2), wanted)


def change(clinic: Clinic, **fields: object) -> None:
    record = clinic.patients.open("P0001")
    second = record.case.visits[1]
    clinic.visits.change_visit("P0001", 2, dataclasses.replace(second, **fields), version=record.visits[2])  # type: ignore[arg-type]


def test_each_field_has_a_history_of_its_own(tmp_path: Path):
    with Clinic.open(people.fill(tmp_path / "clinic.db"), create=False) as clinic:
        visit = clinic.queries.case("P0001").visits[1]
        insomnia, *others = visit.observations
        change(clinic, observations=(dataclasses.replace(insomnia, number=4.0), *others))
        denied = Observation(insomnia.concept, ValueKind.CODE, number=0.0, negated=True)
        change(clinic, observations=(denied, *others))
        (given,) = visit.prescriptions
        fewer = Prescription(given.items[1:], given.formula, given.days)
        change(clinic, prescriptions=(fewer,))
        change(clinic, text="夜寐五小时")

        newest, oldest = told(clinic, "sym.insomnia")
        assert (newest.row.kind, newest.row.change) == (Kind.SCORE, Change.DOWN)
        assert [fact.number if fact else None for fact in (oldest.row.before, oldest.row.after)] == [6, 4]
        assert newest.who == clinic.actor.name
        (herb,) = told(clinic, "herb.suanzaoren")
        assert herb.row.change is Change.GONE
        assert told(clinic, "herb.chaihu") == []
        assert told(clinic, "sym.palpitation") == []

        clinic.undoing.undo()
        clinic.undoing.undo()
        assert [edit.row.change for edit in told(clinic, "herb.suanzaoren")] == [Change.APPEARED, Change.GONE]
