"""What an unknown term may have meant: concepts ranked by likeness of characters, of sound and of shape.

For the review of an import and for search boxes; nothing is coded by a suggestion alone. Sound is pinyin without tones
(薏仁 and 意仁), also with the initials and endings that speakers of the south confuse; shape is a table of look-alike
characters (``resources/terminology/lookalikes.csv``: 黄苓 for 黄芩).
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from app.domain.concept import ALL_KINDS, normal_term
from app.domain.errors import KnownError
from app.domain.formulas import find, formulas
from app.domain.herbs import clean_name, herbs, match
from app.domain.pinyin import plain, toned
from app.domain.scope import LocalVocabulary, current
from app.domain.vocabulary import active
from app.paths import RESOURCES

LOOKALIKES = RESOURCES / "terminology" / "lookalikes.csv"
LONGEST = 40  # characters; more is a sentence
LEAST = 40.0  # a likeness below is none
# how much a likeness of each sort is worth against equal characters
_SHAPE, _SOUND, _BLURRED = 0.97, 0.95, 0.90
_STRONGEST = 0.4  # share of the strongest likeness in the score; the rest is the mean of the three
_OWN_NAME = 3.0  # points more for a concept's name than for a synonym of it
_SHORTLIST = 80  # terms in each respect that are compared in full
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"))


class Why(StrEnum):
    KNOWN = "known"  # the term itself, or a rule for herb and formula names
    CHARACTERS = "characters"
    SHAPE = "shape"  # look-alike characters
    SOUND = "sound"  # the same or nearly the same pinyin


@dataclass(frozen=True, slots=True)
class Suggestion:
    """matched: the name or synonym it was found by; score: 0..100."""

    code: str
    zh: str
    matched: str
    score: float
    why: Why


@dataclass(frozen=True, slots=True)
class Entry:
    """One term of one concept, made ready for comparison. syllables: toneless, one a character."""

    term: str
    code: str
    zh: str
    normal: str
    shape: str
    syllables: tuple[str, ...]
    sound: str
    blurred: str


def suggest(term: str, kind: str, limit: int = 8) -> list[Suggestion]:
    """Concepts of the kind the term may have meant, likeliest first, each once; [] for a term too long to be one.

    Raises KnownError for a kind there is none of.
    """
    check_kind(kind)
    known = _known(term, kind)
    further = rank(term, entries(kind), limit)
    found = [*known, *(one for one in further if one.code not in {sure.code for sure in known})]
    return found[:limit]


def check_kind(kind: str) -> None:
    """Raises KnownError for a kind of concept there is none of."""
    if kind not in ALL_KINDS:
        raise KnownError("There is no kind {kind}; possible are {kinds}.", kind=kind, kinds=", ".join(ALL_KINDS))


def _known(term: str, kind: str) -> list[Suggestion]:
    if kind == "herb":
        return [Suggestion(herb.code, herb.zh, herb.zh, 100.0, Why.KNOWN) for herb in match(term).all]
    if kind == "formula":
        formula = find(term)
        return [Suggestion(formula.code, formula.zh, formula.zh, 100.0, Why.KNOWN)] if formula else []
    concept = active().find(term, kind)
    if concept is None or not concept.in_force(dt.date.today()):
        return []
    return [Suggestion(concept.code, concept.zh, term.strip(), 100.0, Why.KNOWN)]


def entries(kind: str) -> tuple[Entry, ...]:
    """Every term of the kind that may be given today, those of the clinic that holds here among them."""
    return _entries(kind, current(), dt.date.today())


@lru_cache(maxsize=32)
def _entries(kind: str, local: LocalVocabulary, today: dt.date) -> tuple[Entry, ...]:
    own = [(term, code) for term, code in local.synonyms.get(kind, {}).items()]
    if kind == "herb":
        table = {herb.code: (herb.zh, *herb.aliases) for herb in herbs().values()}
    elif kind == "formula":
        table = {formula.code: (formula.zh, *formula.synonyms) for formula in formulas().values()}
    else:
        table = {c.code: c.terms for c in active().by_kind(kind) if c.in_force(today)}
    terms = [(term, code) for code, all_terms in table.items() for term in all_terms]
    return tuple(_entry(term, code, table[code][0]) for term, code in dict.fromkeys((*terms, *own)) if code in table)


@lru_cache(maxsize=32768)
def _entry(term: str, code: str, zh: str) -> Entry:
    normal = normal_term(clean_name(term))
    syllables = tuple(map(plain, toned(normal).split()))
    sound = "".join(syllables)
    return Entry(term, code, zh, normal, normal.translate(_shapes()), syllables, sound, _blur(sound))


@cache
def _shapes() -> dict[int, str]:
    """Each look-alike character to the first of its group; a character belongs to the first group that has it."""
    folded: dict[int, str] = {}
    with LOOKALIKES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for char in row["characters"]:
                folded.setdefault(ord(char), row["characters"][0])
    return folded


def _blur(sound: str) -> str:
    for one, other in _CONFUSED:
        sound = sound.replace(one, other)
    return sound


def rank(term: str, among: Sequence[Entry], limit: int) -> list[Suggestion]:
    """The concepts of these entries by their likest term. Equal scores keep the order of the entries."""
    asked = _entry(term, "", "")
    if not asked.normal or len(asked.normal) > LONGEST:
        return []
    best: dict[str, Suggestion] = {}
    for entry in _shortlist(asked, among):
        score, why = _likeness(asked, entry)
        before = best.get(entry.code)
        if score >= LEAST and (before is None or score > before.score):
            best[entry.code] = Suggestion(entry.code, entry.zh, entry.term, score, why)
    return sorted(best.values(), key=lambda one: -one.score)[:limit]


def _shortlist(asked: Entry, among: Sequence[Entry]) -> list[Entry]:
    """Those that are likest in one respect, in their order; the full comparison of all would take 20 ms."""
    places: set[int] = set()
    for question, answers in (
        (asked.shape, [entry.shape for entry in among]),
        (asked.sound, [entry.sound for entry in among]),
        (asked.blurred, [entry.blurred for entry in among]),
    ):
        found = process.extract(question, answers, scorer=fuzz.ratio, limit=_SHORTLIST)
        places.update(place for _, _, place in found)
    return [among[place] for place in sorted(places)]


def _likeness(asked: Entry, entry: Entry) -> tuple[float, Why]:
    """The score of the pair and what makes it: of two terms with like characters the like-sounding one wins."""
    characters = fuzz.ratio(asked.normal, entry.normal)
    shape = _SHAPE * fuzz.ratio(asked.shape, entry.shape)
    syllables = fuzz.ratio(asked.syllables, entry.syllables)
    sound = max(
        _SOUND * (syllables + fuzz.ratio(asked.sound, entry.sound)) / 2,
        _BLURRED * fuzz.ratio(asked.blurred, entry.blurred),
    )
    score, why = max((characters, Why.CHARACTERS), (shape, Why.SHAPE), (sound, Why.SOUND), key=lambda pair: pair[0])
    whole = _STRONGEST * score + (1 - _STRONGEST) * (characters + shape + sound) / 3
    whole += _OWN_NAME if entry.term == entry.zh else 0.0
    return round(min(whole, 99.0), 1), why
