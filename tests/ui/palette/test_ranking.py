"""How a few letters find a text: whole before beginning, beginning before a word inside, that before scattered."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.commands import COMMANDS, CONTEXT
from app.ui.palette import entries, ranking
from app.ui.palette.entries import COMMAND, PATIENT, Entry, Found, ranked, spoken
from app.ui.palette.ranking import Rank, signs
from app.ui.translation import in_chinese

WORDS = [(c.id, text) for c in COMMANDS for text in (c.text, in_chinese(CONTEXT, c.text))]
OFFERED = [Entry(COMMAND, c.id, c.text, "", "", (in_chinese(CONTEXT, c.text),)) for c in COMMANDS]


def how(query: str, text: str) -> Rank | None:
    found = ranking.match(query, signs(text, spoken))
    return None if found is None else found.rank


def found_marks(query: str, text: str) -> str:
    found = ranking.match(query, signs(text, spoken))
    assert found is not None
    return "".join(text[place] for place in found.marks)


@pytest.mark.parametrize(
    ("query", "text", "rank"),
    [
        ("forecast", "Forecast", Rank.EXACT),
        ("fore", "Forecast again", Rank.PREFIX),
        ("again", "Forecast again", Rank.WORD),
        ("fcag", "Forecast again", Rank.SCATTERED),
        ("训练", "训练模型…", Rank.PREFIX),
        ("模型", "训练模型…", Rank.WORD),
        ("xunlianmoxing", "训练模型…", Rank.EXACT),
        ("xun lian", "训练模型…", Rank.PREFIX),
        ("xlmx", "训练模型…", Rank.EXACT),
        ("xunlmx", "训练模型…", Rank.EXACT),
        ("训lianm", "训练模型…", Rank.PREFIX),
        ("xmx", "训练模型…", Rank.SCATTERED),
        ("ＦＯＲＥ", "Forecast", Rank.PREFIX),
    ],
)
def test_the_rank_is_where_the_letters_stand(query: str, text: str, rank: Rank) -> None:
    assert how(query, text) is rank


@pytest.mark.parametrize(
    ("query", "text"), [("orecast", "Forecast"), ("zz", "Forecast"), ("", "Forecast"), ("…", "打开…")]
)
def test_letters_that_begin_no_word_find_nothing(query: str, text: str) -> None:
    assert how(query, text) is None


def test_what_was_found_is_marked_letter_by_letter() -> None:
    assert found_marks("xlmo", "训练模型…") == "训练模"
    assert found_marks("fa", "Forecast again") == "Fa"
    assert found_marks("again", "Forecast again") == "again"


@pytest.mark.parametrize(("command", "text"), WORDS)
def test_every_command_is_found_first_by_its_exact_text(command: str, text: str) -> None:
    assert text in {t for c in COMMANDS if c.id == ranked(text, OFFERED, spoken)[0].entry.key for t in _texts(c.id)}


@pytest.mark.parametrize(("command", "text"), [pair for pair in WORDS if not pair[1].isascii()])
def test_every_command_is_found_by_its_pinyin_and_by_its_initials(command: str, text: str) -> None:
    syllables = [s for s in spoken(text) if s]
    for query in ("".join(syllables), "".join(s[0] for s in syllables)):
        assert command in [found.entry.key for found in ranked(query, OFFERED, spoken)]


@pytest.mark.parametrize(("command", "text"), [pair for pair in WORDS if pair[1].isascii()])
def test_every_command_is_found_by_the_initials_of_its_english_words(command: str, text: str) -> None:
    query = "".join(word[0] for word in text.split() if word[0].isalnum())
    assert command in [found.entry.key for found in ranked(query, OFFERED, spoken)]


def _texts(command: str) -> set[str]:
    return {text for key, text in WORDS if key == command}


@given(st.text(alphabet=string.ascii_letters + " 训练模型,.-", max_size=12), st.sampled_from([t for _, t in WORDS]))
def test_marks_are_places_of_the_text_in_order_and_none_twice(query: str, text: str) -> None:
    found = ranking.match(query, signs(text, spoken))
    if found is not None:
        assert list(found.marks) == sorted(set(found.marks))
        assert 0 <= found.marks[0] <= found.marks[-1] < len(text)
        assert found.spread >= 1


@given(st.sampled_from([t for _, t in WORDS]), st.data())
def test_any_letters_of_a_text_in_order_from_its_first_on_find_it(text: str, data: st.DataObject) -> None:
    kept = [sign.letter for sign in signs(text)]
    chosen = data.draw(st.lists(st.integers(1, max(len(kept) - 1, 1)), unique=True, max_size=6))
    query = kept[0] + "".join(kept[place] for place in sorted(chosen) if place < len(kept))
    assert ranking.match(query, signs(text)) is not None


def keys(found: list[Found]) -> list[str]:
    return [one.entry.key for one in found]


def test_beginnings_stand_before_words_inside_and_these_before_scattered_letters() -> None:
    offered = [Entry(COMMAND, name, name, "") for name in ("safe place now", "a span", "spanner", "span")]
    assert keys(ranked("span", offered)) == ["span", "spanner", "a span", "safe place now"]


def test_of_equals_the_one_used_lately_stands_first_but_never_before_a_better_one() -> None:
    offered = [Entry(COMMAND, name, name, "") for name in ("save a", "save b", "do save")]
    assert keys(ranked("save", offered, recent=["save b"])) == ["save b", "save a", "do save"]
    assert keys(ranked("save", offered, recent=["do save"])) == ["save a", "save b", "do save"]


def test_without_a_word_every_command_is_offered_the_latest_used_first_and_no_patient() -> None:
    offered = [Entry(COMMAND, "a", "a", ""), Entry(COMMAND, "b", "b", ""), Entry(PATIENT, "P1", "陈", "")]
    assert keys(ranked("  ", offered, recent=["b"])) == ["b", "a"]


def test_a_patient_whom_the_search_found_is_listed_before_commands_with_scattered_letters() -> None:
    offered = [Entry(COMMAND, "x", "close something young", ""), Entry(PATIENT, "P1", "陈素云", "")]
    assert keys(ranked("csy", offered)) == ["P1", "x"]


def test_pinyin_that_cannot_be_had_leaves_the_characters() -> None:
    assert keys(ranked("训练", [Entry(COMMAND, "t", "训练模型", "")], None)) == ["t"]
    assert ranked("xlmx", [Entry(COMMAND, "t", "训练模型", "")], None) == []


def test_there_is_a_reading_for_every_sign_of_every_text() -> None:
    for _, text in WORDS:
        assert len(entries.spoken(text)) == len([c for c in text if not c.isspace()])
