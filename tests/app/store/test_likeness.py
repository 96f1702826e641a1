from __future__ import annotations

import datetime as dt

import pytest

from app.domain.errors import KnownError
from app.domain.records import Case, Patient
from app.store.clinic import Clinic
from app.store.observer import Change, ChangeKind

BORN = dt.date(1970, 3, 12)


def people(clinic: Clinic, *patients: Patient) -> list[tuple[str, str]]:
    clinic.imports.commit([Case(patient, ()) for patient in patients])
    return [(pair.first, pair.second) for pair in clinic.likeness.pairs()]


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        (Patient("B", "王小明", "M", BORN), {"name", "birth", "sex"}),
        (Patient("B", "王小 明", "", BORN), {"name", "birth"}),
        (Patient("B", "王晓明", "M", BORN), {"sound", "birth", "sex"}),
        (Patient("B", "王小明", "M", dt.date(1970, 12, 3)), {"name", "birth_slip", "sex"}),
        (Patient("B", "王小明", "M", dt.date(1971, 3, 12)), {"name", "birth_slip", "sex"}),
    ],
)
def test_people_who_may_be_one_are_proposed(clinic: Clinic, other: Patient, reasons: set[str]):
    assert people(clinic, Patient("A", "王小明", "M", BORN), other) == [("A", "B")]
    assert reasons <= set(clinic.likeness.pairs()[0].reasons)


@pytest.mark.parametrize(
    "other",
    [
        Patient("B", "王小明", "F", BORN),
        Patient("B", "王小明", "M", dt.date(1985, 7, 30)),
        Patient("B", "李四", "M", BORN),
        Patient("B", "", "M", BORN),
    ],
)
def test_people_of_whom_something_differs_are_not(clinic: Clinic, other: Patient):
    assert people(clinic, Patient("A", "王小明", "M", BORN), other) == []


def test_a_common_name_alone_is_no_likeness(clinic: Clinic):
    assert people(clinic, *(Patient(f"P{n:03d}", "王伟") for n in range(0, 300, 7))) == []


def test_who_was_told_apart_is_not_proposed_again(clinic: Clinic):
    assert people(clinic, Patient("A", "王小明", "M", BORN), Patient("B", "王小明", "M", BORN)) == [("A", "B")]
    clinic.likeness.tell_apart("B", "A")
    clinic.likeness.tell_apart("A", "B")
    assert clinic.likeness.pairs() == []
    with pytest.raises(KnownError, match="one patient already"):
        clinic.likeness.tell_apart("A", "a")


def test_traditional_and_simplified_characters_are_one_name(clinic: Clinic):
    born = (dt.date(1980, 5, 17), dt.date(1980, 5, 11))  # a slip
    clinic.imports.commit(
        Case(Patient(code, name, birth_date=day, sex="F"), ())
        for code, name, day in zip(("A1", "B2"), ("陈素雲", "陈素云"), born, strict=True)
    )
    (pair,) = clinic.likeness.pairs()
    assert "name" in pair.reasons and (pair.first_name, pair.second_name) == ("陈素雲", "陈素云")


def test_other_windows_hear_that_two_were_told_apart(clinic: Clinic):
    clinic.imports.commit(Case(Patient(code, "王小明", birth_date=dt.date(1980, 5, 17)), ()) for code in ("A1", "B2"))
    heard: list[Change] = []
    clinic.changed.subscribe(heard.append)
    clinic.likeness.tell_apart("A1", "B2")
    assert [(one.kind, one.ids) for one in heard] == [(ChangeKind.PATIENT, ("A1", "B2"))]
