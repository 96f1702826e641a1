"""A term is found by what one types of it."""

from __future__ import annotations

import pytest

from app.domain.errors import KnownError
from app.domain.lookup import lookup


@pytest.mark.parametrize(
    ("typed", "kind", "wanted"),
    [
        ("失眠", "symptom", "失眠"),
        ("失", "symptom", "失眠"),
        ("shim", "symptom", "失眠"),
        ("睡不着", "symptom", "失眠"),
        ("insom", "symptom", "失眠"),
        ("szr", "herb", "酸枣仁"),
        ("hq", "herb", "黄芪"),
        ("szrt", "formula", "酸枣仁汤"),
        ("xiaochaihut", "formula", "小柴胡汤"),
    ],
)
def test_by_chinese_initials_pinyin_synonym_or_english(typed: str, kind: str, wanted: str):
    names = [one.zh for one in lookup(typed, kind)]
    assert wanted in names


def test_a_name_goes_before_a_synonym_and_the_beginning_before_the_middle():
    assert lookup("胁痛", "symptom")[0].zh == "胁痛"
    first, *_ = lookup("xt", "symptom")
    assert first.zh in ("胸痛", "胁痛")


def test_each_concept_stands_once():
    codes = [one.code for one in lookup("s", "symptom", limit=50)]
    assert len(codes) == len(set(codes))


def test_a_misspelt_chinese_term_is_still_found():
    assert "黄芩" in [one.zh for one in lookup("黄苓", "herb")]


def test_nothing_typed_finds_nothing_and_an_unknown_kind_is_told():
    assert lookup("  ", "herb") == []
    with pytest.raises(KnownError, match="no kind"):
        lookup("x", "colour")
