from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.domain.errors import KnownError
from app.domain.records import Case, DateBasis, Patient, Visit
from app.store import tables
from app.store.clinic import Clinic
from app.store.conflicts import ConflictError
from app.store.roles import Actor
from tests.app.store.cases import START, dated, simulated, undated
from tests.app.store.test_merge import RESTED, TIRED


def state(clinic: Clinic) -> list[tuple[Case, tuple]]:
    """Everything that is recorded, with ids and what the search finds by."""
    with clinic._database.read() as connection:
        people = connection.execute(
            select(*tables.patient.c["id", "code_key", "visits", "first_date", "recent_date", "recent_day"]).order_by(
                tables.patient.c.id
            )
        ).all()
        keys = sorted(tuple(row) for row in connection.execute(select(tables.patient_key)))
        visits = connection.execute(
            select(*tables.visit.c["id", "patient_id", "source_number", "content_hash"]).order_by(tables.visit.c.id)
        ).all()
        aliases = sorted(tuple(row) for row in connection.execute(select(tables.patient_alias)))
    return [*clinic.queries.cases(), *map(tuple, people), *map(tuple, visits), *keys, *aliases]  # type: ignore[list-item]


def version(clinic: Clinic, code: str, number: int | None = None) -> int:
    record = clinic.patients.open(code)
    return record.version if number is None else record.visits[number]


def on(day: int, said: Visit | None = None) -> Visit:
    date = START + dt.timedelta(days=day)
    return dataclasses.replace(said or undated(max(1, day), float(day), TIRED), date=date, basis=DateBasis.EXACT)


def add_patient(clinic: Clinic) -> None:
    clinic.patients.add(Patient("N1", "新病人", "F"), {"arm": "a"})


def change_patient(clinic: Clinic) -> None:
    clinic.patients.change("P00001", version=version(clinic, "P00001"), name="改名", chief="头痛", attributes={})


def change_number(clinic: Clinic) -> None:
    clinic.patients.change("P00001", version=version(clinic, "P00001"), code="Q-7")


def delete_patient(clinic: Clinic) -> None:
    record = clinic.patients.open("P00001")
    clinic.patients.delete("P00001", version=record.version, visits=record.visits)


def add_visit(clinic: Clinic) -> None:
    clinic.visits.add_visit("P00001", on(60))


def add_earlier_visit(clinic: Clinic) -> None:
    clinic.visits.add_visit("P00001", on(-10))


def change_visit(clinic: Clinic) -> None:
    said = dataclasses.replace(clinic.queries.case("P00001").visits[2], observations=(RESTED,), text="好转")
    clinic.visits.change_visit("P00001", 3, said, version=version(clinic, "P00001", 3))


def change_date(clinic: Clinic) -> None:
    said = on(25, clinic.queries.case("P00001").visits[1])
    clinic.visits.change_visit("P00001", 2, said, version=version(clinic, "P00001", 2))


def delete_first_visit(clinic: Clinic) -> None:
    clinic.visits.delete_visit("P00001", 1, version=version(clinic, "P00001", 1))


def merge(clinic: Clinic) -> None:
    clinic.patients.merge("P00001", "P00002")


def import_more(clinic: Clinic) -> None:
    first = simulated(1)
    changed = dataclasses.replace(first.visits[0], text="改")
    earlier = dated(random.Random(5), 0, START - dt.timedelta(days=7))
    clinic.imports.commit(
        [Case(Patient("P00001", "王晓明"), (changed,)), simulated(9), Case(Patient("P2"), (earlier,))]
    )


EDITS = (
    add_patient, change_patient, change_number, delete_patient, add_visit, add_earlier_visit, change_visit, change_date,
    delete_first_visit, merge,
)  # fmt: skip


@pytest.fixture
def peopled(clinic: Clinic) -> Clinic:
    clinic.imports.commit([simulated(1), simulated(2, visits=3), Case(Patient("P2"), (on(0), on(30)))])
    return clinic


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_can_be_undone_and_redone_for_ever(peopled: Clinic, edit: Callable[[Clinic], None]):
    before = state(peopled)
    edit(peopled)
    after = state(peopled)
    assert after != before
    for _ in range(3):
        peopled.undoing.undo()
        assert state(peopled) == before
        peopled.undoing.redo()
        assert state(peopled) == after
    peopled.undoing.undo()
    assert state(peopled) == before
    assert peopled.audit.verify().sound


def test_a_row_of_edits_is_undone_from_the_last_and_redone_from_the_first(peopled: Clinic):
    states = [state(peopled)]
    done = (change_patient, add_earlier_visit, change_visit, add_visit, merge, add_patient)
    for edit in done:
        edit(peopled)
        states.append(state(peopled))
    for expected in reversed(states[:-1]):
        peopled.undoing.undo()
        assert state(peopled) == expected
    for expected in states[1:]:
        peopled.undoing.redo()
        assert state(peopled) == expected
    with pytest.raises(KnownError, match="nothing to redo"):
        peopled.undoing.redo()


