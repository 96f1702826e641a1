"""A prescription as a physician types it in one line: 酸枣仁汤 去黄连 加百合12 柴胡6g 7剂; 原方改黄芪30; 黄芪30 白术15.

The line begins with a formula's name (several with 合), with words for the formula before (原方, 守方), or with the
herbs themselves; a name and a colon (安神方：黄芪30 白术15) name exactly the herbs that follow. A name the visit before
bears too means the formula as it was taken then, unless 本方 stands behind it. 本诊方 is, while a visit is corrected,
the prescription it has.
What follows changes it: 去 takes out, 加 puts in, 减 lowers, 改 sets a dose or puts one herb for another; a herb with a
dose is put in, or has this dose from now on. Whatever can be read in two ways, or changes nothing, is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.domain import formulas
from app.domain.formula_scan import Kind, Step, herb_at, is_herb, plain, scan
from app.domain.herbs import match
from app.domain.records import Prescription, PrescriptionItem

OWN = "本诊方"
_BEFORE = re.compile(r"(?:[守续原前上照][前上原]?诊?(?:法|方)|效不更方|守上方|上诊方|前诊方)(?:加减|化裁)?")
_ITSELF = "本方"  # the formula as its book has it
_LEAD = re.compile(r"(?:方用|治以|改方|改用|改服|改予|拟方|拟|处以|予以|予|方药|用)[:\s]*")
_CHANGED = re.compile(r"(?:加减|化裁|加味|出入|增损)方?$")
_JOINT = re.compile(r"\s*(?:合并|合|并|\+)\s*")
_HEADINGS = re.compile(r"方药|处方|中药|内服|方|药|rp|rx|[初复一二三四五六七八九十\d]+诊|改方|今方|拟方", re.IGNORECASE)
_TITLE = re.compile(r"[\u3400-\u9fffA-Za-z·()]{1,24}\d?")
_NAME = re.compile(r"[\u3400-\u9fff]{2,12}")


class Change(StrEnum):
    """Against the formula the line builds on."""

    NONE = ""
    ADDED = "added"
    REMOVED = "removed"
    RAISED = "raised"
    LOWERED = "lowered"
    OTHER = "other"  # another count, another way of preparing


class Base(StrEnum):
    NONE = ""  # the herbs stand in the line
    BEFORE = "before"  # the prescription before
    BOOK = "book"  # a formula of the table
    OWN = "own"  # the prescription that is corrected


@dataclass(frozen=True, slots=True)
class Line:
    """One herb. before: its dose in the formula the line builds on, grams a day, None where it had none."""

    item: PrescriptionItem
    change: Change = Change.NONE
    before: float | None = None


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """lines: herbs in order, those taken out last; base: what the line builds on.

    unknown: words that are not understood, as typed; missing: names that were to be taken out or changed and are not in
    the formula; unclear: 加 of a herb the formula has, where the dose could be the new one or what comes on top;
    idle: words that change nothing
    """

    prescription: Prescription
    lines: tuple[Line, ...] = ()
    base: Base = Base.NONE
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()

    @property
    def undosed(self) -> tuple[PrescriptionItem, ...]:
        """Herbs that come in without grams or a count, where others have some."""
        new = [one.item for one in self.lines if one.change in (Change.ADDED, Change.OTHER) or self.base is Base.NONE]
        new = [item for item in new if item in self.prescription.items]
        dosed = any(_has_dose(item) for item in self.prescription.items)
        return tuple(item for item in new if dosed and not _has_dose(item))


@dataclass(slots=True)
class _Told:
    """fresh: items this line put in itself."""

    fresh: list[PrescriptionItem] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)


def read_line(text: str, previous: Prescription | None = None, own: Prescription | None = None) -> FormulaLine:
    """What a line says. previous: the prescription of the visit before; own: the one that is corrected."""
    rest, name = _without_title(plain(text))
    base, start, rest = _begin(rest, previous, own) if not name else (Base.NONE, None, rest)
    found = scan(rest)
    if start is None and not name and previous is not None and found.changes:
        base, start = Base.BEFORE, previous  # what can only be said of a formula there is
    told = _Told()
    items = list(start.items) if start is not None else []
    for step in found.steps:
        items = _apply(items, step, told)
    title = name or (_CHANGED.sub("", start.formula) or start.formula if start is not None else "")
    days = found.days
    if days is None and base is Base.OWN and start is not None:
        days = start.days
    result = Prescription(tuple(items), title, days, "modified" if base is Base.BEFORE else "full", text.strip())
    if base is Base.OWN and start is not None:
        result = replace(result, mode=start.mode, raw=start.raw)
    against = previous if base is Base.BEFORE else start if start is not None else _like(items, previous)
    return FormulaLine(
        result,
        _lines(items, against.items if against is not None else None),
        base,
        *(tuple(dict.fromkeys(words)) for words in (found.unknown, told.missing, told.unclear, told.idle)),
    )


def write_line(prescription: Prescription) -> str:
    """A line for these herbs and doses whatever formula was before. What it cannot say (an odd note, a share of a pair)
    shows when it is read back: compare before trusting it."""
    parts = [prescription.formula.replace(":", "").replace("：", "") + ":"] if prescription.formula else []
    for item in prescription.items:
        dose = f"{item.grams:g}g" if item.grams is not None else item.raw_dose
        parts.append(item.raw_name + dose + (f"({item.note})" if item.note else ""))
    if prescription.days:
        parts.append(f"{prescription.days:g}剂")
    return " ".join(parts)


def content(prescription: Prescription) -> list[object]:
    """What makes two prescriptions the same to a patient: name, days, herbs, doses, counts, ways of preparing."""
    rows = [
        (i.herb or i.raw_name, i.grams, "" if i.grams is not None else i.raw_dose, i.processing, i.note)
        for i in prescription.items
    ]
    return [prescription.formula, prescription.days, rows]


# -- what the line builds on


def _without_title(text: str) -> tuple[str, str]:
    """The line behind a colon, and the name before it; a heading (处方：) is none, a base word (上方：) stays."""
    title, colon, rest = text.partition(":")
    title = title.strip()
    if not colon or not (_TITLE.fullmatch(title) or title == ""):
        return text, ""  # 黄芪30 另包:三七3 names nothing: what stands before the colon is no title, and is told
    if _BEFORE.fullmatch(title) or title == OWN:
        return f"{title} {rest}", ""
    if not title or _HEADINGS.fullmatch(title):
        return rest.strip(), ""
    return rest.strip(), title


def _begin(text: str, previous: Prescription | None, own: Prescription | None) -> tuple[Base, Prescription | None, str]:
    """The base, its prescription, and what of the line is left."""
    lead = _LEAD.match(text)
    if lead is not None and not herb_at(text, 0):
        rest = text[lead.end() :]
        if herb_at(rest, 0) or _one_base(rest, previous, own)[1] is not None:
            text = rest
    base, start, rest = _one_base(text, previous, own)
    while start is not None and (joint := _JOINT.match(rest)) is not None:
        further, other, after = _one_base(rest[joint.end() :], None, None)
        if other is None or further is not Base.BOOK:
            break
        start, rest = _joined(start, other), after
    return base, start, rest


def _one_base(
    text: str, previous: Prescription | None, own: Prescription | None
) -> tuple[Base, Prescription | None, str]:
    if own is not None and text.startswith(OWN):
        return Base.OWN, own, text[len(OWN) :]
    before = _BEFORE.match(text)
    if before is not None and previous is not None:
        return Base.BEFORE, previous, text[before.end() :]
    run = _NAME.match(text)
    for end in range(len(run.group()) if run else 0, 1, -1):
        word = text[:end]
        rest = text[end:]
        dosed = rest[:1].isdigit() or rest[:1] == "."
        if is_herb(word) and (dosed or not _is_medicine_and_formula(word)):
            return Base.NONE, None, text
        if dosed:
            continue
        found = _formula(word, previous)
        if found is not None:
            changed = re.match(r"(?:加减|化裁|加味|出入|增损)方?", rest)
            return *found, rest[changed.end() :] if changed else rest
    return Base.NONE, None, text


def _formula(word: str, previous: Prescription | None) -> tuple[Base, Prescription] | None:
    """A formula of the table, as the visit before took it where it bears the same name; None for no formula's name."""
    name = word.removesuffix(_ITSELF)
    name = _CHANGED.sub("", name) or name
    meant = formulas.find_all(name)
    if not meant:
        same = previous is not None and bool(previous.formula) and name == previous.formula
        return (Base.BEFORE, previous) if same and previous is not None else None
    taken = previous is not None and bool(previous.formula) and formulas.find_all(previous.formula) == meant
    if previous is not None and taken and not word.endswith(_ITSELF):
        return Base.BEFORE, previous
    start: Prescription | None = None
    for formula in meant:
        one = formulas.as_prescription(formula)
        start = one if start is None else _joined(start, one)
    return (Base.BOOK, replace(start, formula=name)) if start is not None else None


