"""A prescription as a physician types it in one line: 酸枣仁汤 去黄连 加百合12 柴胡6g 7剂; 原方改黄芪30; 黄芪30 白术15.

The line begins with a formula's name (several with 合), with words for the formula before (原方, 守方), or with the
herbs themselves; a name and a colon (安神方：黄芪30 白术15) name exactly the herbs that follow. A name the visit before
bears too means the formula as it was taken then, unless 本方 stands behind it.
What follows changes it: 去 takes out, 加 adds, 减 lowers, 改 sets a dose; a herb with a dose adds, or has this dose
from now on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain import formulas
from app.domain.herbs import match
from app.domain.prescription import DIRECTION, chunks, modify, parse_formula_text
from app.domain.records import Prescription, PrescriptionItem

LONGEST_NAME = 12
_BEFORE = re.compile(r"(?:[守续原前上照][前上原]?诊?(?:法|方)|效不更方|守上方|同前|续服)")
_HEADINGS = ("方药", "处方", "方", "药", "rp", "rx")  # name no formula
_ITSELF = "本方"  # the formula as its book has it
_CHANGED = re.compile(r"(?:加减|化裁|加味|出入|增损)方?$")
_DOSES = re.compile(r"[×xX*]?\s*(\d{1,3})\s*(?:剂|帖|付|副|服|天|日)")
_SET = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{1,12}?)(?:改为|改用|改成|改至|改|加[至到]|增[至到]|减[至到])(?P<dose>\d.*)"
)
_VERBS = {"减去": "out", "除去": "out", "去": "out", "除": "out", "加入": "in", "再加": "in", "加": "in", "减": "less"}
_VERB = re.compile(f"(?:{'|'.join(_VERBS)})(?=[\u4e00-\u9fff])")


class Change(StrEnum):
    """Against the formula the line builds on."""

    NONE = ""
    ADDED = "added"
    REMOVED = "removed"
    RAISED = "raised"
    LOWERED = "lowered"


class Base(StrEnum):
    NONE = ""  # the herbs stand in the line
    BEFORE = "before"  # the prescription before
    BOOK = "book"  # a formula of the table


@dataclass(frozen=True, slots=True)
class Line:
    """One herb. before: its dose in the formula the line builds on, grams a day, None where it had none."""

    item: PrescriptionItem
    change: Change = Change.NONE
    before: float | None = None


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """lines: herbs in order, those taken out last; unknown: words that name no herb, as typed

    base: what the line builds on; missing: names that were to be taken out or lowered and are not in it
    """

    prescription: Prescription
    lines: tuple[Line, ...] = ()
    base: Base = Base.NONE
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def undosed(self) -> tuple[PrescriptionItem, ...]:
        """Items without grams, counts (三枚) apart."""
        return tuple(i for i in self.prescription.items if i.herb and i.grams is None and not i.raw_dose)


def read_line(text: str, previous: Prescription | None = None) -> FormulaLine:
    """What a line says. previous: the prescription of the visit before; () items for an empty line."""
    plain = unicodedata.normalize("NFKC", text).strip()
    days = next((float(m[1]) for m in _DOSES.finditer(plain)), None)
    title, colon, rest = plain.partition(":")
    name = title.strip() if colon and title.strip().casefold() not in _HEADINGS else ""
    words = [part for chunk in chunks(_apart(rest if colon else plain)) for part in _parts(chunk)]
    base, start = _base(words[0] if words and not colon else "", previous)
    if start is not None:
        words = words[1:]
    elif previous is not None and not colon and _changes(words):  # what can only be said of a formula there is
        base, start = Base.BEFORE, previous
    steps = _steps(words, start.items if start is not None else ())
    made = start if start is not None else Prescription(())
    whole = replace(made, items=(*made.items, *steps.added))
    items = modify(whole, steps.removed, replaced=steps.replaced, reduced=steps.reduced).items
    mode = "modified" if base is Base.BEFORE else "full"
    result = Prescription(items, formula=name or _CHANGED.sub("", made.formula), days=days, mode=mode, raw=text.strip())
    against = start if start is not None else _like(items, previous)
    unknown, missing = tuple(dict.fromkeys(steps.unknown)), tuple(dict.fromkeys(steps.missing))
    return FormulaLine(result, _lines(items, against.items if against is not None else None), base, unknown, missing)


def write_line(prescription: Prescription) -> str:
    """A line of which ``read_line`` makes the same name, herbs, doses and days, whatever formula was before."""
    parts = [prescription.formula.replace(":", "") + ":"] if prescription.formula else []
    for item in prescription.items:
        dose = f"{item.grams:g}g" if item.grams is not None else item.raw_dose
        asides = [word for word in (item.processing, item.note) if word and word not in item.raw_name]
        parts.append(item.raw_name + (f"({','.join(asides)})" if asides else "") + dose)
    if prescription.days:
        parts.append(f"{prescription.days:g}剂")
    return " ".join(parts)


@dataclass(slots=True)
class _Steps:
    removed: list[str]
    reduced: list[tuple[str, str]]
    added: list[PrescriptionItem]
    replaced: list[PrescriptionItem]
    unknown: list[str]
    missing: list[str]


def _steps(words: Sequence[str], base: Sequence[PrescriptionItem]) -> _Steps:
    steps = _Steps([], [], [], [], [], [])
    verb = "in"
    for word in words:
        if DIRECTION.fullmatch(word) or _DOSES.fullmatch(word) or _CHANGED.fullmatch(word):
            continue
        found = _VERB.match(word)
        if found is not None and not _is_herb(word):
            verb, word = _VERBS[found.group()], word[found.end() :]
        setting = _SET.fullmatch(word)
        if setting is not None and _is_herb(setting["name"]):
            steps.replaced += parse_formula_text(setting["name"] + setting["dose"])
            verb = "in"
            continue
        items = parse_formula_text(word)
        known = [item for item in items if item.herb]
        if not known:
            steps.unknown.append(word)
            continue
        dosed = any(item.grams is not None or item.raw_dose for item in known)
        if verb == "out" and dosed:  # 去黄连 百合12: what has a dose is no longer taken out
            verb = "in"
        for item in known:
            there = _held(item, [*base, *steps.added])
            if verb == "out":
                (steps.removed if there else steps.missing).append(item.raw_name)
            elif verb == "less" and dosed and there:
                steps.reduced.append((item.raw_name, f"{item.grams:g}g" if item.grams is not None else item.raw_dose))
            elif verb == "less":
                (steps.removed if there else steps.missing).append(item.raw_name)
            elif there:  # named again: its dose is this one
                steps.replaced.append(item)
            else:
                steps.added.append(item)
        if verb == "less":
            verb = "in"
    return steps


def _held(item: PrescriptionItem, items: Sequence[PrescriptionItem]) -> bool:
    return any(one.herb == item.herb for one in items)


def _base(word: str, previous: Prescription | None) -> tuple[Base, Prescription | None]:
    """What the first word says the line builds on, with that prescription."""
    if _BEFORE.fullmatch(word):
        return (Base.BEFORE, previous) if previous is not None else (Base.NONE, None)
    name = _CHANGED.sub("", word.removesuffix(_ITSELF))
    meant = formulas.find_all(name) if not _is_herb(name) or _is_medicine_and_formula(name) else ()
    if not meant or name[-1:].isdigit():
        same = previous is not None and bool(name) and name == _CHANGED.sub("", previous.formula)
        return (Base.BEFORE, previous) if same else (Base.NONE, None)
    if previous is not None and not word.endswith(_ITSELF) and formulas.find_all(previous.formula) == meant:
        return Base.BEFORE, previous
    items: dict[str, PrescriptionItem] = {}
    for formula in meant:
        for item in formulas.as_prescription(formula).items:
            held = items.get(item.herb)
            if held is None or (held.grams or 0) < (item.grams or 0):
                items[item.herb] = item
    return Base.BOOK, Prescription(tuple(items.values()), formula=name)


def _is_medicine_and_formula(name: str) -> bool:
    """逍遥散 is sold ready-made too; at the head of a line, without a dose, the formula is meant."""
    herb = match(name).herb
    return herb is not None and herb.prepared and formulas.find(name) is not None


def _changes(words: Sequence[str]) -> bool:
    verbs = [_VERB.match(word) for word in words if not _is_herb(word)]
    first = words[0] if words else ""
    opens = bool(_VERB.match(first)) and not _is_herb(first)
    return opens or any(verb is not None and _VERBS[verb.group()] != "in" for verb in verbs)


def _like(items: Sequence[PrescriptionItem], previous: Prescription | None) -> Prescription | None:
    """The prescription before, where enough of it stands for a comparison to say something."""
    if previous is None:
        return None
    shared = sum(_held(item, items) for item in previous.items)
    return previous if 2 * shared >= max(len(previous.items), 1) else None


def _parts(chunk: str) -> list[str]:
    """A chunk whose first words are the base and whose rest changes it (原方去黄连, 酸枣仁汤加百合12), cut there."""
    before = _BEFORE.match(chunk)
    if before is not None and before.end() < len(chunk):
        return [before.group(), *_parts(chunk[before.end() :])]
    return [chunk]


def _apart(text: str) -> str:
    """With a blank before every word of change that stands inside a run of characters and is part of no herb's name."""
    out, at = "", 0
    while at < len(text):
        name = _herb_at(text, at)
        if name:
            out += name
            at += len(name)
            continue
        verb = _VERB.match(text, at)
        if verb is not None and (_herb_at(text, verb.end()) or _CHANGED.match(text[at:])):
            blank = out and not out[-1].isspace() and not _CHANGED.match(text[at:])
            out += (" " if blank else "") + verb.group()
            at = verb.end()
            continue
        out += text[at]
        at += 1
    return out


