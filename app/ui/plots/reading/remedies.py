"""Formulas and herbs as bars: which ran from when to when at what dose, what came in and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.domain.herbs import herbs as known_herbs
from app.domain.prescription import end_of
from app.domain.records import Case, Prescription, PrescriptionItem, Visit
from app.ui.plots.sheet import Band, Dose, Herb, Remedies

HERBS_SHOWN = 8
_TOUCH = 1e-6  # days: bars closer than this are one


@dataclass(frozen=True, slots=True)
class HerbChanges:
    """Names; those whose dose changed with both doses (酸枣仁 15 → 20)."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass
class _Course:
    """One herb's doses in order while they are collected."""

    name: str
    doses: list[Dose] = field(default_factory=list)

    def days(self) -> float:
        return sum(d.end - d.start for d in self.doses)

    def weight(self) -> float:
        """Days it was given, more where its dose was changed or it came and went: those are the telling ones."""
        return self.days() * (1 + 0.25 * (len(self.doses) - 1))


def remedies(case: Case, language: str, shown: int = HERBS_SHOWN) -> Remedies:
    """Bars of all prescriptions, as long as the model takes them to be given (``end_of``)."""
    prescribed = [v.day for v in case.visits if v.prescriptions]
    formulas: list[Band] = []
    courses: dict[str, _Course] = {}
    by_visit: list[str] = []
    before: set[str] | None = None
    for index, visit in enumerate(case.visits):
        by_visit.append(formula_text(visit))
        if not visit.prescriptions:
            continue
        spans = [_span(p, visit.day, prescribed) for p in visit.prescriptions]
        end, fades = max(spans)
        _extend(formulas, Band(visit.day, end, _formula_name(visit), fades))
        given = zip(visit.prescriptions, spans, strict=True)
        items = {_key(i.herb, i.raw_name): (i, *span) for p, span in given for i in p.items}
        after = _next_items(case.visits[index + 1 :])
        for key, (item, end, fades) in items.items():
            course = courses.setdefault(key, _Course(_name(item.herb, item.raw_name, language)))
            dose = Dose(
                visit.day,
                end,
                item.grams,
                fades,
                added=before is not None and key not in before,
                removed=after is not None and key not in after,
            )
            _extend_dose(course.doses, dose)
        before = set(items) if items else before
    ranked = sorted(courses.values(), key=_Course.weight, reverse=True)
    chosen = sorted(ranked[:shown], key=lambda c: (c.doses[0].start, -c.days()))
    return Remedies(
        tuple(formulas),
        tuple(Herb(c.name, tuple(c.doses)) for c in chosen),
        max(len(ranked) - shown, 0),
        tuple(by_visit),
    )


def herb_changes(before: Visit, after: Visit, language: str) -> HerbChanges | None:
    """What the later formula changed of the earlier one; None where either visit lists no herb."""
    old, new = _items(before), _items(after)
    if not old or not new:
        return None

    def name(item: PrescriptionItem) -> str:
        grams = f"{item.grams:g}" if item.grams is not None else ""
        return f"{_name(item.herb, item.raw_name, language)} {grams}".rstrip()

    changed = [
        f"{name(old[key])} → {item.grams:g}"
        for key, item in new.items()
        if key in old and item.grams is not None and old[key].grams not in (None, item.grams)
    ]
    return HerbChanges(
        tuple(name(item) for key, item in new.items() if key not in old),
        tuple(name(item) for key, item in old.items() if key not in new),
        tuple(changed),
    )


def _items(visit: Visit) -> dict[str, PrescriptionItem]:
    return {_key(i.herb, i.raw_name): i for p in visit.prescriptions for i in p.items}


def formula_text(visit: Visit) -> str:
    """The visit's formulas with their herbs in words."""
    parts = []
    for prescription in visit.prescriptions:
        herbs = " ".join(f"{i.raw_name}{i.grams:g}" if i.grams is not None else i.raw_name for i in prescription.items)
        parts.append(
            f"{prescription.formula}: {herbs}" if prescription.formula and herbs else prescription.formula or herbs
        )
    return "; ".join(p for p in parts if p)


def _span(prescription: Prescription, day: float, prescribed: Sequence[float]) -> tuple[float, bool]:
    """When it ends, and whether that is only the usual time: nobody counted the doses, and no next one cut them."""
    end = end_of(prescription, day, prescribed)
    return end, not prescription.days and end not in prescribed


def _extend(bars: list[Band], new: Band) -> None:
    last = bars[-1] if bars else None
    if last is not None and last.text == new.text and abs(last.end - new.start) < _TOUCH:
        bars[-1] = replace(last, end=new.end, fades=new.fades)
    elif last is not None and last.start == new.start:  # a second visit on the same day
        bars[-1] = replace(max(last, new, key=lambda b: b.end), text=" + ".join(dict.fromkeys((last.text, new.text))))
    elif new.end > new.start:
        bars.append(new)


def _extend_dose(doses: list[Dose], new: Dose) -> None:
    last = doses[-1] if doses else None
    if last is not None and last.grams == new.grams and abs(last.end - new.start) < _TOUCH:
        doses[-1] = replace(last, end=new.end, fades=new.fades, removed=new.removed)
    elif last is not None and last.start == new.start:
        doses[-1] = new
    elif new.end > new.start:
        doses.append(new)


def _next_items(visits: Sequence[Visit]) -> set[str] | None:
    """Herbs of the next formula that lists any, None where there is none."""
    for visit in visits:
        items = {_key(i.herb, i.raw_name) for p in visit.prescriptions for i in p.items}
        if items:
            return items
    return None


def _formula_name(visit: Visit) -> str:
    """The formula's name; one without a name goes by its herbs."""
    named = dict.fromkeys(p.formula for p in visit.prescriptions if p.formula)
    return " + ".join(named) or " ".join(i.raw_name for p in visit.prescriptions for i in p.items)


def _key(herb: str, raw: str) -> str:
    return herb or raw


def _name(code: str, raw: str, language: str) -> str:
    herb = known_herbs().get(code) if code else None
    if herb is None:
        return raw
    return herb.zh if language == "zh" else herb.pinyin or herb.en
