"""Relapses, operations and deaths among what sources record."""

from __future__ import annotations

import pytest

from app.domain.happenings import Happening, first_days, happening, recorded
from app.domain.records import Case, DateBasis, Observation, Patient, ValueKind, Visit, VisitKind


def said(name: str, text: str = "", number: float | None = None, **more: object) -> Observation:
    kind = ValueKind.TEXT if text else ValueKind.NUMBER
    return Observation(name, kind, number=number, text=text, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("复发", Happening.RELAPSE),
        ("Relapse", Happening.RELAPSE),
        ("肝移植", Happening.OPERATION),
        ("再次住院", Happening.ADMISSION),
        ("不良反应", Happening.ADVERSE),
        ("死亡", Happening.DEATH),
        ("出院", Happening.DISCHARGE),
    ],
)
def test_the_name_of_a_column_says_what_came_about(name: str, kind: Happening):
    assert happening(name) is kind


@pytest.mark.parametrize(
    "name", ["手术史", "住院号", "手术方式", "入院日期", "既往手术", "surgical history", "失眠", ""]
)
def test_what_was_long_before_or_is_only_about_it_is_none(name: str):
    assert happening(name) is None


@pytest.mark.parametrize("one", [said("x.复发", "无"), said("x.复发", number=0.0), said("x.复发", "有", negated=True)])
def test_a_visit_that_says_it_did_not_come_about_records_nothing(one: Observation):
    assert recorded(one) is None


def test_words_of_the_vocabulary_are_no_such_columns():
    assert recorded(said("sym.复发", "有")) is None


def test_of_each_kind_to_be_feared_the_first_day_counts():
    def visit(number: int, day: float, *observations: Observation) -> Visit:
        return Visit(number, VisitKind.FOLLOW_UP, day, DateBasis.EXACT, observations=observations)

    case = Case(
        Patient("P1"),
        (
            visit(1, 0.0, said("x.复发", number=0.0)),
            visit(2, 9.0, said("x.复发", number=1.0), said("x.出院", "是")),
            visit(3, 20.0, said("x.复发", number=1.0), said("x.死亡", "是")),
        ),
    )
    assert first_days(case) == {Happening.RELAPSE: 9.0, Happening.DEATH: 20.0}
