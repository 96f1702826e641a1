"""A prescription typed in one line: what it builds on, what it changes, what it does not know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.formula_line import OWN, Base, Change, FormulaLine, content, read_line, write_line
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
    assert line.unknown == ("加蓝精草10",)
    assert line.prescription.items == BEFORE.items


def test_a_herb_without_a_dose_is_told_and_a_count_is_none_missing():
    line = read_line("黄芪 白术15 大枣5")
    assert [item.raw_name for item in line.undosed] == ["黄芪"]


def test_an_empty_line_prescribes_nothing():
    assert read_line("", BEFORE).prescription.items == ()
    assert read_line("7剂", None).prescription.items == ()


TAKEN = read_line("安神方: 黄芪30 白术15 茯苓12 炙甘草6 半夏9 附子(先煎)9 生姜3片 大枣5枚 14剂").prescription


def after(text: str) -> dict[str, float | str | None]:
    """Dose or count of each herb of a line upon TAKEN, nothing of which is left open."""
    line = read_line(text, TAKEN)
    assert not (line.unknown or line.missing or line.unclear), line
    return {i.raw_name: i.raw_dose if i.grams is None else i.grams for i in line.prescription.items}


@pytest.mark.parametrize(
    "text",
    [
        "原方 去附子9",
        "原方 去附子(先煎)",
        "不用附子",
        "暂不用附子",
        "停用附子",
        "勿用附子",
        "原方减附子",
        "附子去",
        "上方：去附子",
        "原方，去附子，7剂",
    ],
)
def test_what_is_to_go_goes_however_it_is_said(text: str):
    assert "附子" not in after(text)
    assert len(after(text)) == 7


@pytest.mark.parametrize("text", ["去附子9g、半夏9g", "减半夏、附子", "去附子 半夏", "不用附子和半夏"])
def test_a_list_behind_one_word_goes_as_a_whole(text: str):
    assert not {"附子", "半夏"} & after(text).keys()


@pytest.mark.parametrize(
    ("text", "name", "grams"),
    [
        ("白术改苍术10", "苍术", 10),
        ("炒白术改生白术15", "生白术", 15),
        ("黄芪减半", "黄芪", 15),
        ("黄芪减10g", "黄芪", 20),
        ("减黄芪10", "黄芪", 20),
        ("附子减为6", "附子", 6),
        ("原方 黄芪40", "黄芪", 40),
        ("原方 生甘草6", "生甘草", 6),
        ("原方 炒白术15", "炒白术", 15),
        ("加白芍、川芎各10g", "白芍", 10),
        ("原方 黄芪、白术各20g", "黄芪", 20),
        ("加细辛.5", "细辛", 0.5),
        ("加天麻10 7剂", "天麻", 10),
        ("加天花粉 15g", "天花粉", 15),
    ],
)
def test_doses_and_exchanges_are_read_as_they_are_meant(text: str, name: str, grams: float):
    assert after(text)[name] == grams


def test_a_herb_put_for_another_takes_its_place():
    assert "白术" not in after("白术改苍术10")
    assert list(after("白术改苍术10"))[1] == "苍术"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("黄芪30 天麻10 7剂", 7),
        ("大枣5 天冬15g 7剂", 7),
        ("白术15 日1剂 7剂", 7),
        ("白术15 每日1剂，共7剂", 7),
        ("3天后复诊 白术15 7剂", 7),
        ("原方 七剂", 7),
        ("白术15", None),
        ("黄芩10、天花粉15", None),
        ("白术15 1000剂", None),
    ],
)
def test_the_number_of_doses_is_no_dose_of_a_herb(text: str, days: float | None):
    assert read_line(text, TAKEN).prescription.days == days


def test_a_note_is_the_new_one_where_one_is_given_and_stays_else():
    notes = {i.raw_name: i.note for i in read_line("原方 附子(久煎)9 半夏9包煎", TAKEN).prescription.items}
    assert (notes["附子"], notes["半夏"]) == ("久煎", "包煎")
    assert next(i.note for i in read_line("原方 附子6", TAKEN).prescription.items if i.raw_name == "附子") == "先煎"


@pytest.mark.parametrize("text", ["原方 加黄芪10", "黄芪加10"])
def test_more_of_a_herb_that_is_there_could_be_either_and_is_asked_about(text: str):
    line = read_line(text, TAKEN)
    assert line.unclear
    assert line.prescription.items == TAKEN.items


@pytest.mark.parametrize(
    "text", ["黄芪30g*白术15g", "黄芪1-3g", "黄芪30 1000剂", "黄芪abc", "黄芪(白术15)30", "某某方 黄芪30"]
)
def test_what_is_not_understood_is_told(text: str):
    assert read_line(text).unknown


def test_a_word_that_changes_nothing_is_told():
    assert read_line("原方 加半夏", TAKEN).idle == ("半夏",)


def test_what_stands_before_a_colon_is_a_title_only_where_it_is_a_name():
    line = read_line("黄芪30 白术15 另包：三七3 7剂")
    assert doses(line) == {"黄芪": 30, "白术": 15}
    assert line.unknown == ("另包:三七3",)
    assert read_line("酸枣仁汤 加黄芪30 另：龙骨30").unknown


def test_two_preparations_of_one_herb_are_two_and_the_same_named_twice_is_asked_about():
    assert doses(read_line("生白术30 炒白术15")) == {"生白术": 30, "炒白术": 15}
    twice = read_line("黄芪30 白术15 黄芪20")
    assert twice.unclear == ("黄芪20",)
    both = read_line("生白术30 炒白术15 黄芪30").prescription
    assert doses(read_line("原方 去炒白术", both)) == {"生白术": 30, "黄芪": 30}
    assert read_line("原方 去白术", both).unclear == ("白术",)
    assert doses(read_line("原方合二陈汤", both)).items() >= {"生白术": 30.0, "炒白术": 15.0}.items()


def test_a_herb_put_for_another_that_is_there_already_is_asked_about():
    before = read_line("白术15 苍术10").prescription
    line = read_line("原方 白术改苍术15", before)
    assert line.unclear
    assert line.prescription.items == before.items


def test_two_numbers_of_doses_are_not_both_meant():
    assert read_line("黄芪30 7剂 14剂").unknown == ("14剂",)
    assert read_line("黄芪30 7剂 7剂").unknown == ()
    assert read_line("酸枣仁汤 1.5剂").prescription.days == 1.5


@pytest.mark.parametrize("title", ["处方", "二诊", "改方", "中药", "Rp"])
def test_a_heading_is_no_formula(title: str):
    assert read_line(f"{title}：黄芪30").prescription.formula == ""


def test_a_prescription_that_no_line_can_say_stands_for_itself():
    pair = Prescription(
        (PrescriptionItem("赤白芍", "herb.chishao", 7.0), PrescriptionItem("赤白芍", "herb.baishao", 3.0))
    )
    assert content(read_line(OWN, TAKEN, pair).prescription) == content(pair)
    assert doses(read_line(f"{OWN} 加黄芪30", TAKEN, pair))["黄芪"] == 30


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
