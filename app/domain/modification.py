"""Reads what a visit says about the formula before it: 于前方内去X加Y, 照前方, 仍服原方, 再服三帖, 停药."""

from __future__ import annotations

import re

from app.domain.herbs import HerbMatch, match
from app.domain.prescription import Modification, NamedHerb, items_of
from app.domain.records import PrescriptionItem
from app.domain.units import UnitConvention, parse_dose

_BASE = re.compile(
    r"(?:前|原|昨|旧|(?<!如)上)原?(?:方|法)|[前原]方|效不更方|方法分两同前|方药?同前|药仍前|无庸更章|此方仍服|昨日方|前日方|[守续][前原上]?方|[一二三四五六七八九十]诊方|[前原上]方案?"
)
_AGAIN = re.compile(
    r"(?:再|仍|续|照)(?:照)?(?:作)?(?:旧)?服(?:药)?(?=[一二三四五六七八九十数两\d前原，。]|$)|再服|仍服前|多服为宜"
)
_NAMED = re.compile(r"(?:前|昨)([\u4e00-\u9fff]{2,4}?)(?:方|汤|法)")
_DAY_NAMED = re.compile(r"((?:初|廿)?[一二三四五六七八九十]{1,3}日)(?:改定|之|原)?方")
_NOT_A_NAME = re.compile(r"[原后内方日]|.*[服用进与药]")
_STOPPED = re.compile(r"停药|停服|止药|勿药")
_VERB = re.compile(r"(?P<out>除去|减去|去|除)|(?P<less>减)|(?P<into>[再又重增]?加(?:以|入|用)?|增入|佐以|易以|换以|入)")
_LEAD = re.compile(r"[\s∶:：、]*")
_RUN = re.compile(r"[\u4e00-\u9fff]+(?:\s?\d+(?:\.\d+)?\s?(?:mg|kg|g|[\u4e00-\u9fff]+)?)?", re.IGNORECASE)
_ASIDE = re.compile(r"\s*[(（]([^()（）]*)[)）]")
# 黄芪改30g, 附子减至6g, 白术加到15g: the dose a herb now has
_SET = re.compile(
    r"(?:改为|改用|改成|改|[加增减]量?[至到为]|调至|用至)\s*"
    r"(?P<dose>\d+(?:\.\d+)?\s*(?:g|克|钱|两)|[一二三四五六七八九十]+[钱两]半?)",
    re.IGNORECASE,
)
# 白术改为苍术10g, 苍术易白术
_INSTEAD = re.compile(r"(?:改为|改用|改成|换成?|改)(?=[\u4e00-\u9fff])")
_FOR = re.compile(r"以(?P<into>[\u4e00-\u9fff]{2,6})[易换代](?:去)?(?P<out>[\u4e00-\u9fff]{2,6})")
_TOTAL = re.compile(r"[，,]?(?:共)?[成作为](?=[半一二三四五六七八九十两钱\d])")
_UP_TO = re.compile(r"[至到为成]量?(?=[半一二三四五六七八九十两钱\d])")
_DOSE_FIRST = re.compile(
    r"(?:\d+(?:\.\d+)?|[一二三四五六七八九十半两]+)(?:g|克|钱半?|两半?|分|枚|片|条|个|粒|根|支)"
    r"(?:[一二三四五六七八九][钱分])?",
    re.IGNORECASE,
)
_HALVED = re.compile(r"[^，。；;\n]{0,6}(?:之|一|减)半")
_CLAUSE_END = "，,。；;！!？?"
_CONDITIONAL = re.compile(r"(?:^|[，,\s])(?:如(?![故前常上旧])|若|倘|俟)[^。；]{0,25}$|[可酌]$")
# characters a herb of the formula is abbreviated to (去参桂姜枣)
_SHORT = frozenset("参桂姜枣芩连麻杏枳朴苓术芍归地膏柏知夏草芪附辛味梅萸椒蔻芎麦胶橘苏防荆薄翘银柴葛菊桑贝蒌沙斛莲")
LONGEST_NAME = 12
_Named = tuple[int, str, str]  # place in the text, name, words of the dose


