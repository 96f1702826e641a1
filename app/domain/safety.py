"""What a prescriber should look at before signing: incompatible pairs, doses out of range, poisons, pregnancy.

The pairs are ``resources/terminology/incompatibilities.csv`` (十八反 and 十九畏), the rest is in ``herbs.csv``. All
of it is advisory: old and new masters break the rules on purpose, so this warns and never refuses. What the
prescription standard of 2010 wants signed a second time is marked by ``Caution.countersign``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from itertools import combinations

from app.domain.errors import KnownError
from app.domain.herbs import Herb, herbs
from app.domain.messages import Message
from app.domain.records import PrescriptionItem
from app.paths import RESOURCES

INCOMPATIBILITIES = RESOURCES / "terminology" / "incompatibilities.csv"
FORBIDDEN, WITH_CAUTION = "禁用", "慎用"
_EIGHTEEN, _NINETEEN = "18", "19"
_GRADES = {"有大毒": "very poisonous", "有毒": "poisonous", "有小毒": "slightly poisonous"}
_TOLERANCE = 1e-6  # 0.1 + 0.2 g must not exceed 0.3 g


class Rule(StrEnum):
    """In the order in which cautions are listed."""

    INCOMPATIBLE = "incompatible"  # 十八反
    ANTAGONISTIC = "antagonistic"  # 十九畏
    PREGNANCY_FORBIDDEN = "pregnancy_forbidden"  # 妊娠禁用
    DOSE_ABOVE = "dose_above"
    NO_ORAL_DOSE = "no_oral_dose"  # a poison for which no dose by mouth is stated
    TOXIC = "toxic"
    PREGNANCY_CAUTION = "pregnancy_caution"  # 妊娠慎用
    REPEATED = "repeated"
    DOSE_BELOW = "dose_below"


_COUNTERSIGN = frozenset(
    (Rule.INCOMPATIBLE, Rule.ANTAGONISTIC, Rule.PREGNANCY_FORBIDDEN, Rule.DOSE_ABOVE, Rule.NO_ORAL_DOSE)
)
_ORDER = {rule: place for place, rule in enumerate(Rule)}


@dataclass(frozen=True, slots=True)
class Pair:
    """rule: INCOMPATIBLE or ANTAGONISTIC; group: the line of the rhyme (甘草, 硫黄-朴硝)."""

    rule: Rule
    group: str
    herbs: frozenset[str]
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Caution:
    """herbs: codes, two for a pair; source: where the rule or the range comes from; template: see ``message``."""

    rule: Rule
    herbs: tuple[str, ...]
    template: str
    source: str
    amounts: Mapping[str, object] = field(default_factory=dict)

    @property
    def countersign(self) -> bool:
        """Whether the prescriber signs a second time beside it (overdose or a forbidden combination)."""
        return self.rule in _COUNTERSIGN

    def message(self, language: str = "zh") -> Message:
        """The sentence, with the herbs' names in this language."""
        names = [herbs()[code].en if language == "en" else herbs()[code].zh for code in self.herbs]
        params: dict[str, object] = dict(zip(("herb", "other"), names, strict=False))
        params.update(self.amounts)
        if language == "en" and "grade" in params:
            params["grade"] = _GRADES.get(str(params["grade"]), params["grade"])
        return Message(self.template, **params)


@cache
def pairs() -> tuple[Pair, ...]:
    """Every pair of the table. Raises KnownError, with the row, for a herb or rule that does not exist."""
    found: list[Pair] = []
    with INCOMPATIBILITIES.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            both = frozenset((row["herb_a"], row["herb_b"]))
            if len(both) != 2 or not both <= herbs().keys() or row["rule"] not in (_EIGHTEEN, _NINETEEN):
                raise KnownError(
                    "{file}, row {row}: rule 18 or 19 and two different herb codes are needed.",
                    file=INCOMPATIBILITIES.name,
                    row=reader.line_num,
                )
            rule = Rule.INCOMPATIBLE if row["rule"] == _EIGHTEEN else Rule.ANTAGONISTIC
            found.append(Pair(rule, row["group"], both, row["source"], row["note"]))
    return tuple(found)


