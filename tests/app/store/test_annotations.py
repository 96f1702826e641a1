"""Annotations: words at a time of a course."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from app.domain.errors import KnownError
from app.domain.records import DateBasis, Visit, VisitKind
from app.store.clinic import Clinic
from app.store.conflicts import ConflictError
from app.store.observer import Change, ChangeKind
from tests.app.store.cases import START, simulated


@pytest.fixture
def stocked(clinic: Clinic) -> Clinic:
    clinic.imports.commit([simulated(1), simulated(2)])
    return clinic


def test_annotations_are_read_by_day_and_belong_to_their_patient(stocked: Clinic):
    stocked.annotations.add("P00001", 9.0, "出差，\n 停药三日", 12.0)
    stocked.annotations.add("P00001", 2.0, "感冒")
    found = stocked.annotations.list("P00001")
    assert [(one.day, one.until, one.text) for one in found] == [(2.0, None, "感冒"), (9.0, 12.0, "出差， 停药三日")]
    assert {one.who for one in found} == {stocked.actor.name}
    assert stocked.annotations.list("P00002") == []


def test_every_edit_is_told_and_undone_by_itself(stocked: Clinic):
    heard: list[Change] = []
    stocked.changed.subscribe(heard.append)
    key = stocked.annotations.add("P00001", 2.0, "感冒")
    (first,) = stocked.annotations.list("P00001")
    stocked.annotations.change("P00001", key, "风寒感冒", 3.0, version=first.version)
    (second,) = stocked.annotations.list("P00001")
    stocked.annotations.remove("P00001", key, version=second.version)
    assert heard == [Change(ChangeKind.ANNOTATION, ("P00001",))] * 3
    assert stocked.annotations.list("P00001") == []
    stocked.undoing.undo()
    assert stocked.annotations.list("P00001") == [second]
    stocked.undoing.undo()
    assert stocked.annotations.list("P00001") == [first]
    stocked.undoing.undo()
    assert stocked.annotations.list("P00001") == []
    stocked.undoing.redo()
    assert [one.text for one in stocked.annotations.list("P00001")] == ["感冒"]


def test_who_read_an_older_state_overwrites_nothing(stocked: Clinic):
    key = stocked.annotations.add("P00001", 2.0, "感冒")
    (read,) = stocked.annotations.list("P00001")
    stocked.annotations.change("P00001", key, "风寒", 2.0, version=read.version)
    with pytest.raises(ConflictError):
        stocked.annotations.change("P00001", key, "风热", 2.0, version=read.version)
    with pytest.raises(ConflictError):
        stocked.annotations.remove("P00001", key, version=read.version)
    assert [one.text for one in stocked.annotations.list("P00001")] == ["风寒"]


@pytest.mark.parametrize(
    ("day", "text", "until"),
    [(0.0, " \n", None), (0.0, "x" * 501, None), (float("nan"), "x", None), (5.0, "x", 4.0), (0.0, "\ud800", None)],
)
def test_what_is_no_annotation_is_refused(stocked: Clinic, day: float, text: str, until: float | None):
    with pytest.raises(KnownError):
        stocked.annotations.add("P00001", day, text, until)
    assert stocked.annotations.list("P00001") == []


def test_annotations_of_an_unknown_patient_are_refused(stocked: Clinic):
    with pytest.raises(KnownError):
        stocked.annotations.list("nobody")
    with pytest.raises(KnownError):
        stocked.annotations.add("nobody", 0.0, "x")


# ---- the days of a course begin elsewhere ----------------------------------------------------------------------------


def placed(clinic: Clinic) -> list[tuple[float, float | None]]:
    return [(one.day, one.until) for one in clinic.annotations.list("P00001")]


def earlier(days: int) -> Visit:
    return Visit(9, VisitKind.FIRST, 0.0, DateBasis.EXACT, START - dt.timedelta(days=days))


def test_an_annotation_keeps_its_date_when_an_earlier_visit_comes_and_when_it_goes(stocked: Clinic):
    stocked.annotations.add("P00001", 9.0, "出差", 12.0)
    number = stocked.visits.add_visit("P00001", earlier(10))
    assert placed(stocked) == [(19.0, 22.0)]
    stocked.undoing.undo()
    assert placed(stocked) == [(9.0, 12.0)]
    stocked.undoing.redo()
    version = stocked.patients.open("P00001").visits[number]
    stocked.visits.delete_visit("P00001", number, version=version)
    assert placed(stocked) == [(9.0, 12.0)]


def test_a_later_visit_moves_no_annotation(stocked: Clinic):
    stocked.annotations.add("P00001", 9.0, "出差")
    stocked.visits.add_visit("P00001", earlier(-400))
    assert placed(stocked) == [(9.0, None)]


def test_an_import_that_begins_earlier_moves_annotations_and_takes_them_back(stocked: Clinic):
    stocked.annotations.add("P00001", 9.0, "出差")
    case = simulated(1)
    before = replace(case, visits=(earlier(10), *case.visits))
    days = [0.0, *(visit.day + 10 for visit in case.visits)]
    visits = tuple(replace(v, day=d, number=n + 1) for n, (v, d) in enumerate(zip(before.visits, days, strict=True)))
    stocked.imports.commit([replace(before, visits=visits)])
    assert placed(stocked) == [(19.0, None)]
    stocked.undoing.undo()
    assert placed(stocked) == [(9.0, None)]


def test_annotations_of_merged_patients_keep_their_dates(stocked: Clinic):
    other = simulated(3)
    later = tuple(replace(v, date=v.date + dt.timedelta(days=30) if v.date else None) for v in other.visits)
    stocked.imports.commit([replace(other, visits=later)])
    stocked.annotations.add("P00001", 1.0, "甲")
    stocked.annotations.add("P00003", 1.0, "乙")
    stocked.patients.merge("P00003", "P00001")
    found = {one.text: one.day for one in stocked.annotations.list("P00003")}
    assert found == {"甲": 1.0, "乙": 31.0}
    stocked.undoing.undo()
    assert [one.day for one in stocked.annotations.list("P00003")] == [1.0]
