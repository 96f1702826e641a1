"""Keys a patient is found by: the normalised code, the name, every reading of the name in pinyin, its initials.

A character can be read in several ways (单 as a surname is Shan, in the dictionary first dan), and which one a person
uses is not written in the name: all readings are kept, up to a bound.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import lru_cache

MAX_READINGS = 64  # of one whole name
MAX_CHARACTERS = 16  # of a name that are read; longer ones are found by the characters themselves
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


def pinyin_keys(name: str) -> tuple[str, str]:
    """All readings of a name and all their initials, each a space-separated list.

    '单于' -> ('danyu shanyu chanyu', 'dy sy cy'); '' where the name holds no Chinese character.
    """
    key = name_key(name)[:MAX_CHARACTERS]
    if not _HAN.search(key):
        return "", ""
    options = [list(_readings(character)) for character in key]
    total = 1
    for option in options:
        total *= len(option)
    # past the bound the rarest readings go first, from the end of the name: the surname is the hardest to guess
    for option in reversed(options):
        while total > MAX_READINGS and len(option) > 1:
            total = total // len(option) * (len(option) - 1)
            option.pop()
    whole, initials = {}, {}
    for combination in itertools.product(*options):
        whole["".join(combination)] = None
        initials["".join(syllable[:1] for syllable in combination)] = None
    return " ".join(whole), " ".join(initials)


@lru_cache(maxsize=20_000)
def _readings(character: str) -> tuple[str, ...]:
    if not _HAN.match(character):
        return (character,)
    from pypinyin import Style, pinyin  # its dictionaries take a fifth of a second to load

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    readings = found[0] if found else [character]
    # ü is typed v by most and u in some passports and older systems
    return tuple(dict.fromkeys(spelt for reading in readings for spelt in (reading, reading.replace("v", "u"))))