@cache
def _by_herbs() -> dict[frozenset[str], Pair]:
    return {pair.herbs: pair for pair in pairs()}


def check(
    items: Sequence[PrescriptionItem], *, pregnant: bool | None = None, daily: bool = True
) -> tuple[Caution, ...]:
    """What to look at in one prescription, the gravest first, then in the order of the herbs.

    pregnant: None where it is not recorded (forbidden herbs are then named, those with caution are not); give False
    for a man. daily: False where the grams are those of a batch of pills or paste, whose doses are not judged.
    Items without a known herb are passed over; the doses of a herb that stands twice are added.
    """
    grams: dict[str, float | None] = {}
    times: dict[str, int] = {}
    for item in items:
        if item.herb in herbs():
            before = grams.get(item.herb)
            grams[item.herb] = item.grams if before is None else before + (item.grams or 0.0)
            times[item.herb] = times.get(item.herb, 0) + 1
    found = [_of_pair(pair, codes) for codes in combinations(grams, 2) if (pair := _by_herbs().get(frozenset(codes)))]
    for code, amount in grams.items():
        herb = herbs()[code]
        found += _of_poison(herb)
        found += _of_pregnancy(herb, pregnant)
        if times[code] > 1:
            template = "{herb} stands {count} times in the formula."
            found.append(Caution(Rule.REPEATED, (code,), template, "", {"count": times[code]}))
        if daily and amount is not None:
            found += _of_dose(herb, amount)
    return tuple(sorted(found, key=lambda caution: _ORDER[caution.rule]))  # stable: herbs keep their order


def _of_pair(pair: Pair, codes: tuple[str, str]) -> Caution:
    if pair.rule is Rule.INCOMPATIBLE:
        template = "{herb} and {other} are one of the eighteen incompatible pairs."
    else:
        template = "{herb} and {other} are one of the nineteen antagonistic pairs."
    return Caution(pair.rule, codes, template, pair.source)


def _of_poison(herb: Herb) -> list[Caution]:
    if herb.toxicity not in _GRADES:
        return []
    if herb.dose_high is None:
        template, rule = "{herb} is {grade}, and no dose by mouth is stated for it.", Rule.NO_ORAL_DOSE
    else:
        template, rule = "{herb} is {grade}.", Rule.TOXIC
    return [Caution(rule, (herb.code,), template, herb.source, {"grade": herb.toxicity})]


def _of_pregnancy(herb: Herb, pregnant: bool | None) -> list[Caution]:
    if pregnant is False or not herb.pregnancy:
        return []
    if herb.pregnancy == WITH_CAUTION:
        template, rule = "{herb} is to be given with caution in pregnancy.", Rule.PREGNANCY_CAUTION
        return [Caution(rule, (herb.code,), template, herb.source)] if pregnant else []
    if pregnant:
        template = "{herb} must not be given in pregnancy."
    else:
        template = "{herb} must not be given in pregnancy; whether the patient is pregnant is not recorded."
    return [Caution(Rule.PREGNANCY_FORBIDDEN, (herb.code,), template, herb.source)]


def _of_dose(herb: Herb, grams: float) -> list[Caution]:
    low, high = herb.dose_low, herb.dose_high
    if low is None or high is None or low - _TOLERANCE <= grams <= high + _TOLERANCE:
        return []
    official = herb.dose_source.startswith("ChP")
    if grams > high:
        rule = Rule.DOSE_ABOVE
        template = (
            "{herb}: {grams} g a day is above the {low}–{high} g of the pharmacopoeia."
            if official
            else "{herb}: {grams} g a day is above the customary {low}–{high} g."
        )
    else:
        rule = Rule.DOSE_BELOW
        template = (
            "{herb}: {grams} g a day is below the {low}–{high} g of the pharmacopoeia."
            if official
            else "{herb}: {grams} g a day is below the customary {low}–{high} g."
        )
    amounts = {"grams": f"{grams:g}", "low": f"{low:g}", "high": f"{high:g}"}
    return [Caution(rule, (herb.code,), template, herb.dose_source, amounts)]
