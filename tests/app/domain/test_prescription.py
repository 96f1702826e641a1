import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.modification import parse_modification
from app.domain.prescription import items_of, modify, parse_formula_text
from app.domain.records import Prescription
from app.domain.units import UnitConvention


def plain(text: str) -> list[tuple[str, float | None]]:
    return [(item.herb.removeprefix("herb."), item.grams) for item in parse_formula_text(text)]


def grams(formula: Prescription) -> dict[str, float | None]:
    return {item.herb.removeprefix("herb."): item.grams for item in formula.items}


BASE = Prescription(tuple(parse_formula_text("石膏四两 知母三钱 甘草二钱 粳米一合 桂枝二钱")))


def rebuilt(text: str) -> Prescription:
    change = parse_modification(text)
    return modify(BASE, change.removed, change.added, replaced=change.replaced, reduced=change.reduced)


def test_a_modern_line_is_read_herb_by_herb():
    assert plain("黄芪30g、白术15g 半夏(先煎)9g") == [("huangqi", 30.0), ("baizhu", 15.0), ("banxia", 9.0)]
    assert plain("黄芪30g白术15g炙甘草6克大枣3枚")[1:] == [("baizhu", 15.0), ("gancao", 6.0), ("dazao", None)]


def test_a_classical_line_is_read_herb_by_herb():
    assert plain("连翘（三钱） 知母（钱半）三七三钱") == [("lianqiao", 9.0), ("zhimu", 4.5), ("sanqi", 9.0)]


def test_an_each_dose_reaches_back_over_the_undosed():
    assert plain("白芍 甘草各二钱") == [("baishao", 6.0), ("gancao", 6.0)]


def test_handling_and_processing_are_kept():
    first, second = parse_formula_text("生石膏30克（先煎），酒炒白芍（三钱）")
    assert (first.processing, first.note) == ("生", "先煎")
    assert (second.processing, second.raw_name) == ("酒炒", "酒炒白芍")


def test_a_pair_shares_its_dose_unless_each_has_it():
    assert [item.grams for item in items_of("天麦冬", "各三钱")] == [9.0, 9.0]
    assert [item.grams for item in items_of("天麦冬", "三钱")] == [4.5, 4.5]
    assert [item.grams for item in items_of("制半夏淡黄芩", "三钱")] == [None, 9.0]


def test_raw_and_roasted_together_with_each_is_twice_the_dose():
    assert [item.grams for item in items_of("生熟谷芽", "各三钱")] == [18.0]


def test_an_unknown_name_keeps_its_words_and_dose():
    (item,) = items_of("新纱", "三钱", UnitConvention.KUPING)
    assert (item.herb, item.raw_name, item.grams) == ("", "新纱", pytest.approx(11.19))


def test_herbs_are_taken_out_and_added():
    made = rebuilt("于前方内去石膏、知母，加∶连翘（三钱） 桔梗（二钱）")
    assert grams(made) == {"gancao": 6.0, "jingmi": None, "guizhi": 6.0, "lianqiao": 9.0, "jiegeng": 6.0}
    assert made.mode == "modified"


def test_adding_a_herb_that_is_there_raises_its_dose_and_a_total_sets_it():
    assert grams(rebuilt("原方加知母二钱"))["zhimu"] == 15.0
    assert grams(rebuilt("脉洪数，加石膏八两，成十二两。"))["shigao"] == 360.0
    assert grams(rebuilt("于前方加知母二钱，共成五钱"))["zhimu"] == 15.0


def test_less_of_a_herb_lowers_it_and_less_without_amount_takes_it_out():
    assert grams(rebuilt("于原方减石膏三两"))["shigao"] == 30.0
    assert grams(rebuilt("前方减桂枝之半"))["guizhi"] == 3.0
    assert "guizhi" not in grams(rebuilt("前方减桂枝"))
    assert "guizhi" not in grams(rebuilt("前方减桂枝二钱"))  # nothing is left of it


def test_an_abbreviation_counts_where_one_herb_of_the_formula_has_the_character():
    assert "guizhi" not in grams(rebuilt("前方去桂"))


@pytest.mark.parametrize("text", ["照前方。", "仍服原方二帖", "再服三帖。", "效不更方", "原方四帖"])
def test_the_same_again_refers_to_the_formula_before_and_changes_nothing(text: str):
    change = parse_modification(text)
    assert change.base_reference
    assert not change.changes
    assert modify(BASE, change.removed, change.added) == Prescription(BASE.items, mode="repeated")


