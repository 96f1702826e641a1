"""Visits of one patient from several files."""

from __future__ import annotations

import dataclasses
import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.domain.records import Case, DateBasis, Observation, Patient, ValueKind, Visit, VisitKind
from app.store.clinic import Clinic
from app.store.content import check_visit
from app.store.merge import Known, merge
from app.store.tables import audit
from tests.app.store.cases import START, simulated, undated

TIRED = Observation("sym.tired", ValueKind.SCORE, number=4.0)
RESTED = Observation("sym.tired", ValueKind.SCORE, number=0.0)


def case_of(days: list[int], label: str = "") -> Case:
    """One source's view: its own first visit is day 0, number 1, and a first visit."""
    return Case(
        Patient("P1"),
        tuple(
            Visit(
                number=index + 1,
                kind=VisitKind.FOLLOW_UP if index else VisitKind.FIRST,
                day=float(day - days[0]),
                basis=DateBasis.EXACT,
                date=START + dt.timedelta(days=day),
                label=label,
                text=f"day {day}",
            )
            for index, day in enumerate(days)
        ),
    )


def stored(case: Case) -> list[Known]:
    return [
        Known(index + 1, v.number, v.number, v.kind, v.day, v.basis, v.date, check_visit(case.patient.code, v))
        for index, v in enumerate(case.visits)
    ]


def courses(first: list[int], second: list[int]) -> list[tuple[int, VisitKind, float, dt.date | None]]:
    """Places of the visits after the second source came to the first."""
    incoming = case_of(second)
    merged = merge(stored(case_of(first)), incoming.visits, [check_visit("P1", visit) for visit in incoming.visits])
    return sorted((placed.number, placed.kind, placed.day, placed.date) for placed in merged.visits)


@settings(max_examples=100, deadline=None, database=None)
@given(
    days=st.lists(st.integers(0, 400), min_size=1, max_size=8, unique=True).map(sorted),
    data=st.data(),
)
def test_a_course_split_over_two_files_in_any_way_becomes_one_course(days: list[int], data: st.DataObject):
    first = data.draw(st.lists(st.sampled_from(days), min_size=1, unique=True).map(sorted))
    rest = [day for day in days if day not in first]
    overlap = data.draw(st.lists(st.sampled_from(first), unique=True))
    second = sorted({*rest, *overlap})
    if not second:
        return
    whole = [(v.number, v.kind, v.day, v.date) for v in case_of(sorted({*first, *second})).visits]
    assert courses(first, second) == whole


@settings(max_examples=12, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.integers(0, 400), min_size=2, max_size=6, unique=True).map(sorted), cut=st.integers(1, 5))
def test_both_parts_imported_again_after_a_merge_are_unchanged(tmp_path_factory, days: list[int], cut: int):
    cut = min(cut, len(days) - 1)
    late, early = case_of(days[cut:]), case_of(days[:cut])
    with Clinic.open(tmp_path_factory.mktemp("merge") / "clinic.db", plain=True) as clinic:
        clinic.imports.commit([late])
        clinic.imports.commit([early])
        assert clinic.queries.case("P1").visits == case_of(days).visits
        for part in (early, late, case_of(days)):
            again = clinic.imports.commit([part])
            assert (again.visits_added, again.visits_updated, again.patients_updated) == (0, 0, 0)
            assert clinic.queries.case("P1").visits == case_of(days).visits


def test_two_cases_of_one_patient_in_one_file_become_one_patient(clinic: Clinic):
    result = clinic.imports.commit([case_of([0, 7]), case_of([30])])
    assert (result.patients_added, result.patients_updated, result.visits_added) == (1, 0, 3)
    assert [visit.day for visit in clinic.queries.case("P1").visits] == [0.0, 7.0, 30.0]


def test_codes_that_look_alike_are_one_patient(clinic: Clinic):
    spellings = ["P001", "P001 ", "Ｐ００１", "p001"]
    clinic.imports.commit([Case(Patient(code), (undated(n, float(n)),)) for n, code in enumerate(spellings)])
    assert clinic.queries.patient_codes() == ["P001"]
    assert len(clinic.queries.case("ｐ００１").visits) == 4


