"""The pulse in one line and place by place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.pulse_places import PLACES, WHOLE, describe, split
from app.domain.records import Position, Side

LEFT, RIGHT = (Side.LEFT, Position.WHOLE), (Side.RIGHT, Position.WHOLE)
GUAN = (Side.LEFT, Position.GUAN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("弦滑数", {WHOLE: "弦滑数"}),
        ("左弦细 右滑数", {LEFT: "弦细", RIGHT: "滑数"}),
        ("左弦细右滑数", {LEFT: "弦细", RIGHT: "滑数"}),
        ("左关弦，右寸浮", {GUAN: "弦", (Side.RIGHT, Position.CUN): "浮"}),
        ("左寸浮关弦", {(Side.LEFT, Position.CUN): "浮", GUAN: "弦"}),
        ("尺沉", {(Side.LEFT, Position.CHI): "沉", (Side.RIGHT, Position.CHI): "沉"}),
        ("弦细 左关弦", {WHOLE: "弦细", GUAN: "弦"}),
        ("左 弦 右 滑", {LEFT: "弦", RIGHT: "滑"}),
        ("左寸 浮 右尺：沉", {(Side.LEFT, Position.CUN): "浮", (Side.RIGHT, Position.CHI): "沉"}),
        ("双关弦", {GUAN: "弦", (Side.RIGHT, Position.GUAN): "弦"}),
        ("双手弦细 左关浮", {WHOLE: "弦细", GUAN: "浮"}),
        ("", {}),
    ],
)
def test_words_go_to_the_places_they_name(text, said):
    assert split(text) == said


def test_words_without_a_place_go_where_they_are_meant():
    assert split("弦", PLACES) == dict.fromkeys(PLACES, "弦")


@pytest.mark.parametrize(
    ("text", "said"), [("左关", {}), ("弦 左寸", {WHOLE: "弦"}), ("左寸弦 右尺", {(Side.LEFT, Position.CUN): "弦"})]
)
def test_a_place_without_words_says_nothing(text, said):
    assert split(text) == said


WORDS = st.sampled_from(["弦", "弦细", "滑数", "沉", "浮紧"])


@given(st.dictionaries(st.sampled_from([*PLACES, LEFT, RIGHT, WHOLE]), WORDS, max_size=9))
def test_what_is_described_is_read_back_the_same(pulses):
    assert split(describe(pulses), PLACES if set(pulses) == set(PLACES) else ()) == pulses
