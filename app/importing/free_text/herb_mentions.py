"""Herbs where a text names them: with a dose in brackets or behind them, in lists, in changes of a formula.

A name counts where its surroundings say that it was given: a dose, its neighbours in a list, 加 or 去 before it. Herbs
that prose only talks about (误用麻黄) have none of these and are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.herbs import HerbMatch, is_processing, match
from app.domain.modification import parse_modification
from app.domain.prescription import NOTES, Modification, NamedHerb
from app.domain.units import begins_with_dose

LONGEST_NAME = 12  # characters before a dose that may belong to the name
LONGEST_UNKNOWN = 6  # characters of a name that no rule explains
SHORTEST_LIST = 3  # words
LISTED_SHARE = 0.6  # of the words of a list that must be herbs

_NUMBER = r"(?:\d+(?:\.\d+)?|[半一二三四五六七八九十百两廿]+)"
_UNIT = (
    "(?:mg|kg|g|毫克|千克|公斤|克|斤|两|钱|分|厘|枚|片|条|个|只|粒|张|枝|支|朵|茎|尺|寸|匙|杯|盏|盅|碗|合|升|撮|把|"
    "握|滴|丸|角|对|具|块|节|段|瓣|袋|包|根|颗|头)"
)
# herbs whose names begin as an amount does
_NO_AMOUNT = "(?!百合|两头尖|半枝莲|一枝黄花|三七|半夏|五分钟)"
_DOSE = re.compile(
    rf"各?等分|{_NO_AMOUNT}各?(?:{_NUMBER}\s?{_UNIT}|钱半|两半)(?:{_NUMBER}(?:两|钱|分|厘)|半(?!夏))*(?![日天次周服剂帖诊])",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"(?P<name>[^\s，。；：、！？（）()∶:\]】]{1,12})[ \u3000]?(?P<aside>[（(][^（）()]{0,60}[）)])"
)
_HAN_BEFORE = re.compile(r"[\u4e00-\u9fff]+$")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_ASIDE = re.compile(r"\s?[（(]([^（）()]{0,60})[）)]")
_ASIDE_BEFORE = re.compile(r"[（(][^（）()]{0,20}[）)]$")
_PART = re.compile(r"[^，。；：！？;:∶!?,]+")
_TOKEN = re.compile(r"[^\s、]+")
_CLAUSE_START = re.compile(r"[，。；：！？;:∶!?,\n]")
_NOT_GIVEN = re.compile(r"误[用投服]|前医|或用|不可用|忌[用服]?|禁[用服]?|戒|过用|妄[用投]|杂投|医[用投以者]")
_VEHICLE = re.compile(r"(?:煎汤|汤煎|煎水|汤代水|汤送|汤下|汤调|汤化|汁泛丸|汁为丸|膏?[糊打]丸|膏为丸|膏收|煎代水)")
_FILLED = "\u25a0"  # stands for what a bracket says, so that its commas do not cut the list


@dataclass(frozen=True, slots=True)
class HerbMention:
    """text[start:end] is the name as written. codes: () where no rule explains it.

    dose: its words, with what a bracket says besides (二钱，炒); change: "" in a list, else as in
    ``prescription.NamedHerb`` ("out", "less", "set", "into")
    """

    start: int
    end: int
    codes: tuple[str, ...]
    dose: str = ""
    change: str = ""


def find_herbs(text: str, change: Modification | None = None) -> list[HerbMention]:
    """Every mention, ordered by place, none inside another. change: what the text changes, where already known."""
    bracketed = list(_bracketed(text))
    # what a bracket says of its herb (姜汁炒, 同干姜打) names no further herb of the formula
    asides = [found.span() for one in bracketed if (found := _ASIDE.match(text, one.end))]
    taken = bytearray(len(text))
    for start, end in asides:
        taken[start:end] = b"\1" * (end - start)
    mentions: list[HerbMention] = []
    spoken = [_changed(text, place) for place in (change or parse_modification(text)).places]
    for some in (spoken, bracketed, _dosed(text), _listed(text), _vehicles(text)):
        for one in some:
            if not any(taken[one.start : one.end]):
                taken[one.start : one.end] = b"\1" * (one.end - one.start)
                mentions.append(one)
    return sorted(mentions, key=lambda one: one.start)


def _changed(text: str, place: NamedHerb) -> HerbMention:
    return HerbMention(place.start, place.end, _codes(match(text[place.start : place.end])), place.dose, place.change)


def _codes(found: HerbMatch) -> tuple[str, ...]:
    return tuple(dict.fromkeys(herb.code for herb in found.all))


def _sure(found: HerbMatch, *, damaged: bool = False) -> bool:
    return found.herb is not None and found.rule != "lead_in" and (damaged or "damaged" not in found.rule)


def _name_before(text: str, end: int) -> tuple[int, tuple[str, ...]] | None:
    """(start, codes) of the longest name that ends here; a damaged name only where nothing stands before it."""
    run = _HAN_BEFORE.search(text, max(0, end - LONGEST_NAME), end)
    if run is None:
        return None
    for start in range(run.start(), end):
        alone = start == run.start() and (start == 0 or not _HAN.match(text, start - 1))
        found = match(text[start:end])
        if _sure(found, damaged=alone) and (end - start > 1 or alone):
            return start, _codes(found)
    return None


def _name_after(text: str, start: int, limit: int) -> tuple[int, tuple[str, ...]] | None:
    """(end, codes) of the longest name that begins here and ends by ``limit``."""
    for end in range(min(limit, start + LONGEST_NAME), start + 1, -1):
        found = match(text[start:end])
        if _sure(found):
            return end, _codes(found)
    return None


def _given(text: str, at: int) -> bool:
    """Whether the clause up to here does not say that the herb was wrong, forbidden or another doctor's."""
    since = max((found.end() for found in _CLAUSE_START.finditer(text, max(0, at - 40), at)), default=max(0, at - 40))
    return _NOT_GIVEN.search(text, since, at) is None


