import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.herbs import PREPARED, herbs, is_processing, match
from app.paths import RESOURCES


def zh(raw: str) -> str:
    found = match(raw).herb
    return "" if found is None else found.zh


def test_the_table_holds_at_least_four_hundred_herbs_besides_prepared_medicines():
    assert sum(not herb.prepared for herb in herbs().values()) >= 400


def test_every_herb_has_a_code_of_its_own_names_in_two_languages_and_pinyin():
    table = list(herbs().values())
    with (RESOURCES / "terminology" / "herbs.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(table)  # no code stands twice
    assert len({herb.zh for herb in table}) == len(table)
    for herb in table:
        assert herb.zh, herb.code
        assert herb.en, herb.code
        assert herb.pinyin, herb.code
        assert herb.source, herb.code
        assert herb.code.startswith("med." if herb.category == PREPARED else "herb."), herb.code


def test_an_alias_belongs_to_one_herb_and_is_nobodys_own_name():
    names = {herb.zh for herb in herbs().values()}
    aliases = [alias for herb in herbs().values() for alias in herb.aliases]
    assert len(set(aliases)) == len(aliases)
    assert not names & set(aliases)


def test_dose_ranges_are_in_order():
    for herb in herbs().values():
        if herb.dose_low is not None:
            assert herb.dose_high is not None
            assert 0 < herb.dose_low <= herb.dose_high, herb.zh


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("银花", "金银花"),
        ("元参", "玄参"),
        ("川连", "黄连"),
        ("丹皮", "牡丹皮"),
        ("杞子", "枸杞子"),
        ("双钩", "钩藤"),
        ("归身", "当归"),
        ("广皮", "陈皮"),
        ("杏仁", "苦杏仁"),
        ("甜杏仁", "甜杏仁"),
        ("川贝", "川贝母"),
        ("象贝", "浙贝母"),
        ("广橘红", "橘红"),
    ],
)
def test_classical_names_find_their_herb(raw: str, name: str):
    assert zh(raw) == name


@pytest.mark.parametrize(
    ("raw", "name", "processing"),
    [
        ("姜半夏", "半夏", "姜"),
        ("炙甘草", "甘草", "炙"),
        ("酒炒白芍", "白芍", "酒炒"),
        ("盐水炒杜仲", "杜仲", "盐水炒"),
        ("炒黄川贝", "川贝母", "炒黄"),
        ("黄芩炭", "黄芩", "炭"),
        ("半夏(姜制)", "半夏", "姜制"),
        ("生石膏末", "石膏", "生"),
        ("朱茯神", "茯神", "朱"),
    ],
)
def test_processing_is_taken_off_and_kept(raw: str, name: str, processing: str):
    found = match(raw)
    assert found.herb is not None
    assert (found.herb.zh, found.processing) == (name, processing)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("生地", "地黄"),
        ("熟地", "熟地黄"),
        ("生姜", "生姜"),
        ("干姜", "干姜"),
        ("炮姜", "炮姜"),
        ("制首乌", "制何首乌"),
        ("首乌", "何首乌"),
        ("胆星", "胆南星"),
        ("大黄", "大黄"),
        ("小茴香", "小茴香"),
        ("赤茯苓", "赤茯苓"),
        ("淡竹叶", "淡竹叶"),
        ("姜黄", "姜黄"),
        ("天花粉", "天花粉"),
        ("麻黄根", "麻黄根"),
        ("枇杷叶露", "枇杷叶露"),
    ],
)
def test_a_herb_of_its_own_is_never_shortened_to_another(raw: str, name: str):
    assert zh(raw) == name


@pytest.mark.parametrize("raw", ["杜牛膝", "天龙", "小连翘", "苦地丁", "枸杞根", "桂", "决明", "黄豆汤", "参", "大"])
def test_what_no_rule_explains_stays_unmapped(raw: str):
    assert match(raw).herb is None


def test_spelling_width_and_brackets_do_not_matter():
    assert zh(" 黄 芪 ") == zh("黄芪（炙）") == zh("【黄芪】黄芪") == "黄芪"


def test_a_name_of_two_herbs_gives_both():
    assert [herb.zh for herb in match("天麦冬").all] == ["天冬", "麦冬"]
    assert [herb.zh for herb in match("辰拌茯苓神").all] == ["茯苓", "茯神"]
    assert [herb.zh for herb in match("建泽泻陈皮").all] == ["泽泻", "陈皮"]


def test_every_match_names_its_rule():
    rules = {
        raw: match(raw).rule for raw in ("黄芪", "元参", "天麦冬", "炒白芍", "川桂枝", "知母片", "生绵", "川朴甘草")
    }
    assert rules == {
        "黄芪": "exact",
        "元参": "alias",
        "天麦冬": "pair",
        "炒白芍": "processing",
        "川桂枝": "qualifier",
        "知母片": "part",
        "生绵": "damaged",
        "川朴甘草": "run_on",
    }
    assert match("炒川桂枝").rule == "processing+qualifier"
    assert match("又加陈皮").rule == "lead_in"
    assert match("说不清").rule == ""


def test_a_prepared_medicine_is_known_as_such_and_is_no_herb():
    found = match("牛黄清心丸").herb
    assert found is not None
    assert found.prepared
    assert not herbs()["herb.huangqi"].prepared


def test_words_of_processing_are_told_from_names():
    assert is_processing("姜汁炒黄")
    assert is_processing("酒炒")
    assert not is_processing("黄芪")
    assert not is_processing("")


@given(st.text(max_size=60))
def test_any_text_at_all_is_matched_or_left_alone(raw: str):
    found = match(raw)
    assert (found.herb is None) == (found.rule == "")


@given(st.sampled_from(sorted(herbs())), st.sampled_from(["炒", "炙", "酒炒", "盐水炒", "煨", "煅"]))
def test_processing_before_any_herb_does_not_turn_it_into_another(code: str, word: str):
    herb = herbs()[code]
    found = match(word + herb.zh)
    if found.rule == "processing":  # a few are aliases of their own
        assert found.herb == herb


def test_strong_poisons_are_marked_and_never_hide_behind_a_mild_name():
    table = herbs()
    for code in ("badou", "badoushuang", "chuanwu", "caowu", "maqianzi", "banmao", "pishuang", "hongfen", "tianxianzi"):
        assert table[f"herb.{code}"].toxicity == "有大毒", code
    for name, code in (("关木通", "guanmutong"), ("广防己", "guangfangji"), ("壁虎", "bihu"), ("炮乌头", "zhichuanwu")):
        found = match(name).herb
        assert found is not None
        assert found.code == f"herb.{code}"
        assert found.toxicity
