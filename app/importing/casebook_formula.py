"""Formulas of a case book's visits: as given, carried over, or rebuilt from the formula before (于前方内去X加Y)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from app.domain.herbs import match
from app.domain.modification import parse_modification
from app.domain.prescription import BATCH_FORMULA, Modification, items_of, modify
from app.domain.records import Prescription, PrescriptionItem
from app.domain.units import UnitConvention, chinese_number, grams_per_qian, parse_dose
from app.i18n import t
from app.importing.report import ImportReport

BATCH_QIAN = 10.0  # median of a list whose doses are for a batch of pills or paste, not for a day
_TAEL_UNITS = frozenset("斤两钱分厘")
_MODERN_DOSES = re.compile(
    r"(?<!已服)(?<!连服)(?<!曾服)(?<!前服)(?<!服药)(?<!服上方)(?<!服前方)(?<!日)(?<!天)(\d{1,3})\s?[剂付副帖](?!后|药后|，?(?:诸|症))"
)  # 共7剂, but not 服上方7剂后
_DOSES = re.compile(r"(?:再服|仍服|前方|原方|照方|[。；\n）)\s]|^)([一二三四五六七八九十]{1,3})[帖剂]")


@dataclass(frozen=True, slots=True)
class GivenHerb:
    """A herb item as the file gives it. qian, grams: the file's own reading of the dose, used where no words stand.

    codes: the herbs it is, where somebody has settled that; None asks the herb table
    """

    name: str
    dose_text: str = ""
    qian: float | None = None
    grams: float | None = None
    codes: tuple[str, ...] | None = None


@dataclass(slots=True)
class FormulaBook:
    """The formulas of one case so far; the report is told of every name and unit that was read as another."""

    convention: UnitConvention
    report: ImportReport
    _past: list[tuple[str, str, Prescription]] = field(default_factory=list)  # label, text, decoction of each visit

    def prescribe(
        self, herbs: Sequence[GivenHerb], mode: str, label: str, text: str, change: Modification | None = None
    ) -> tuple[Prescription, ...]:
        """Prescriptions of one visit, in order of visits. ``mode`` is the file's (full, modify, none ...).

        change: what the text changes, where that is settled already
        """
        given = [(herb, self._items(herb)) for herb in herbs]
        written = " ".join(herb.name + herb.dose_text for herb in herbs)
        change = change or parse_modification(text, self.convention)
        if herbs and mode.startswith("full") and not self._only_changes(given, change):
            made = self._full(given, written, text)
        else:
            base = self._base(change) if change.base_reference else None
            if base is not None and not (change.stopped and not change.changes and not herbs):
                made = (self._rebuilt(base, change, given, written, text),)
            else:
                made = self._full(given, written, text) if herbs else ()
        if made:
            self._past.append((label, text, made[0]))
        return made

    @staticmethod
    def _only_changes(given: list[tuple[GivenHerb, tuple[PrescriptionItem, ...]]], change: Modification) -> bool:
        """Whether the list, called a whole formula, holds nothing but herbs the words add or take out (加∶麦冬)."""
        named = {item.herb for item in (*change.added, *change.replaced)}
        named |= {herb.code for name in (*change.removed, *(n for n, _ in change.reduced)) for herb in match(name).all}
        return change.base_reference and all(item.herb in named for _, made in given for item in made)

    def _full(
        self, given: list[tuple[GivenHerb, tuple[PrescriptionItem, ...]]], written: str, text: str
    ) -> tuple[Prescription, ...]:
        items = [item for _, made in given for item in made]
        days = _doses_dispensed(text)
        return tuple(
            Prescription(
                tuple(part),
                formula=BATCH_FORMULA if self._is_batch(part) else "",
                days=days if first else None,
                raw=written,
            )
            for first, part in zip((True, False), _formulas(items), strict=False)
            if part
        )

    def _rebuilt(
        self,
        base: Prescription,
        change: Modification,
        given: list[tuple[GivenHerb, tuple[PrescriptionItem, ...]]],
        written: str,
        text: str,
    ) -> Prescription:
        """The base with what the words change and the list adds; the list is closer to the source than the words."""
        handled = set(change.removed) | {name for name, _ in change.reduced}
        handled |= {item.raw_name for item in change.replaced}
        settled = {herb.code for name in handled for herb in match(name).all}
        listed = [item for _, made in given for item in made if not (item.herb and item.herb in settled)]
        known = {item.herb for item in listed if item.herb}
        spoken = [item for item in change.added if item.herb not in known]
        made = modify(
            base,
            change.removed,
            [*spoken, *listed],
            replaced=change.replaced,
            reduced=change.reduced,
            convention=self.convention,
            raw=written,
        )
        rule = t("formula rebuilt from the one before") if made.mode == "modified" else t("formula carried over")
        self.report.normalise(made.mode, "full", rule)
        return replace(made, days=_doses_dispensed(text))

    def _base(self, change: Modification) -> Prescription | None:
        """The formula a change builds on: the one it names by day or words, where a visit has them, else the last."""
        if not self._past:
            return None
        if change.named:
            for label, text, formula in reversed(self._past):
                if label.endswith(change.named) or change.named in text:
                    return formula
        return self._past[-1][2]

    def _items(self, herb: GivenHerb) -> tuple[PrescriptionItem, ...]:
        items = items_of(herb.name, herb.dose_text, self.convention)
        if herb.codes is not None and tuple(item.herb for item in items) != herb.codes:
            grams = items[0].grams if len(items) == len(herb.codes) else None
            items = tuple(replace(items[0], herb=code, grams=grams) for code in herb.codes)
        if not herb.dose_text and len(items) == 1:
            items = (replace(items[0], grams=self._stated(herb)),)
        elif (unit := parse_dose(herb.dose_text, self.convention).unit) in _TAEL_UNITS and unit:
            per_qian = f"{grams_per_qian(self.convention):g} g"
            self.report.normalise(
                "1 钱", per_qian, t("weight of a 钱 by convention: {name}", name=self.convention.value)
            )
        return items

    def _is_batch(self, items: Sequence[PrescriptionItem]) -> bool:
        grams = [item.grams for item in items if item.grams is not None]
        return len(grams) >= 5 and median(grams) >= BATCH_QIAN * grams_per_qian(self.convention)

    def _stated(self, herb: GivenHerb) -> float | None:
        return herb.qian * grams_per_qian(self.convention) if herb.qian is not None else herb.grams


def _doses_dispensed(text: str) -> float | None:
    """帖 dispensed, one a day, by the last count that is not a look back; None where none is stated."""
    found = _DOSES.findall(text) or _MODERN_DOSES.findall(text)
    return chinese_number(found[-1]) if found else None


def _formulas(items: list[PrescriptionItem]) -> tuple[list[PrescriptionItem], list[PrescriptionItem]]:
    """A visit's list cut into decoction and the pill or paste behind it, where herbs recur; else the second is empty.

    The cut is where the doses jump most, among the places that leave no herb twice in either part.
    """
    recurring = [index for index, item in enumerate(items) if item.herb and _seen(item, items[:index])]
    if not recurring:
        return items, []
    best, best_jump = 0, 0.0
    for cut in range(3, recurring[0] + 1):
        if any(_seen(item, items[cut:index]) for index, item in enumerate(items) if index > cut):
            continue
        before, after = _typical(items[:cut]), _typical(items[cut:])
        if before and after and after / before > best_jump and len(items) - cut >= 3:
            best, best_jump = cut, after / before
    return (items[:best], items[best:]) if best else (items, [])


def _seen(item: PrescriptionItem, others: Sequence[PrescriptionItem]) -> bool:
    return any(other.herb == item.herb and item.herb for other in others)


def _typical(items: Sequence[PrescriptionItem]) -> float | None:
    grams = [item.grams for item in items if item.grams]
    return median(grams) if grams else None
