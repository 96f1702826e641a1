"""A prescription is looked over: pairs, doses, poisons, pregnancy; it warns in a fixed order and never refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.herbs import herbs
from app.domain.prescription import parse_formula_text
from app.domain.records import PrescriptionItem
from app.domain.safety import FORBIDDEN, WITH_CAUTION, Caution, Rule, check, pairs


def cautions(text: str, *, pregnant: bool | None = False, daily: bool = True) -> tuple[Caution, ...]:
    return check(parse_formula_text(text), pregnant=pregnant, daily=daily)


def names(found: tuple[Caution, ...], rule: Rule) -> list[tuple[str, ...]]:
    return [tuple(herbs()[code].zh for code in caution.herbs) for caution in found if caution.rule is rule]


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("甘草6g 海藻9g", ("甘草", "海藻")),
        ("制附片9g 姜半夏9g", ("附子", "半夏")),
        ("制川乌3g 瓜蒌皮9g", ("制川乌", "瓜蒌皮")),
        ("花粉12g 附子9g", ("天花粉", "附子")),
        ("浙贝9g 制草乌2g", ("浙贝母", "制草乌")),
        ("藜芦0.5g 丹参12g", ("藜芦", "丹参")),
    ],
)
def test_an_incompatible_pair_is_named_whatever_the_form_of_the_herbs(text: str, pair: tuple[str, str]):
    found = cautions(text)
    assert names(found, Rule.INCOMPATIBLE) == [pair]
    assert found[0].countersign


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("丁香2g 郁金9g", ("丁香", "郁金")),
        ("人参9g 五灵脂6g", ("人参", "五灵脂")),
        ("官桂3g 赤石脂9g", ("肉桂", "赤石脂")),
        ("三棱6g 朴硝6g", ("三棱", "芒硝")),
    ],
)
def test_an_antagonistic_pair_is_named(text: str, pair: tuple[str, str]):
    assert names(cautions(text), Rule.ANTAGONISTIC) == [pair]


def test_a_plain_formula_within_its_ranges_draws_no_caution():
    assert cautions("桂枝9g 白芍9g 炙甘草6g 生姜9g 大枣10g") == ()


def test_a_dose_outside_its_range_is_told_with_range_and_source():
    (above,) = cautions("细辛6g")[:1]
    assert above.rule is Rule.DOSE_ABOVE
    assert above.message().params == {"herb": "细辛", "grams": "6", "low": "1", "high": "3"}
    assert above.source.startswith("ChP 2020")
    assert [c.rule for c in cautions("石膏6g")] == [Rule.DOSE_BELOW]
    assert cautions("黄芪30g") == ()
    assert cautions("黄芪30g 党参9g 白术") == ()  # an item without a dose is not judged


def test_the_grams_of_a_batch_are_no_daily_doses():
    assert names(cautions("熟地黄240g", daily=False), Rule.DOSE_ABOVE) == []
    assert names(cautions("熟地黄240g"), Rule.DOSE_ABOVE) == [("熟地黄",)]


def test_a_herb_that_stands_twice_is_told_and_its_doses_are_added():
    items = [PrescriptionItem("黄芪", "herb.huangqi", 20.0), PrescriptionItem("炙黄芪", "herb.huangqi", 20.0)]
    found = check(items, pregnant=False)
    assert [c.rule for c in found] == [Rule.DOSE_ABOVE, Rule.REPEATED]
    assert found[0].message().params["grams"] == "40"
    assert found[1].message().params["count"] == 2


def test_a_poison_is_told_with_its_grade_and_one_without_an_oral_dose_wants_a_second_signature():
    assert names(cautions("附子9g"), Rule.TOXIC) == [("附子",)]
    raw = cautions("川乌3g")[0]
    assert raw.rule is Rule.NO_ORAL_DOSE
    assert raw.countersign
    assert raw.message("en").params["grade"] == "very poisonous"


def test_pregnancy_is_judged_by_what_is_known_of_it():
    text = "桃仁9g 水蛭2g"
    known = cautions(text, pregnant=True)
    assert names(known, Rule.PREGNANCY_FORBIDDEN) == [("水蛭",)]
    assert names(known, Rule.PREGNANCY_CAUTION) == [("桃仁",)]
    assert {Rule.PREGNANCY_FORBIDDEN, Rule.PREGNANCY_CAUTION}.isdisjoint(c.rule for c in cautions(text, pregnant=False))
    unknown = cautions(text, pregnant=None)
    assert names(unknown, Rule.PREGNANCY_FORBIDDEN) == [("水蛭",)]
    assert names(unknown, Rule.PREGNANCY_CAUTION) == []
    assert "not recorded" in str(unknown[0].message())


def test_the_gravest_comes_first_and_the_order_does_not_change():
    text = "甘草20g 海藻6g 水蛭2g 附子9g 半夏9g"
    found = cautions(text, pregnant=True)
    assert found == cautions(text, pregnant=True)
    order = list(Rule)
    places = [order.index(c.rule) for c in found]
    assert places == sorted(places)
    assert names(found, Rule.INCOMPATIBLE) == [("甘草", "海藻"), ("附子", "半夏")]


def test_the_rhymes_are_complete_and_every_pair_names_its_source():
    eighteen = {pair.group for pair in pairs() if pair.rule is Rule.INCOMPATIBLE}
    nineteen = {pair.group for pair in pairs() if pair.rule is Rule.ANTAGONISTIC}
    assert eighteen == {"甘草", "乌头", "藜芦"}
    assert len(nineteen) == 9
    assert all(pair.source for pair in pairs())
    assert len({pair.herbs for pair in pairs()}) == len(pairs())


def test_the_table_of_herbs_says_pregnancy_forms_and_the_source_of_each_dose():
    table = herbs().values()
    assert {herb.pregnancy for herb in table} == {"", FORBIDDEN, WITH_CAUTION}
    assert sum(herb.pregnancy == FORBIDDEN for herb in table) >= 35
    assert sum(herb.pregnancy == WITH_CAUTION for herb in table) >= 50
    assert all(bool(herb.dose_source) == (herb.dose_low is not None) for herb in table)
    assert sum(bool(herb.processing) for herb in table) >= 150
    assert "熟大黄" in herbs()["herb.dahuang"].processing


@given(st.lists(st.tuples(st.sampled_from(sorted(herbs())), st.none() | st.floats(0, 1e6)), max_size=12))
def test_any_prescription_at_all_is_judged_and_every_sentence_can_be_said(drawn: list[tuple[str, float | None]]):
    items = [PrescriptionItem(herbs()[code].zh, code, grams) for code, grams in drawn]
    for caution in check(items, pregnant=True):
        for language in ("zh", "en"):
            assert "{" not in str(caution.message(language))
