"""Tongue body and coating from phrases such as 舌红苔黄, 舌苔白腻, 苔白转黄, 舌绛无苔.

Two lanes, body (舌, 质) and coating (苔): 红 after 舌 is the body's colour, 白 after 舌 (classical 舌白) the coating's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from app.domain.vocabulary import active, for_each_vocabulary

SPEAKS_OF_TONGUE = re.compile("舌|苔")
# how a clause goes on about the tongue of the clause before it (舌红，边有齿痕，少苔)
_GOES_ON = re.compile("(?:两?边|尖|中[心根有后]|根|近根|质|体胖|有|伴有?|并有)(?![饮热汗力])")
_FILLER = (
    "苔舌质色体本边尖中心根前半后上下底起生有见微稍略较渐更甚仍尚犹亦又复反而且并带兼"
    "罩多满皆俱已未不全大化退净转变为近似则之者也觉自得新其稠满布处两侧"
)
_COATING_FIRST = ("coat_colour", "coat_quality")
_CHANGED = re.compile("转|变(?!为不)|化为")
_GONE = re.compile(
    "(?P<degree>[渐稍略较少微未不大半尚]?)(?:亦|已|俱|悉|皆|尽|全|逐步|顿|得)?(?P<degree2>[渐稍略较少微大半]?)(?:化|退|净|消|除)(?!为)"
)
_DENIED = re.compile("(?:并不|不|无|未|非)(?:甚)?$")
_ONLY_BODY = ("裂纹", "纹裂", "裂", "芒刺", "起刺")  # 舌苔纹裂
_ONLY_COATING = ("满布", "布满", "浮", "板")
_LESS = "渐稍略较少微转"
_SCALES = ("coat_moisture", "coat_thickness", "coat_amount")


@for_each_vocabulary
def _marks() -> tuple[re.Pattern[str], dict[str, dict[str, str]]]:
    """(pattern of all marks, mark -> lane -> code); lane is "body", "coat" or "sublingual"."""
    table: dict[str, dict[str, str]] = {}
    for concept in active().by_kind("tongue"):
        category = concept.extra["category"]
        lane = "coat" if category in _COATING_FIRST else "sublingual" if category == "sublingual" else "body"
        for mark in concept.extra["marks"].split("|"):
            table.setdefault(mark, {})[lane] = concept.code
    return re.compile("|".join(sorted(table, key=len, reverse=True))), table


def _code(mark: str, lane: str) -> str | None:
    lanes = _marks()[1][mark]
    if lane in lanes:
        return lanes[lane]
    if lane == "body" and mark not in _ONLY_COATING:
        return lanes.get("coat")
    return lanes.get("body") if mark in _ONLY_BODY else None


@dataclass(frozen=True, slots=True)
class TongueSign:
    """A sign named at clause[start:end]; denied also where a coating has cleared."""

    start: int
    end: int
    code: str
    denied: bool


def tongue_signs(clause: str, *, continues: bool = False) -> list[TongueSign]:
    """The tongue signs of a clause, places counted from its beginning.

    continues: the clause before spoke of the tongue, so that this one may go on without naming it (边有齿痕)
    """
    found: list[TongueSign] = []
    text, at = _completed(clause, continues), 0
    while start := SPEAKS_OF_TONGUE.search(text, at):
        found += _ahead_of_coating(text, at, start.start())
        at, rows = _segment(text, start.start())
        found += rows
    shift = len(text) - len(clause)
    return [replace(sign, start=sign.start - shift, end=sign.end - shift) for sign in found]


def _completed(clause: str, continues: bool) -> str:
    """With 舌 in front where the clause goes on about the tongue without naming it, and all of it is about that."""
    if not continues or SPEAKS_OF_TONGUE.search(clause) or not _GOES_ON.match(clause):
        return clause
    return "舌" + clause if _segment("舌" + clause, 0)[0] > len(clause) else clause


def _ahead_of_coating(text: str, since: int, at: int) -> list[TongueSign]:
    """Signs named before their 苔 (浊苔满布, 少苔, 薄白苔)."""
    if text[at] != "苔":
        return []
    named = _adjectives().search(text, since, at)
    if named is None or "脉" in text[since : named.start()]:  # 脉滑苔腻: the pulse is slippery
        return []
    if named[0] in ("少", "无"):
        return [TongueSign(named.start(), at + 1, _marks()[1][named[0] + "苔"]["coat"], False)]
    denied = bool(_DENIED.search(text, since, named.start()))
    return [
        TongueSign(named.start() + mark.start(), named.start() + mark.end(), code, denied)
        for mark in _marks()[0].finditer(named[0])
        if (code := _marks()[1][mark[0]].get("coat"))
    ]


@for_each_vocabulary
def _adjectives() -> re.Pattern[str]:
    """Marks of the coating that stand directly before 苔."""
    words = "|".join(sorted((m for m, lanes in _marks()[1].items() if "coat" in lanes), key=len, reverse=True))
    return re.compile(f"(?:{words})+$|[少无]$")


def _segment(clause: str, start: int) -> tuple[int, list[TongueSign]]:
    """Reads on from 舌 or 苔 as long as the words speak of the tongue; (where it stopped, signs)."""
    pattern, _ = _marks()
    lane, at = ("coat" if clause[start] == "苔" else "body"), start + 1
    rows: list[TongueSign] = []
    while at < len(clause):
        if clause.startswith("舌下", at - 1) and clause[at - 1] == "舌":
            lane, at = "sublingual", _after_veins(clause, at + 1)
            continue
        gone, changed = _GONE.match(clause, at), _CHANGED.match(clause, at)
        mark = pattern.match(clause, at)
        if changed:  # 苔白转黄: what came before is no more
            rows, at = [], changed.end()
        elif gone and lane == "coat":
            if not (gone["degree"] or gone["degree2"]):
                rows = [replace(row, denied=row.code.startswith("ton.coat") or row.denied) for row in rows]
            at = gone.end()
        elif mark:
            code = _code(mark[0], lane)
            if mark[0] == "淡" and rows and clause[at - 1] in _LESS:
                code = None  # 舌绛较淡: a little less crimson, not a pale tongue
            if code:
                rows = [row for row in rows if not _replaced(row.code, code)]
                rows.append(TongueSign(at, mark.end(), code, bool(_DENIED.search(clause, start, at))))
            at = mark.end()
        elif clause[at] in _FILLER or clause[at] in "无、":
            lane = "coat" if clause[at] == "苔" else "body" if clause[at] in "舌质" else lane
            at += 1
        else:
            break
    return max(at, start + 1), rows


def _replaced(earlier: str, later: str) -> bool:
    """Whether a later word of the same scale takes the place of an earlier one (舌燥渐润)."""
    concepts = active().concepts
    group = concepts[earlier].extra["group"]
    return earlier != later and group in _SCALES and concepts[later].extra["group"] == group


def _after_veins(clause: str, at: int) -> int:
    word = re.compile("络脉|脉络|静脉|青筋").match(clause, at)
    return word.end() if word else at
