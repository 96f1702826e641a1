"""The hint how hard a passphrase is to guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store import keys
from app.ui.pages.passphrase import MIN_LENGTH
from app.ui.strength import Strength, bits, strength


@pytest.mark.parametrize(
    "weak", ["password", "12345678", "aaaaaaaaaaaa", "qwertyuiop", "woaini1314", "Password1", "密码密码密码"]
)
def test_what_everybody_tries_first_is_weak(weak: str) -> None:
    assert strength(weak) is Strength.POOR


@pytest.mark.parametrize("good", ["白日依山尽 1688", "correct horse battery staple", "kV7#pw2!Zq9x"])
def test_unrelated_words_and_mixed_signs_are_good(good: str) -> None:
    assert strength(good) >= Strength.GOOD


@given(st.text(max_size=40), st.characters(exclude_categories=["Cs"]))
def test_another_sign_never_makes_much_weaker_and_nothing_breaks_it(text: str, more: str) -> None:
    assert bits(text) >= 0
    assert strength(text + more) in Strength


def test_a_row_of_keys_counts_less_than_the_same_keys_in_disorder() -> None:
    assert bits("abcdefgh") < bits("hbfdagce")


def test_the_form_asks_for_as_many_signs_as_the_store() -> None:
    assert MIN_LENGTH == keys.MIN_PASSPHRASE
