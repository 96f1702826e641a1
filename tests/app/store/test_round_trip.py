from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, Engine, event

from app.domain.errors import KnownError
from app.domain.records import Case, Observation, Patient, PrescriptionItem, ValueKind
from app.store.clinic import Clinic
from app.store.prepared import Prepared
from tests.app.store.arbitrary_cases import arbitrary
from tests.app.store.cases import simulated, undated

relaxed = settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def shared_clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with Clinic.open(tmp_path_factory.mktemp("round_trip") / "clinic.db", plain=True) as opened:
        yield opened


@relaxed
@given(case=arbitrary())
def test_a_stored_case_comes_back_equal_in_every_field(shared_clinic: Clinic, case: Case):
    shared_clinic.imports.commit([case])
    assert shared_clinic.queries.case(case.patient.code) == case


@relaxed
@given(case=arbitrary())
def test_the_same_case_again_changes_nothing(shared_clinic: Clinic, case: Case):
    shared_clinic.imports.commit([case])
    again = shared_clinic.imports.commit([case])
    assert again.visits_unchanged == len(case.visits)
    assert (again.patients_added, again.patients_updated, again.visits_added, again.visits_updated) == (0, 0, 0, 0)
    assert shared_clinic.queries.case(case.patient.code) == case


def test_a_case_is_read_with_seven_statements_however_long_it_is(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    clinic.imports.commit([simulated(1, visits=40), simulated(2, visits=1)])
    statements: list[str] = []

    def count(connection, cursor, statement, *rest) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    prepared = Prepared.rows

    def counted(self: Prepared, connection: Connection, **values: object) -> list:
        statements.append("prepared")
        return prepared(self, connection, **values)

    monkeypatch.setattr(Prepared, "rows", counted)
    event.listen(Engine, "before_cursor_execute", count)
    try:
        clinic.queries.case("P00001")
        assert statements == ["prepared"] * 7
        list(clinic.queries.cases())
        assert len(statements) == 7 + 7 + 1  # one chunk, and the look that finds no further one
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def test_all_cases_stream_in_the_order_they_were_entered(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.store.queries.CHUNK", 3)
    entered = [simulated(number, visits=2) for number in (5, 2, 9, 1, 7, 3, 8)]
    clinic.imports.commit(entered)
    assert list(clinic.queries.cases()) == entered
    assert clinic.queries.patient_codes() == [case.patient.code for case in entered]


def test_a_stream_of_cases_shows_one_state_while_others_write(clinic: Clinic, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.store.queries.CHUNK", 1)
    clinic.imports.commit([simulated(1, visits=1), simulated(2, visits=1)])
    stream = clinic.queries.cases()
    next(stream)
    clinic.imports.commit([simulated(3, visits=1)])
    assert len(list(stream)) == 1


def test_the_counts_say_what_is_stored(clinic: Clinic):
    clinic.imports.commit([simulated(1, visits=3, observations=4), simulated(2, visits=2, observations=4)])
    assert clinic.queries.counts() == {
        "patients": 2,
        "visits": 5,
        "observations": 20,
        "pulse_readings": 5,
        "diagnoses": 5,
        "prescriptions": 5,
        "prescription_items": 10,
        "models": 0,
        "imports": 1,
    }


def test_an_unknown_patient_is_told_of(clinic: Clinic):
    with pytest.raises(KnownError, match="no patient with the number P404"):
        clinic.queries.case("P404")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("place", ["observation", "day", "dated day", "age", "grams", "days"])
def test_a_number_that_is_not_finite_is_refused_and_never_stored_as_nothing(clinic: Clinic, value: float, place: str):
    case = simulated(1, visits=1)
    visit, person = case.visits[0], case.patient
    prescription = visit.prescriptions[0]
    match place:
        case "observation":
            visit = dataclasses.replace(visit, observations=(Observation("sym.a", ValueKind.NUMBER, number=value),))
        case "day":
            visit = undated(1, value)
        case "dated day":
            visit = dataclasses.replace(visit, day=value)
        case "age":
            person = dataclasses.replace(person, age=value)
        case "grams":
            item = PrescriptionItem("黄芪", "herb.huangqi", value)
            visit = dataclasses.replace(visit, prescriptions=(dataclasses.replace(prescription, items=(item,)),))
        case "days":
            visit = dataclasses.replace(visit, prescriptions=(dataclasses.replace(prescription, days=value),))
    with pytest.raises(KnownError, match=rf"Patient P00001, visit .*: {value} cannot be stored"):
        clinic.imports.commit([simulated(2), Case(person, (visit,))])
    assert clinic.queries.counts()["patients"] == 0


def test_text_that_is_no_unicode_is_refused_with_the_place(clinic: Clinic):
    case = Case(Patient("P1"), (dataclasses.replace(undated(3, 0.0), text="坏\ud800字"),))
    with pytest.raises(KnownError, match=r"Patient P1, visit 3: 坏\\ud800字 cannot be stored"):
        clinic.imports.commit([case])


@pytest.mark.parametrize("code", ["", "  ", "\u3000"])
def test_a_patient_without_a_number_is_refused(clinic: Clinic, code: str):
    with pytest.raises(KnownError, match="without a number"):
        clinic.imports.commit([Case(Patient(code, "王小明"), ())])


@pytest.mark.parametrize("number", [-1, 10**30])
def test_an_impossible_visit_number_is_refused(clinic: Clinic, number: int):
    with pytest.raises(KnownError, match="numbers go from 0 to"):
        clinic.imports.commit([Case(Patient("P1"), (undated(number, 0.0),))])


def test_two_visits_with_one_number_are_refused(clinic: Clinic):
    with pytest.raises(KnownError, match="two visits with the number 2"):
        clinic.imports.commit([Case(Patient("P1"), (undated(2, 0.0), undated(2, 1.0)))])