def parse_modification(text: str, convention: UnitConvention = UnitConvention.MODERN) -> Modification:
    """What the text changes. Only names the herb table knows count as herbs, so that prose (邪去八九) is left alone.

    A change that stands under a condition (如不效，可加半夏) is not taken for one that was made.
    """
    removed: list[str] = []
    reduced: list[tuple[str, str]] = []
    added: list[PrescriptionItem] = []
    replaced: list[PrescriptionItem] = []
    places: list[NamedHerb] = []
    at = 0
    while (verb := _VERB.search(text, at)) is not None:
        at = verb.end()
        if _CONDITIONAL.search(text[_clause_start(text, verb.start()) : verb.start()]):
            continue
        taking_out = verb.lastgroup != "into"
        listed, end = _names(text, verb.end(), taking_out=taking_out, over_commas=True)
        halved = verb.lastgroup == "less" and _HALVED.match(text, end) is not None
        for start, name, written in _each_backwards(listed):
            dose = written or ("半" if halved else "")
            gone = taking_out and not dose
            places.append(
                NamedHerb(start, start + len(name), dose, "out" if gone else "less" if taking_out else "into")
            )
            if verb.lastgroup != "out" and (total := _UP_TO.match(dose)) is not None:  # 减干姜为3g, 加黄芪至60g
                replaced += items_of(name, dose[total.end() :], convention)
            elif taking_out and not dose:
                removed.append(name)
            elif taking_out:  # 去半夏三钱 of six leaves three
                reduced.append((name, dose))
            elif (total := _TOTAL.search(dose)) is not None:
                replaced += items_of(name, dose[total.end() :], convention)
            else:
                added += items_of(name, dose, convention)
        at = max(at, end)
    for out, into in _exchanged(text, convention):
        removed.append(text[out.start : out.end])
        added += into
        places.append(out)
    for place, items in _doses_set(text, convention):
        replaced += items
        places.append(place)
    named = next((n for n in _DAY_NAMED.findall(text)), "")
    named = named or next((n for n in _NAMED.findall(text) if not _NOT_A_NAME.match(n)), "")
    changes = bool(removed or reduced or added or replaced)
    refers = bool(_BASE.search(text) or named or _AGAIN.search(text) or (changes and _opens_with_a_change(text)))
    return Modification(
        base_reference=refers,
        named=named,
        stopped=bool(_STOPPED.search(text)),
        removed=tuple(dict.fromkeys(removed)),
        reduced=tuple(dict.fromkeys(reduced)),
        added=tuple(added),
        replaced=tuple(replaced),
        places=tuple(sorted(set(places), key=lambda place: (place.start, place.end, place.change))),
    )


def _each_backwards(listed: list[_Named]) -> list[_Named]:
    """杏仁、防己各三钱: the dose of each reaches back over the names before it that have none."""
    filled = list(listed)
    for index in range(len(filled) - 1, 0, -1):
        if filled[index][2].startswith("各") and not filled[index - 1][2]:
            filled[index - 1] = (*filled[index - 1][:2], filled[index][2])
    return filled


def _exchanged(text: str, convention: UnitConvention) -> list[tuple[NamedHerb, tuple[PrescriptionItem, ...]]]:
    """(herb taken out, what stands in its place): 以苍术易白术, 白术改为苍术10g."""
    found = [
        (NamedHerb(*m.span("out"), "", "out"), items_of(m["into"], "", convention))
        for m in _FOR.finditer(text)
        if _sure(match(m["out"])) and _sure(match(m["into"]))
    ]
    for change in _INSTEAD.finditer(text):
        out = _name_before(text, change.start())
        into, _ = _names(text, change.end(), taking_out=False)
        if out and into:
            place = NamedHerb(change.start() - len(out), change.start(), "", "out")
            found.append(
                (place, tuple(item for _, name, dose in into[:1] for item in items_of(name, dose, convention)))
            )
    return found


def _doses_set(text: str, convention: UnitConvention) -> list[tuple[NamedHerb, tuple[PrescriptionItem, ...]]]:
    """Herbs whose dose is set anew: 黄芪改30g, 附子减至6g, 干姜加到二钱."""
    found: list[tuple[NamedHerb, tuple[PrescriptionItem, ...]]] = []
    for change in _SET.finditer(text):
        name = _name_before(text, change.start())
        if name:
            place = NamedHerb(change.start() - len(name), change.start(), change["dose"], "set")
            found.append((place, items_of(name, change["dose"], convention)))
    for change in _INSTEAD.finditer(text):  # 改黄芪60g
        if not _name_before(text, change.start()):
            listed, _ = _names(text, change.end(), taking_out=False)
            found += [
                (NamedHerb(at, at + len(name), dose, "set"), items_of(name, dose, convention))
                for at, name, dose in listed
                if dose
            ]
    return found