def _joined(first: Prescription, other: Prescription) -> Prescription:
    """Both formulas; of a herb in both the larger dose."""
    items = list(first.items)
    for item in other.items:
        places = [i for i, held in enumerate(items) if _same(held, item)]
        if not places:
            items.append(item)
        elif len(places) == 1 and (items[places[0]].grams or 0) < (item.grams or 0):
            items[places[0]] = item
    return replace(first, items=tuple(items), formula=f"{first.formula}合{other.formula}".strip("合"))


def _is_medicine_and_formula(name: str) -> bool:
    """逍遥散 is sold ready-made too; at the head of a line, without a dose, the formula is meant."""
    herb = match(name).herb
    return herb is not None and herb.prepared and formulas.find(name) is not None


# -- what changes it


def _apply(items: list[PrescriptionItem], step: Step, told: _Told) -> list[PrescriptionItem]:
    for new in step.items:
        places = [i for i, one in enumerate(items) if _same(one, new)]
        if len(places) > 1:  # 生白术 beside 炒白术: the one that is named so, else nobody can know which is meant
            places = [i for i in places if items[i].raw_name == new.raw_name]
            if len(places) != 1:
                told.unclear.append(step.words)
                continue
        place = places[0] if places else None
        if step.kind is Kind.IN:
            items = _put_in(items, place, new, step, told)
        elif place is None:
            told.missing.append(new.raw_name)
        elif step.kind is Kind.OUT:
            items = items[:place] + items[place + 1 :]
        elif step.kind is Kind.SWAP:
            rest = items[:place] + items[place + 1 :]
            if any(_same(one, held) for one in step.into for held in rest):
                told.unclear.append(step.words)  # what comes in is there already: at which dose?
            else:
                items = [*rest[:place], *step.into, *rest[place:]]
        else:
            items = _dosed(items, place, new, step, told)
    return items


