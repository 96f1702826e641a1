"""Terms read as the field reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.herbs import herbs
from app.domain.pinyin import plain, toned, toneless
from app.domain.vocabulary import core


@pytest.mark.parametrize(
    ("term", "reading"),
    [
        ("白术", "bái zhú"),
        ("术后", "shù hòu"),
        ("恶寒", "wù hán"),
        ("恶心欲呕", "ě xīn yù ǒu"),
        ("西洋参", "xī yáng shēn"),
        ("阿胶珠", "ē jiāo zhū"),
        ("", ""),
        ("A型", "A xíng"),
    ],
)
def test_a_character_of_several_readings_is_read_as_the_field_reads_it(term: str, reading: str):
    assert toned(term) == reading


def test_typed_pinyin_is_letters_alone():
    assert toneless("女贞子") == "nvzhenzi"
    assert plain("lǜ dòu") == "lvdou"


def test_nearly_all_shipped_names_are_read_as_the_tables_read_them():
    shipped = [(h.zh, h.pinyin) for h in herbs().values()] + [(c.zh, c.pinyin) for c in core().concepts.values()]
    other = [name for name, reading in shipped if toneless(name.split("(")[0]) not in plain(reading)]
    assert len(other) <= 0.01 * len(shipped), other


@given(st.text(max_size=40))
def test_any_text_can_be_read(text: str):
    assert plain(toned(text)).isascii()
