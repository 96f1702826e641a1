"""How well a few typed letters find a text: pure functions over what is written and how it is read.

A text is a row of signs. A Latin letter or a digit is found by itself, a Chinese character by itself or by its pinyin
from the first letter on, so that 训练模型 is found by 训练, xunlian, xlmx and xunlmx. Blanks and punctuation count on
neither side.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum


class Rank(IntEnum):
    """Better first. EXACT: all of the text; WORD: from a word's beginning on; SCATTERED: in order, with gaps."""

    EXACT, PREFIX, WORD, SCATTERED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Sign:
    """at: its place in the text; letter: folded; sound: plain pinyin, "" where it is not Chinese; starts: a word."""

    at: int
    letter: str
    sound: str
    starts: bool


@dataclass(frozen=True, slots=True)
class Match:
    """marks: places in the text that were found; spread: signs from the first of them to the last."""

    rank: Rank
    spread: int
    marks: tuple[int, ...]


Signs = tuple[Sign, ...]


def signs(text: str, sounds: Callable[[str], Sequence[str]] | None = None) -> Signs:
    """sounds: plain pinyin of each character of the text that is not a blank, in order; None: nothing is read."""
    spoken: dict[int, str] = {}
    if sounds is not None and not text.isascii():
        places = [at for at, character in enumerate(text) if not character.isspace()]
        read = sounds(text)
        if len(read) == len(places):
            spoken = {at: sound for at, sound in zip(places, read, strict=True) if is_chinese(text[at])}
    out: list[Sign] = []
    inside = False
    for at, character in enumerate(text):
        letter = _folded(character)
        if not letter:
            inside = False
            continue
        chinese = is_chinese(character)
        out.append(Sign(at, letter, spoken.get(at, ""), chinese or not inside))
        inside = not chinese
    return tuple(out)


def match(query: str, text: Signs) -> Match | None:
    """The best way to find ``query`` in a text; None where its letters do not stand there in this order."""
    wanted = "".join(_folded(character) for character in query)
    if not wanted:
        return None
    for start, sign in enumerate(text):
        if sign.starts:
            end = _run(wanted, text, start)
            if end is not None:
                whole = start == 0 and end == len(text)
                rank = Rank.EXACT if whole else Rank.PREFIX if start == 0 else Rank.WORD
                return Match(rank, end - start, tuple(s.at for s in text[start:end]))
    return _scattered(wanted, text)


def best(query: str, texts: Iterable[Signs]) -> tuple[int, Match] | None:
    """The number of the text that is found best, and how; the earlier one where two are found alike."""
    found = [(n, m) for n, m in ((n, match(query, text)) for n, text in enumerate(texts)) if m is not None]
    return min(found, key=_order, default=None)


def is_chinese(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def _order(found: tuple[int, Match]) -> tuple[Rank, int, int]:
    number, how = found
    return how.rank, how.spread, number


def _run(wanted: str, text: Signs, start: int) -> int | None:
    """Where a run of signs from ``start`` on that spells all of ``wanted`` ends: the shortest; None where none does."""
    reached = {0}  # letters of wanted that the signs so far may have spelt
    for end in range(start, len(text)):
        sign, after = text[end], set[int]()
        for done in reached:
            if wanted.startswith(sign.letter, done):
                after.add(done + len(sign.letter))
            for length in range(1, len(sign.sound) + 1):
                if not wanted.startswith(sign.sound[:length], done):
                    break
                after.add(done + length)
        if len(wanted) in after:
            return end + 1
        if not after:
            return None
        reached = after
    return None


def _scattered(wanted: str, text: Signs) -> Match | None:
    """One letter a sign, the first at a word's beginning; of the ways that end first, the closest together."""
    for start, sign in enumerate(text):
        if sign.starts and _spells(sign, wanted[0]):
            end = _forward(wanted, text, start)
            if end is None:
                return None  # a later start leaves fewer signs
            marks = _backward(wanted, text, start, end)
            return Match(Rank.SCATTERED, end - start + 1, tuple(text[place].at for place in marks))
    return None


def _forward(wanted: str, text: Signs, start: int) -> int | None:
    done = 0
    for place in range(start, len(text)):
        if _spells(text[place], wanted[done]):
            done += 1
            if done == len(wanted):
                return place
    return None


def _backward(wanted: str, text: Signs, start: int, end: int) -> list[int]:
    marks: list[int] = []
    left = len(wanted) - 1
    for place in range(end, start, -1):
        if left > 0 and _spells(text[place], wanted[left]):
            marks.append(place)
            left -= 1
    return [start, *reversed(marks)]


def _spells(sign: Sign, letter: str) -> bool:
    return sign.letter == letter or sign.sound[:1] == letter


def _folded(character: str) -> str:
    """Letters and digits whatever their width and case; "" for blanks and punctuation."""
    kept = unicodedata.normalize("NFKC", character).casefold()
    return kept if kept.isalnum() else ""
