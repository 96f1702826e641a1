from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from app.domain import local_terms, packs, vocabulary
from app.domain.errors import KnownError
from app.domain.herbs import match
from app.domain.records import Case, Diagnosis, Patient, Prescription, PrescriptionItem, Visit
from app.store.clinic import Clinic
from app.store.observer import ChangeKind
from tests.app.store.cases import START, simulated, undated

UNKNOWN = [
    {"kind": "herb", "term": "绵祁", "count": 3, "file": "a.csv", "row": 7, "column": "处方"},
    {"kind": "syndrome", "term": "肝郁发火", "count": 1, "file": "a.csv", "row": 9, "column": "证型"},
]


def said(number: int) -> Visit:
    base = undated(number, 7.0 * number)
    return Visit(
        base.number,
        base.kind,
        base.day,
        base.basis,
        diagnoses=(Diagnosis("syndrome", "肝郁发火"), Diagnosis("western", "肝郁发火")),
        prescriptions=(
            Prescription((PrescriptionItem("绵 祁", "", 9.0), PrescriptionItem("白术", "herb.baizhu", 9.0))),
        ),
    )


CASES = [Case(Patient("P1"), (said(1), said(2))), Case(Patient("P2"), (said(1),))]


def report(unknown: list) -> str:
    return json.dumps({"unknown": unknown}, ensure_ascii=False)


@pytest.fixture
def asking(clinic: Clinic) -> Clinic:
    clinic.imports.commit(CASES, report_json=report(UNKNOWN))
    return clinic


def test_unknown_terms_of_imports_wait_in_one_queue(asking: Clinic):
    asking.imports.commit(CASES, report_json=report([{**UNKNOWN[0], "term": "绵　祁", "count": 2, "row": 1}]))
    items = asking.review.items()
    assert [(item.kind, item.term, item.count, item.file, item.row) for item in items] == [
        ("herb", "绵祁", 5, "a.csv", 7),
        ("syndrome", "肝郁发火", 1, "a.csv", 9),
    ]
    assert [item.term for item in asking.review.items(kind="syndrome")] == ["肝郁发火"]


def test_suggestions_are_ranked(asking: Clinic):
    herb, syndrome = asking.review.items()
    assert "herb.huangqi" in [one.code for one in asking.review.suggestions(herb)]
    assert asking.review.suggestions(syndrome)[0].code in vocabulary.core().concepts


def test_coding_a_term_codes_what_is_stored_and_teaches_the_next_import(asking: Clinic):
    item = asking.review.items(kind="herb")[0]
    assert asking.review.code(item.id, "herb.huangqi") == 3
    for case in asking.queries.cases():
        assert [one.herb for visit in case.visits for one in visit.prescriptions[0].items][::2] == [
            "herb.huangqi"
        ] * len(case.visits)
    with local_terms.using(asking.terms.local()):
        found = match("绵祁").herb
        assert found is not None and found.code == "herb.huangqi"
    assert match("绵祁").herb is None  # nobody else's vocabulary is changed
    assert asking.review.items(kind="herb") == []
    assert [item.code for item in asking.review.items(state="coded")] == ["herb.huangqi"]


def test_a_file_imported_again_after_the_review_changes_nothing(asking: Clinic):
    asking.review.code(asking.review.items(kind="herb")[0].id, "herb.huangqi")
    coded = list(asking.queries.cases())
    again = asking.imports.commit(coded)
    assert (again.visits_added, again.visits_updated, again.visits_unchanged) == (0, 0, 3)


def test_a_syndrome_is_coded_among_the_syndromes_alone_and_can_be_undone(asking: Clinic):
    before = list(asking.queries.cases())
    item = asking.review.items(kind="syndrome")[0]
    code = asking.review.suggestions(item)[0].code
    asking.review.code(item.id, code)
    made = asking.queries.case("P2").visits[0].diagnoses
    assert [(one.kind, one.code) for one in made] == [("syndrome", code), ("western", "")]
    asking.undoing.undo()
    assert list(asking.queries.cases()) == before


def test_a_term_may_stay_as_it_is_written_and_be_asked_again(asking: Clinic):
    item = asking.review.items()[0]
    asking.review.keep(item.id)
    asking.imports.commit(CASES, report_json=report(UNKNOWN))
    assert [one.term for one in asking.review.items()] == ["肝郁发火"]
    asking.review.reopen(item.id)
    assert len(asking.review.items()) == 2
    with pytest.raises(KnownError, match="no term with the number 99"):
        asking.review.keep(99)


