"""How hard a passphrase is to guess, roughly and in four classes: a hint while it is typed, never a gate."""

from __future__ import annotations

import math
import unicodedata
from enum import IntEnum

HAN = 2500  # characters in daily use
COMMON_BITS = 6.0  # of one of the words everybody tries first
_COMMON = (
    "password", "passphrase", "passwort", "qwerty", "qwertz", "asdfgh", "zxcvbn", "letmein", "welcome", "iloveyou",
    "admin", "monkey", "dragon", "woaini", "mima", "mailiu", "zhongyi", "密码", "口令", "脉流", "中医",
)  # fmt: skip
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc")


class Strength(IntEnum):
    POOR = 0  # guessed by trying out
    FAIR = 1  # holds off the curious
    GOOD = 2  # years of trying, with the slow key derivation
    STRONG = 3


_BOUNDS = ((75.0, Strength.STRONG), (55.0, Strength.GOOD), (38.0, Strength.FAIR))


def strength(passphrase: str) -> Strength:
    found = bits(passphrase)
    return next((level for bound, level in _BOUNDS if found >= bound), Strength.POOR)


def bits(passphrase: str) -> float:
    """Logarithm of the guesses it takes: what repeats, follows a row of keys or is a common word counts little."""
    text = unicodedata.normalize("NFKC", passphrase)
    folded = text.casefold()
    total = 0.0
    for common in _COMMON:
        if common in folded:
            times = folded.count(common)
            start = folded.index(common)
            if times == 1 and len(text) == len(folded):  # else its own capitals are lost, which is no great matter
                text = text[:start] + text[start + len(common) :]
                folded = text.casefold()
            else:
                text = folded = folded.replace(common, "")
            total += COMMON_BITS + times - 1
    alphabet = math.log2(_alphabet(text))
    seen: dict[str, int] = {}
    for index, character in enumerate(folded):
        gain = math.log2(HAN) if _is_han(character) else alphabet
        if character in seen:
            gain /= 1 + seen[character]
        if index and _in_a_row(folded[index - 1], character):
            gain = min(gain, 1.0)
        seen[character] = seen.get(character, 0) + 1
        total += gain
    return total


def _alphabet(text: str) -> int:
    kinds = (
        (26, str.islower),
        (26, str.isupper),
        (10, str.isdigit),
        (33, lambda c: not c.isalnum()),
    )
    return max(2, sum(size for size, is_kind in kinds if any(is_kind(c) and not _is_han(c) for c in text)))


def _is_han(character: str) -> bool:
    return "㐀" <= character <= "鿿" or character >= "\U00020000"


def _in_a_row(first: str, second: str) -> bool:
    if first == second:
        return True
    pair = first + second
    return any(pair in row or pair in row[::-1] for row in _ROWS)
