"""Before a pack is applied one sees what it adds, changes and withdraws, and where it contradicts what is there."""

from __future__ import annotations

from app.domain.concept import Concept, Vocabulary
from app.domain.pack_diff import Conflict, Duplicate, FieldChange, diff
from app.domain.packs import Pack, parse
from app.domain.vocabulary import core

HEADING = "code,term,aliases,en,replaces\n"


def pack(rows: str, name: str = "TM") -> Pack:
    return parse((HEADING + rows).encode(), file="tm.csv", name=name)


FIRST = pack("A01.01.,感冒,伤风,Cold,\nA01.02.,咳嗽病,,Cough,\nA01.03.,哮病,,Wheezing,\n")
HELD = Vocabulary.of(FIRST.concepts)


def test_the_same_pack_again_changes_nothing():
    again = diff(FIRST, HELD)
    assert again.empty
    assert again.unchanged == 3
    assert again.conflicts == ()
    assert [str(line) for line in again.describe()] == [
        "TM: 0 added, 0 changed, 3 unchanged, 0 withdrawn; 0 duplicates, 0 conflicts."
    ]


def test_added_changed_field_by_field_and_withdrawn():
    later = diff(pack("A01.01.,感冒,伤风|感冒病,Common cold,\nA01.02.,咳嗽病,,Cough,\nA01.04.,喘病,,Dyspnoea,\n"), HELD)
    assert [concept.code for concept in later.added] == ["A01.04."]
    assert [concept.code for concept in later.withdrawn] == ["A01.03."]
    (change,) = later.changed
    assert change.fields == (FieldChange("en", "Cold", "Common cold"), FieldChange("synonyms", "伤风", "伤风|感冒病"))
    assert later.unchanged == 1
    lines = [str(line) for line in later.describe()]
    assert lines[1:3] == ["Withdrawn: A01.03. 哮病.", "Changed: A01.01., column en: Cold → Common cold."]
    assert lines[3] == "Changed: A01.01., column aliases: 伤风 → 伤风|感冒病."
    assert lines[-1] == "Added: A01.04. 喘病."


def test_concepts_of_other_packs_are_not_withdrawn():
    assert diff(pack("SA00,感冒,,\n", name="other"), HELD).withdrawn == ()


def test_a_code_and_a_term_given_twice_are_shown_with_their_rows():
    twice = diff(pack("A01.01.,感冒,伤风,,\nA01.05.,伤风,,,\nA01.01.,感冒,,,\n"), Vocabulary.of(()))
    assert twice.duplicates == (Duplicate("code", "A01.01.", (2, 4)), Duplicate("term", "伤风", (2, 3)))
    assert [concept.synonyms for concept in twice.added] == [("伤风",), ()]


def test_a_term_of_another_concept_is_a_conflict_within_its_kind_only():
    other = pack("SA00,傷風,,,\nSA01,感冒,,,\nSE70,哮病,,,\n", name="ICD")  # the last a syndrome, of another kind
    clash = diff(other, HELD).conflicts
    held = HELD.concepts["A01.01."]
    assert clash == (
        Conflict("傷風", other.concepts[0], held, own_name=False),
        Conflict("感冒", other.concepts[1], held, own_name=True),
    )


def test_a_term_that_moves_within_the_pack_or_to_a_successor_is_no_conflict():
    moved = diff(pack("A01.01.,感冒,,Cold,\nA01.09.,伤风,,,A01.03.\nA01.02.,咳嗽病,,Cough,\n"), HELD)
    assert moved.conflicts == ()
    assert moved.replaced == (("A01.09.", "A01.03."),)
    successor = diff(pack("SA05,哮病,,,A01.03.\n", name="ICD"), HELD)
    assert successor.conflicts == ()


def test_a_code_of_the_core_is_not_redefined_unseen():
    taken = diff(parse("code,term,aliases\nsym.insomnia,不寐病,\n".encode(), name="own"), core())
    assert [change.before.zh for change in taken.taken_over] == ["失眠"]
    assert any("another source" in str(line) for line in taken.describe())


def test_a_long_report_is_cut_and_says_so():
    many = Pack("TM", FIRST.rows)
    lines = diff(many, Vocabulary.of(())).describe(limit=1)
    assert [str(line) for line in lines[1:]] == ["Added: A01.01. 感冒.", "And 2 lines more."]


def test_asking_changes_nothing():
    before = dict(HELD.concepts)
    diff(pack("A01.01.,别名,,,\n"), HELD)
    assert HELD.concepts == before
    assert isinstance(HELD.concepts["A01.01."], Concept)
