"""Terms that several concepts claim are shown; the shipped vocabulary has none within a kind."""

from __future__ import annotations

from app.domain.concept import Concept, Vocabulary
from app.domain.duplicates import duplicates
from app.domain.local_terms import LocalVocabulary, using
from app.domain.pack_diff import diff
from app.domain.packs import parse
from app.domain.terminology import everything
from app.domain.vocabulary import core


def concept(code: str, zh: str, kind: str, *synonyms: str) -> Concept:
    return Concept(code, zh, "", "", kind, synonyms)


def test_no_term_of_the_shipped_tables_conflicts_within_its_kind():
    found = duplicates(everything())
    assert found.conflicts == ()
    assert any(set(one.kinds) == {"herb", "formula"} for one in found.across)  # 左金丸 and its like
    assert duplicates(core()).conflicts == ()


def test_a_term_of_two_concepts_of_one_kind_is_a_conflict_with_the_one_that_is_found_in_front():
    vocabulary = Vocabulary.of(
        [
            concept("a", "心慌", "symptom", "悸"),
            concept("b", "心悸", "symptom", "心慌", "悸"),
            concept("c", "怔忡", "symptom"),
        ]
    )
    found = duplicates(vocabulary)
    assert [(one.term, [c.code for c in one.owners]) for one in found.conflicts] == [
        ("心慌", ["a", "b"]),
        ("悸", ["a", "b"]),
    ]
    assert found.across == ()
    for one in found.conflicts:
        assert vocabulary.find(one.term) == one.owners[0]
    assert str(found.describe()[0]) == ("Conflict: 心慌 belongs to several concepts of one kind: 心慌 (a)、心悸 (b).")


def test_a_term_of_two_kinds_is_told_apart_from_a_conflict():
    found = duplicates(Vocabulary.of([concept("a", "黃疸", "symptom"), concept("b", "黄疸", "disease")]))
    assert found.conflicts == ()
    assert [one.kinds for one in found.across] == [("symptom", "disease")]
    assert "several kinds" in str(found.describe()[0])


def test_everything_knows_herbs_formulas_and_the_clinics_own():
    local = LocalVocabulary((concept("x.1", "本院病", "disease"),), {"herb": {"老黄芪王": "herb.huangqi"}})
    with using(local):
        assert (found := everything().find("老黄芪王", "herb")) and found.code == "herb.huangqi"
        assert "x.1" in everything().concepts
    assert (found := everything().find("小柴胡汤")) and found.kind == "formula"
    assert "x.1" not in everything().concepts


def test_a_pack_of_herbs_is_compared_with_the_table_of_herbs():
    made = parse("code,term,aliases,kind\nY001,黄芪,北芪,herb\n".encode(), name="clinic")
    clashes = diff(made, everything()).conflicts
    assert [(clash.term, clash.owner.code, clash.own_name) for clash in clashes] == [
        ("黄芪", "herb.huangqi", True),
        ("北芪", "herb.huangqi", False),
    ]
