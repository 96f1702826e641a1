"""Visits side by side: what differs, what is better, and what is simply not recorded."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from app.domain.comparison import (
    Change,
    Fact,
    Kind,
    Row,
    Verdict,
    compare,
    compare_visits,
    effect_between,
    graded,
)
from app.domain.records import Diagnosis, Observation, Position, PulseReading, Side, ValueKind, Visit
from tests.app.domain.comparison.made import any_visit, denied, formula, found, measured, score, visit

OPPOSITE = {Change.UP: Change.DOWN, Change.APPEARED: Change.GONE, Verdict.BETTER: Verdict.WORSE}
OPPOSITE |= {other: one for one, other in OPPOSITE.items()}


def rows_of(*visits: Visit) -> dict[tuple[Kind, str], Row]:
    return {(row.kind, row.key): row for row in compare(visits)}


def test_a_score_that_falls_is_better_and_one_that_rises_is_worse():
    rows = rows_of(
        visit(1, score("sym.insomnia", 6), score("sym.thirst", 0)),
        visit(2, score("sym.insomnia", 2), score("sym.thirst", 1)),
    )
    insomnia, thirst = rows[Kind.SCORE, "sym.insomnia"], rows[Kind.SCORE, "sym.thirst"]
    assert (insomnia.change, insomnia.verdict, insomnia.cells[1].step) == (Change.DOWN, Verdict.BETTER, -4)
    assert (thirst.change, thirst.verdict) == (Change.UP, Verdict.WORSE)


def test_what_is_not_recorded_is_neither_zero_nor_better():
    rows = rows_of(visit(1, score("sym.insomnia", 6)), visit(2, score("sym.thirst", 1)))
    for key in ("sym.insomnia", "sym.thirst"):
        row = rows[Kind.SCORE, key]
        assert (row.change, row.verdict, row.differs) == (Change.UNKNOWN, Verdict.NEITHER, True)
    assert rows[Kind.SCORE, "sym.insomnia"].after is None
    assert rows[Kind.SCORE, "sym.thirst"].before is None


def test_what_is_denied_is_zero_in_the_row_of_its_scores():
    row = rows_of(visit(1, score("sym.insomnia", 4)), visit(2, denied("sym.insomnia")))[Kind.SCORE, "sym.insomnia"]
    assert row.after == Fact(False, 0.0)
    assert (row.change, row.verdict, row.cells[1].step) == (Change.DOWN, Verdict.BETTER, -4)


def test_a_symptom_found_without_a_grade_is_set_against_no_score():
    row = rows_of(visit(1, score("sym.insomnia", 4)), visit(2, found("sym.insomnia")))[Kind.SCORE, "sym.insomnia"]
    assert (row.change, row.verdict) == (Change.ALTERED, Verdict.NEITHER)
    row = rows_of(visit(1, score("sym.insomnia", 0)), visit(2, found("sym.insomnia")))[Kind.SCORE, "sym.insomnia"]
    assert (row.change, row.verdict) == (Change.APPEARED, Verdict.WORSE)


def test_a_denied_sign_that_was_there_is_gone():
    row = rows_of(visit(1, found("sym.thirst")), visit(2, denied("sym.thirst")))[Kind.SIGN, "sym.thirst"]
    assert (row.change, row.verdict) == (Change.GONE, Verdict.BETTER)


def test_of_a_variable_the_vocabulary_does_not_know_nobody_says_which_way_is_better():
    row = rows_of(visit(1, score("x.mood", 4)), visit(2, score("x.mood", 1)))[Kind.SCORE, "x.mood"]
    assert (row.change, row.verdict) == (Change.DOWN, Verdict.NEITHER)


def test_syndrome_elements_with_a_figure_are_no_symptoms():
    row = rows_of(visit(1, score("ele.liver", 2)), visit(2, score("ele.liver", 0.5)))[Kind.ELEMENT, "ele.liver"]
    assert (row.change, row.verdict, row.cells[1].step) == (Change.DOWN, Verdict.NEITHER, -1.5)


def test_measured_values_are_compared_in_one_unit_only():
    rows = compare_visits(visit(1, measured("lab.glucose", 5.5)), visit(2, measured("lab.glucose", 99, "mg/dL")))
    assert [(row.unit, row.change) for row in rows] == [("mmol/L", Change.UNKNOWN), ("mg/dL", Change.UNKNOWN)]
    (row,) = compare_visits(visit(1, measured("lab.glucose", 5.5)), visit(2, measured("lab.glucose", 6)))
    assert (row.kind, row.change, row.verdict) == (Kind.LAB, Change.UP, Verdict.NEITHER)


def test_the_tongue_is_compared_aspect_by_aspect():
    rows = rows_of(
        visit(1, found("ton.body_red"), found("ton.coat_white")),
        visit(2, found("ton.body_pale"), found("ton.coat_white")),
    )
    assert rows[Kind.TONGUE, "body_colour"].change is Change.ALTERED
    assert rows[Kind.TONGUE, "coat_colour"].change is Change.SAME


def test_the_pulse_is_compared_place_by_place_whatever_the_order_of_its_words():
    def felt(*terms: str) -> PulseReading:
        return PulseReading(Side.LEFT, Position.GUAN, terms)

    rows = rows_of(
        visit(1, pulses=(felt("pul.wiry", "pul.thready"), PulseReading(Side.RIGHT, Position.CUN, ("pul.rapid",)))),
        visit(2, pulses=(felt("pul.thready", "pul.wiry"),)),
    )
    assert rows[Kind.PULSE, "left.guan"].change is Change.SAME
    assert rows[Kind.PULSE, "right.cun"].change is Change.UNKNOWN


def test_a_diagnosis_that_changes_is_neither_better_nor_worse():
    rows = rows_of(
        visit(1, diagnoses=(Diagnosis("disease", "不寐"), Diagnosis("syndrome", "肝郁"))),
        visit(2, diagnoses=(Diagnosis("disease", "不寐"), Diagnosis("syndrome", "心脾两虚"))),
    )
    assert rows[Kind.DIAGNOSIS, "disease"].change is Change.SAME
    syndrome = rows[Kind.DIAGNOSIS, "syndrome"]
    assert (syndrome.change, syndrome.verdict) == (Change.ALTERED, Verdict.NEITHER)


def test_herbs_are_added_removed_and_given_in_another_dose():
    rows = rows_of(
        visit(1, prescriptions=(formula("酸枣仁 15, 柴胡 10"),)),
        visit(2, prescriptions=(formula("酸枣仁 20, 无名草 3"),)),
    )
    assert rows[Kind.HERB, "herb.suanzaoren"].change is Change.UP
    assert rows[Kind.HERB, "herb.chaihu"].change is Change.GONE
    assert rows[Kind.HERB, "无名草"].change is Change.APPEARED


def test_a_visit_without_a_prescription_takes_no_herb_out():
    rows = rows_of(visit(1, prescriptions=(formula("酸枣仁 15"),)), visit(2))
    assert rows[Kind.HERB, "herb.suanzaoren"].change is Change.UNKNOWN


def test_of_several_visits_each_is_set_against_the_last_one_that_says_something():
    cells = rows_of(
        visit(1, score("sym.insomnia", 6)),
        visit(2),
        visit(3, score("sym.insomnia", 4)),
        visit(4, score("sym.insomnia", 4)),
    )[Kind.SCORE, "sym.insomnia"].cells
    assert [cell.change for cell in cells] == [Change.FIRST, Change.UNKNOWN, Change.DOWN, Change.SAME]


def test_the_effect_index_counts_only_what_both_visits_grade():
    effect = effect_between(
        visit(1, score("sym.insomnia", 6), score("sym.palpitation", 4), score("sym.thirst", 2)),
        visit(2, score("sym.insomnia", 2), denied("sym.palpitation"), score("x.mood", 3)),
    )
    assert effect.shared == ("sym.insomnia", "sym.palpitation")
    assert (effect.before, effect.after, effect.left_out) == (10, 2, ("sym.thirst",))
    assert effect.index == pytest.approx(0.8)
    assert effect.label == "显效"


def test_there_is_no_effect_index_where_nothing_is_shared_or_nothing_was_there():
    assert effect_between(visit(1, score("sym.insomnia", 6)), visit(2)).index is None
    nothing = effect_between(visit(1, score("sym.insomnia", 0)), visit(2, score("sym.insomnia", 2)))
    assert (nothing.index, nothing.label) == (None, "")


def test_a_negative_score_is_no_score():
    assert graded(visit(1, Observation("sym.thirst", ValueKind.SCORE, number=-1.0))) == {}


@settings(max_examples=150, deadline=None)
@given(any_visit)
def test_a_visit_does_not_differ_from_itself(one: Visit):
    assert [row for row in compare_visits(one, one) if row.differs] == []
    index = effect_between(one, one).index
    assert index is None or index == 0


@settings(max_examples=150, deadline=None)
@given(any_visit, any_visit)
def test_two_visits_exchanged_give_the_mirrored_rows(one: Visit, other: Visit):
    there, back = rows_of(one, other), rows_of(other, one)
    assert there.keys() == back.keys()
    for key, row in there.items():
        mirrored = back[key]
        assert (row.before, row.after) == (mirrored.after, mirrored.before)
        assert OPPOSITE.get(row.change, row.change) is mirrored.change
        assert OPPOSITE.get(row.verdict, row.verdict) is mirrored.verdict
        assert (row.cells[1].step is None) == (mirrored.cells[1].step is None)
        assert row.cells[1].step is None or row.cells[1].step == -(mirrored.cells[1].step or 0)


@settings(max_examples=100, deadline=None)
@given(any_visit, any_visit)
def test_no_symptom_without_a_record_enters_the_index(one: Visit, other: Visit):
    effect = effect_between(one, other)
    for key in effect.shared:
        assert key in graded(one)
        assert key in graded(other)
    assert effect.before == sum(graded(one)[key] for key in effect.shared)
    assert not set(effect.left_out) & set(effect.shared)
