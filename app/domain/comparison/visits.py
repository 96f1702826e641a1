"""Two or more visits side by side, row by row, and the effect index between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain import scores
from app.domain.comparison.facts import SYMPTOM, Fact, Facts, Key, Kind, facts, findings
from app.domain.records import Visit


class Change(StrEnum):
    """Of a fact against the one recorded before it."""

    FIRST = "first"  # nothing stands before it
    SAME = "same"
    UP = "up"
    DOWN = "down"
    APPEARED = "appeared"
    GONE = "gone"
    ALTERED = "altered"
    UNKNOWN = "unknown"  # it, or all before it, is not recorded


class Verdict(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Cell:
    """fact: None where not recorded; change and step (after minus before) against the last recorded cell to its left"""

    fact: Fact | None
    change: Change = Change.FIRST
    verdict: Verdict = Verdict.NEITHER
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One subject over the visits. name: as written, for a herb or term that has no code."""

    kind: Kind
    key: str
    unit: str
    name: str
    cells: tuple[Cell, ...]

    @property
    def before(self) -> Fact | None:
        return self.cells[0].fact

    @property
    def after(self) -> Fact | None:
        return self.cells[-1].fact

    @property
    def change(self) -> Change:
        return self.cells[-1].change

    @property
    def verdict(self) -> Verdict:
        return self.cells[-1].verdict

    def about(self, other: Row) -> bool:
        """Of the same subject; a symptom is the same whether it is scored or only found."""
        findings = {Kind.SCORE, Kind.SIGN}
        kinds = {self.kind, other.kind}
        return (self.key, self.unit) == (other.key, other.unit) and (len(kinds) == 1 or kinds == findings)

    @property
    def differs(self) -> bool:
        """Something changed, or is known of some of the visits only."""
        return any(cell.change not in (Change.FIRST, Change.SAME) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Effect:
    """Effect index (尼莫地平法) over the symptoms that both visits grade.

    shared: their codes; before, after: sums of their scores; index: None where the sum before is 0, or none is shared
    left_out: symptoms only one of the two grades, which do not count
    """

    shared: tuple[str, ...]
    before: float
    after: float
    index: float | None
    label: str
    left_out: tuple[str, ...]


def compare_visits(before: Visit, after: Visit) -> tuple[Row, ...]:
    return compare((before, after))


def compare(visits: Sequence[Visit]) -> tuple[Row, ...]:
    """Rows over two or more visits, by kind and then as they first appear.

    A symptom one of them scores is ``Kind.SCORE`` in all; where all prescribe, a formula without a herb says so.
    """
    told = _aligned([facts(visit) for visit in visits], [bool(visit.prescriptions) for visit in visits])
    order = list(Kind)
    keys = sorted(dict.fromkeys(key for one in told for key in one), key=lambda key: order.index(key[0]))
    return tuple(_row(key, [one.get(key) for one in told]) for key in keys)


def graded(visit: Visit) -> dict[str, float]:
    """Score of each symptom the visit grades, 0 where it denies it; a symptom found but not scored is not in it."""
    given, denied = _scored(findings(visit))
    return {**denied, **given}


def scored(visit: Visit) -> dict[str, float]:
    """Score of each symptom to which the visit gives one."""
    return _scored(findings(visit))[0]


def effect_between(before: Visit, after: Visit) -> Effect:
    (given_first, denied_first), (given_last, denied_last) = _scored(findings(before)), _scored(findings(after))
    first, last = {**denied_first, **given_first}, {**denied_last, **given_last}
    given = {*given_first, *given_last}
    either = [key for key in dict.fromkeys((*first, *last)) if key in given]
    shared = tuple(key for key in either if key in first and key in last)
    then, now = sum(first[key] for key in shared), sum(last[key] for key in shared)
    index = scores.effect_index(then, now)
    left_out = tuple(key for key in either if key not in shared)
    return Effect(shared, then, now, index, scores.effect_class(index), left_out)


def _scored(told: Facts) -> tuple[dict[str, float], dict[str, float]]:
    """Symptoms with a score, and those denied."""
    given, denied = {}, {}
    for (kind, key, _), fact in told.items():
        if key.startswith(SYMPTOM) and fact.number is not None:
            if kind is Kind.SCORE:
                given[key] = fact.number
            elif kind is Kind.SIGN:
                denied[key] = fact.number
    return given, denied


def _aligned(told: list[Facts], prescribed: list[bool]) -> list[Facts]:
    """The same subjects under the same kind: a denied symptom in the row of its scores, a herb left out as left out."""
    with_score = {key for one in told for kind, key, _ in one if kind is Kind.SCORE}
    herbs = dict.fromkeys(key for one in told for key in one if key[0] is Kind.HERB)
    out: list[Facts] = []
    for one, has_formula in zip(told, prescribed, strict=True):
        moved: Facts = {}
        for (kind, key, unit), fact in one.items():
            if kind is Kind.SIGN and key in with_score:
                moved.setdefault((Kind.SCORE, key, unit), fact)
            else:
                moved[kind, key, unit] = fact
        if has_formula:
            moved |= {key: Fact(False) for key in herbs if key not in one}
        out.append(moved)
    return out


def _row(key: Key, over: Sequence[Fact | None]) -> Row:
    kind, subject, unit = key
    cells: list[Cell] = []
    before: Fact | None = None
    for place, fact in enumerate(over):
        cells.append(Cell(fact) if place == 0 else _cell(kind, subject, before, fact))
        before = fact if fact is not None else before
    name = next((fact.words[0] for fact in over if fact is not None and fact.words), "")
    return Row(kind, subject, unit, name, tuple(cells))


def _cell(kind: Kind, subject: str, before: Fact | None, fact: Fact | None) -> Cell:
    if before is None or fact is None:
        return Cell(fact, Change.UNKNOWN)
    change = _change(before, fact)
    step = None if before.number is None or fact.number is None else fact.number - before.number
    verdict = Verdict.NEITHER
    if kind in (Kind.SCORE, Kind.SIGN) and subject.startswith(SYMPTOM):
        verdict = _VERDICTS.get(change, Verdict.NEITHER)
    return Cell(fact, change, verdict, step)


_VERDICTS: Mapping[Change, Verdict] = {
    Change.UP: Verdict.WORSE,
    Change.APPEARED: Verdict.WORSE,
    Change.DOWN: Verdict.BETTER,
    Change.GONE: Verdict.BETTER,
}


def _change(before: Fact, after: Fact) -> Change:
    if before.number is not None and after.number is not None and before.number != after.number:
        return Change.UP if after.number > before.number else Change.DOWN
    if before.present != after.present:
        return Change.APPEARED if after.present else Change.GONE
    same = _comparable(before) == _comparable(after)
    return Change.SAME if same or not after.present else Change.ALTERED


def _comparable(fact: Fact) -> tuple[object, ...]:
    """Order of terms says nothing, nor how they were written."""
    return fact.number, frozenset(fact.terms), fact.detail