def _put_in(
    items: list[PrescriptionItem], place: int | None, new: PrescriptionItem, step: Step, told: _Told
) -> list[PrescriptionItem]:
    if place is None:
        told.fresh.append(new)
        return [*items, new]
    held = items[place]
    if any(held is one for one in told.fresh):  # named twice in one line
        if held.raw_name != new.raw_name:  # 生白术30 炒白术15 are two
            told.fresh.append(new)
            return [*items, new]
        told.unclear.append(step.words)
        return items
    if step.explicit and step.has_dose and _has_dose(held):
        told.unclear.append(step.words)  # 加黄芪10 of 30: 10, or 40?
        return items
    changed = replace(
        new,
        grams=new.grams if step.has_dose else held.grams,
        raw_dose=new.raw_dose if step.has_dose else held.raw_dose,
        note=new.note if step.has_note else held.note,
        processing=new.processing or (held.processing if new.raw_name == held.raw_name else ""),
    )
    if (_key(changed), changed.note) == (_key(held), held.note):
        told.idle.append(step.words)
        return items
    return [*items[:place], changed, *items[place + 1 :]]


def _dosed(
    items: list[PrescriptionItem], place: int, new: PrescriptionItem, step: Step, told: _Told
) -> list[PrescriptionItem]:
    held = items[place]
    if step.kind is Kind.SET:
        changed = replace(held, grams=new.grams, raw_dose=new.raw_dose)
    elif held.grams is None or (step.kind is Kind.LESS and new.grams is None):
        told.unclear.append(step.words)
        return items
    else:
        left = held.grams / 2 if step.kind is Kind.HALF else held.grams - (new.grams or 0.0)
        if left <= 0:
            told.unclear.append(step.words)
            return items
        changed = replace(held, grams=left, raw_dose="")
    return [*items[:place], changed, *items[place + 1 :]]


def _same(one: PrescriptionItem, other: PrescriptionItem) -> bool:
    return one.herb == other.herb if one.herb or other.herb else one.raw_name == other.raw_name


def _has_dose(item: PrescriptionItem) -> bool:
    return item.grams is not None or bool(re.search(r"[\d一二三四五六七八九十半]", item.raw_dose))


def _key(item: PrescriptionItem) -> tuple[object, ...]:
    return (item.herb or item.raw_name, item.grams, "" if item.grams is not None else item.raw_dose, item.processing)


# -- what is shown


def _like(items: Sequence[PrescriptionItem], previous: Prescription | None) -> Prescription | None:
    """The prescription before, where enough of it stands for a comparison to say something."""
    if previous is None:
        return None
    shared = sum(any(_same(item, one) for one in items) for item in previous.items)
    return previous if 2 * shared >= max(len(previous.items), 1) else None


def _lines(items: Sequence[PrescriptionItem], base: Sequence[PrescriptionItem] | None) -> tuple[Line, ...]:
    if base is None:
        return tuple(Line(item) for item in items)
    left = list(base)
    lines: list[Line] = []
    for item in items:
        alike = [one for one in left if _same(one, item)]
        held = next((one for one in alike if one == item), alike[0] if alike else None)
        if held is None:
            lines.append(Line(item, Change.ADDED))
            continue
        left.remove(held)
        change = Change.NONE
        if held.grams is not None and item.grams is not None and held.grams != item.grams:
            change = Change.RAISED if item.grams > held.grams else Change.LOWERED
        elif (_key(held), held.note) != (_key(item), item.note):
            change = Change.OTHER
        lines.append(Line(item, change, held.grams))
    return tuple(lines + [Line(item, Change.REMOVED, item.grams) for item in left])
