"""Traditional and simplified spellings meet in one concept, place by place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import script
from app.domain.herbs import herbs, match
from app.domain.prescription import parse_formula_text
from app.domain.script import simplified, simplified_aligned
from app.domain.vocabulary import core


@pytest.mark.parametrize(
    ("traditional", "plain"),
    [
        ("乾薑", "干姜"),
        ("口乾咽燥", "口干咽燥"),
        ("乾坤", "乾坤"),
        ("產後腹痛", "产后腹痛"),
        ("皇后", "皇后"),
        ("裏急後重", "里急后重"),
        ("裡急後重", "里急后重"),
        ("六神麴", "六神曲"),
        ("穀芽", "谷芽"),
        ("於朮", "于术"),
        ("頭髮", "头发"),
        ("發熱", "发热"),
        ("臟躁", "脏躁"),
        ("癥瘕積聚", "癥瘕积聚"),
        ("欬嗽", "咳嗽"),
        ("脈沈細", "脉沉细"),
        ("沈氏", "沈氏"),
        ("沈香", "沉香"),
        ("黃蘗", "黄柏"),
        ("口眼喎斜", "口眼喎斜"),
        ("心中懊憹", "心中懊憹"),
        ("㿗疝", "㿗疝"),
        ("pulse 80/min", "pulse 80/min"),
    ],
)
def test_words_decide_where_one_character_has_several_counterparts(traditional: str, plain: str):
    assert simplified(traditional) == plain


@pytest.mark.parametrize(
    ("written", "herb"),
    [
        ("黃耆", "黄芪"),
        ("黃芪", "黄芪"),
        ("乾薑", "干姜"),
        ("生薑", "生姜"),
        ("薑半夏", "半夏"),
        ("神麴", "六神曲"),
        ("鬱金", "郁金"),
        ("酒炒白芍藥", "白芍"),
        ("製附子", "附子"),
        ("淡豆豉", "淡豆豉"),
        ("鱉甲", "鳖甲"),
        ("鼈甲", "鳖甲"),
        ("於朮", "白术"),
        ("北五味子", "五味子"),
        ("蘇葉", "紫苏叶"),
    ],
)
def test_a_herb_in_traditional_characters_is_found(written: str, herb: str):
    found = match(written).herb
    assert found is not None
    assert found.zh == herb


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("發熱", "sym.fever"),
        ("髮熱", "sym.fever"),
        ("口乾", core().find("口干").code),  # type: ignore[union-attr]
        ("惡寒", "sym.chills"),
        ("欬嗽", "sym.cough"),
        ("氣虛", "ele.qi_deficiency"),
        ("肝鬱氣滯", "syn.liver_qi_stagnation"),
    ],
)
def test_a_finding_in_traditional_characters_is_found(written: str, code: str):
    found = core().find(written)
    assert found is not None
    assert found.code == code


def test_a_prescription_in_traditional_characters_has_its_herbs_and_doses_and_keeps_its_words():
    items = parse_formula_text("黃耆三錢 白朮二錢（炒） 附子（先煎）一兩 薑半夏錢半 大棗兩枚")
    assert [(herbs()[item.herb].zh, item.grams) for item in items] == [
        ("黄芪", 9.0),
        ("白术", 6.0),
        ("附子", 30.0),
        ("半夏", 4.5),
        ("大枣", None),
    ]
    assert [item.raw_name for item in items] == ["黃耆", "白朮", "附子", "薑半夏", "大棗"]


def test_every_name_of_the_vocabulary_finds_itself_in_traditional_characters():
    from opencc import OpenCC

    to_traditional = OpenCC("s2t")
    lost = [
        (concept.zh, to_traditional.convert(concept.zh))
        for concept in core().concepts.values()
        if core().find(to_traditional.convert(concept.zh), concept.kind) != concept
    ]
    assert lost == []
    names = [herb.zh for herb in herbs().values()]
    lost_herbs = [name for name in names if (found := match(to_traditional.convert(name)).herb) and found.zh != name]
    assert lost_herbs == []


def test_simplified_terms_are_left_as_they_are():
    terms = {t for c in core().concepts.values() for t in (c.zh, *c.synonyms)}
    terms |= {name for herb in herbs().values() for name in (herb.zh, *herb.aliases)}
    assert {term for term in terms if simplified(term) != term} == {"濇", "澀", "黄檗", "黄耆"}  # listed as variants
    for herb in herbs().values():
        assert all(match(alias).herb == herb for alias in herb.aliases), herb.zh


def test_a_word_that_changes_length_is_converted_character_by_character(monkeypatch: pytest.MonkeyPatch):
    class Longer:
        def convert(self, text: str) -> str:
            return "软件" if text == "軟體" else {"軟": "软", "體": "体"}.get(text, text) + "x" * (len(text) > 2)

    monkeypatch.setattr(script, "_opencc", lambda: Longer())
    script._character.cache_clear()
    assert simplified("軟體體") == "软体体"
    script._character.cache_clear()


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x9FFF), max_size=80))
def test_length_and_places_are_kept_whatever_the_text(text: str):
    made, places = simplified_aligned(text)
    assert len(made) == len(text)
    assert places == tuple(range(len(text)))
    assert all(made[i] == text[places[i]] or ord(text[places[i]]) >= 0x3400 for i in range(len(made)))
