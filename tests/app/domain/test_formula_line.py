"""A prescription typed in one line: what it builds on, what it changes, what it does not know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.formula_line import Base, Change, FormulaLine, read_line, write_line
from app.domain.herbs import herbs
from app.domain.prescription import parse_formula_text
from app.domain.records import Prescription, PrescriptionItem

BEFORE = Prescription(tuple(parse_formula_text("酸枣仁15 柴胡10 黄连3 半夏9")), formula="酸枣仁汤", days=14)


def doses(line: FormulaLine) -> dict[str, float | None]:
    return {item.raw_name: item.grams for item in line.prescription.items}


def changes(line: FormulaLine) -> dict[str, str]:
    return {one.item.raw_name: one.change for one in line.lines if one.change}


def test_a_name_the_visit_before_bears_means_the_formula_as_it_was_taken():
    line = read_line("酸枣仁汤 去黄连 加百合12 柴胡6g 7剂", BEFORE)
    assert line.base is Base.BEFORE
    assert doses(line) == {"酸枣仁": 15, "柴胡": 6, "半夏": 9, "百合": 12}
    assert changes(line) == {"柴胡": "lowered", "百合": "added", "黄连": "removed"}
    assert (line.prescription.formula, line.prescription.days, line.prescription.mode) == ("酸枣仁汤", 7, "modified")


def test_behind_a_name_the_formula_itself_means_the_book():
    line = read_line("酸枣仁汤本方 川芎9", BEFORE)
    assert line.base is Base.BOOK
    assert doses(line) == {"酸枣仁": 15, "甘草": 3, "知母": 6, "茯苓": 6, "川芎": 9}
    assert changes(line) == {"川芎": "raised"}


def test_changes_without_a_name_are_changes_of_the_formula_before():
    line = read_line("黄芪30 白术15 去半夏 加陈皮6g", BEFORE)
    assert line.base is Base.BEFORE
    assert doses(line) == {"酸枣仁": 15, "柴胡": 10, "黄连": 3, "黄芪": 30, "白术": 15, "陈皮": 6}


def test_herbs_alone_are_a_formula_of_their_own():
    line = read_line("黄芪30白术15 甘草6g", BEFORE)
    assert line.base is Base.NONE
    assert doses(line) == {"黄芪": 30, "白术": 15, "甘草": 6}
    assert changes(line) == {}  # nothing of the formula before is in it: a comparison would say nothing


@pytest.mark.parametrize("words", ["原方", "守方", "守上方", "效不更方", "前方", "上诊方"])
def test_words_for_the_formula_before_repeat_it(words: str):
    assert read_line(words, BEFORE).prescription.items == BEFORE.items


@pytest.mark.parametrize(
    "text", ["原方去黄连加百合12", "原方 去黄连 加百合12g", "原方去黄连、加百合12克", "上方 百合12 去黄连"]
)
def test_spacing_does_not_matter(text: str):
    assert doses(read_line(text, BEFORE)) == {"酸枣仁": 15, "柴胡": 10, "半夏": 9, "百合": 12}


def test_what_follows_a_word_for_taking_out_is_taken_out_until_a_dose_comes():
    line = read_line("原方 去黄连 半夏 百合12", BEFORE)
    assert doses(line) == {"酸枣仁": 15, "柴胡": 10, "百合": 12}


@pytest.mark.parametrize(
    ("text", "grams"), [("酸枣仁改20", 20), ("酸枣仁改为20g", 20), ("酸枣仁20", 20), ("减酸枣仁5", 10)]
)
def test_a_dose_is_set_or_lowered(text: str, grams: float):
    assert doses(read_line(f"原方 {text}", BEFORE))["酸枣仁"] == grams


def test_a_name_and_a_colon_name_exactly_the_herbs_that_follow():
    line = read_line("安神方：酸枣仁15 柴胡10 黄连6", BEFORE)
    assert (line.prescription.formula, line.base) == ("安神方", Base.NONE)
    assert changes(line) == {"黄连": "raised", "半夏": "removed"}
    assert read_line("处方：黄芪30").prescription.formula == ""


def test_two_formulas_join_and_a_ready_made_one_at_the_head_is_the_formula():
    joined = read_line("小柴胡汤合五苓散 去大枣")
    assert {"柴胡", "茯苓", "泽泻"} <= doses(joined).keys()
    assert "大枣" not in doses(joined)
    assert read_line("逍遥散 薄荷6").base is Base.BOOK
    assert doses(read_line("逍遥丸6")) == {"逍遥丸": 6}


def test_names_that_contain_a_word_of_change_stay_whole():
    assert doses(read_line("刺五加15 五加皮10")) == {"刺五加": 15, "五加皮": 10}


def test_names_that_begin_like_a_dose_are_read():
    assert doses(read_line("百合12 半枝莲15 两头尖3")) == {"百合": 12, "半枝莲": 15, "两头尖": 3}


def test_what_is_no_herb_and_what_is_not_there_are_told():
    line = read_line("原方 去人参 加蓝精草10", BEFORE)
    assert line.missing == ("人参",)
    assert line.unknown == ("蓝精草10",)
    assert line.prescription.items == BEFORE.items


def test_a_herb_without_a_dose_is_told_and_a_count_is_none_missing():
    line = read_line("黄芪 白术15 大枣5")
    assert [item.raw_name for item in line.undosed] == ["黄芪"]


def test_an_empty_line_prescribes_nothing():
    assert read_line("", BEFORE).prescription.items == ()
    assert read_line("7剂", None).prescription.items == ()


NAMES = [herb.zh for herb in herbs().values() if not herb.prepared]
ITEMS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(1, 60)), min_size=1, max_size=15, unique_by=lambda pair: pair[0]
)


@given(ITEMS, st.sampled_from(["", "安神方", "酸枣仁汤"]), st.sampled_from([None, 7.0]))
def test_a_written_line_is_read_as_the_same_prescription(pairs, name, days):
    codes = {herb.zh: herb.code for herb in herbs().values()}
    items = tuple(PrescriptionItem(zh, codes[zh], float(grams)) for zh, grams in pairs)
    given_one = Prescription(items, formula=name, days=days)
    again = read_line(write_line(given_one), BEFORE).prescription
    assert [(i.herb, i.grams) for i in again.items] == [(i.herb, i.grams) for i in items]
    assert (again.formula, again.days) == (name, days)


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str):
    line = read_line(text, BEFORE)
    assert {one.item for one in line.lines if one.change is not Change.REMOVED} == set(line.prescription.items)
