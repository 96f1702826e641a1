"""Doses as they are written (钱 两 分, 克 g, 枚 片): to grams where that is a fact, to a count where it is not.

1 斤 = 16 两, 1 两 = 10 钱 = 100 分 = 1000 厘. What a 钱 weighs is a convention, chosen at import and recorded.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from app.domain.herbs import split_processing
from app.domain.script import simplified


class UnitConvention(StrEnum):
    MODERN = "modern"  # 1 钱 = 3 g, the rule of 1977 and of modern textbooks
    KUPING = "kuping"  # 1 钱 = 3.73 g, the Qing treasury tael (库平两, 37.3 g)


_GRAMS_PER_QIAN = {UnitConvention.MODERN: 3.0, UnitConvention.KUPING: 3.73}
_QIAN = {"两": 10.0, "钱": 1.0, "分": 0.1, "厘": 0.01, "斤": 160.0}
_GRAMS = {"g": 1.0, "克": 1.0, "公分": 1.0, "mg": 0.001, "毫克": 0.001, "kg": 1000.0, "公斤": 1000.0, "千克": 1000.0}
# fmt: off
_COUNTS = (
    "枚", "片", "条", "个", "只", "粒", "张", "枝", "支", "朵", "茎", "尺", "寸", "匙", "杯", "盏", "盅", "碗",
    "合", "升", "斗", "撮", "把", "握", "滴", "丸", "角", "对", "具", "块", "节", "段", "瓣", "袋", "包", "根",
    "颗", "头", "茶匙", "ml", "毫升",
)
# fmt: on
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4}
_DIGITS |= {"伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9}
_TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100}
_TENS_TOGETHER = {"廿": "二十", "卅": "三十"}

_NUMBER = r"(?:\d+(?:\.\d+)?|[〇零一二三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰廿卅]+)"
_WEIGHT_UNITS = "|".join(sorted((*_GRAMS, *_QIAN), key=len, reverse=True))
_ONE_WEIGHT = re.compile(rf"({_NUMBER}|半)?({_WEIGHT_UNITS})(半)?", re.IGNORECASE)
_WEIGHT = re.compile(
    rf"(?:(?:{_NUMBER}|半)(?:{_WEIGHT_UNITS})|[两钱斤](?=半)|两(?=[一二三四五六七八九]钱)|钱(?=[一二三四五六七八九]分))"
    rf"(?:(?:{_NUMBER})(?:{_WEIGHT_UNITS})|半)*",
    re.IGNORECASE,
)
_COUNT_UNITS = "|".join(sorted(_COUNTS, key=len, reverse=True))
_COUNT = re.compile(rf"({_NUMBER}|两|半)({_COUNT_UNITS})(半)?", re.IGNORECASE)
_BARE = re.compile(r"\d+(?:\.\d+)?")
_RISES_TO = re.compile(r"成(?=[半一二三四五六七八九十两\d])")  # 加二钱成五钱: the dose is now five
_WITH_ANOTHER = re.compile(r"^(?:用|拌|同)")  # 用明矾三分化水磨冲七分: the last weight is the herb's own
_HANDLING = ("研末", "研粉", "研细", "打碎", "捣碎")
_PUNCTUATION = re.compile(r"[\s,，;；、。.:：()（）]+")

LONGEST_DOSE = 200  # characters; more is not a dose


@dataclass(frozen=True, slots=True)
class Dose:
    """grams: None where no weight is stated (a count is kept as count and unit, never turned into grams).

    unit: the unit as written ("钱", "g", "枚"), "" where only a number or nothing is given; each: 各三钱, the dose of
    every herb it stands behind; processing: 炒, 酒炒 ...; note: what else the text says (先煎, 后下, 包)
    """

    grams: float | None = None
    count: float | None = None
    unit: str = ""
    processing: str = ""
    note: str = ""
    each: bool = False


def grams_per_qian(convention: UnitConvention) -> float:
    return _GRAMS_PER_QIAN[convention]


def chinese_number(text: str) -> float | None:
    """一百二十 -> 120, 廿四 -> 24, 半 -> 0.5, 12.5 -> 12.5; None where the text is no number.

    Digits strung together are read by place (一二 is 12).
    """
    text = simplified(unicodedata.normalize("NFKC", text).strip())
    if text == "半":
        return 0.5
    if len(text) > 20:
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?", text, re.ASCII):
        return float(text)
    for short, full in _TENS_TOGETHER.items():
        text = text.replace(short, full)
    if not text or any(c not in _DIGITS and c not in _TENS for c in text):
        return None
    if not any(c in _TENS for c in text):
        return float(int("".join(str(_DIGITS[c]) for c in text)))
    total, current = 0, 0
    for c in text:
        if c in _TENS:
            total += (current or 1) * _TENS[c]
            current = 0
        else:
            current = _DIGITS[c]
    return float(total + current)


@lru_cache(maxsize=16384)
def parse_dose(text: str, convention: UnitConvention = UnitConvention.MODERN) -> Dose:
    """A dose as written: "三钱，炒", "钱半", "一两五钱", "炒一钱五分", "各三钱", "半斤", "二枚", "15g", "先煎30克"."""
    plain = simplified(unicodedata.normalize("NFKC", text).strip())
    if not plain or len(plain) > LONGEST_DOSE:
        return Dose(note=plain[:LONGEST_DOSE])
    each = plain.startswith("各")
    plain = plain.removeprefix("各")
    place = _weight_place(plain)
    weighed = None if place is None else _weigh(plain[place[0] : place[1]], convention)
    if place is not None and weighed is not None:
        grams, unit = weighed
        return _with_words(Dose(grams=grams, unit=unit, each=each), plain[: place[0]], plain[place[1] :])
    counted = _COUNT.search(plain)
    if counted is not None:
        number = 2.0 if counted[1] == "两" else chinese_number(counted[1])
        half = 0.5 if counted[3] else 0.0
        dose = Dose(count=None if number is None else number + half, unit=counted[2].lower(), each=each)
        return _with_words(dose, plain[: counted.start()], plain[counted.end() :])
    if _BARE.fullmatch(plain):
        return Dose(count=float(plain), each=each) if len(plain) < 20 else Dose(note=plain)
    return _with_words(Dose(each=each), plain, "")


def begins_with_dose(text: str) -> bool:
    """Whether a text begins with a weight or a count (各 may stand before it): "三钱", "各二两", "2枚"."""
    plain = simplified(unicodedata.normalize("NFKC", text).strip()).removeprefix("各")
    return _WEIGHT.match(plain) is not None or _COUNT.match(plain) is not None


def _weight_place(plain: str) -> tuple[int, int] | None:
    """Where in the text the herb's own weight stands."""
    found = list(_WEIGHT.finditer(plain))
    if not found:
        return None
    risen = _RISES_TO.search(plain)
    if len(found) > 1 and ((risen and found[1].start() == risen.end()) or _WITH_ANOTHER.match(plain)):
        best = found[1] if risen else found[-1]
    else:
        best = found[0]
    return best.span()


def _weigh(weight: str, convention: UnitConvention) -> tuple[float, str] | None:
    """Grams and first unit of "一两五钱", "两半", "钱半", "1.5g"; None where a number in it cannot be read."""
    total, first = 0.0, ""
    for number, unit, half in _ONE_WEIGHT.findall(weight):
        unit = unit.lower()
        first = first or unit
        value = chinese_number(number) if number else 1.0
        if value is None:
            return None
        amount = value + (0.5 if half else 0.0)
        total += amount * (_GRAMS[unit] if unit in _GRAMS else _QIAN[unit] * grams_per_qian(convention))
    return round(total, 6), first


def _with_words(dose: Dose, before: str, after: str) -> Dose:
    processing: list[str] = []
    notes: list[str] = []
    for words in (*_PUNCTUATION.split(before), *_PUNCTUATION.split(after)):
        if words.startswith(_HANDLING):  # 研末冲服 is handling, not the processing 研
            notes.append(words)
            continue
        prepared, rest = split_processing(words)
        if prepared:
            processing.append(prepared)
        if rest:
            notes.append(rest)
    return Dose(dose.grams, dose.count, dose.unit, "、".join(processing), "、".join(notes), dose.each)
