"""The findings of a visit: what its words say in codes, each with the place of the words that say it.

text[start:end] is what was coded; whoever reviews a finding sees it in the original. A name that no table explains
stays a finding with code "", so that it is shown and asked about rather than dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.domain.vocabulary import active, for_each_vocabulary
from app.importing.classical import find_signs
from app.importing.classical_pulse import find_pulses
from app.importing.classical_text import clauses_of, joined
from app.importing.free_text.herb_mentions import find_herbs

KINDS = ("symptom", "tongue", "pulse", "syndrome", "disease", "western", "method", "herb", "outcome")
# kinds of the vocabulary that are named in running text; a vocabulary pack may bring diseases and methods
_NAMED = ("syndrome", "disease", "method")
_FIELD = re.compile(
    r"(?P<name>(?:中医)?(?:证型|辨证|证候|证属|诊断证型)|西医诊断|(?:中医)?(?:病名|诊断)|治法|治则|治疗原则|立法)\s?[:：∶]\s?"
    r"(?=(?P<value>[^。\n；;:：∶]{1,60}))"
)
_FIELD_KINDS = {"证": "syndrome", "辨": "syndrome", "治": "method", "立": "method", "西": "western"}
_PARTS = re.compile(r"[^、，,/+\s（()）]+")
_OUTCOMES = (
    ("无效", re.compile("无效|不效|未效|罔效|不应(?=[。，；]|$)|未见效|无寸效|无功")),
    (
        "痊愈",
        re.compile(
            "(?:病|而|已|全|痊|顿|即|遂|诸症|诸恙)(?:告)?(?:痊愈|全愈|痊|愈)(?!后)|痊愈|全愈|告愈|收全功|霍然|诸[症恙](?:悉|均|皆|全|已)?(?:消失|除|平|愈)"
        ),
    ),
    (
        "显效",
        re.compile(
            "显效|大效|大减|去其?大半|十去[六七八九]|十减[六七八九]|大为(?:减轻|好转|转机)|明显(?:好转|减轻|缓解|改善)"
        ),
    ),
    ("有效", re.compile("有效|见效|已效|小效|得效|稍效|颇效|好转|减轻|缓解|改善|病减|稍减|渐减|略减")),
)
_NO_OUTCOME = re.compile("[若如恐待俟令欲可必当能望冀即则再恐方至以]$|为度|不[能可见]$|未$|难$")


@dataclass(frozen=True, slots=True)
class Finding:
    """kind: one of KINDS; text: the words at [start, end) of the text it was found in.

    code: of the vocabulary or herb table, of an outcome the word 痊愈 显效 有效 无效; "" where none fits
    negated: a sign that is denied or has gone, a herb taken out of the formula
    detail: of a herb its dose as written, of a pulse "side position" ("left guan"), of a changed herb see ``change``
    change: of a herb "" (in a list), "into" (加), "less" (减), "set" (改为) or "out" (去)
    """

    start: int
    end: int
    kind: str
    code: str
    negated: bool
    text: str
    detail: str = ""
    change: str = ""

    def moved(self, by: int) -> Finding:
        return replace(self, start=self.start + by, end=self.end + by)


def code_visit(text: str) -> list[Finding]:
    """All findings of one visit's text, ordered by place; one place may carry several."""
    found: list[Finding] = []

    def add(start: int, end: int, kind: str, code: str, *, negated: bool = False, detail: str = "", change: str = ""):
        found.append(Finding(start, end, kind, code, negated, text[start:end], detail, change))

    concepts = active().concepts
    for sign in find_signs(text):
        add(sign.start, sign.end, concepts[sign.code].kind, sign.code, negated=sign.denied)
    for word in find_pulses(text):
        add(word.start, word.end, "pulse", word.code, negated=word.denied, detail=f"{word.side} {word.position}")
    herbs = find_herbs(text)
    for herb in herbs:
        for code in herb.codes or ("",):
            add(herb.start, herb.end, "herb", code, negated=herb.change == "out", detail=herb.dose, change=herb.change)
    given = [(herb.start, herb.end) for herb in herbs]
    for start, end, kind, code in [*_fields(text), *_named(text)]:
        overlaps = any(one.kind == kind and one.start < end and start < one.end for one in found)
        if not overlaps and not any(start < last and first < end for first, last in given):
            add(start, end, kind, code)
    for start, end, code in _outcomes(text):
        add(start, end, "outcome", code)
    return sorted(found, key=lambda one: (one.start, one.end, one.kind, one.code))


def _fields(text: str) -> Iterator[tuple[int, int, str, str]]:
    """辨证：…, 中医诊断：…, 治法：…: also what the vocabulary does not know is kept, with code ""."""
    for field in _FIELD.finditer(text):
        name = field["name"].removeprefix("中医")
        kind = _FIELD_KINDS.get(name[0], "disease")
        for part in _PARTS.finditer(text, *field.span("value")):
            if text[part.end() : part.end() + 1] in (":", "：", "∶"):
                break  # the name of the next field
            if kind == "disease" and part[0].endswith("证"):
                yield part.start(), part.end(), "syndrome", _code_of(part[0], "syndrome")
            else:
                yield part.start(), part.end(), kind, "" if kind == "western" else _code_of(part[0], kind)


def _code_of(term: str, kind: str) -> str:
    """The code of a name of this kind, a syndrome's with or without 证; "" where the vocabulary has none."""
    names = (term, f"{term}证", term.removesuffix("证")) if kind == "syndrome" else (term,)
    return next((concept.code for name in names if (concept := active().find(name, kind))), "")


@for_each_vocabulary
def _terms() -> tuple[re.Pattern[str], dict[str, tuple[str, str]]]:
    """(pattern of all names, name -> (kind, code)) of syndromes, diseases and methods of two characters or more."""
    table: dict[str, tuple[str, str]] = {}
    for kind in _NAMED:
        for concept in active().by_kind(kind):
            for term in (concept.zh, concept.zh.removesuffix("证"), *concept.synonyms):
                if len(term) > 1:
                    table.setdefault(term, (kind, concept.code))
    names = "|".join(sorted(map(re.escape, table), key=len, reverse=True))
    return re.compile(names or r"(?!)"), table


def _named(text: str) -> Iterator[tuple[int, int, str, str]]:
    told = joined(text)
    pattern, table = _terms()
    for found in pattern.finditer(told.text):
        if not re.search("[若如恐防非]$", told.text[: found.start()]):
            yield *told.span(*found.span()), *table[found[0]]


def _outcomes(text: str) -> Iterator[tuple[int, int, str]]:
    """What the text says the treatment before did; one a clause, the plainest word first."""
    told = joined(text)
    for clause, _, start in clauses_of(told.text):
        for code, pattern in _OUTCOMES:
            word = pattern.search(clause)
            if word is not None and not _NO_OUTCOME.search(clause[: word.start()]):
                yield *told.span(start + word.start(), start + word.end()), code
                break
