"""Visits become irregular series in one documented way."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from app.analysis import series
from app.domain.errors import KnownError
from app.domain.prescription import OPEN_PRESCRIPTION_DAYS
from app.domain.records import (
    Case,
    DateBasis,
    Observation,
    Patient,
    Position,
    Prescription,
    PrescriptionItem,
    PulseReading,
    Side,
    ValueKind,
    Visit,
    VisitKind,
)


def score(concept: str, value: float) -> Observation:
    return Observation(concept, ValueKind.SCORE, number=value)


def visit(number: int, day: float, *observations: Observation, **more: object) -> Visit:
    kind = VisitKind.FIRST if number == 1 else VisitKind.FOLLOW_UP
    return Visit(number, kind, day, DateBasis.EXACT, observations=observations, **more)  # type: ignore[arg-type]


def formula(*items: tuple[str, float | None], days: float | None = None) -> Prescription:
    return Prescription(tuple(PrescriptionItem(raw_name=h, herb=h, grams=g) for h, g in items), days=days)


def cohort(count: int = 8) -> list[Case]:
    cases = []
    for number in range(count):
        first = visit(1, 0, score("sym.insomnia", 6), prescriptions=(formula(("herb.suanzaoren", 15.0), days=5),))
        second = visit(2, 7, score("sym.insomnia", 6 - number % 3 * 2), prescriptions=(formula(("herb.gancao", None)),))
        third = visit(3, 10, score("sym.insomnia", 2))
        cases.append(Case(Patient(f"P{number}", sex="F", age=40.0 + number), (first, second, third)))
    return cases


def test_scores_become_values_at_the_days_they_were_seen():
    cases = cohort()
    made = series.course(cases[1], series.plan(cases))
    assert made.times.tolist() == [0, 7, 10]
    assert made.column("sym.insomnia").tolist() == [6, 4, 2]


def test_main_symptoms_come_before_secondary_ones():
    cases = [
        Case(
            Patient(f"P{n}"),
            (
                visit(1, 0, score("sym.bitter_mouth", 3), score("sym.insomnia", 6)),
                visit(2, 7, score("sym.bitter_mouth", 1), score("sym.insomnia", 2)),
            ),
        )
        for n in range(5)
    ]
    assert [v.name for v in series.plan(cases).variables] == ["sym.insomnia", "sym.bitter_mouth"]


def test_a_score_keeps_its_scale():
    variable = series.plan(cohort()).variables[0]
    assert (variable.kind, variable.lower, variable.upper) == ("ordinal", 0.0, 6.0)


def test_a_sign_nobody_mentions_is_unknown_and_a_denied_one_is_zero():
    said = Observation("sym.thirst", ValueKind.CODE, number=1.0, code="present")
    denied = Observation("sym.thirst", ValueKind.CODE, number=0.0, negated=True)
    cases = [Case(Patient(f"P{n}"), (visit(1, 0, said), visit(2, 3), visit(3, 5, denied))) for n in range(5)]
    column = series.course(cases[0], series.plan(cases)).column("sym.thirst")
    assert column[0] == 1 and np.isnan(column[1]) and column[2] == 0


def test_one_sign_of_an_exclusive_group_denies_the_others():
    red, pale = (Observation(f"ton.body_{c}", ValueKind.CODE, number=1.0, code="present") for c in ("red", "pale"))
    cases = [Case(Patient(f"P{n}"), (visit(1, 0, red), visit(2, 3, pale), visit(3, 5))) for n in range(5)]
    column = series.course(cases[0], series.plan(cases)).column("ton.body_red")
    assert column[0] == 1 and column[1] == 0 and np.isnan(column[2])


def test_pulses_become_axes_averaged_over_positions():
    def felt(*codes: str) -> tuple[PulseReading, ...]:
        return tuple(PulseReading(Side.LEFT, place, codes) for place in (Position.CUN, Position.GUAN))

    cases = [
        Case(Patient(f"P{n}"), (visit(1, 0, pulses=felt("pul.rapid")), visit(2, 4, pulses=felt("pul.slow"))))
        for n in range(5)
    ]
    rate = series.course(cases[0], series.plan(cases)).column("pulse.rate")
    assert rate[0] > 0 > rate[1]


def test_a_prescription_ends_with_its_doses_or_with_the_next_one():
    given = {t.name: (t.start, t.end, t.dose) for t in series.treatments(cohort()[0])}
    assert given["herb.suanzaoren"] == (0, 5, 15.0)
    assert given["herb.gancao"] == (7, 7 + OPEN_PRESCRIPTION_DAYS, series.DEFAULT_DOSE_G)


def test_a_prescription_without_doses_lasts_to_the_next():
    case = Case(
        Patient("P"),
        (visit(1, 0, prescriptions=(formula(("herb.a", 3)),)), visit(2, 6, prescriptions=(formula(("herb.b", 3)),))),
    )
    assert next((t.name, t.end) for t in series.treatments(case)) == ("herb.a", 6)


def test_rare_variables_and_herbs_are_left_out():
    cases = cohort(40)
    rare = visit(1, 0, score("sym.palpitation", 1), prescriptions=(formula(("herb.rare", 3)),))
    again = visit(2, 3, score("sym.palpitation", 3))
    plan = series.plan([*cases, Case(Patient("Q"), (rare, again))])
    assert [v.name for v in plan.variables] == ["sym.insomnia"]
    assert "herb.rare" not in plan.treatments


def test_a_plan_travels_as_json():
    plan = series.plan(cohort())
    assert series.SeriesPlan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


def test_a_patient_met_later_is_read_by_the_plan_of_the_model():
    plan = series.plan(cohort())
    stranger = Case(Patient("N"), (visit(1, 0, score("sym.palpitation", 3)),))
    made = series.course(stranger, plan)
    assert np.isnan(made.values).all() and np.isnan(made.static["age"])


def test_a_clinic_with_nothing_to_learn_from_is_told_so():
    with pytest.raises(KnownError, match="nothing to learn"):
        series.plan([Case(Patient("P"), (visit(1, 0),))])


def test_variables_and_herbs_seen_equally_often_come_in_one_order_whatever_the_records():
    def plan(turn: int) -> series.SeriesPlan:
        signs = [score("sym.insomnia", 2), score("sym.dizziness", 4), score("sym.palpitation", 6)]
        cases = []
        for number in range(6):
            rows = [replace(o, number=(o.number or 0) - number % 2) for o in signs[turn:] + signs[:turn]]
            herbs = [(f"herb.{(turn + n) % 40:02d}", 9.0) for n in range(40)]
            visits = (visit(1, 0, *rows, prescriptions=(formula(*herbs),)), visit(2, 7, *rows))
            cases.append(Case(Patient(f"P{number}"), visits))
        return series.plan(cases)

    assert plan(0) == plan(1) == plan(2)
    assert plan(0).treatments == tuple(f"herb.{n:02d}" for n in range(series.MAX_TREATMENTS))


def befallen(case: Case, at: int) -> Case:
    """The same, with a relapse recorded at this visit."""
    relapse = Observation("x.复发", ValueKind.TEXT, text="是")
    seen = case.visits[at]
    worse = replace(seen, observations=(*seen.observations, relapse))
    return replace(case, visits=(*case.visits[:at], worse, *case.visits[at + 1 :]))


def test_what_befell_enough_patients_after_their_first_visit_is_waited_for():
    cases = [befallen(case, 1) if number < 4 else case for number, case in enumerate(cohort())]
    plan = series.plan(cases)
    assert plan.events == ("relapse",)
    assert [(e.name, e.day) for e in series.course(cases[0], plan).events] == [("relapse", 7.0)]
    assert series.course(cases[-1], plan).events == ()
    assert series.SeriesPlan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


def test_what_few_had_or_all_brought_along_is_not_waited_for():
    assert series.plan([befallen(case, 1) if number < 3 else case for number, case in enumerate(cohort())]).events == ()
    assert series.plan([befallen(case, 0) for case in cohort()]).events == ()


def test_a_plan_of_before_knows_of_no_events():
    told = series.plan(cohort()).to_dict()
    del told["events"]
    assert series.SeriesPlan.from_dict(told).events == ()
