"""The words of a prescription line, left to right, into steps: take out, put in, lower, set, put one for another.

Nothing is guessed: whatever is not understood to its last character is told as unknown, and none of it is done.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.domain.herbs import HerbMatch, is_processing, match
from app.domain.prescription import COUNTED, NOTES, items_of
from app.domain.records import PrescriptionItem
from app.domain.units import chinese_number

LONGEST_NAME = 12
_LONGEST_FIRST = tuple(sorted(NOTES, key=len, reverse=True))
_SURE = {"exact", "alias", "pair", "processing", "qualifier", "part"}
_HAN = r"\u3400-\u9fff"
_SEPARATOR = re.compile(r"[\s、,;。.·+]+")
_CLAUSE = re.compile(r"[;。\n]")
_TOGETHER = re.compile(r"\s*(?:、|和|及|与)\s*")
_OUT = r"去掉|减去|除去|去|除|暂不用|不用|停用|勿用|停|勿|不要"
_IN = r"加入|再加|另加|加用|增入|加"
_VERB = re.compile(rf"(?P<out>{_OUT})|(?P<in>{_IN})|(?P<less>减)")
_UNIT = (
    "克|毫克|公斤|毫升|钱半|钱|两半|两|枚|片|条|个|粒|根|支|只|对|朵|茎|张|节|撮|握|包(?!煎)|袋|瓶"
    "|分(?!钟|[一二三四五2345]次)"
)
_FIGURE = r"\d+(?:\.\d+)?|\.\d+"
_DOSE = re.compile(  # a Chinese unit stands directly behind its number: 10 两头尖 is no weight
    rf"\s*(?P<each>各)?\s*(?:(?P<figure>{_FIGURE})(?![-~]\s*\d)(?:\s?(?P<latin>mg|kg|ml|g)(?![a-z])|(?P<unit>{_UNIT}))?"
    rf"|(?P<han>[一二三四五六七八九十百半两]+(?:{_UNIT})))"
    r"(?![\d.]|剂|帖|付|副|服|天|日|次|小时|分钟|周|月|年|岁|%|[A-Za-z])",
    re.IGNORECASE,
)
_DOSES = re.compile(
    r"(?P<times>[×xX*]\s*)?(?P<often>每?[日天]|每次)?\s*(?:共|各?取|再服|续服|继服|续进|再进)?"
    r"(?P<figure>\d{1,3}(?:\.\d)?|[一二三四五六七八九十两]+)(?:剂|帖|付|副|服)(?![\u3400-\u9fff])"
)
_SAID = re.compile(  # of the whole formula, or of the patient; it changes no herb
    r"(?:\d+|[一二三四五六七八九十两]+)[天日周月]后?(?:复诊|再诊|来诊)|水煎服?|煎服|温服|内服|口服|顿服|早晚各?(?:一次|1次)?|(?:每?[日天])?分?"
    r"[一二三两123][次服](?:温?服)?|饭[前后](?:服|温服)?|空腹服?|余?同前|余药同前|照前|连服\d+[天日]|每?[日天][一1]剂"
)
_APART = re.compile(  # the blank between a name and its dose; one before the number of doses stays
    rf"(?<=[{_HAN})])[ \t]+(?=(?:{_FIGURE})\s*(?:g|克|mg|毫克|枚|片|条)?(?!\s*(?:剂|帖|付|副|服|天|日|次|周|月)|[\d.]))"
)
_SET = re.compile(r"\s*(?:改为|改用|改成|改至|改|加至|加到|增至|增到|减至|减到|减为|用至|调至|调为)\s*")
_SWAP = re.compile(r"\s*(?:改为|改用|改成|改|换成|换为|换用|换|易为|易以|易)\s*")
_AFTER_OUT = re.compile(r"(?:去掉|去|减|不用|停用|停)(?=[\s、,;。]|$)")
_LESS = re.compile(r"\s*(?:减量|减少|减)\s*")
_MORE = re.compile(r"\s*(?:加量|加)\s*")
_ASIDE = re.compile(r"\s*[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_TIME = re.compile(r"\d+(?:\.\d+)?\s*(?:小时|分钟|h|min)|[半一二三]小时", re.IGNORECASE)


class Kind(StrEnum):
    IN = "in"
    OUT = "out"
    LESS = "less"
    HALF = "half"
    SET = "set"
    SWAP = "swap"


@dataclass(frozen=True, slots=True)
class Step:
    """items: what is named, several of a pair (赤白芍). explicit: 加 stands before it; into: of a SWAP what comes in.

    has_dose, has_note: the words give one, so that what they leave open can stay as it was
    """

    kind: Kind
    items: tuple[PrescriptionItem, ...]
    words: str
    explicit: bool = False
    into: tuple[PrescriptionItem, ...] = ()
    has_dose: bool = False
    has_note: bool = False


@dataclass(slots=True)
class Scan:
    """days: doses dispensed, None where not said."""

    steps: list[Step] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    days: float | None = None

    @property
    def changes(self) -> bool:
        """Whether some step can only be said of a formula there is."""
        return any(one.kind is not Kind.IN or one.explicit for one in self.steps)


@dataclass(frozen=True, slots=True)
class _Named:
    """A herb as written. dose: its words, "" where there are none; each: 各, or ready to be given to those before."""

    name: str
    dose: str
    each: bool
    notes: tuple[str, ...]
    end: int


def scan(text: str) -> Scan:
    """Everything a line says after its base. text: after ``plain``."""
    found = Scan()
    at, verb, explicit, run = 0, Kind.IN, False, 0
    named: list[tuple[int, Kind, bool, _Named, str]] = []  # put in or taken out, with the run it belongs to
    order: list[Step | int] = []  # steps, or places in ``named``
    first_of_verb = True
    while at < len(text):
        gap = _SEPARATOR.match(text, at)
        if gap is not None and not re.match(r"\.\d", text[at:]):
            if _CLAUSE.search(gap.group()):
                verb, explicit, run = Kind.IN, False, run + 1
            at = gap.end()
            continue
        if (doses := _DOSES.match(text, at)) is not None and _ends(text, doses.end()):
            days = None if doses["often"] else _figure(doses["figure"])
            if days is not None and found.days not in (None, days):  # 7剂 14剂
                found.unknown.append(doses.group().strip())
            found.days = found.days if days is None else days
            at, verb, explicit, run = doses.end(), Kind.IN, False, run + 1
            continue
        if (said := _SAID.match(text, at)) is not None and _ends(text, said.end()):
            at, run = said.end(), run + 1
            continue
        word = _VERB.match(text, at)
        if word is not None and not herb_at(text, at) and _leads_to_a_herb(text, word.end()):
            verb = Kind.OUT if word["out"] else Kind.LESS if word["less"] else Kind.IN
            explicit, run, at, first_of_verb = bool(word["in"]), run + 1, word.end(), True
            at += len(text[at:]) - len(text[at:].lstrip())
        start = at
        one = _named(text, at)
        if one is None:
            at = _word_end(text, at)
            found.unknown.append(text[start:at])
            continue
        after = _after(text, one)
        if after is not None:
            step, at = after
            if not _ends(text, at) and not herb_at(text, at):
                at = _word_end(text, at)
                found.unknown.append(text[start:at])
            else:
                order.append(step)
            first_of_verb = False
            continue
        at = one.end
        if not _ends(text, at) and not herb_at(text, at) and not _verb_at(text, at):
            at = _word_end(text, at)
            found.unknown.append(text[start:at])
            continue
        joined = re.search(r"(?:、|和|及|与)\s*$", text[:start]) is not None
        kind = verb
        if verb is Kind.LESS and one.dose:
            kind = Kind.LESS
        elif verb in (Kind.OUT, Kind.LESS) and (first_of_verb or joined or not one.dose):
            kind = Kind.OUT
        elif verb in (Kind.OUT, Kind.LESS):  # 去黄连 百合12: what has a dose by itself is put in
            verb = kind = Kind.IN
            explicit, run = False, run + 1
        order.append(len(named))
        named.append((run, kind, explicit and (first_of_verb or joined), one, text[start:at]))
        first_of_verb = False
        together = _TOGETHER.match(text, at)
        if together is not None:
            at = together.end()
    filled = _each_backwards(named)
    found.steps = [one if isinstance(one, Step) else filled[one] for one in order]
    return found


def plain(text: str) -> str:
    """One spelling: NFKC, no blank between a name and its dose (黄芪 30g)."""
    return _APART.sub("", unicodedata.normalize("NFKC", text).strip())


def herb_at(text: str, at: int) -> str:
    """The longest herb name that begins here, processing words with it (炒白术); "" where none does."""
    run = re.match(rf"[{_HAN}]+", text[at : at + LONGEST_NAME])
    length = len(run.group()) if run else 0
    found = next((text[at : at + n] for n in range(length, 1, -1) if is_herb(text[at : at + n])), "")
    if not found and length == 1 and is_herb(text[at]):  # 梨, 藕: one character counts where it stands alone
        return text[at]
    return found


def is_herb(word: str) -> bool:
    """Whether the whole word is one herb's name, or a pair's, and nothing else is in it."""
    found = match(word)
    return found.herb is not None and _is_sure(found)


def _is_sure(found: HerbMatch) -> bool:
    return bool(found.rule) and set(found.rule.split("+")) <= _SURE


def _named(text: str, at: int) -> _Named | None:
    """A herb with what stands directly behind it: asides, dose, notes; None where no herb begins here."""
    name = herb_at(text, at)
    if not name:
        return None
    end, dose, each, notes = at + len(name), "", False, []
    while True:
        aside = _ASIDE.match(text, end)
        if aside is not None:
            inner = _aside(aside[1].strip())
            if inner is None:
                return None
            notes += inner[1]
            if inner[0]:
                if dose:
                    return None
                dose, each = inner[0], inner[0].startswith("各")
            end = aside.end()
            continue
        amount = _DOSE.match(text, end)
        if amount is not None and not dose:
            dose, each, end = _dose_words(amount, name), bool(amount["each"]), amount.end()
            continue
        note = next((word for word in _LONGEST_FIRST if text.startswith(word, end)), "")
        if note and not herb_at(text, end):
            notes.append(note)
            end += len(note)
            continue
        return _Named(name, dose, each, tuple(notes), end)


def _aside(inner: str) -> tuple[str, list[str]] | None:
    """(dose, notes) of what stands in brackets; None where it names a herb or a number nobody can place."""
    amount = _DOSE.fullmatch(inner)
    if amount is not None:
        return _dose_words(amount, ""), []
    words = [word for word in re.split(r"[\s,、;]+", inner) if word]
    dose, notes = "", []
    for word in words:
        amount = _DOSE.fullmatch(word)
        if amount is not None and not dose:
            dose = _dose_words(amount, "")
            continue
        bare = _TIME.sub("", word)
        if re.search(r"\d", bare) or (bare and herb_at(bare, 0) and not is_processing(bare)):
            return None
        notes.append(word)
    return dose, notes


def _dose_words(amount: re.Match[str], name: str) -> str:
    """With its unit: a bare number is grams, but for herbs that are counted (大枣5)."""
    each = "各" if amount["each"] else ""
    if amount["han"]:
        return each + amount["han"]
    figure = amount["figure"]
    figure = f"0{figure}" if figure.startswith(".") else figure
    found = match(name) if name else None
    counted = found is not None and all(herb.code in COUNTED for herb in found.all)
    return each + figure + (amount["unit"] or amount["latin"] or ("" if counted else "g"))


def _after(text: str, one: _Named) -> tuple[Step, int] | None:
    """What a word behind the herb makes of it: 改20, 减半, 减5g, 去, 改苍术10; with where it ends."""
    at = one.end
    if one.dose and not (swap := _SWAP.match(text, at)):
        return None
    swap = _SWAP.match(text, at)
    if swap is not None and (into := _named(text, swap.end())) is not None:
        words = text[one.end - len(one.name) : into.end]
        return Step(Kind.SWAP, _items(one), words, into=_items(into), has_dose=bool(into.dose)), into.end
    if one.dose:
        return None
    kinds: tuple[tuple[re.Pattern[str], Kind], ...] = ((_SET, Kind.SET), (_LESS, Kind.LESS), (_MORE, Kind.IN))
    for verb, kind in kinds:
        found = verb.match(text, at)
        if found is None:
            continue
        if kind is Kind.LESS and text.startswith("半", found.end()) and _ends(text, found.end() + 1):
            return Step(Kind.HALF, _items(one), one.name), found.end() + 1
        amount = _DOSE.match(text, found.end())
        if amount is not None:
            dosed = replace(one, dose=_dose_words(amount, one.name), each=bool(amount["each"]))
            return Step(kind, _items(dosed), one.name, explicit=True, has_dose=True), amount.end()
    gone = _AFTER_OUT.match(text, at)
    return (Step(Kind.OUT, _items(one), one.name), gone.end()) if gone is not None else None


def _each_backwards(named: list[tuple[int, Kind, bool, _Named, str]]) -> dict[int, Step]:
    """白芍、川芎各10g: the dose of each reaches back over the names of its run that have none."""
    filled = list(named)
    for place in range(len(filled) - 1, 0, -1):
        run, kind, _, one, _ = filled[place]
        before = filled[place - 1]
        if one.each and before[0] == run and before[1] is kind and not before[3].dose:
            filled[place - 1] = (*before[:3], replace(before[3], dose=one.dose, each=True), before[4])
    return {
        place: Step(kind, _items(one), words.strip(), explicit, (), bool(one.dose), bool(one.notes))
        for place, (_, kind, explicit, one, words) in enumerate(filled)
    }


def _items(one: _Named) -> tuple[PrescriptionItem, ...]:
    made = items_of(one.name, one.dose)
    return tuple(replace(item, note="、".join(one.notes) or item.note) for item in made)


def _leads_to_a_herb(text: str, at: int) -> bool:
    rest = text[at:].lstrip()
    return bool(herb_at(rest, 0))


def _verb_at(text: str, at: int) -> bool:
    word = _VERB.match(text, at)
    return word is not None and _leads_to_a_herb(text, word.end())


def _ends(text: str, at: int) -> bool:
    return at >= len(text) or _SEPARATOR.match(text, at) is not None or _TOGETHER.match(text, at) is not None


def _word_end(text: str, at: int) -> int:
    """At least one character on, up to the next blank or mark."""
    found = re.compile(r"[\s、,;。]").search(text, at + 1)
    return found.start() if found else len(text)


def _figure(text: str) -> float:
    number = chinese_number(text) if not text[0].isdigit() else float(text)
    return float(number or 0)
