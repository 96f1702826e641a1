"""Formulas as written, and formulas that only say what changed (于前方内去滑石，加云苓三钱) rebuilt from their base.

Two readings are made here and nowhere else: 加 of a herb the base already holds raises its dose (加石膏二两), unless
the text states the new total (加石膏一两成三两); 减 or 去 with an amount lowers it, without one takes it out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.domain.herbs import clean_name, herbs, is_processing, match
from app.domain.records import Prescription, PrescriptionItem
from app.domain.units import Dose, UnitConvention, begins_with_dose, parse_dose

# fmt: off
NOTES = frozenset((
    "先煎", "后下", "后入", "包煎", "布包", "绢包", "包", "烊化", "溶化", "冲服", "冲", "另煎", "另炖", "兑服", "吞服",
    "研末", "研", "打", "捣", "去心", "去节", "去毛", "去核", "磨冲", "先服", "生用", "煎汤代水", "久煎",
))
# fmt: on
BATCH_FORMULA = "丸膏料"  # pills or paste made up for months: the grams are no daily doses
OPEN_PRESCRIPTION_DAYS = 14.0  # how long a formula is taken whose doses nobody counted
_SEPARATORS = re.compile(r"[、,，;；。\s]+")
_BRACKET = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
_SPACED_DOSE = re.compile(r"(?<=\d)\s+(?=(?:mg|kg|g|ml|克|毫克|毫升|枚|片|条)(?![a-z]))", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:^|(?<=[\s,，、;；。]))\d{1,2}[.、)）]\s*(?=[\u4e00-\u9fff])")  # 1.黄芪 2.白术
# 党参15白术10: a bare number runs into the next name, unless what follows is a unit
_BARE_RUN = re.compile(
    r"(?<=[\u4e00-\u9fff])(\d+(?:\.\d+)?)(?=[\u4e00-\u9fff])"
    r"(?![毫千公克两钱分厘斤枚片条个只粒张枝支朵茎尺寸匙杯盏盅碗合升斗撮把握滴丸角对具块节段瓣袋包根颗头茶剂帖付副服天日次周倍半])"
)
_MULTIPLE = re.compile(r"\s*[×xX*]\s*\d{1,3}\s*(?:剂|帖|付|副|服|天|日)?(?=$|[\s,，、;；。])")  # 6g×7剂: so many doses
# what is said of the whole formula, no herb of it
_DIRECTION = re.compile(
    r"(?:共|各?取|再服|续服|继服)?\d{1,3}(?:剂|帖|付|副|服|天|日)|(?:每日|每天|日|每次|一日)[\d一二两三四]+(?:次|剂|服|帖|付).*"
    r"|(?:水煎|煎服|温服|内服|口服|顿服|早晚|分[\d一二两三四]+次|饭[前后]|空腹).*|同前|余同前|照前"
)
_TAKEN_OUT = re.compile(r"(?:去掉|除去|减去|去)(?=[\u4e00-\u9fff])")
# counted in pieces by custom, so that a bare number (大枣5) is no weight
COUNTED = frozenset(("herb.dazao", "herb.shengjiang", "herb.wugong", "herb.gejie", "herb.congbai", "herb.jizihuang"))
_BARE_END = re.compile(r"\d+(?:\.\d+)?$")
_AFTER_UNIT = re.compile(r"(\d\s*(?:mg|kg|g|毫克|千克|公斤|克|ml|毫升|枚|粒|条|只))(?=[\u4e00-\u9fff])", re.IGNORECASE)


def items_of(
    raw_name: str, dose_text: str = "", convention: UnitConvention = UnitConvention.MODERN
) -> tuple[PrescriptionItem, ...]:
    """One written item as prescription items: several where the name holds several herbs (天麦冬, 建泽泻陈皮).

    A dose behind a pair is each one's with 各, else shared evenly (赤白芍三钱); behind a run-on it is the last one's.
    A count (三枚) is kept as written in raw_dose; it never becomes grams.
    """
    found = match(raw_name)
    dose = parse_dose(dose_text, convention)
    processing = "、".join(dict.fromkeys(word for word in (found.processing, dose.processing) if word))
    raw = raw_name.strip()
    if found.herb is None:
        return (PrescriptionItem(raw, "", dose.grams, processing, dose.note, dose_text.strip()),)
    codes = [herb.code for herb in found.all]
    return tuple(
        PrescriptionItem(raw, code, grams, processing, dose.note, dose_text.strip())
        for code, grams in zip(codes, _shares(dose, len(codes), found.rule, found.processing), strict=True)
    )


def _shares(dose: Dose, count: int, rule: str, processing: str) -> list[float | None]:
    if dose.grams is None:
        return [None] * count
    if count == 1:
        return [dose.grams * 2 if dose.each and "生熟" in processing else dose.grams]
    if dose.each:
        return [dose.grams] * count
    if rule == "run_on":
        return [None] * (count - 1) + [dose.grams]
    return [dose.grams / count] * count


def end_of(prescription: Prescription, day: float, prescribed: Sequence[float]) -> float:
    """The day a prescription of ``day`` ends, for the model and for whoever draws it.

    With its doses, one a day, or after ``OPEN_PRESCRIPTION_DAYS`` where nobody counted them; at the latest with the
    next one. prescribed: the days of all the patient's prescriptions, ascending
    """
    end = day + (prescription.days or OPEN_PRESCRIPTION_DAYS)
    return min(end, next((d for d in prescribed if d > day), end))


def parse_formula_text(text: str, convention: UnitConvention = UnitConvention.MODERN) -> list[PrescriptionItem]:
    """A prescription in one line: "黄芪30g、白术15g 半夏(先煎)9g", "连翘（三钱） 知母钱半 白芍 甘草各二钱".

    An "each" dose (各) reaches back over the items before it that have none. A bare number (黄芪30) is grams where the
    convention is the modern one, except behind herbs that are counted (大枣5). 去半夏 takes the herb out of what stands
    before it; words on the whole formula (7剂, 水煎服, ×7剂) are no items.
    """
    pieces: list[tuple[str, str]] = []  # name, dose and notes
    for chunk in _chunks(text):
        asides = [aside.strip() for aside in _BRACKET.findall(chunk)]
        bare = _BRACKET.sub("", chunk).strip()
        if _DIRECTION.fullmatch(bare):
            continue
        out = _TAKEN_OUT.match(bare)
        if out and (gone := match(bare[out.end() :])).herb and not match(bare).rule.startswith(("exact", "alias")):
            pieces = [piece for piece in pieces if match(piece[0]).herb not in gone.all]
            continue
        name, dose = _split_item(bare)
        words = "，".join(part for part in (*asides, dose) if part)
        if name:
            pieces.append((name, words))
        elif words and pieces:
            previous, before = pieces[-1]
            pieces[-1] = (previous, "，".join(part for part in (before, words) if part))
    for index in range(len(pieces) - 1, 0, -1):  # from behind, so that a run of three is filled too
        each = re.search(r"各[^，]+", pieces[index][1])
        if each and not pieces[index - 1][1]:
            pieces[index - 1] = (pieces[index - 1][0], each.group())
    made = [items_of(name, _each_first(words), convention) for name, words in pieces]
    return [item for items in made for item in _in_grams(items, convention)]


def _in_grams(items: tuple[PrescriptionItem, ...], convention: UnitConvention) -> tuple[PrescriptionItem, ...]:
    """With a number that has no unit read as grams, the custom of modern prescriptions."""
    if convention != UnitConvention.MODERN or len(items) != 1 or items[0].herb in COUNTED:
        return items
    *asides, number = items[0].raw_dose.split("，")
    dose = parse_dose(number, convention)
    if items[0].grams is None and dose.count is not None and not dose.unit:
        return (replace(items[0], grams=dose.count, note=parse_dose("，".join(asides), convention).note),)
    return items


def _each_first(words: str) -> str:
    return words if words.startswith("各") or "各" not in words else "各" + words.replace("各", "", 1)


def _chunks(text: str) -> list[str]:
    """Cut at separators outside brackets, and where a weight runs into the next name (30g白术)."""
    plain = _NUMBERED.sub("", unicodedata.normalize("NFKC", text))
    plain = _BARE_RUN.sub(r"\1 ", _MULTIPLE.sub("", _SPACED_DOSE.sub("", plain)))
    guarded = _BRACKET.sub(_guarded, plain)
    guarded = _AFTER_UNIT.sub(r"\1 ", guarded)
    return [part.replace("\x1f", ",") for part in _SEPARATORS.split(guarded) if part]


def _guarded(bracket: re.Match[str]) -> str:
    """A bracket whose separators do not cut; one that holds the dose ends its item."""
    inner = _SEPARATORS.sub("\x1f", bracket[1])
    return f"({inner}) " if begins_with_dose(inner) else f"({inner})"


def _split_item(chunk: str) -> tuple[str, str]:
    """("黄芪", "30g"): the name is the shortest beginning that is a known herb and leaves a dose, else by digits."""
    if match(chunk).rule in ("exact", "alias"):
        return chunk, ""
    ends = [end for end in range(1, len(chunk)) if begins_with_dose(chunk[end:])]
    for end in ends:
        if match(chunk[:end]).herb is not None:
            return chunk[:end], chunk[end:]
    number = _BARE_END.search(chunk)
    if number is not None and match(chunk[: number.start()]).herb is not None:
        return chunk[: number.start()], number.group()  # 百合12, 半枝莲15: the name may begin like a dose
    if not chunk or is_processing(chunk) or chunk in NOTES or begins_with_dose(chunk):
        return "", chunk
    long_enough = [end for end in ends if end >= 2]
    return (chunk[: long_enough[0]], chunk[long_enough[0] :]) if long_enough else (chunk, "")


@dataclass(frozen=True, slots=True)
class NamedHerb:
    """A herb a change names at text[start:end]. change: "out" taken out, "less" its dose lowered, "set" its
    dose set anew, "into" added."""

    start: int
    end: int
    dose: str
    change: str


@dataclass(frozen=True, slots=True)
class Modification:
    """What a follow-up says about the formula before it.

    base_reference: the text builds on an earlier formula; named: the words by which it names a particular one
    (前蠲饮方), else ""; stopped: medicine was stopped
    removed: names taken out; reduced: (name, amount text: "一钱", "半"); added, replaced: items, replaced ones with the
    dose they now have; places: where the text names them, in order
    """

    base_reference: bool = False
    named: str = ""
    stopped: bool = False
    removed: tuple[str, ...] = ()
    reduced: tuple[tuple[str, str], ...] = ()
    added: tuple[PrescriptionItem, ...] = ()
    replaced: tuple[PrescriptionItem, ...] = ()
    places: tuple[NamedHerb, ...] = ()

    @property
    def added_names(self) -> tuple[str, ...]:
        return tuple(item.raw_name for item in self.added)

    @property
    def changes(self) -> bool:
        return bool(self.removed or self.reduced or self.added or self.replaced)


def modify(
    base: Prescription,
    removed: Iterable[str] = (),
    added: Iterable[PrescriptionItem] = (),
    *,
    replaced: Iterable[PrescriptionItem] = (),
    reduced: Iterable[tuple[str, str]] = (),
    convention: UnitConvention = UnitConvention.MODERN,
    raw: str = "",
) -> Prescription:
    """The base with these changes, mode "modified"; the base itself where there are none, mode "repeated"."""
    removed, added, replaced, reduced = list(removed), list(added), list(replaced), list(reduced)
    items = list(base.items)
    for name in removed:
        gone = _resolve(name, items)
        items = [item for item in items if item not in gone]
    for name, amount in reduced:
        touched = _resolve(name, items)
        lowered = ((_lowered(item, amount, convention) if item in touched else item) for item in items)
        items = [item for item in lowered if item is not None]
    for item in replaced:
        items = _put(items, item, raises=False)
    for item in added:
        items = _put(items, item, raises=True)
    changed = bool(removed or added or replaced or reduced)
    return replace(base, items=tuple(items), mode="modified" if changed else "repeated", days=None, raw=raw)


def _same(one: PrescriptionItem, other: PrescriptionItem) -> bool:
    if one.herb or other.herb:
        return one.herb == other.herb
    return clean_name(one.raw_name) == clean_name(other.raw_name)


def _put(items: list[PrescriptionItem], new: PrescriptionItem, *, raises: bool) -> list[PrescriptionItem]:
    for index, old in enumerate(items):
        if _same(old, new):
            grams = old.grams if new.grams is None else new.grams
            if raises and old.grams is not None and new.grams is not None:
                grams = old.grams + new.grams
            return [
                *items[:index],
                replace(old, grams=grams, raw_dose=new.raw_dose or old.raw_dose),
                *items[index + 1 :],
            ]
    return [*items, new]


def _lowered(item: PrescriptionItem, amount: str, convention: UnitConvention) -> PrescriptionItem | None:
    """None where nothing is left of it."""
    if item.grams is None:
        return item
    if "半" in amount and parse_dose(amount, convention).grams is None:
        return replace(item, grams=item.grams / 2)
    less = parse_dose(amount, convention).grams
    if less is None:
        return item
    return replace(item, grams=item.grams - less) if less < item.grams else None


def _resolve(name: str, items: Sequence[PrescriptionItem]) -> list[PrescriptionItem]:
    """The items of a formula a name means: by herb, by the words as written, or by one character of an abbreviation.

    An abbreviation (去参桂枣) counts only where exactly one item of the formula holds the character.
    """
    codes = {herb.code for herb in match(name).all}
    found = [item for item in items if item.herb in codes or clean_name(item.raw_name) == clean_name(name)]
    if found or codes or len(name) > 4:
        return found
    for character in name:
        holding = [item for item in items if character in item.raw_name or character in _canonical(item)]
        if len(holding) == 1:
            found += holding
    return found


def _canonical(item: PrescriptionItem) -> str:
    return herbs()[item.herb].zh if item.herb in herbs() else ""
