"""A clinic's own terms hold inside a block and nowhere else; what cannot be is refused before the block."""

from __future__ import annotations

import contextvars
import threading
from dataclasses import replace

import pytest

from app.domain import pulse
from app.domain.concept import Concept
from app.domain.errors import KnownError
from app.domain.formulas import find
from app.domain.herbs import match
from app.domain.local_terms import NOTHING, LocalVocabulary, current, learned, using
from app.domain.scores import scale_of
from app.domain.vocabulary import active, core

OWN = Concept("x.clinic.01", "心里发空", "Hollow heart", "xīn lǐ fā kōng", "symptom", ("心空",), scale="main")
LOCAL = LocalVocabulary(
    concepts=(OWN,),
    synonyms={
        "symptom": {"心里发慌": "sym.palpitation", "寐不好": "sym.insomnia"},
        "pulse": {"琴弦脉": "pul.wiry"},
        "herb": {"老黄芪王": "herb.huangqi", "當歸王": "herb.danggui"},
        "formula": {"本院一号": "form.guizhitang"},
    },
)


def test_without_a_clinic_the_core_is_what_holds():
    assert current() is NOTHING
    assert active() is core()


def test_local_concepts_and_synonyms_hold_inside_the_block_and_only_there():
    with using(LOCAL):
        assert active().find("心里发慌", "symptom") == active().concepts["sym.palpitation"]
        assert "心里发慌" in active().concepts["sym.palpitation"].synonyms
        assert active().find("心空") == OWN
        assert scale_of("x.clinic.01") == "main"
        assert pulse.parse("琴弦脉而数") == (("pul.wiry", "pul.rapid"), ())
        assert (found := match("炒老黄芪王").herb) and found.zh == "黄芪"
        assert (found := match("当归王").herb) and found.zh == "当归"
        assert (formula := find("本院一号加减")) and formula.zh == "桂枝汤"
    assert core().find("心里发慌") is None
    assert "x.clinic.01" not in active().concepts
    assert pulse.code_of("琴弦脉") is None
    assert match("老黄芪王").herb is None
    assert find("本院一号") is None


def test_the_vocabulary_of_one_clinic_is_put_together_once():
    with using(LOCAL):
        first = active()
    with using(replace(LOCAL)):
        assert active() is not first
    with using(LOCAL):
        assert active() is first


def test_a_synonym_moves_to_the_concept_the_clinic_gives_it():
    with using(LocalVocabulary(synonyms={"symptom": {"不寐": "sym.palpitation"}})):
        assert (found := active().find("不寐")) and found.code == "sym.palpitation"
        assert "不寐" not in active().concepts["sym.insomnia"].synonyms
    assert (found := core().find("不寐")) and found.code == "sym.insomnia"


def test_a_local_concept_stands_for_the_core_one_of_its_code():
    renamed = replace(core().concepts["sym.insomnia"], zh="夜不能寐", synonyms=("失眠",))
    with using(LocalVocabulary(concepts=(renamed,))):
        assert active().label("sym.insomnia") == "夜不能寐"
        assert active().find("失眠") == renamed


def test_what_is_learned_is_a_new_object_that_knows_more():
    first = learned(NOTHING, "symptom", {" 心里发慌 ": "sym.palpitation"})
    second = learned(first, "herb", {"老黄芪王": "herb.huangqi", "老当归王": "herb.danggui"})
    assert first.synonyms == {"symptom": {"心里发慌": "sym.palpitation"}}
    assert set(second.synonyms) == {"symptom", "herb"}
    with pytest.raises(KnownError):
        learned(second, "herb", {"甘草": "herb.huangqi"})
    assert NOTHING.synonyms == {}


@pytest.mark.parametrize(
    ("kind", "term", "code"),
    [
        ("symptom", "某症", "sym.nothing"),
        ("symptom", "某症", "pul.wiry"),  # of another kind
        ("symptom", "头痛", "sym.insomnia"),  # the name of another concept
        ("symptom", "  ", "sym.insomnia"),
        ("herb", "某药", "herb.nothing"),
        ("herb", "甘草", "herb.huangqi"),
        ("herb", "()", "herb.huangqi"),
        ("formula", "某方", "form.nothing"),
    ],
)
def test_a_synonym_that_cannot_be_is_refused_before_the_block(kind: str, term: str, code: str):
    entered = False
    with pytest.raises(KnownError, match="local synonym"), using(LocalVocabulary(synonyms={kind: {term: code}})):
        entered = True
    assert not entered
    assert current() is NOTHING


def test_a_thread_has_the_terms_only_where_the_context_is_handed_over():
    seen: list[bool] = []

    def look() -> None:
        seen.append(active() is core())

    with using(LOCAL):
        for target in (look, lambda context=contextvars.copy_context(): context.run(look)):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
    assert seen == [True, False]