def test_a_term_cannot_mean_what_is_not_there(asking: Clinic):
    item = asking.review.items(kind="herb")[0]
    with pytest.raises(KnownError):
        asking.review.code(item.id, "herb.none")
    assert len(asking.review.items()) == 2
    assert asking.terms.synonyms() == []


# ---- packs -----------------------------------------------------------------------------------------------------------

FIRST = "code,term,aliases\nA01.,肝系病,肝病类\nB02.01.,肝郁证甲,郁证甲|郁证乙\n"
LATER = "code,term,aliases\nB02.01.,肝郁证甲,郁证甲\nC03.,疏肝法,\n"


def pack(text: str) -> packs.Pack:
    return packs.parse(text.encode(), name="GB/T 试")


def test_a_pack_is_compared_before_it_is_applied_and_holds_afterwards(clinic: Clinic):
    changes = clinic.terms.diff(pack(FIRST))
    assert (len(changes.added), len(changes.changed), len(changes.withdrawn)) == (2, 0, 0)
    assert clinic.terms.packs() == []
    clinic.terms.apply(pack(FIRST), "2021")
    with local_terms.using(clinic.terms.local()):
        found = vocabulary.active().find("郁证乙", "syndrome")
        assert found is not None and found.code == "B02.01."
    (loaded,) = clinic.terms.packs()
    assert (loaded.name, loaded.version, loaded.who, loaded.concepts) == ("GB/T 试", "2021", "tester", 2)
    assert clinic.terms.diff(pack(FIRST)).empty


def test_a_later_version_withdraws_what_it_leaves_out(clinic: Clinic):
    clinic.terms.apply(pack(FIRST))
    changes = clinic.terms.apply(pack(LATER))
    assert [one.code for one in changes.added] == ["C03."]
    assert [one.code for one in changes.withdrawn] == ["A01."]
    with local_terms.using(clinic.terms.local()):
        known = vocabulary.active().concepts
        assert known["A01."].valid_to == dt.date.today().isoformat()
        assert not known["A01."].in_force(START.replace(year=2200))
        assert known["B02.01."].synonyms == ("郁证甲",)
    clinic.terms.remove("GB/T 试")
    assert clinic.terms.local().concepts == ()
    with pytest.raises(KnownError, match="no vocabulary pack"):
        clinic.terms.remove("GB/T 试")


def test_a_pack_that_would_redefine_the_shipped_vocabulary_is_refused(clinic: Clinic):
    with pytest.raises(KnownError, match=r"sym\.fever"):
        clinic.terms.apply(pack("code,term,aliases\nsym.fever,别的,\n"))
    assert clinic.terms.packs() == []


def test_a_clinics_own_synonyms_can_be_entered_and_taken_out(clinic: Clinic, tmp_path: Path):
    clinic.terms.add_synonym("symptom", "心里发慌慌", "sym.palpitation")
    (one,) = clinic.terms.synonyms()
    assert (one.kind, one.term, one.code, one.who) == ("symptom", "心里发慌慌", "sym.palpitation", "tester")
    with pytest.raises(KnownError):
        clinic.terms.add_synonym("symptom", "发热", "sym.palpitation")  # means something else already
    clinic.terms.remove_synonym("symptom", "心里 发慌慌")
    assert clinic.terms.synonyms() == []


def test_a_term_that_was_unlearned_is_asked_about_again(clinic: Clinic):
    unknown = {"kind": "symptom", "term": "心里发慌慌", "count": 2, "file": "a.csv", "row": 3, "column": "症状"}
    clinic.imports.commit([simulated(1)], report_json=json.dumps({"unknown": [unknown]}))
    heard: list[ChangeKind] = []
    clinic.changed.subscribe(lambda change: heard.append(change.kind))
    (item,) = clinic.review.items()
    clinic.review.code(item.id, "sym.palpitation")
    assert ChangeKind.VOCABULARY in heard  # so that windows speak the new term
    assert clinic.review.items() == []
    clinic.terms.remove_synonym("symptom", "心里发慌慌")
    assert [one.term for one in clinic.review.items()] == ["心里发慌慌"]
