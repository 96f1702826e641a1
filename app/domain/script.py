"""Traditional characters to simplified ones (OpenCC), so that 黃耆, 發熱 and the slip 髮熱 find their concepts.

Going this way each character has one counterpart, save where words decide (乾薑 is 干姜, 乾坤 stays): OpenCC knows the
words. To it come forms of old books that OpenCC leaves (``resources/terminology/variants.csv``), and from it are kept
back: 癥 (癥瘕 is no 症), and what it would turn into a character outside the basic block (喎, 憹), which no file uses.
"""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from typing import Protocol

from app.paths import RESOURCES

VARIANTS = RESOURCES / "terminology" / "variants.csv"
_KEPT = frozenset("癥")
_HAN = range(0x3400, 0xA000)
_BASIC = re.compile("[\u4e00-\u9fff]")


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _opencc() -> _Converter:
    from opencc import OpenCC  # loads its dictionaries: only where a text needs it

    return OpenCC("t2s")


@cache
def _variants() -> dict[str, str]:
    with VARIANTS.open(encoding="utf-8", newline="") as file:
        return {row["variant"]: row["standard"] for row in csv.DictReader(file)}


@cache
def _variant_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _variants()), key=len, reverse=True)))


@cache
def _telling() -> frozenset[str]:
    """Characters at least one of which stands in any text that is to be changed; most texts have none."""
    every = "\n".join(map(chr, _HAN))
    changing = {old for old, new in zip(every, _opencc().convert(every), strict=True) if old != new}
    rare = {char for variant, standard in _variants().items() for char in variant if char not in standard}
    return frozenset(changing | rare)


@lru_cache(maxsize=8192)
def _character(char: str) -> str:
    """One character by itself, never longer or shorter than one."""
    made = _opencc().convert(char)
    return made if len(made) == 1 else char


def simplified(text: str) -> str:
    """The text in simplified characters, of the same length; a text without Chinese is returned as it is."""
    if text.isascii() or _telling().isdisjoint(text):
        return text
    made = _opencc().convert(text)
    if len(made) != len(text):  # no word of today's dictionary does that; a later one might
        made = "".join(map(_character, text))
    if made != text:
        made = "".join(_kept(old, new) for old, new in zip(text, made, strict=True))
    return _variant_pattern().sub(lambda found: _variants()[found.group()], made)


def _kept(old: str, new: str) -> str:
    return old if old in _KEPT or not _BASIC.match(new) else new


def simplified_aligned(text: str) -> tuple[str, tuple[int, ...]]:
    """The simplified text, and for each of its characters the place in ``text`` it was made from."""
    made = simplified(text)
    return made, tuple(range(len(made)))
