"""Herb names (药名) to canonical herbs: named rules in a fixed order, never a fuzzy guess.

The herbs are ``resources/terminology/herbs.csv`` (pharmacopoeia names where they exist), the rules
``herb_rules.csv`` beside it. A name that no rule explains stays unmapped, and every match says which rule made it:

exact, alias         the name as listed
pair                 two herbs written as one name (天麦冬 is 天冬 and 麦冬)
processing           a processing word taken off (酒炒白芍, 黄芩炭), kept in ``HerbMatch.processing``
qualifier            a word of place or grade taken off (川郁金)
part                 a word of form taken off (桃仁泥); several are joined: "processing+qualifier"
damaged              a name whose rare character the transcription lost, listed one by one
run_on               several whole names written without a gap, each explained by the rules above
lead_in              a word of instruction before the name (又加海参)

Prepared medicines (成药) are entries of their own with codes "med.": a pill is not a herb of the formula, but it is
a known thing that was given.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from app.domain.errors import KnownError
from app.domain.scope import LocalVocabulary, current
from app.domain.script import simplified
from app.paths import RESOURCES

PREPARED = "成药"
LONGEST_NAME = 40  # characters; a longer "name" is a sentence
DEEPEST = 4  # affixes taken off one name
_TERMINOLOGY = RESOURCES / "terminology"
_NOISE = re.compile(r"[\s·・。．.,，、;；:：\"“”'‘’*＊□○_\-]+")
_BRACKETS = re.compile(r"[(\[{【〔《<〈]([^()\[\]{}]*)[)\]}】〕》>〉]")


@dataclass(frozen=True, slots=True)
class Herb:
    """dose_low, dose_high: grams per day, decocted, None where no oral dose is stated (advisory, see dose_source).

    pregnancy: "禁用" (forbidden), "慎用" (with caution) or ""; processing: the usual processed forms (酒大黄, 熟大黄)
    """

    code: str
    zh: str
    en: str
    latin: str
    pinyin: str
    aliases: tuple[str, ...]
    category: str
    nature: str
    flavour: tuple[str, ...]
    channels: tuple[str, ...]
    dose_low: float | None
    dose_high: float | None
    toxicity: str
    pregnancy: str
    processing: tuple[str, ...]
    note: str
    dose_source: str
    source: str

    @property
    def prepared(self) -> bool:
        """A prepared medicine (成药) rather than a herb."""
        return self.category == PREPARED


@dataclass(frozen=True, slots=True)
class HerbMatch:
    """herb: None where no rule explains the name; also: the further herbs of a pair or run-on; rule: "" if unmapped."""

    herb: Herb | None
    processing: str = ""
    rule: str = ""
    also: tuple[Herb, ...] = ()

    @property
    def all(self) -> tuple[Herb, ...]:
        return () if self.herb is None else (self.herb, *self.also)


@dataclass(frozen=True)
class _Rules:
    names: dict[str, str]  # canonical name -> code
    aliases: dict[str, str]
    pairs: dict[str, tuple[str, ...]]
    damaged: dict[str, str]
    never: frozenset[str]
    processed: re.Pattern[str]  # at the start
    suffixes: tuple[str, ...]
    qualifiers: tuple[str, ...]
    parts: tuple[str, ...]
    lead_ins: tuple[str, ...]


@cache
def herbs() -> dict[str, Herb]:
    """Every entry by code, in the order of the table."""
    with (_TERMINOLOGY / "herbs.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: _herb(row) for row in csv.DictReader(file)}


def _herb(row: dict[str, str]) -> Herb:
    return Herb(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        latin=row["latin"],
        pinyin=row["pinyin"],
        aliases=_words(row["aliases"]),
        category=row["category"],
        nature=row["nature"],
        flavour=_words(row["flavour"]),
        channels=_words(row["channels"]),
        dose_low=float(row["dose_low"]) if row["dose_low"] else None,
        dose_high=float(row["dose_high"]) if row["dose_high"] else None,
        toxicity=row["toxicity"],
        pregnancy=row["pregnancy"],
        processing=_words(row["processing"]),
        note=row["note"],
        dose_source=row["dose_source"],
        source=row["source"],
    )


def _words(cell: str) -> tuple[str, ...]:
    return tuple(word for word in cell.split(";") if word)


def _rules() -> _Rules:
    return _rules_with(current())


@lru_cache(maxsize=4)
def _rules_with(local: LocalVocabulary) -> _Rules:
    """The rules with a clinic's own synonyms among the aliases. Raises KnownError for one that names no herb, or that
    is the name of another."""
    shipped = _shipped_rules()
    aliases = dict(shipped.aliases)
    for term, code in local.synonyms.get("herb", {}).items():
        name = clean_name(term)
        if code not in herbs() or not name:
            raise KnownError("The local synonym {term} belongs to {code}, which is no herb.", term=term, code=code)
        if shipped.names.get(name, code) != code:
            raise KnownError(
                "The local synonym {term} is the name of another herb; it cannot mean {wanted}.",
                term=term,
                wanted=herbs()[code].zh,
            )
        aliases[name] = code
    return replace(shipped, aliases=aliases)


@cache
def _shipped_rules() -> _Rules:
    listed: dict[str, list[tuple[str, str]]] = {}
    with (_TERMINOLOGY / "herb_rules.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            listed.setdefault(row["kind"], []).append((row["form"], row["value"]))
    names = {herb.zh: code for code, herb in herbs().items()}
    return _Rules(
        names=names,
        aliases={alias: code for code, herb in herbs().items() for alias in herb.aliases},
        pairs={form: tuple(names[part] for part in value.split(";")) for form, value in listed["pair"]},
        damaged={form: names[value] for form, value in listed["damaged"]},
        never=frozenset(form for form, _ in listed["never"]),
        processed=_processing_pattern(listed),
        suffixes=_longest_first(listed["suffix"]),
        qualifiers=_longest_first(listed["qualifier"]),
        parts=_longest_first(listed["part"]),
        lead_ins=_longest_first(listed["lead_in"]),
    )


def _longest_first(rows: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted((form for form, _ in rows), key=len, reverse=True))


def _processing_pattern(listed: dict[str, list[tuple[str, str]]]) -> re.Pattern[str]:
    """One processing word: an adjunct with its verb (盐水炒), a verb with its degree (炒黄), or a state (煨)."""
    adjunct, verb, degree, state = (
        "|".join(map(re.escape, _longest_first(listed[kind]))) for kind in ("adjunct", "verb", "degree", "state")
    )
    return re.compile(rf"(?:{adjunct})?(?:{verb})(?:{degree})?|{state}")


def clean_name(raw: str) -> str:
    """The name in one spelling: NFKC, simplified, without spaces, punctuation and what stands in brackets."""
    return simplified(_NOISE.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", raw))))


def match(raw_name: str) -> HerbMatch:
    """The canonical herb of a name as written; ``HerbMatch.herb`` is None where no rule explains it.

    A clinic's own synonyms (``local_terms.using``) count as aliases.
    """
    return _match(raw_name, current())


@lru_cache(maxsize=65536)
def _match(raw_name: str, _local: LocalVocabulary) -> HerbMatch:
    name = clean_name(raw_name)
    if not name or len(name) > LONGEST_NAME:
        return HerbMatch(None)
    asides = _BRACKETS.findall(simplified(unicodedata.normalize("NFKC", raw_name)))
    aside = "".join(part for part in asides if is_processing(part))
    found = _one_name(name) or _damaged(name) or _run_on(name) or _lead_in(name)
    if found is None:
        return HerbMatch(None, processing=aside)
    return replace(found, processing=_join(found.processing, aside)) if aside else found


def is_processing(text: str) -> bool:
    """Whether the words are nothing but processing (酒炒, 炙, 姜汁炒黄)."""
    return bool(text) and re.fullmatch(rf"(?:{_rules().processed.pattern})+", text) is not None


def split_processing(text: str) -> tuple[str, str]:
    """Processing words at the start of a text, and what follows them."""
    found = re.match(rf"(?:{_rules().processed.pattern})+", text)
    return (found.group(), text[found.end() :]) if found else ("", text)


def _one_name(name: str) -> HerbMatch | None:
    listed = _listed(name)
    if listed is None:
        return None if name in _rules().never else _without_affixes(name)
    if listed.rule == "alias":  # 姜半夏 is listed, and still says 姜
        assert listed.herb is not None
        way = _without_affixes(name, only_processing=True)
        if way is not None and way.herb == listed.herb:
            return replace(listed, processing=way.processing)
    return listed


def _listed(name: str) -> HerbMatch | None:
    rules, table = _rules(), herbs()
    if name in rules.names:
        return HerbMatch(table[rules.names[name]], rule="exact")
    if name in rules.aliases:
        return HerbMatch(table[rules.aliases[name]], rule="alias")
    if name in rules.pairs:
        first, *others = (table[code] for code in rules.pairs[name])
        return HerbMatch(first, rule="pair", also=tuple(others))
    return None


def _without_affixes(name: str, *, only_processing: bool = False) -> HerbMatch | None:
    """Breadth first: the reading that takes off the fewest affixes wins, processing before place before part."""
    level = [(name, "", ())]
    seen = {name}
    for _ in range(DEEPEST):
        following: list[tuple[str, str, tuple[str, ...]]] = []
        for rest, processing, used in level:
            for shorter, word, rule in _one_affix_off(rest, only_processing=only_processing):
                if len(shorter) < 2 or shorter in seen or shorter in _rules().never:
                    continue
                seen.add(shorter)
                now = (_join(processing, word), tuple(dict.fromkeys((*used, rule))))
                listed = _listed(shorter)
                if listed is not None:
                    return replace(listed, processing=now[0], rule="+".join(now[1]))
                following.append((shorter, *now))
        level = following
    return None


def _one_affix_off(name: str, *, only_processing: bool) -> list[tuple[str, str, str]]:
    """Every (rest, processing word, rule) one affix away."""
    rules = _rules()
    out = [
        (name[end:], name[:end], "processing")
        for end in range(min(7, len(name) - 2), 0, -1)
        if rules.processed.fullmatch(name, 0, end)
    ]
    out += [(name[: -len(s)], s, "processing") for s in rules.suffixes if name.endswith(s)]
    if not only_processing:
        out += [(name[len(q) :], "", "qualifier") for q in rules.qualifiers if name.startswith(q)]
        out += [(name[: -len(p)], "", "part") for p in rules.parts if name.endswith(p)]
    return out


def _join(first: str, second: str) -> str:
    return "、".join(word for word in (first, second) if word)


def _damaged(name: str) -> HerbMatch | None:
    rules = _rules()
    processing, rest = "", name
    if rest not in rules.damaged:
        processing, rest = split_processing(name)
    code = rules.damaged.get(rest)
    return None if code is None else HerbMatch(herbs()[code], processing=processing, rule="damaged")


def _run_on(name: str) -> HerbMatch | None:
    """Two to four whole names without a gap. The part before the cut is the longest that is itself a name."""
    if len(name) < 4:
        return None
    for cut in range(len(name) - 2, 1, -1):
        first = _one_name(name[:cut])
        if first is None:
            continue
        rest = _one_name(name[cut:]) or _damaged(name[cut:]) or _run_on(name[cut:])
        if rest is not None:
            others = (*first.also, *rest.all)
            return replace(first, rule="run_on", also=others, processing="")
    return None


def _lead_in(name: str) -> HerbMatch | None:
    """The name behind the last word of instruction; the words before it must not be a herb themselves."""
    for word in _rules().lead_ins:
        at = name.rfind(word)
        if at >= 0 and len(name) - at - len(word) >= 2:
            found = _one_name(name[at + len(word) :])
            if found is not None:
                return replace(found, rule="lead_in")
    return None
