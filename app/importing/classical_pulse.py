"""Pulse readings from pulse clauses: which side and position each word belongs to.

左弦右滑 gives a wiry pulse on the left and a slippery one on the right; 右关弦 one at a position; 脉弦数 both sides
as a whole. Words that are denied (不浮), have gone (濡者已解; but 洪大者已减 stays) or only look like pulses (脉络,
数十帖) are no readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.domain import pulse
from app.domain.records import Position, PulseReading, Side
from app.importing.classical_text import narrative, sentences_of

_SPACE = re.compile(r"\s+")
_NOT_A_PULSE = re.compile(
    "[浮沉中](?:取|按|候)|跳动|脉经|脉络|脉波|脉法|复脉|生脉|脉证|脉症|脉诀|关于|关东|关蛰|关系|机关|关节|关键|至数|数[十百千]|数[日次剂帖年月]"
    "|一动|生动|动[则辄]|大[减退化起局便]|伏[邪热饮]|微[有觉]|小[其便溲]|散舌|结[加于]|[于][左右]"
)
_PLACE = re.compile(
    "(?P<side>左|右|两|双|六)?(?P<place>寸口|寸关尺|寸关|关尺|寸|关|尺)?(?P<tail>三?部|脉|手|中|象|候)*"
)
_POSITIONS = {
    "寸": (Position.CUN,),
    "关": (Position.GUAN,),
    "尺": (Position.CHI,),
    "寸关": (Position.CUN, Position.GUAN),
    "关尺": (Position.GUAN, Position.CHI),
    "寸关尺": (Position.CUN, Position.GUAN, Position.CHI),
}
_SIDES = {"左": Side.LEFT, "右": Side.RIGHT}
_EXPECTED = re.compile("脉(?:本|理)?[当应宜]")  # 小儿脉当数: what the pulse should be
_GONE = re.compile("[^，]{0,3}者(?:已|亦|俱|悉)?(?:平|和|解|退|静|敛|除|止)")
_FILLER = re.compile(
    "[之者其见觉仍尚犹亦又复较更略稍颇甚极很偏兼带而且并与和及俱皆均独尤单来形气势取按候重轻带以是也已反始乍忽现呈渐转虽糊滞郁候中部象手前方至遽随、]"
)
# behind a comma the pulse goes on only with a place or a degree (脉弦，右尤滑；略数), not with 大便
_GOES_ON = re.compile("[，,；;](?:而|又|且|但|惟|独)*(?:[左右两六寸关尺]|[略稍微兼带偏])")
# where a text begins to speak of the pulse; 任脉 and 血脉 are vessels, 复脉 and 生脉 formulas
_SPEAKS = re.compile(
    "[左右两双六]?(?:手|部|侧)?(?:寸关尺|寸关|关尺|寸|关|尺)?部?(?<![复生奇任冲督带络血经筋百宗动静命跷维诸])脉"
    "(?![络经波法诀案证症管道]|之[^，。]{0,3}[脉络海气])"
    "|(?:[左右两双](?:手|部)?(?:寸关尺|寸关|关尺|寸|关|尺)|(?<=[，,；;、])(?:寸|关|尺))部?(?=[^，。]{0,3}[浮沉迟数滑涩虚实长短洪微紧缓弦芤革牢濡弱散细伏动促结代大小软])"
    "|[左右]手?(?=[浮沉迟滑涩虚洪紧缓弦芤濡弱细软]{1,3}(?:[，,右左。数大小]|$))"
    "|[浮沉迟数滑涩虚洪紧缓弦芤濡弱细大小]{1,4}之脉"
)
_ALIEN_BEFORE = 4  # characters of another matter allowed between the place and its first word


@dataclass(frozen=True, slots=True)
class PulseWord:
    """A pulse named at text[start:end]. denied: said not to be there (不浮), or no more (濡者已解)."""

    start: int
    end: int
    code: str
    side: Side
    position: Position
    denied: bool


def find_pulses(text: str) -> list[PulseWord]:
    """Every pulse word of a case text, ordered by place; one of several positions (寸关滑) is named once for each."""
    told = narrative(text)
    found: list[PulseWord] = []
    for sentence, start in sentences_of(told.text):
        at = 0
        while (trigger := _SPEAKS.search(sentence, at)) is not None:
            words, read = _words(sentence[trigger.start() :])
            for word in words:
                first, last = told.span(start + trigger.start() + word.start, start + trigger.start() + word.end)
                found.append(replace(word, start=first, end=last))
            at = max(trigger.end(), trigger.start() + read)
    return found


def read_clause(clause: str) -> list[PulseReading]:
    """Readings of one clause, in order; empty where it does not speak of a pulse."""
    text = _SPACE.sub("", clause)
    if not re.search("脉|寸|关|尺|气口", _NOT_A_PULSE.sub("", text)) or _EXPECTED.search(text):
        return []
    return readings_of((word.side, word.position, word.code, text) for word in _words(text)[0] if not word.denied)


def _words(text: str) -> tuple[list[PulseWord], int]:
    """(pulse words from the beginning of a text up to where it turns to another matter, that place)."""
    found: list[PulseWord] = []
    if _EXPECTED.match(text):
        return found, 0
    side, positions = Side.BOTH, (Position.WHOLE,)
    shared = positions
    at, alien, read = 0, 0, 0
    while at < len(text):
        if _GOES_ON.match(text, at):
            at, alien = at + 1, 0
            continue
        aside = _NOT_A_PULSE.match(text, at)
        if aside:
            at = aside.end()
            continue
        place = _PLACE.match(text, at)
        if place and (place["side"] or place["place"]):
            if place["side"]:
                side, positions = _SIDES.get(place["side"], Side.BOTH), shared
            if place["place"]:
                positions = _POSITIONS.get(place["place"], (Position.WHOLE,))
            if place["side"] in ("两", "双"):  # 两关右弱左弦: both sides stay at the guan
                shared = positions
            at, alien = place.end(), 0
            continue
        token = pulse.pattern().match(text, at)
        if token:
            denied = token["absent"] is not None
            word = token["pulse"] or (token["absent"] or "").lstrip("不非无未甚见很")
            code = pulse.code_of(word) if word else None
            if code is not None:
                first = token.end() - len(word)
                denied = denied or _GONE.match(text, token.end()) is not None
                found += [PulseWord(first, token.end(), code, side, position, denied) for position in positions]
            at = read = token.end()
            continue
        if text[at] != "脉" and not _FILLER.match(text, at):
            alien += 1
            if any(not word.denied for word in found) or alien > _ALIEN_BEFORE:
                break
        at += 1
    return found, read


def code_pulse_terms(terms: Sequence[str], clauses: Sequence[str]) -> tuple[list[PulseReading], int, int, list[str]]:
    """(readings, terms given, terms that are pulses of the vocabulary, the others).

    terms: single pulse words as the source lists them; clauses: the phrases they stand in, which give side and
    position and may deny them. Without clauses all terms are one reading, both sides, whole.
    """
    codes = [pulse.code_of(term) for term in terms]
    unknown = [term for term, code in zip(terms, codes, strict=True) if code is None]
    known = [code for code in codes if code is not None]
    readings = [reading for clause in clauses for reading in read_clause(clause)]
    if not clauses and known:
        readings = [PulseReading(Side.BOTH, Position.WHOLE, tuple(dict.fromkeys(known)), "".join(terms))]
    return _merged(readings), len(terms), len(known), unknown


def readings_of(words: Iterable[tuple[Side, Position, str, str]]) -> list[PulseReading]:
    """One reading a place from (side, position, code, words as given): a visit's record has one pulse at each."""
    codes: dict[tuple[Side, Position], dict[str, None]] = {}
    raw: dict[tuple[Side, Position], dict[str, None]] = {}
    for side, position, code, given in words:
        codes.setdefault((side, position), {})[code] = None
        raw.setdefault((side, position), {})[given] = None
    return [PulseReading(*place, tuple(some), "；".join(raw[place])) for place, some in codes.items()]


def _merged(readings: Sequence[PulseReading]) -> list[PulseReading]:
    return readings_of((one.side, one.position, code, one.raw) for one in readings for code in one.terms)