def _bracketed(text: str) -> Iterator[HerbMention]:
    """制半夏（二钱）, 苍术（麻油炒）; with a dose also a name that no rule explains."""
    for found in _BRACKETED.finditer(text):
        aside = found["aside"][1:-1].strip()
        states_dose = begins_with_dose(aside) or _DOSE.search(aside) is not None
        if not (states_dose or is_processing(aside) or aside in NOTES or _is_handling(aside)):
            continue
        name = _name_before(text, found.end("name"))
        behind = None if states_dose else _DOSE.match(text, found.end())  # 阿胶(烊化)9g
        if name is not None:
            yield HerbMention(name[0], found.end("name"), name[1], f"{behind[0]}，{aside}" if behind else aside)
        elif states_dose and len(found["name"]) <= LONGEST_UNKNOWN:
            yield HerbMention(found.start("name"), found.end("name"), (), aside)


def _is_handling(aside: str) -> bool:
    return len(aside) <= 8 and re.search("[炒炙煅煨蒸浸拌打研包煎冲磨炖洗漂切]", aside) is not None


def _dosed(text: str) -> Iterator[HerbMention]:
    """黄芪30g, 知母钱半, 甘草各二钱, 白术(炒)15g."""
    for dose in _DOSE.finditer(text):
        end = len(text[: dose.start()].rstrip(" \u3000\t"))
        aside = _ASIDE_BEFORE.search(text, max(0, end - 24), end)
        end = aside.start() if aside else end
        name = _name_before(text, end) or _unknown_before(text, end, dose[0])
        if name is not None and _given(text, name[0]):
            says = _ASIDE.match(text, dose.end())
            words = [dose[0], aside[0][1:-1] if aside else "", says[1] if says else ""]
            yield HerbMention(name[0], end, name[1], "，".join(word for word in words if word))


def _unknown_before(text: str, end: int, dose: str) -> tuple[int, tuple[str, ...]] | None:
    """(start, ()) of a name no rule explains that stands alone before grams (怪药子9g); amounts of a day are none."""
    run = _HAN_BEFORE.search(text, max(0, end - LONGEST_NAME), end)
    alone = run is not None and 2 <= len(run[0]) <= LONGEST_UNKNOWN
    if run is None or not alone or not re.search("[0-9](?:g|克)$", dose) or re.search("[每日次服共约量重]", run[0]):
        return None
    return run.start(), ()


def _listed(text: str) -> Iterator[HerbMention]:
    """Lists between blanks or 、 in which nearly every word is a herb."""
    plain = re.sub(r"(?<=[（(])[^（）()]{1,60}(?=[）)])", lambda inner: _FILLED * len(inner[0]), text)
    for part in _PART.finditer(plain):
        tokens = list(_TOKEN.finditer(plain, part.start(), part.end()))
        if len(tokens) < SHORTEST_LIST or not _given(text, part.start()):
            continue
        found = [_token(text, plain, token, last=token is tokens[-1], first=token is tokens[0]) for token in tokens]
        if sum(one is not None for one in found) >= max(SHORTEST_LIST, LISTED_SHARE * len(tokens)):
            yield from (one for one in found if one is not None)


def _token(text: str, plain: str, token: re.Match[str], *, first: bool, last: bool) -> HerbMention | None:
    """The herb of one word of a list; prose may run into the first, and follow the last without a gap."""
    run = _HAN.match(plain, token.start(), token.end())
    if run is None:
        return None
    start, end = run.span()
    whole = match(text[start:end])
    if _sure(whole, damaged=True):
        return HerbMention(start, end, _codes(whole), _aside_at(text, end))
    if first and (name := _name_before(text, end)) is not None:
        return HerbMention(name[0], end, name[1], _aside_at(text, end))
    after = _name_after(text, start, end)
    if after is not None and (last or begins_with_dose(text[after[0] : token.end()])):
        return HerbMention(start, after[0], after[1], _aside_at(text, after[0]))
    return None


def _aside_at(text: str, at: int) -> str:
    aside = _ASIDE.match(text, at)
    return aside[1].strip() if aside else ""


def _vehicles(text: str) -> Iterator[HerbMention]:
    """薄荷煎汤, 山药糊丸: what the rest is boiled or made up with."""
    for vehicle in _VEHICLE.finditer(text):
        name = _name_before(text, vehicle.start())
        if name is not None and _given(text, name[0]):
            yield HerbMention(name[0], vehicle.start(), name[1])
