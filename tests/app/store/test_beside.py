"""What stands beside a record - signatures, photos - comes with the visit, is undone with it, and survives a merge."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random

import pytest
from sqlalchemy import select

from app.domain.errors import KnownError
from app.domain.photos import LARGEST, NewPhoto
from app.domain.visit_making import Signature
from app.store import beside
from app.store.clinic import Clinic
from app.store.conflicts import ConflictError
from app.store.journal import Label
from app.store.people import patient_row
from app.store.tables import annotation, photo
from app.store.visits import Enclosed
from tests.app.store.cases import START, dated, simulated

START_MOMENT = dt.datetime(2024, 5, 1, 8, 30, tzinfo=dt.UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
SIGNED = Signature("incompatible", ("herb.banxia", "herb.fuzi"), "久病沉寒，小量同用", "0" * 64)


@pytest.fixture
def peopled(clinic: Clinic) -> Clinic:
    clinic.imports.commit([simulated(1), simulated(2)])
    return clinic


def next_visit(case):
    return dated(random.Random(9), len(case.visits), START.replace(month=6))


def enter(clinic: Clinic) -> int:
    case = clinic.queries.case("P00001")
    return clinic.visits.add_visit("P00001", next_visit(case), Enclosed((SIGNED,), (NewPhoto(PNG, "舌.png"),)))


def test_a_visit_is_saved_with_its_signatures_and_photos(peopled: Clinic):
    number = enter(peopled)
    (signed,) = peopled.signatures.list("P00001")
    assert (signed.visit, signed.herbs, signed.reason, signed.who) == (number, SIGNED.herbs, SIGNED.reason, "tester")
    (kept,) = peopled.photos.list("P00001")
    assert (kept.visit, kept.name) == (number, "舌.png")
    assert peopled.photos.content(kept.id) == PNG


def test_undo_takes_them_out_with_the_visit_and_redo_brings_them_back(peopled: Clinic):
    enter(peopled)
    key = peopled.photos.list("P00001")[0].id
    peopled.undoing.undo()
    assert peopled.photos.list("P00001") == []
    assert peopled.signatures.list("P00001") == []
    with pytest.raises(KnownError, match="picture is gone"):
        peopled.photos.content(key)
    peopled.undoing.redo()
    assert [one.id for one in peopled.photos.list("P00001")] == [key]
    assert peopled.photos.content(key) == PNG
    assert len(peopled.signatures.list("P00001")) == 1


def test_a_visit_taken_out_and_put_back_has_its_photos(peopled: Clinic):
    number = enter(peopled)
    record = peopled.patients.open("P00001")
    peopled.visits.delete_visit("P00001", number, version=record.visits[number])
    assert peopled.photos.list("P00001") == []
    peopled.undoing.undo()
    assert len(peopled.photos.list("P00001")) == 1


def test_a_photo_taken_out_is_undone_and_the_log_tells_of_each(peopled: Clinic):
    enter(peopled)
    key = peopled.photos.list("P00001")[0].id
    peopled.photos.remove("P00001", key)
    assert peopled.photos.list("P00001") == []
    with pytest.raises(ConflictError):
        peopled.photos.remove("P00001", key)
    peopled.undoing.undo()
    assert peopled.photos.content(key) == PNG
    edits = peopled.undoing.history("P00001")
    assert {edit.entity for edit in edits} >= {"photo", "signature", "visit"}
    assert not any("content" in edit.fields for edit in edits)
    assert peopled.audit.verify().sound


def test_what_is_no_picture_or_too_large_is_refused():
    with pytest.raises(KnownError, match="no picture"):
        NewPhoto(b"%PDF-1.7", "舌.pdf")
    with pytest.raises(KnownError, match="too large"):
        NewPhoto(PNG + bytes(LARGEST), "舌.png")


def test_a_picture_goes_to_a_visit_there_is(peopled: Clinic):
    with pytest.raises(KnownError, match="no visit with the number 99"):
        peopled.photos.add("P00001", 99, NewPhoto(PNG))
    key = peopled.photos.add("P00001", 2, NewPhoto(PNG))
    assert [(one.id, one.visit) for one in peopled.photos.list("P00001")] == [(key, 2)]


def note(clinic: Clinic, code: str, text: str) -> int:
    row = {"day": 3.0, "until": None, "text": text, "who": "tester", "at": START_MOMENT}
    with clinic._desk.database.write() as connection:
        (key,) = beside.add(connection, "tester", "annotation", patient_row(connection, code), [row], Label("Note", {}))
    return key


def notes(clinic: Clinic, code: str) -> list[tuple[str, object]]:
    a = annotation.c
    with clinic._desk.database.read() as connection:
        owner = patient_row(connection, code).id
        query = select(a.text, a.at).where(a.patient_id == owner, a.removed.is_(False)).order_by(a.id)
        return [tuple(row) for row in connection.execute(query)]


def test_a_merge_moves_what_stands_beside_the_other_patient_and_undo_moves_it_back(peopled: Clinic):
    note(peopled, "P00001", "甲")
    note(peopled, "P00002", "乙")
    peopled.patients.merge("P00001", "P00002")
    assert [text for text, _ in notes(peopled, "P00001")] == ["甲", "乙"]
    peopled.undoing.undo()
    assert notes(peopled, "P00001") == [("甲", START_MOMENT)]
    assert notes(peopled, "P00002") == [("乙", START_MOMENT)]


def test_an_edit_undone_gives_back_the_words_and_the_moment(peopled: Clinic):
    key = note(peopled, "P00001", "旧")
    with peopled._desk.database.write() as connection:
        owner = patient_row(connection, "P00001")
        beside.change(connection, "tester", "annotation", owner, key, {"text": "新"}, Label("Note", {}))
    assert notes(peopled, "P00001") == [("新", START_MOMENT)]
    peopled.undoing.undo()
    assert notes(peopled, "P00001") == [("旧", START_MOMENT)]
    peopled.undoing.redo()
    assert notes(peopled, "P00001") == [("新", START_MOMENT)]


def test_undo_is_refused_where_somebody_changed_it_since(peopled: Clinic):
    key = note(peopled, "P00001", "旧")
    first = peopled.undoing.operations(limit=1)[0].id
    with peopled._desk.database.write() as connection:
        owner = patient_row(connection, "P00001")
        beside.change(connection, "other", "annotation", owner, key, {"text": "新"}, Label("Note", {}))
    with pytest.raises(ConflictError):
        peopled.undoing.undo(first)
    assert notes(peopled, "P00001") == [("新", START_MOMENT)]


def test_the_bytes_of_a_photo_stand_once_in_the_file(peopled: Clinic):
    enter(peopled)
    peopled.photos.remove("P00001", peopled.photos.list("P00001")[0].id)
    with peopled._desk.database.read() as connection:
        assert len(connection.execute(select(photo.c.content)).all()) == 1


def test_a_correction_that_changes_no_dose_signs_nothing_anew(peopled: Clinic):
    number = enter(peopled)
    said = next(v for v in peopled.queries.case("P00001").visits if v.number == number)
    version = peopled.visits.version("P00001", number)
    corrected = dataclasses.replace(said, text="另记")
    peopled.visits.change_visit("P00001", number, corrected, Enclosed((SIGNED,)), version=version)
    assert len(peopled.signatures.list("P00001")) == 1


def test_words_no_database_can_store_are_refused_as_a_whole(peopled: Clinic):
    following = next_visit(peopled.queries.case("P00001"))
    bad = Enclosed((dataclasses.replace(SIGNED, reason="久病\0"),))
    with pytest.raises(KnownError):
        peopled.visits.add_visit("P00001", following, bad)
    assert len(peopled.queries.case("P00001").visits) == 6
    with pytest.raises(KnownError):
        peopled.annotations.add("P00001", 1.0, "\0")


def twins(clinic: Clinic) -> Clinic:
    """Two records of one person: the same visits word for word under two numbers."""
    first = simulated(1)
    clinic.imports.commit(
        [first, dataclasses.replace(first, patient=dataclasses.replace(first.patient, code="P00009"))]
    )
    return clinic


def test_what_stands_beside_a_visit_that_both_records_have_stays_with_the_one_that_is_kept(clinic: Clinic):
    twins(clinic)
    clinic.photos.add("P00009", 2, NewPhoto(PNG))
    note(clinic, "P00009", "甲")
    for code in ("P00001", "P00009"):
        clinic.marks.add_tag(code, "随访")
    clinic.patients.merge("P00001", "P00009")
    assert [one.visit for one in clinic.photos.list("P00001")] == [2]
    assert clinic.marks.tags("P00001") == ["随访"]
    assert [text for text, _ in notes(clinic, "P00001")] == ["甲"]
    clinic.undoing.undo()
    assert [one.visit for one in clinic.photos.list("P00009")] == [2]
    assert clinic.photos.list("P00001") == []
    assert clinic.marks.tags("P00009") == ["随访"]


def test_pins_and_visits_begun_go_along_with_a_merge(peopled: Clinic):
    peopled.marks.pin("P00002")
    peopled.visit_drafts.keep("P00002", {"note": "一"})
    peopled.visit_drafts.keep("P00002", {"note": "改"}, 3)
    before = {visit.date: visit.number for visit in peopled.queries.case("P00002").visits}
    peopled.patients.merge("P00001", "P00002")
    assert peopled.marks.pinned() == ["P00001"]
    assert peopled.visit_drafts.get("P00001") == {"note": "一"}
    number = next(one.number for one in peopled.visit_drafts.list() if one.number)
    kept = {visit.number: visit.date for visit in peopled.queries.case("P00001").visits}
    assert before[kept[number]] == 3


def test_a_merge_waits_for_whoever_has_begun_a_visit_of_both(peopled: Clinic):
    for code in ("P00001", "P00002"):
        peopled.visit_drafts.keep(code, {"note": code})
    with pytest.raises(KnownError, match="has begun a visit of P00001 and of P00002"):
        peopled.patients.merge("P00001", "P00002")
    assert peopled.visit_drafts.get("P00002") == {"note": "P00002"}