def test_a_new_edit_ends_what_could_be_redone(peopled: Clinic):
    change_patient(peopled)
    peopled.undoing.undo()
    assert peopled.undoing.next_redo() == "修改患者 P00001 的资料"
    add_patient(peopled)
    assert peopled.undoing.next_redo() is None
    assert peopled.undoing.next_undo() == "新建患者 N1"


def test_an_import_is_withdrawn_as_a_whole(peopled: Clinic):
    before = state(peopled)
    import_more(peopled)
    assert state(peopled) != before
    batch = peopled.imports.batches()[0]
    assert (batch.who, batch.undone) == ("tester", False)
    peopled.undoing.undo(batch.operation_id)
    assert state(peopled) == before
    assert peopled.imports.batches()[0].undone
    import_more(peopled)  # and can come again
    assert peopled.queries.case("P00001").visits[0].text == "改"


def test_an_import_others_have_built_on_is_not_withdrawn(peopled: Clinic):
    first = peopled.imports.batches()[0]
    change_visit(peopled)
    before = state(peopled)
    with pytest.raises(ConflictError, match="修改 P00001 的第 3 诊"):
        peopled.undoing.undo(first.operation_id)
    assert state(peopled) == before
    peopled.undoing.undo()
    add_visit(peopled)
    with pytest.raises(ConflictError, match=r"P00001.*has got other visits since"):
        peopled.undoing.undo(first.operation_id)


def test_what_another_person_changed_since_is_not_undone(peopled: Clinic):
    change_visit(peopled)
    peopled._desk.actor = Actor("another")
    said = dataclasses.replace(peopled.queries.case("P00001").visits[2], text="又改")
    peopled.visits.change_visit("P00001", 3, said, version=version(peopled, "P00001", 3))
    peopled._desk.actor = Actor("tester")
    before = state(peopled)
    with pytest.raises(ConflictError, match="another"):
        peopled.undoing.undo()
    assert state(peopled) == before


def test_each_person_undoes_their_own(peopled: Clinic):
    add_patient(peopled)
    peopled._desk.actor = Actor("another")
    assert peopled.undoing.next_undo() is None
    with pytest.raises(KnownError, match="nothing to undo"):
        peopled.undoing.undo()


def test_the_history_tells_who_changed_what(peopled: Clinic):
    change_patient(peopled)
    change_visit(peopled)
    edits = peopled.undoing.history("P00001")
    assert [(edit.who, edit.entity) for edit in edits] == [("tester", "visit"), ("tester", "patient")]
    assert edits[0].fields["text"] == ("脉弦数，不渴", "好转")
    assert edits[1].fields["name"] == ("王小明", "改名")
    assert [edit.label for edit in peopled.undoing.history("P00001", 3)] == ["修改 P00001 的第 3 诊"]
    labels = [done.label for done in peopled.undoing.operations()]
    assert labels == ["修改 P00001 的第 3 诊", "修改患者 P00001 的资料", "导入 -"]


def test_a_record_changed_meanwhile_is_not_overwritten(peopled: Clinic):
    old = version(peopled, "P00001", 3)
    own = version(peopled, "P00001")
    change_visit(peopled)
    change_patient(peopled)
    said = peopled.queries.case("P00001").visits[2]
    with pytest.raises(ConflictError, match=r"changed meanwhile by tester .*text") as told:
        peopled.visits.change_visit("P00001", 3, said, version=old)
    assert {"text", "observations"} <= set(told.value.fields)
    with pytest.raises(ConflictError, match="name"):
        peopled.patients.change("P00001", version=own, name="另改")
    with pytest.raises(ConflictError):
        peopled.visits.delete_visit("P00001", 3, version=old)
    with pytest.raises(ConflictError):
        peopled.patients.delete("P00001", version=own, visits={})


def test_a_number_that_is_taken_is_refused(peopled: Clinic):
    for code in ("p2", "Ｐ２ "):
        with pytest.raises(KnownError, match="is taken"):
            peopled.patients.add(Patient(code))
    with pytest.raises(KnownError, match="is taken"):
        peopled.patients.change("P00001", version=version(peopled, "P00001"), code="P2")
    with pytest.raises(KnownError, match="no visit with the number 77"):
        peopled.visits.delete_visit("P2", 77, version=1)


# ---- merging ---------------------------------------------------------------------------------------------------------


def test_merged_patients_have_one_course_by_date_and_imports_find_it_under_both_numbers(clinic: Clinic):
    clinic.imports.commit(
        [
            Case(Patient("A", "王小明", chief="失眠"), (on(0), on(30)), {"x": "1"}),
            Case(
                Patient("B", "王小明", "F", note="过敏"),
                (on(10), dataclasses.replace(on(20), number=2)),
                {"x": "2", "y": "3"},
            ),
        ]
    )
    clinic.patients.merge("A", "B")
    case = clinic.queries.case("A")
    assert [visit.day for visit in case.visits] == [0.0, 10.0, 20.0, 30.0]
    assert [visit.number for visit in case.visits] == [1, 2, 3, 4]
    assert case.patient == Patient("A", "王小明", "F", chief="失眠", note="过敏")
    assert case.attributes == {"x": "1", "y": "3"}
    assert clinic.queries.case("b") == case
    again = clinic.imports.commit([Case(Patient("B"), (on(40),)), Case(Patient("A"), (on(50),))])
    assert (again.patients_added, again.visits_added) == (0, 2)
    assert [visit.day for visit in clinic.queries.case("A").visits] == [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]
    with pytest.raises(KnownError, match="is taken"):
        clinic.patients.add(Patient("B"))
    with pytest.raises(KnownError, match="one patient already"):
        clinic.patients.merge("A", "B")


