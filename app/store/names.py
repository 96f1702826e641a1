"""Keys a patient is found by: the number, the name, every reading of the name in pinyin, its initials.

A character can be read in several ways (单 as a surname is Shan, in the dictionary first dan), and which one a person
uses is not written in the name: all readings are kept, up to a bound.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

MAX_READINGS = 64  # of one whole name
MAX_CHARACTERS = 16  # of a name that are read; longer ones are found by the characters themselves
MAX_KEY = 64  # characters of a key
LAST = "\U0010ffff"  # sorts behind every character a key holds
_SPACE = re.compile(r"\s+")
_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]")
_COMBINING_MARKS = re.compile(r"[\u0300-\u0307\u0309-\u036f]")  # tone marks; U+0308 makes u to ü


def code_key(code: str) -> str:
    """'P001', 'P001 ', 'Ｐ００１' and 'p001' are one patient."""
    return unicodedata.normalize("NFKC", code).strip().casefold()


def name_key(name: str) -> str:
    """Letters folded, all white space dropped: '欧阳 娜娜', 'Anna Lee' -> '欧阳娜娜', 'annalee'."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", name).casefold())


def latin_key(text: str) -> str:
    """As typed for a pinyin search: tone marks, apostrophes and hyphens dropped, ü as v ('Lǚ Xī'ān' -> 'lvxian')."""
    plain = _COMBINING_MARKS.sub("", unicodedata.normalize("NFD", name_key(text)))
    return re.sub(r"['’·-]", "", unicodedata.normalize("NFC", plain).replace("u:", "ü").replace("ü", "v"))


def search_keys(code: str, name: str) -> set[str]:
    """Every text a search may begin with to find the patient, so that "contains" becomes a range of an index.

    The number and the name from each of their characters on; the pinyin from each syllable on in all readings, up to
    MAX_READINGS of the whole name; the initials likewise. '单于' -> {'单于', '于', 'danyu', 'yu', 'shanyu', 'sy' ...}
    """
    keys: set[str] = set()
    for text in (code_key(code).replace(" ", ""), latin_key(code), name_key(name), latin_key(name)):
        keys.update(text[start : start + MAX_KEY] for start in range(len(text)))
    for syllables in _spellings(name):
        for start in range(len(syllables)):
            keys.add("".join(syllables[start:])[:MAX_KEY])
            keys.add("".join(syllable[:1] for syllable in syllables[start:]))
    return keys


def search_range(text: str) -> tuple[str, str] | None:
    """Where the keys lie that begin with what was typed: from (inclusive), to (exclusive). None for an empty text."""
    key, latin = name_key(text), latin_key(text)
    wanted = (latin if latin.isascii() and latin else key)[:MAX_KEY]
    return (wanted, wanted + LAST) if wanted else None


def _spellings(name: str) -> Iterator[tuple[str, ...]]:
    """The name's syllables in each reading; none where it holds no Chinese character."""
    key = name_key(name)[:MAX_CHARACTERS]
    if not _HAN.search(key):
        return iter(())
    options = [list(_readings(character)) for character in key]
    total = 1
    for option in options:
        total *= len(option)
    # past the bound the rarest readings go first, from the end of the name: the surname is the hardest to guess
    for option in reversed(options):
        while total > MAX_READINGS and len(option) > 1:
            total = total // len(option) * (len(option) - 1)
            option.pop()
    return itertools.product(*options)


@lru_cache(maxsize=20_000)
def _readings(character: str) -> tuple[str, ...]:
    if not _HAN.match(character):
        return (character,)
    from pypinyin import Style, pinyin  # its dictionaries take a fifth of a second to load

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    readings = found[0] if found else [character]
    # ü is typed v by most and u in some passports and older systems
    return tuple(dict.fromkeys(spelt for reading in readings for spelt in (reading, reading.replace("v", "u"))))