@pytest.mark.parametrize(
    "text",
    [
        "大势已解，邪去八九，余焰尚存。",
        "寒热减半，痛去，咳减，食加。",
        "如不效，可加半夏三钱。",
        "若舌苔干燥，腹痛止，去川椒，加茯苓五钱。",
        "予明日再来发汗，主人亲自去买，方得药。",
    ],
)
def test_prose_and_conditions_are_no_changes(text: str):
    assert not parse_modification(text).changes


def test_a_particular_earlier_formula_is_told_by_its_name():
    assert parse_modification("仍服前活络方去川椒，加广陈皮。").named == "活络"
    assert parse_modification("仍服十一日方").named == "十一日"


def test_stopping_is_told():
    assert parse_modification("停药三日").stopped


def test_unseparated_names_are_cut_apart():
    change = parse_modification("前方去甘遂黑丑，加范志曲姜汁")
    assert change.removed == ("甘遂黑丑",)
    assert [item.herb for item in change.added] == ["herb.jianshenqu", "herb.shengjiangzhi"]


@given(st.text(alphabet="于前方内去加减石膏知母桂枝一二三钱两半成共，。、（） \n如若再服x9g", max_size=60))
def test_any_words_are_read_without_trouble_and_never_below_zero(text: str):
    made = rebuilt(text)
    assert all(item.grams is None or item.grams >= 0 for item in made.items)


@given(st.text(max_size=120))
def test_any_text_is_a_formula_or_none(text: str):
    for item in parse_formula_text(text):
        assert item.raw_name


def test_a_bare_number_is_grams_in_a_modern_line_but_not_behind_what_is_counted():
    assert plain("党参15白术10 大枣5") == [("dangshen", 15.0), ("baizhu", 10.0), ("dazao", None)]
    (item,) = parse_formula_text("党参15", UnitConvention.KUPING)
    assert item.grams is None


def test_words_on_the_whole_formula_are_no_herbs():
    assert plain("1.黄芪30 g 2.炙甘草6g×7剂，水煎服，每日2次") == [("huangqi", 30.0), ("gancao", 6.0)]


def test_a_herb_that_is_taken_out_in_the_line_is_not_given():
    assert plain("黄芪30 半夏9g 白术15g 去半夏 加陈皮6克") == [("huangqi", 30.0), ("baizhu", 15.0), ("chenpi", 6.0)]


def test_three_charred_digestives_share_their_dose():
    assert plain("焦三仙30g") == [("maiya", 10.0), ("shanzha", 10.0), ("liushenqu", 10.0)]


def test_modern_changes_keep_their_grams():
    made = rebuilt("上方去石膏加苍术10g，减桂枝为3g，知母改12g，以生地易甘草")
    assert grams(made) == {"cangzhu": 10.0, "guizhi": 3.0, "zhimu": 12.0, "jingmi": None, "dihuang": None}


def test_taking_out_a_part_leaves_the_rest():
    assert grams(rebuilt("前方去石膏二两，桂枝一钱"))["shigao"] == 60.0
    assert grams(rebuilt("前方去石膏二两，桂枝一钱"))["guizhi"] == 3.0


def test_names_run_together_behind_a_dose_are_all_added():
    change = parse_modification("前方加生姜三片大枣二枚，龙骨、牡蛎各三钱")
    assert [(i.herb.removeprefix("herb."), i.grams) for i in change.added][:2] == [
        ("shengjiang", None),
        ("dazao", None),
    ]
    assert [i.grams for i in parse_modification("前方加龙骨、牡蛎各三钱").added] == [9.0, 9.0]


def test_a_change_knows_where_it_names_each_herb():
    text = "上方去黄芩、知母，减干姜一钱，加栀子10g，枣仁改15g"
    change = parse_modification(text)
    assert [(text[p.start : p.end], p.change) for p in change.places] == [
        ("黄芩", "out"),
        ("知母", "out"),
        ("干姜", "less"),
        ("栀子", "into"),
        ("枣仁", "set"),
    ]
    assert [(item.herb, item.grams) for item in change.added] == [("herb.zhizi", 10.0)]
    assert [(item.herb, item.grams) for item in change.replaced] == [("herb.suanzaoren", 15.0)]
