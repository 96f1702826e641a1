"""Pinyin of Chinese terms, with the field's readings of characters that have several (白术 zhú, 枳壳 qiào)."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

# readings that hold for a character throughout the field's terms
_READINGS = {
    "参": "shēn", "术": "zhú", "血": "xuè", "藏": "zàng", "朴": "pò", "子": "zǐ", "行": "xíng", "胖": "pàng",
    "大": "dà", "脉": "mài", "便": "biàn", "恶": "wù", "数": "shuò", "厥": "jué", "干": "gān", "着": "zhuó",
    "壳": "qiào", "蛸": "xiāo", "茄": "qié", "蛤": "gé", "槟": "bīng", "茇": "bō", "薄": "bó",
}  # fmt: skip
# words that go against them, or that the dictionary reads otherwise
_WORDS = {
    "恶心": ["ě", "xīn"], "恶露": ["è", "lù"], "恶实": ["è", "shí"], "恶性": ["è", "xìng"], "恶阻": ["è", "zǔ"],
    "阿胶": ["ē", "jiāo"], "射干": ["shè", "gān"], "藏红花": ["zàng", "hóng", "huā"], "豆豉": ["dòu", "chǐ"],
    "黄柏": ["huáng", "bò"], "薄荷": ["bò", "he"], "重楼": ["chóng", "lóu"], "长卿": ["cháng", "qīng"],
    "都气": ["dū", "qì"], "不调": ["bù", "tiáo"], "舌强": ["shé", "jiàng"], "躯干": ["qū", "gàn"],
    "手术": ["shǒu", "shù"], "术后": ["shù", "hòu"], "术前": ["shù", "qián"], "次数": ["cì", "shù"],
}  # fmt: skip


@cache
def _library():
    import pypinyin  # its dictionaries take a tenth of a second: only where pinyin is made

    return pypinyin


@lru_cache(maxsize=65536)
def toned(text: str) -> str:
    """The reading with tone marks, one syllable a character, divided by blanks; other characters stand as they are."""
    library = _library()
    syllables: list[str] = []
    at = 0
    while at < len(text):
        word = next((w for w in (text[at : at + 3], text[at : at + 2]) if w in _WORDS), "")
        if word:
            syllables += _WORDS[word]
            at += len(word)
            continue
        end = at + 1
        while end < len(text) and text[end : end + 2] not in _WORDS and text[end : end + 3] not in _WORDS:
            end += 1
        run = text[at:end]
        made = library.pinyin(run, style=library.Style.TONE, errors=list)  # type: ignore[arg-type]  # unknown ones one by one
        syllables += [
            _READINGS.get(char, sound[0].strip()) for char, sound in zip(run, made, strict=True) if sound[0].strip()
        ]
        at = end
    return " ".join(syllables)


@lru_cache(maxsize=65536)
def toneless(text: str) -> str:
    """The reading without tones and blanks, ü as v: "nvzhenzi"."""
    return plain(toned(text))


def plain(pinyin: str) -> str:
    """Pinyin as one types it: letters a to z only, ü as v."""
    decomposed = unicodedata.normalize("NFD", pinyin.replace("ü", "v").casefold())
    decomposed = decomposed.replace("u\u0308", "v")
    return "".join(char for char in decomposed if char.isascii() and char.isalnum())
