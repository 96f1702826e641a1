"""A course before and after a formula, and the courses of two patients beside each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.comparison.facts import herb_key
from app.domain.comparison.visits import Effect, effect_between, graded, scored
from app.domain.concept import normal_term
from app.domain.errors import KnownError
from app.domain.formulas import find_all
from app.domain.prescription import end_of
from app.domain.records import Case, DateBasis, Prescription, Visit


@dataclass(frozen=True, slots=True)
class Treatment:
    """A formula from the visit that first gives it until another takes its place; 加减 of it is still the formula.

    name: as first written, "" where the physician gave it none; given: places in ``Case.visits`` of the visits that
    prescribe it; until: day on which the last of them ends (``end_of``)
    """

    name: str
    given: tuple[int, ...]
    until: float


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """before: the last visit before the formula was taken, which is the one that first gives it: its findings are older
    than the first dose. after: the last visit under it, at the latest on the day it ends; None where there is none.
    """

    treatment: Treatment
    before: Visit
    after: Visit | None


class By(StrEnum):
    """What two courses are aligned by: days since the first visit, or numbers of the visits."""

    DAYS = "days"
    VISITS = "visits"


@dataclass(frozen=True, slots=True)
class Point:
    """at: days since the first visit, or the visit's number; total: sum of the scores recorded there.

    whole: False where a symptom the course grades elsewhere is not recorded, so the total may be too small
    """

    at: float
    total: float
    visit: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Course:
    """effect: between the first and the last visit that grade any symptom; None with fewer than two of them."""

    points: tuple[Point, ...]
    effect: Effect | None
    effect_of: tuple[int, int] | None
    days_known: bool


@dataclass(frozen=True, slots=True)
class Herb:
    """key: its code, or its name where the herb table has none; name: as first written."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class TwoCourses:
    """Herbs ever given to both, to the first alone, to the second alone."""

    by: By
    first: Course
    second: Course
    shared: tuple[Herb, ...]
    only_first: tuple[Herb, ...]
    only_second: tuple[Herb, ...]


def treatments(case: Case) -> tuple[Treatment, ...]:
    """In the order in which they began. A visit without a prescription ends none."""
    prescribed = sorted({visit.day for visit in case.visits if visit.prescriptions})
    done: list[Treatment] = []
    running: dict[str, int] = {}  # formula -> its place in done
    for place, visit in enumerate(case.visits):
        if not visit.prescriptions:
            continue
        now: dict[str, int] = {}
        for number, one in enumerate(visit.prescriptions):
            key = _key(one) or _continued(one, running) or f"{place}.{number}"
            end = end_of(one, visit.day, prescribed)
            if key in running:
                earlier = done[running[key]]
                given = earlier.given if place in earlier.given else (*earlier.given, place)
                done[running[key]] = Treatment(earlier.name, given, max(end, earlier.until))
            elif key not in now:
                done.append(Treatment(one.formula, (place,), end))
            now.setdefault(key, running.get(key, len(done) - 1))
        running = now
    return tuple(done)


def under(case: Case, treatment: Treatment) -> BeforeAfter:
    start = treatment.given[0]
    later = [visit for visit in case.visits[start + 1 :] if visit.day <= treatment.until]
    return BeforeAfter(treatment, case.visits[start], later[-1] if later else None)


def before_after(case: Case, formula: str) -> tuple[BeforeAfter, ...]:
    """Every time the patient was treated with the formula. Raises KnownError where that was never so."""
    wanted, all_of_them = _name_key(formula), treatments(case)
    found = tuple(under(case, one) for one in all_of_them if one.name and _name_key(one.name) == wanted)
    if not found:
        named = list(dict.fromkeys(one.name for one in all_of_them if one.name))
        raise KnownError(
            "{patient} was never given {formula}; given were: {known}.",
            patient=case.patient.code,
            formula=formula,
            known=", ".join(named) or "–",
        )
    return found


def course(case: Case, by: By) -> Course:
    """Totals over the symptoms the course scores anywhere; of one that is only ever denied nobody asks how it goes."""
    every = {key for visit in case.visits for key in scored(visit)}
    totals = [(visit, {key: n for key, n in graded(visit).items() if key in every}) for visit in case.visits]
    given = [(visit, said) for visit, said in totals if said]
    start = case.visits[0].day if case.visits else 0.0
    points = tuple(
        Point(
            visit.day - start if by is By.DAYS else float(visit.number),
            sum(said.values()),
            visit.number,
            len(said) == len(every),
        )
        for visit, said in given
    )
    effect = effect_between(given[0][0], given[-1][0]) if len(given) > 1 else None
    ends = (given[0][0].number, given[-1][0].number) if effect is not None else None
    return Course(points, effect, ends, all(visit.basis is not DateBasis.ORDER for visit in case.visits))


def compare_patients(first: Case, second: Case, by: By = By.DAYS) -> TwoCourses:
    one, other = _herbs(first), _herbs(second)
    return TwoCourses(
        by,
        course(first, by),
        course(second, by),
        shared=_named(one, (key for key in one if key in other)),
        only_first=_named(one, (key for key in one if key not in other)),
        only_second=_named(other, (key for key in other if key not in one)),
    )


def counterpart(visit: Visit, own: Case, other: Case, by: By) -> Visit | None:
    """The other patient's visit that lies nearest in days since the first one (the earlier of two), or that has the
    same number; None where there is none."""
    if by is By.VISITS:
        return next((one for one in other.visits if one.number == visit.number), None)
    if not other.visits or not own.visits:
        return None
    wanted, start = visit.day - own.visits[0].day, other.visits[0].day
    return min(other.visits, key=lambda one: abs(one.day - start - wanted))


def _key(one: Prescription) -> str:
    return _name_key(one.formula)


def _name_key(name: str) -> str:
    """The same for a formula, its other names and 加减 of it; "" for none."""
    return "+".join(formula.code for formula in find_all(name)) or normal_term(name)


def _continued(one: Prescription, running: dict[str, int]) -> str:
    """A formula without a name goes on with the one before, where it was rebuilt from it."""
    return next(iter(running), "") if one.mode != "full" else ""


def _herbs(case: Case) -> dict[str, str]:
    given = (item for visit in case.visits for p in visit.prescriptions for item in p.items)
    found: dict[str, str] = {}
    for item in given:
        found.setdefault(herb_key(item), item.raw_name)
    return found


def _named(names: dict[str, str], keys: Iterable[str]) -> tuple[Herb, ...]:
    return tuple(Herb(key, names[key]) for key in keys)