def _name_before(text: str, end: int) -> str:
    """The longest herb name that ends here; "" where there is none."""
    for start in range(max(0, end - LONGEST_NAME), end - 1):
        if re.fullmatch(r"[\u4e00-\u9fff]+", text[start:end]) and match(text[start:end]).rule in ("exact", "alias"):
            return text[start:end]
    return ""


def _clause_start(text: str, before: int) -> int:
    return max(text.rfind(mark, 0, before) for mark in "。；;\n") + 1


def _opens_with_a_change(text: str) -> bool:
    """Whether some clause begins with the change itself (去黄连，加益智仁三钱), without naming the formula before."""
    for clause in re.split(rf"[{_CLAUSE_END}\n]", text):
        words = clause.strip()
        verb = _VERB.match(words)
        if verb is not None and _names(words, verb.end(), taking_out=verb.lastgroup != "into")[0]:
            return True
    return False


def _names(text: str, start: int, *, taking_out: bool, over_commas: bool = False) -> tuple[list[_Named], int]:
    """Herb names from ``start`` on, each with its place and the words of its dose, and where the list ends.

    over_commas: a list of dosed herbs goes on behind a comma (减广皮四钱，枳实二钱)
    """
    found: list[_Named] = []
    at = start
    while True:
        at_name = _LEAD.match(text, at).end()  # type: ignore[union-attr]  # the pattern matches the empty string
        run = _RUN.match(text, at_name)
        if run is None:
            return found, at
        name = _longest_name(run.group())
        if not name:
            if taking_out and not found and _abbreviated(run.group()) and _ends_here(text, run.end()):
                return [(at_name, run.group(), "")], run.end()
            return found, at
        rest = run.group()[len(name) :]
        if _SET.match(rest):  # 加栀子10g，枣仁改15g: the second is not added
            return found, at
        dose, end = rest, run.end()
        if not rest and (aside := _ASIDE.match(text, end)) is not None:
            dose, end = aside.group(1), aside.end()
        total = _TOTAL.match(text, end)
        if total is not None and not taking_out:
            further = _RUN.match(text, total.end())
            if further is not None and parse_dose(further.group()).grams is not None:
                dose, end = f"{dose}成{further.group()}", further.end()
        verb_inside = _VERB.search(rest)
        if verb_inside is not None:  # 去白术加苍术10g: what follows the verb is not this herb's
            end = at_name + len(name) + verb_inside.start()
            dose = rest[: verb_inside.start()]
        elif rest and (weight := _DOSE_FIRST.match(rest)) and _longest_name(rest[weight.end() :]):
            found.append((at_name, name, weight.group()))  # 生姜三片大枣二枚: the next name follows without a gap
            at = at_name + len(name) + weight.end()
            continue
        states_dose = _is_amount(dose)
        found.append((at_name, name, dose if states_dose else ""))
        if verb_inside is not None or (rest and not states_dose):
            return found, end
        at = end
        following = text[at : at + 1]
        if following in ("，", ",") and states_dose and over_commas and _dosed_next(text, at + 1):
            at += 1
        elif following not in ("、", " ", "\u3000", "\n") and not (_ASIDE.match(text, run.end()) and following):
            return found, at


def _longest_name(run: str) -> str:
    """The longest beginning of a run of characters that is a known herb; "" where there is none."""
    for end in range(min(len(run), LONGEST_NAME), 1, -1):
        if _sure(match(run[:end])):
            return run[:end]
    return ""


def _sure(found: HerbMatch) -> bool:
    return found.herb is not None and found.rule not in ("lead_in", "damaged")


def _abbreviated(run: str) -> bool:
    return 1 <= len(run) <= 4 and all(character in _SHORT for character in run)


def _ends_here(text: str, at: int) -> bool:
    return at >= len(text) or text[at] in _CLAUSE_END + "、"


def _is_amount(words: str) -> bool:
    if words in ("半", "一半", "之半", "一倍"):
        return True
    dose = parse_dose(words)
    return dose.grams is not None or dose.count is not None


def _dosed_next(text: str, at: int) -> bool:
    run = _RUN.match(text, at)
    if run is None:
        return False
    name = _longest_name(run.group())
    rest = run.group()[len(name) :]
    aside = _ASIDE.match(text, run.end())
    return bool(name) and (_is_amount(rest) if rest else aside is not None)
