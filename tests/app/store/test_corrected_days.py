"""The day of a visit without a date is corrected on the road of corrections, and its neighbours keep theirs."""

from __future__ import annotations

import dataclasses

from app.domain.records import Case, DateBasis, Patient
from app.domain.visit_form import corrected
from app.domain.visit_making import to_visit
from app.store.clinic import Clinic
from tests.app.store.cases import undated


def test_a_corrected_day_is_stored_and_undone(clinic: Clinic):
    clinic.imports.commit([Case(Patient("P1"), tuple(undated(n + 1, 7.0 * n) for n in range(3)))])
    record = clinic.patients.open("P1")
    form = dataclasses.replace(corrected(record.case, 2), days_after=10.0)
    clinic.visits.change_visit("P1", 2, to_visit(form, record.case), version=record.visits[2])
    visits = clinic.queries.case("P1").visits
    assert [(one.number, one.day) for one in visits] == [(1, 0.0), (2, 10.0), (3, 14.0)]
    assert [one.basis for one in visits] == [DateBasis.ORDER, DateBasis.RELATIVE, DateBasis.ORDER]
    clinic.undoing.undo()
    assert clinic.queries.case("P1") == record.case


def test_another_correction_leaves_the_day_as_it_is(clinic: Clinic):
    clinic.imports.commit([Case(Patient("P1"), tuple(undated(n + 1, 7.25 * n) for n in range(3)))])
    record = clinic.patients.open("P1")
    form = dataclasses.replace(corrected(record.case, 3), note="夜寐安")
    clinic.visits.change_visit("P1", 3, to_visit(form, record.case), version=record.visits[3])
    visit = clinic.queries.case("P1").visits[2]
    assert (visit.day, visit.basis, visit.text) == (14.5, DateBasis.ORDER, "夜寐安")