def _herb_at(text: str, at: int) -> str:
    """The longest herb name that begins here; "" where none does."""
    run = re.match(r"[\u4e00-\u9fff]+", text[at : at + LONGEST_NAME])
    length = len(run.group()) if run else 0
    return next((text[at : at + n] for n in range(length, 1, -1) if _is_herb(text[at : at + n])), "")


def _is_herb(word: str) -> bool:
    found = match(word)
    return found.herb is not None and found.rule in ("exact", "alias")


def _lines(items: Sequence[PrescriptionItem], base: Sequence[PrescriptionItem] | None) -> tuple[Line, ...]:
    if base is None:
        return tuple(Line(item) for item in items)
    doses = {item.herb or item.raw_name: item.grams for item in base}
    lines: list[Line] = []
    for item in items:
        key = item.herb or item.raw_name
        if key not in doses:
            lines.append(Line(item, Change.ADDED))
            continue
        before = doses[key]
        change = Change.NONE
        if before is not None and item.grams is not None and before != item.grams:
            change = Change.RAISED if item.grams > before else Change.LOWERED
        lines.append(Line(item, change, before))
    kept = {item.herb or item.raw_name for item in items}
    gone = [item for item in base if (item.herb or item.raw_name) not in kept]
    return tuple(lines + [Line(item, Change.REMOVED, item.grams) for item in gone])
