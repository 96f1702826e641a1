"""Compound pulses are read, placed on the axes and written back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import pulse
from app.domain.vocabulary import core

CODES = [concept.code for concept in core().by_kind("pulse")]
COMPOUNDS = st.lists(st.sampled_from(CODES), min_size=1, max_size=4, unique=True).map(tuple)


def _zh(text: str) -> str:
    return pulse.name(pulse.parse(text)[0])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("弦滑数", "弦滑数"),
        ("脉弦细而数", "弦细数"),
        ("细弦数", "细弦数"),
        ("两关弦", "弦"),
        ("沉细带数", "沉细数"),
        ("弦而滑", "弦滑"),
        ("脉缓和", "缓"),
        ("耎", "濡"),
        ("软", "软"),
        ("疾", "疾"),
        ("虚大", "虚大"),
        ("脉 象 弦 滑", "弦滑"),
        ("微细", "微细"),
        ("脉弦微数", "弦数"),
        ("弦细不数", "弦细"),
        ("", ""),
    ],
)
def test_a_phrase_gives_its_pulses_in_order(text: str, name: str):
    assert _zh(text) == name
    assert pulse.parse(text)[1] == ()


def test_what_is_not_understood_is_reported():
    codes, unknown = pulse.parse("脉糊滑怪异而弦")
    assert codes == ("pul.slippery", "pul.wiry")
    assert unknown == ("糊", "怪异")


def test_the_contracts_example_has_the_expected_codes():
    assert pulse.parse("弦滑数") == (("pul.wiry", "pul.slippery", "pul.rapid"), ())


@given(COMPOUNDS)
def test_a_written_compound_reads_back_to_itself(codes: tuple[str, ...]):
    assert pulse.parse(pulse.name(codes)) == (codes, ())


@given(COMPOUNDS)
def test_axes_stay_within_two_steps_of_normal(codes: tuple[str, ...]):
    values = pulse.axes(codes)
    assert tuple(values) == pulse.AXES
    assert all(-2 <= value <= 2 for value in values.values())


@given(COMPOUNDS)
def test_axes_do_not_depend_on_the_order_of_names(codes: tuple[str, ...]):
    assert pulse.axes(codes) == pulse.axes(codes[::-1])


@given(st.text(max_size=20))
def test_any_text_can_be_read(text: str):
    codes, _ = pulse.parse(text)
    assert set(codes) <= set(CODES)


def test_the_axes_say_what_the_names_mean():
    assert pulse.axes(()) == dict.fromkeys(pulse.AXES, 0.0)
    assert pulse.axes(("pul.floating",))["depth"] == -2
    assert pulse.axes(("pul.hidden",))["depth"] == 2
    assert pulse.axes(("pul.racing",))["rate"] > pulse.axes(("pul.rapid",))["rate"] > 0
    assert pulse.axes(("pul.knotted",))["rhythm"] == -2
    assert pulse.axes(("pul.rough",))["fluency"] == -2
    assert pulse.axes(("pul.wiry", "pul.soft"))["tension"] == 0


def test_every_pulse_word_of_the_vocabulary_has_its_code():
    for concept in core().by_kind("pulse"):
        for word in (concept.zh, *concept.synonyms):
            assert pulse.code_of(word) == concept.code
    assert pulse.code_of("糊") is None


def test_the_code_of_a_pack_that_was_taken_out_has_no_axes_and_is_shown_as_it_is():
    assert pulse.axes(("pul.wiry", "GB0815")) == pulse.axes(("pul.wiry",))
    assert pulse.name(("pul.wiry", "GB0815")) == "弦GB0815"
    with pytest.raises(KeyError):
        pulse.axes(("sym.insomnia",))  # a symptom is no pulse
