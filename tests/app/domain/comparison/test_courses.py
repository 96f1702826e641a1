"""A course before and after a formula, and two courses beside each other."""

from __future__ import annotations

import dataclasses

import pytest

from app.domain.comparison import By, before_after, compare_patients, counterpart, course, treatments, under
from app.domain.errors import KnownError
from app.domain.records import Case, DateBasis, Prescription, Visit
from tests.app.domain.comparison.made import case, denied, formula, score, visit


def treated(number: int, *given: Prescription, insomnia: float = 2, day: float | None = None) -> Visit:
    return visit(number, score("sym.insomnia", insomnia), day=day, prescriptions=given)


SUAN, XIAO = formula("酸枣仁 15", "酸枣仁汤"), formula("柴胡 10", "逍遥散")


def spans(one: Case) -> list[tuple[str, tuple[int, ...], float]]:
    return [(treatment.name, treatment.given, treatment.until) for treatment in treatments(one)]


def test_a_formula_lasts_until_another_takes_its_place():
    one = case(treated(1, SUAN), treated(2, SUAN), treated(3, XIAO), treated(4, SUAN))
    assert spans(one) == [("酸枣仁汤", (0, 1), 14.0), ("逍遥散", (2,), 21.0), ("酸枣仁汤", (3,), 28.0)]


def test_the_formula_added_to_and_taken_from_is_still_the_formula():
    changed = dataclasses.replace(SUAN, formula="酸枣仁汤加减")
    rebuilt = formula("酸枣仁 20", mode="modified")
    assert spans(case(treated(1, SUAN), treated(2, changed), treated(3, rebuilt))) == [("酸枣仁汤", (0, 1, 2), 21.0)]


def test_a_formula_without_a_name_begins_anew_where_it_is_written_out():
    own = formula("酸枣仁 20")
    assert [one.given for one in treatments(case(treated(1, own), treated(2, own)))] == [(0,), (1,)]


def test_before_is_the_visit_that_first_gives_it_and_after_the_last_one_before_it_ends():
    one = case(
        treated(1, XIAO, insomnia=6), treated(2, SUAN, insomnia=4), treated(3, SUAN), treated(4, XIAO, insomnia=1)
    )
    (found,) = before_after(one, "酸枣仁汤加减")
    assert found.before.number == 2
    assert found.after is not None
    assert found.after.number == 4  # its findings are from the day on which the next formula is only prescribed


def test_a_visit_long_after_the_last_dose_is_not_under_the_formula():
    one = case(treated(1, SUAN), treated(2, day=7), visit(3, day=60))
    (found,) = before_after(one, "酸枣仁汤")
    assert found.after is not None
    assert found.after.number == 2
    alone = case(treated(1, SUAN), visit(2, day=60))
    assert under(alone, treatments(alone)[0]).after is None


def test_a_formula_that_was_never_given_is_refused_with_those_that_were():
    with pytest.raises(KnownError, match="酸枣仁汤"):
        before_after(case(treated(1, SUAN)), "六味地黄丸")


def test_a_total_with_a_symptom_not_recorded_says_so():
    one = case(
        visit(1, score("sym.insomnia", 6), score("sym.thirst", 2)), visit(2), visit(3, score("sym.insomnia", 4), day=20)
    )
    found = course(one, By.DAYS)
    assert [(point.at, point.total, point.whole) for point in found.points] == [(0, 8, True), (20, 4, False)]
    assert found.effect is not None
    assert (found.effect.before, found.effect.after, found.effect_of) == (6, 4, (1, 3))
    assert [point.at for point in course(one, By.VISITS).points] == [1, 3]


def test_a_course_without_a_score_has_no_totals_whatever_it_denies():
    assert course(case(visit(1, denied("sym.thirst")), visit(2, denied("sym.thirst"))), By.DAYS).points == ()
    mixed = case(visit(1, score("sym.insomnia", 4), denied("sym.thirst")), visit(2, denied("sym.insomnia")))
    assert [(point.total, point.whole) for point in course(mixed, By.VISITS).points] == [(4, True), (0, True)]


def test_two_patients_share_herbs_by_what_they_are():
    first = case(treated(1, formula("酸枣仁 15, 无名草 3")), treated(2, XIAO))
    second = case(treated(1, formula("酸枣仁 30, 百草 2")))
    two = compare_patients(first, second)
    assert [herb.key for herb in two.shared] == ["herb.suanzaoren"]
    assert [herb.key for herb in two.only_first] == ["无名草", "herb.chaihu"]
    assert [herb.name for herb in two.only_second] == ["百草"]
    mirrored = compare_patients(second, first)
    assert (mirrored.only_first, mirrored.only_second) == (two.only_second, two.only_first)
    assert mirrored.second == two.first


def test_the_counterpart_of_a_visit_lies_nearest_in_days_or_has_its_number():
    own = case(visit(1, day=0), visit(2, day=30))
    other = case(visit(1, day=100), visit(2, day=120), visit(3, day=128))
    by_days, by_number = (counterpart(own.visits[1], own, other, by) for by in (By.DAYS, By.VISITS))
    assert by_days is not None and by_days.number == 3
    assert by_number is not None and by_number.number == 2
    assert counterpart(visit(9), own, other, By.VISITS) is None
    assert counterpart(own.visits[0], own, case(), By.DAYS) is None


def test_days_that_only_the_order_gave_are_not_known():
    placed = dataclasses.replace(visit(1), basis=DateBasis.ORDER)
    assert not course(case(placed), By.DAYS).days_known