def test_the_same_visit_of_both_is_kept_once(clinic: Clinic):
    clinic.imports.commit([Case(Patient("A"), (on(0), on(7))), Case(Patient("B"), (on(7),))])
    before = state(clinic)
    clinic.patients.merge("A", "B")
    assert len(clinic.queries.case("A").visits) == 2
    clinic.undoing.undo()
    assert state(clinic) == before


# ---- what others have added meanwhile --------------------------------------------------------------------------------


def test_a_patient_whose_entry_is_undone_does_not_take_the_visits_of_others_along(clinic: Clinic):
    add_patient(clinic)
    clinic._desk.actor = Actor("another")
    clinic.visits.add_visit("N1", on(0))
    clinic._desk.actor = Actor("tester")
    with pytest.raises(ConflictError, match="another"):
        clinic.undoing.undo()
    assert len(clinic.queries.case("N1").visits) == 1


def test_a_deletion_done_again_does_not_take_new_visits_along(peopled: Clinic):
    delete_patient(peopled)
    peopled.undoing.undo()
    peopled._desk.actor = Actor("another")
    add_visit(peopled)
    peopled._desk.actor = Actor("tester")
    with pytest.raises(ConflictError, match="another"):
        peopled.undoing.redo()
    assert len(peopled.queries.case("P00001").visits) == 7


def test_a_merge_is_not_undone_over_visits_that_came_since(peopled: Clinic):
    merge(peopled)
    peopled.imports.commit([Case(Patient("P00002"), (on(90),))])  # under the number that is no more
    with pytest.raises(ConflictError):
        peopled.undoing.undo(2)


def test_a_visit_that_got_the_number_of_another_is_not_taken_for_it(clinic: Clinic):
    clinic.imports.commit([Case(Patient("P1"), (on(0), on(30)))])
    seen = clinic.patients.open("P1")
    number = clinic.visits.add_visit("P1", dataclasses.replace(on(10), number=30))
    taken = [visit.number for visit in clinic.queries.case("P1").visits]
    assert number in taken
    said = dataclasses.replace(seen.case.visits[1], text="改")
    with pytest.raises(ConflictError):
        clinic.visits.change_visit("P1", number, said, version=seen.visits[30])


def test_a_visit_entered_by_hand_is_never_overwritten_by_a_source(clinic: Clinic):
    clinic.imports.commit([Case(Patient("P1"), (undated(1, 0.0, TIRED), undated(2, 7.0, TIRED)))])
    clinic.visits.add_visit("P1", dataclasses.replace(undated(2, 3.0, RESTED), text="by hand"))
    clinic.imports.commit([Case(Patient("P1"), (undated(1, 0.0, TIRED), undated(2, 7.0, RESTED)))])
    texts = [visit.text for visit in clinic.queries.case("P1").visits]
    assert (len(texts), texts.count("by hand")) == (3, 1)


def test_imports_that_touched_one_visit_are_withdrawn_in_order_only(peopled: Clinic):
    before = state(peopled)
    new = on(90, undated(90, 90.0, TIRED))
    peopled.imports.commit([Case(Patient("P00001"), (new,))])
    peopled.imports.commit([Case(Patient("P00001"), (dataclasses.replace(new, text="改"),))])
    last, first, _ = peopled.imports.batches()
    with pytest.raises(ConflictError):
        peopled.undoing.undo(first.operation_id)
    peopled.undoing.undo(last.operation_id)
    peopled.undoing.undo(first.operation_id)
    assert state(peopled) == before


def test_the_same_new_patient_twice_in_one_import_is_withdrawn_too(peopled: Clinic):
    before = state(peopled)
    peopled.imports.commit([simulated(9), simulated(9, observations=2), simulated(1, observations=3)])
    peopled.undoing.undo(peopled.imports.batches()[0].operation_id)
    assert state(peopled) == before


def test_a_number_given_to_another_meanwhile_stands_in_the_way(peopled: Clinic):
    delete_patient(peopled)
    peopled.patients.add(Patient("P00001", "别人"))
    with pytest.raises(ConflictError, match="has the number meanwhile"):
        peopled.undoing.undo(2)


def test_an_import_whose_patient_was_deleted_is_not_withdrawn_before_that(peopled: Clinic):
    first = peopled.imports.batches()[0]
    delete_patient(peopled)
    with pytest.raises(ConflictError):
        peopled.undoing.undo(first.operation_id)
    peopled.undoing.undo()
    peopled.undoing.undo(first.operation_id)
    assert peopled.queries.counts()["patients"] == 0
