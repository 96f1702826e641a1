"""Annotations: words at a time of a course."""

from __future__ import annotations

import pytest

from app.domain.errors import KnownError
from app.store.clinic import Clinic
from app.store.conflicts import ConflictError
from app.store.observer import Change, ChangeKind
from tests.app.store.cases import simulated


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