def test_a_changed_visit_replaces_the_old_one_whose_content_goes_to_the_history(clinic: Clinic):
    clinic.imports.commit([Case(Patient("P1"), (undated(1, 0.0, TIRED), undated(2, 7.0, TIRED)))])
    result = clinic.imports.commit([Case(Patient("P1"), (undated(1, 0.0, TIRED), undated(2, 7.0, RESTED)))])
    assert (result.visits_added, result.visits_updated, result.visits_unchanged) == (0, 1, 1)
    assert clinic.queries.case("P1").visits[1].observations == (RESTED,)
    with clinic._database.read() as connection:
        (detail,) = connection.execute(select(audit.c.detail).where(audit.c.action == "update")).scalars()
    assert detail["patient"] == "P1"
    (edit,) = clinic.undoing.history("P1", 2)
    old, new = edit.fields["observations"]
    assert (old[0]["number"], new[0]["number"]) == (TIRED.number, RESTED.number)


def test_a_visit_the_file_no_longer_has_stays(clinic: Clinic):
    clinic.imports.commit([Case(Patient("P1"), (undated(1, 0.0), undated(2, 7.0)))])
    clinic.imports.commit([Case(Patient("P1"), (undated(1, 0.0),))])
    assert len(clinic.queries.case("P1").visits) == 2


def test_a_date_learnt_later_joins_the_undated_visit(clinic: Clinic):
    clinic.imports.commit([Case(Patient("P1"), (undated(1, 0.0, TIRED),))])
    learnt = dataclasses.replace(undated(1, 0.0, TIRED), date=START, basis=DateBasis.EXACT)
    result = clinic.imports.commit([Case(Patient("P1"), (learnt,))])
    assert (result.visits_added, result.visits_updated) == (0, 1)
    assert clinic.queries.case("P1").visits == (learnt,)


def test_a_known_date_is_never_replaced_by_an_unknown_one(clinic: Clinic):
    clinic.imports.commit([case_of([0, 7])])
    clinic.imports.commit([Case(Patient("P1"), (undated(2, 1.0, TIRED),))])
    visit = clinic.queries.case("P1").visits[1]
    assert visit.observations == (TIRED,)
    assert (visit.date, visit.day, visit.basis) == (START + dt.timedelta(days=7), 7.0, DateBasis.EXACT)


def test_a_corrected_kind_alone_is_an_update(clinic: Clinic):
    case = case_of([0, 7])
    clinic.imports.commit([case])
    corrected = Case(case.patient, (case.visits[0], dataclasses.replace(case.visits[1], kind=VisitKind.FIRST)))
    assert clinic.imports.commit([corrected]).visits_updated == 1
    assert clinic.queries.case("P1") == corrected


def test_fields_of_the_patient_that_the_file_leaves_empty_stay(clinic: Clinic):
    clinic.imports.commit([Case(Patient("P1", "单晓明", "F", age=40.0, chief="失眠"), (), {"book": "a"})])
    result = clinic.imports.commit([Case(Patient("P1", "", "", age=None, chief="不寐"), (), {"arm": "b"})])
    assert result.patients_updated == 1
    case = clinic.queries.case("P1")
    assert case.patient == Patient("P1", "单晓明", "F", age=40.0, chief="不寐")
    assert case.attributes == {"book": "a", "arm": "b"}


def test_an_edit_raises_the_version_and_an_unchanged_row_keeps_it(clinic: Clinic):
    def versions() -> list[int]:
        with clinic._database.read() as connection:
            return list(connection.exec_driver_sql("SELECT version FROM visit ORDER BY number").scalars())

    clinic.imports.commit([Case(Patient("P1"), (undated(1, 0.0), undated(2, 7.0)))])
    first = versions()
    assert len(set(first)) == 1
    clinic.imports.commit([Case(Patient("P1"), (undated(1, 0.0), undated(2, 7.0, TIRED)))])
    unchanged, edited = versions()
    assert unchanged == first[0] < edited


def test_a_large_second_import_touches_only_what_is_new(clinic: Clinic):
    cases = [simulated(number, visits=3) for number in range(150)]
    clinic.imports.commit(cases)
    longer = [simulated(number, visits=4) for number in range(150)]
    result = clinic.imports.commit([*longer, simulated(999, visits=1)])
    assert (result.patients_added, result.patients_updated) == (1, 150)
    assert (result.visits_added, result.visits_unchanged) == (151, 450)
    assert list(clinic.queries.cases())[:150] == longer
