"""Whom each filter finds, on every kind of clinic; the filters kept under a name."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import update

from app.domain.errors import KnownError
from app.domain.patient_filter import PatientFilter
from app.domain.records import (
    Case,
    DateBasis,
    Diagnosis,
    Observation,
    Patient,
    Prescription,
    PrescriptionItem,
    ValueKind,
    Visit,
    VisitKind,
)
from app.store import finding
from app.store.clinic import Clinic
from app.store.roles import NotAllowedError, Role
from app.store.tables import saved_filter

TODAY = dt.date.today()
INSOMNIA, COUGH = Diagnosis("disease", "不寐"), Diagnosis("western", "Cough", "dis.cough")
FIRE, PHLEGM = Diagnosis("syndrome", "肝郁化火", "syn.liver_fire"), Diagnosis("syndrome", "痰湿")
CHAIHU, BAIZHU, RARE = (
    PrescriptionItem("柴胡", "herb.chaihu", 9.0),
    PrescriptionItem("炒白术", "herb.baizhu", 12.0),
    PrescriptionItem("无名草"),
)


def course(person: Patient, ago: int, scores: tuple[float, ...], *said: Diagnosis | PrescriptionItem | str) -> Case:
    """Weekly visits with a score each; the last one so many days ago; what is said is said at the first."""
    visits = []
    for n, score in enumerate(scores):
        items = tuple(one for one in said if isinstance(one, PrescriptionItem))
        formula = next((one for one in said if isinstance(one, str)), "")
        visits.append(
            Visit(
                number=n + 1,
                kind=VisitKind.FOLLOW_UP if n else VisitKind.FIRST,
                day=7.0 * n,
                basis=DateBasis.EXACT,
                date=TODAY - dt.timedelta(days=ago + 7 * (len(scores) - 1 - n)),
                observations=(Observation("sym.insomnia", ValueKind.SCORE, number=score),),
                diagnoses=() if n else tuple(one for one in said if isinstance(one, Diagnosis)),
                prescriptions=(Prescription(items, formula),) if items and not n else (),
            )
        )
    return Case(person, tuple(visits))


@pytest.fixture
def people(clinic: Clinic) -> Clinic:
    clinic.imports.commit(
        [
            course(Patient("A", "陈素云", "F", age=46.0), 0, (4, 2), INSOMNIA, FIRE, CHAIHU, BAIZHU, "丹栀逍遥散"),
            course(Patient("B", "单志远", "M", age=58.5), 3, (2, 3), INSOMNIA, PHLEGM, CHAIHU, "二陈汤"),
            course(Patient("C", "王喆", "M", birth_date=dt.date(TODAY.year - 30, 1, 1)), 30, (1, 1), COUGH, RARE),
            course(Patient("D", "李桂芳", "F"), 400, (0, 6, 1)),
            Case(Patient("E", "欧阳静", "F", age=33.0), ()),
        ]
    )
    return clinic


def found(clinic: Clinic, **asked: object) -> str:
    """Codes in the order of the list."""
    given = PatientFilter(**asked)  # type: ignore[arg-type]
    ids = clinic.queries.find(given).ids
    rows = clinic.queries.rows(ids)
    assert len(clinic.queries.find(given)) == len(ids)
    return "".join(rows[key].code for key in ids)


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({}, "ABCDE"),
        ({"text": "wang"}, "C"),
        ({"diagnoses": ("不寐",)}, "AB"),
        ({"diagnoses": ("dis.cough",)}, "C"),
        ({"diagnoses": ("不寐", "dis.cough")}, "ABC"),
        ({"diagnoses": ("syn.liver_fire",)}, ""),
        ({"syndromes": ("syn.liver_fire",)}, "A"),
        ({"syndromes": ("痰湿",)}, "B"),
        ({"syndromes": ("syn.liver_fire", "痰湿")}, "AB"),
        ({"formulas": ("二陈汤",)}, "B"),
        ({"formulas": ("二陈汤", "丹栀逍遥散")}, "AB"),
        ({"herbs": ("herb.chaihu",)}, "AB"),
        ({"herbs": ("herb.chaihu", "herb.baizhu")}, "A"),
        ({"herbs": ("无名草",)}, "C"),
        ({"herbs": ("herb.nothing",)}, ""),
        ({"sex": "M"}, "BC"),
        ({"age_from": 40.0}, "AB"),
        ({"age_to": 46.0}, "ACE"),
        ({"age_from": 58.0, "age_to": 58.0}, "B"),
        ({"seen_within": 0}, "A"),
        ({"seen_within": 3}, "AB"),
        ({"seen_from": TODAY - dt.timedelta(days=100), "seen_to": TODAY - dt.timedelta(days=1)}, "BC"),
        ({"seen_to": TODAY - dt.timedelta(days=3)}, "BCD"),
        ({"seen_within": 100, "seen_from": TODAY - dt.timedelta(days=10)}, "AB"),
        ({"worse": True}, "BD"),
        ({"worse": True, "sex": "F"}, "D"),
        ({"text": "P", "worse": True}, ""),
        ({"beyond": True}, ""),
        ({"at_risk": True}, ""),
    ],
)
def test_a_filter_finds_whom_it_asks_for(people: Clinic, asked: dict[str, object], codes: str):
    assert found(people, **asked) == codes


def test_without_scores_worse_means_more_symptoms(clinic: Clinic):
    def signs(*counts: int) -> tuple[Visit, ...]:
        return tuple(
            dataclasses.replace(
                course(Patient("x"), 0, (0.0,)).visits[0],
                number=n + 1,
                day=float(n),
                observations=tuple(
                    Observation(f"sym.s{k}", ValueKind.CODE, code=f"sym.s{k}", negated=k >= count) for k in range(3)
                ),
            )
            for n, count in enumerate(counts)
        )

    clinic.imports.commit([Case(Patient("more"), signs(1, 3, 2)), Case(Patient("fewer"), signs(2, 1))])
    assert found(clinic, worse=True) == "more"


def test_what_a_model_found_is_asked_by_the_patients_number(people: Clinic):
    numbers = {"A": (0.7, 0.2), "B": (0.1, 0.001), "C": (None, None)}
    queries = people.queries
    for asked, codes in (
        (PatientFilter(beyond=True), {"B"}),
        (PatientFilter(at_risk=True), {"A"}),
        (PatientFilter(beyond=True, at_risk=True), set()),
        (PatientFilter(beyond=True, age_from=50.0), {"B"}),
    ):
        ids = queries.find(asked, lambda: numbers).ids
        assert {row.code for row in queries.rows(ids).values()} == codes


def test_ones_own_pins_come_first(people: Clinic):
    for code in ("E", "C", "C"):
        people.marks.pin(code)
    assert people.marks.pinned() == ["C", "E"]
    assert found(people) == "CEABD"
    assert found(people, sex="F") == "EAD"
    assert people.queries.find().pinned == 2
    assert found(people, pinned=True) == "CE"
    assert [row.code for row in people.queries.search() if row.pinned] == ["C", "E"]
    people.marks.unpin("C")
    people.marks.unpin("A")
    assert found(people) == "EABCD"


def test_a_pin_is_a_persons_own(people: Clinic):
    people.marks.pin("A")
    people.accounts.add("院长", [Role.ADMINISTRATOR, Role.CLINICIAN], "chief's passphrase")
    people._desk.actor = dataclasses.replace(people.actor, name="院长")
    assert found(people, pinned=True) == ""
    people.marks.pin("B")
    people._desk.actor = dataclasses.replace(people.actor, name="李医师")
    assert people.marks.pinned() == []
    assert not any(row.pinned for row in people.queries.search())


def test_a_patient_is_found_by_tags_and_each_change_of_them_is_undone(people: Clinic):
    marks = people.marks
    assert marks.add_tag("A", " 随访  中 ")
    assert marks.add_tag("A", "Trial")
    assert marks.add_tag("B", "trial")
    assert not marks.add_tag("B", "TRIAL")
    assert marks.tags("A") == ["随访 中", "Trial"]
    assert [(one.text, one.count) for one in people.filters.choices("tags")] == [("Trial", 2), ("随访 中", 1)]
    assert people.undoing.history("B")[0].fields == {"name": (None, "trial")}
    assert found(people, tags=("trial",)) == "AB"
    assert found(people, tags=("TRIAL", "随访中")) == "A"
    assert [row.tags for row in people.queries.search(limit=2)] == [("随访 中", "Trial"), ("trial",)]
    assert marks.remove_tag("B", "Trial")
    assert not marks.remove_tag("B", "Trial")
    assert found(people, tags=("trial",)) == "A"
    assert "trial" in people.undoing.undo()
    assert found(people, tags=("trial",)) == "AB"
    people.undoing.undo()
    assert marks.tags("B") == []


def test_the_tag_of_a_patient_who_is_gone_counts_no_more(people: Clinic):
    people.marks.add_tag("E", "随访")
    record = people.patients.open("E")
    people.patients.delete("E", version=record.version, visits=record.visits)
    assert [one.key for one in people.filters.choices("tags")] == []
    assert people.queries.row_of("E") is None
    people.undoing.undo()
    assert [(one.text, one.count) for one in people.filters.choices("tags")] == [("随访", 1)]


def test_two_who_become_one_keep_a_tag_once(people: Clinic):
    for code in ("A", "B"):
        people.marks.add_tag(code, "随访")
    people.patients.merge("A", "B")
    (row,) = [row for row in people.queries.search() if row.code == "A"]
    assert row.tags == ("随访",)
    assert people.marks.remove_tag("A", "随访")
    assert people.marks.tags("A") == []


def test_an_answer_that_is_remembered_follows_every_change(people: Clinic):
    for _ in range(2):
        assert found(people, herbs=("herb.chaihu",)) == "AB"
        assert found(people, herbs=("herb.chaihu",), sex="M") == "B"
    people.imports.commit([course(Patient("F", "高翔", "M"), 1, (1,), CHAIHU)])
    assert found(people, herbs=("herb.chaihu",)) == "AFB"
    record = people.patients.open("A")
    people.patients.delete("A", version=record.version, visits=record.visits)
    assert found(people, herbs=("herb.chaihu",)) == "FB"
    people.undoing.undo()
    assert found(people, herbs=("herb.chaihu",)) == "AFB"


def test_many_who_are_found_come_in_the_order_of_the_list(people: Clinic, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(finding, "FEW", 1)
    people.marks.pin("B")
    assert found(people, diagnoses=("不寐", "dis.cough")) == "BAC"
    assert found(people, diagnoses=("不寐",), age_from=50.0) == "B"
    for n in range(20):
        found(people, herbs=(f"herb.{n}",))
    assert found(people, diagnoses=("不寐",)) == "BA"


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\x00b"])
def test_what_is_no_tag_is_refused(people: Clinic, name: str):
    with pytest.raises(KnownError, match="tag"):
        people.marks.add_tag("A", name)


def test_the_choices_are_the_clinics_own_with_their_counts(people: Clinic):
    def told(kind: str) -> list[tuple[str, int]]:
        return [(one.key, one.count) for one in people.filters.choices(kind)]

    assert told("diagnoses") == [("不寐", 2), ("dis.cough", 1)]
    assert set(told("syndromes")) == {("syn.liver_fire", 1), ("痰湿", 1)}
    assert set(told("formulas")) == {("丹栀逍遥散", 1), ("二陈汤", 1)}
    assert told("herbs")[0] == ("herb.chaihu", 2)
    assert set(told("herbs")[1:]) == {("herb.baizhu", 1), ("无名草", 1)}
    assert {one.text for one in people.filters.choices("syndromes")} == {"肝郁化火", "痰湿"}
    with pytest.raises(ValueError, match="herbs"):
        people.filters.choices("planets")


def test_a_filter_is_kept_under_a_name(people: Clinic):
    asked = PatientFilter(herbs=("herb.chaihu",), worse=True)
    people.filters.save(" 柴胡  加重 ", PatientFilter())
    people.filters.save("柴胡 加重", asked)
    people.filters.save("Away", PatientFilter(seen_to=dt.date(2024, 1, 1)))
    assert [(one.name, one.filter) for one in people.filters.list()][1] == ("柴胡 加重", asked)
    assert people.filters.get("柴胡 加重") == asked
    people.filters.remove("Away")
    people.filters.remove("Away")
    assert [one.name for one in people.filters.list()] == ["柴胡 加重"]
    with pytest.raises(KnownError, match="Away"):
        people.filters.get("Away")
    with pytest.raises(KnownError, match="name of a filter"):
        people.filters.save(" ", asked)


def test_a_filter_of_a_newer_version_hides_none_of_the_others(people: Clinic):
    people.filters.save("old", PatientFilter(worse=True))
    people.filters.save("new", PatientFilter(worse=True))
    with people._desk.database.write() as connection:
        connection.execute(update(saved_filter).where(saved_filter.c.name == "new").values(content={"aura": 1}))
    assert {one.name: one.filter for one in people.filters.list()} == {"old": PatientFilter(worse=True), "new": None}
    with pytest.raises(KnownError, match="aura"):
        people.filters.get("new")


def test_who_may_not_see_patients_may_neither_filter_nor_mark_them(plain: Clinic):
    plain._desk.actor = dataclasses.replace(plain.actor, roles=frozenset((Role.RESEARCHER,)))
    for ask in (plain.queries.find, plain.marks.pinned, plain.filters.list):
        with pytest.raises(NotAllowedError):
            ask()
