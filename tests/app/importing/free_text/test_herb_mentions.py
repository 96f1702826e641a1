"""Herbs where a text names them. All texts here are invented."""

from __future__ import annotations

import pytest

from app.importing.free_text.herb_mentions import find_herbs


def named(text: str) -> list[tuple[str, str, str]]:
    """(words, dose, change)"""
    return [(text[h.start : h.end], h.dose, h.change) for h in find_herbs(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("拟方。制半夏（四钱） 枳实（二钱五分）茯苓（六钱）", ["制半夏", "枳实", "茯苓"]),
        ("黄芪30g 白术15g 水煎服 7剂", ["黄芪", "白术"]),
        ("黄芪30g、白术15克，甘草6g。", ["黄芪", "白术", "甘草"]),
        ("拟方。制香附 广皮 茯苓 炒竹茹\n照服三帖。", ["制香附", "广皮", "茯苓", "炒竹茹"]),
        ("处方：\n黄芪 30g\n白术 15g", ["黄芪", "白术"]),
        ("方药：党参、白术、茯苓、甘草。", ["党参", "白术", "茯苓", "甘草"]),
        ("知母钱半 白芍 甘草各二钱", ["知母", "白芍", "甘草"]),
        ("滋液之大生地（六钱）", ["大生地"]),
        ("用薄荷煎汤，山药糊丸。", ["薄荷", "山药"]),
        ("另川贝三分，研末调服。", ["川贝"]),
        ("阿胶(烊化)9g", ["阿胶"]),
        ("百合（二两） 半夏（三钱）", ["百合", "半夏"]),
    ],
)
def test_herbs_are_found_where_they_are_given(text: str, names: list[str]):
    assert [name for name, _, _ in named(text)] == names


def test_doses_are_kept_as_written():
    assert named("制半夏（二钱，打） 黄芪30g 阿胶(烊化)9g 甘草") == [
        ("制半夏", "二钱，打", ""),
        ("黄芪", "30g", ""),
        ("阿胶", "9g，烊化", ""),
        ("甘草", "", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "前医误用麻黄三钱，致汗不止。",
        "服小青龙汤三剂。",
        "脉沉（左手）而细。",
        "煎成两碗，早晚分服。",
        "白芍（二钱，甘草汤炒）",
        "年三十岁，病七日。",
    ],
)
def test_herbs_that_prose_only_talks_about_are_left_alone(text: str):
    assert [name for name, _, _ in named(text) if name != "白芍"] == []


def test_changes_say_what_they_do_to_each_herb():
    assert named("上方去黄芩、知母，加栀子10g，枣仁改15g。") == [
        ("黄芩", "", "out"),
        ("知母", "", "out"),
        ("栀子", "10g", "into"),
        ("枣仁", "15g", "set"),
    ]
    assert named("照前方减干姜一钱。") == [("干姜", "一钱", "less")]


def test_a_name_no_table_explains_is_a_mention_without_code():
    (mention,) = find_herbs("拟方。怪药子（三钱）")
    assert (mention.codes, mention.dose) == ((), "三钱")


def test_one_name_of_two_herbs_carries_both_codes():
    (mention,) = find_herbs("茯苓神（各二钱）")
    assert mention.codes == ("herb.fuling", "herb.fushen")
