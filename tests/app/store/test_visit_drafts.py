"""A visit begun is kept for the person who began it, and goes when the visit is saved."""

from __future__ import annotations

import random

import pytest

from app.store.clinic import Clinic
from app.store.roles import Actor, Role
from app.store.visits import Enclosed
from tests.app.store.cases import START, dated, simulated


@pytest.fixture
def peopled(clinic: Clinic) -> Clinic:
    clinic.imports.commit([simulated(1), simulated(2)])
    return clinic


def test_what_was_kept_last_is_found_again_after_the_clinic_was_closed(tmp_path):
    with Clinic.open(tmp_path / "clinic.db", plain=True, who="tester") as clinic:
        clinic.imports.commit([simulated(1)])
        clinic.visit_drafts.keep("P00001", {"note": "一"})
        clinic.visit_drafts.keep("P00001", {"note": "二"})
        clinic.visit_drafts.keep("P00001", {"note": "改"}, 3)
    with Clinic.open(tmp_path / "clinic.db", plain=True, who="tester") as clinic:
        assert clinic.visit_drafts.get("P00001") == {"note": "二"}
        assert clinic.visit_drafts.get("P00001", 3) == {"note": "改"}
        assert {(one.patient, one.number) for one in clinic.visit_drafts.list()} == {("P00001", 0), ("P00001", 3)}


def test_another_person_does_not_see_it(peopled: Clinic):
    peopled.visit_drafts.keep("P00001", {"note": "一"})
    peopled._desk.actor = Actor("other", frozenset(Role))
    assert peopled.visit_drafts.get("P00001") is None
    assert peopled.visit_drafts.list() == []


def test_saving_the_visit_drops_the_draft_of_that_visit_alone(peopled: Clinic):
    for code in ("P00001", "P00002"):
        peopled.visit_drafts.keep(code, {"note": "一"})
    peopled.visits.add_visit("P00001", dated(random.Random(1), 9, START.replace(month=8)), Enclosed())
    assert [one.patient for one in peopled.visit_drafts.list()] == ["P00002"]


def test_a_draft_leaves_no_entry_in_history_or_log(peopled: Clinic):
    before = (len(peopled.undoing.operations()), peopled.undoing.next_undo())
    peopled.visit_drafts.keep("P00001", {"note": "一"})
    peopled.visit_drafts.drop("P00001")
    peopled.visit_drafts.drop("P00001")
    assert (len(peopled.undoing.operations()), peopled.undoing.next_undo()) == before
