"""A visit being entered: copied forward, filled in, made into a record, corrected."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest

from app.domain.errors import KnownError
from app.domain.formula_line import read_line
from app.domain.pulse_places import WHOLE
from app.domain.records import Case, DateBasis, Patient, Position, Side, ValueKind, VisitKind
from app.domain.visit_form import (
    Finding,
    VisitForm,
    copied_forward,
    corrected,
    from_json,
    steps_of,
    to_json,
)
from app.domain.visit_making import caution_key, cautions_of, faults_of, signatures_of, to_visit
from tests.ui.people import cases

TODAY = dt.date(2024, 6, 20)


def with_usual_doses(case: Case) -> Case:
    """The invented patient without the overdose that would have to be signed for."""
    visits = [
        dataclasses.replace(
            visit,
            prescriptions=tuple(
                dataclasses.replace(
                    one, items=tuple(dataclasses.replace(i, grams=min(i.grams or 0.0, 10.0)) for i in one.items)
                )
                for one in visit.prescriptions
            ),
        )
        for visit in case.visits
    ]
    return dataclasses.replace(case, visits=tuple(visits))


CASE = with_usual_doses(cases()[0])
UNDATED = dataclasses.replace(
    CASE, visits=tuple(dataclasses.replace(v, date=None, basis=DateBasis.RELATIVE) for v in CASE.visits)
)


def test_the_next_visit_is_the_last_one_copied_forward():
    form = copied_forward(CASE, TODAY)
    assert form.date == TODAY
    assert [(one.concept, one.value) for one in form.findings] == [
        ("sym.insomnia", 1.0),
        ("sym.palpitation", 1.0),
        ("sym.hypochondriac_pain", 0.0),
    ]
    assert all(one.copied for one in form.findings)
    assert form.tongue == ("ton.body_red",)
    assert form.pulses[Side.LEFT, Position.GUAN] == "弦细"
    assert (form.disease, form.syndrome, form.note) == ("不寐", "肝郁阴虚", "")
    assert read_line(form.formula, CASE.visits[-1].prescriptions[0]).prescription.items == (
        CASE.visits[-1].prescriptions[0].items
    )
    assert faults_of(form, CASE, TODAY) == []


def test_a_copied_visit_makes_the_record_of_a_follow_up():
    visit = to_visit(copied_forward(CASE, TODAY), CASE)
    last = CASE.visits[-1]
    assert (visit.number, visit.kind, visit.date, visit.basis) == (8, VisitKind.FOLLOW_UP, TODAY, DateBasis.EXACT)
    assert visit.day == (TODAY - dt.date(2024, 3, 4)).days
    assert visit.observations == last.observations
    assert visit.prescriptions[0].items == last.prescriptions[0].items
    assert [one.terms for one in visit.pulses] == [one.terms for one in last.pulses]


def test_the_first_visit_of_a_new_patient_starts_the_clock():
    case = Case(Patient("P9", "新", "F"), ())
    form = dataclasses.replace(copied_forward(case, TODAY), formula="黄芪30", findings=(Finding("sym.insomnia", 4.0),))
    visit = to_visit(form, case)
    assert (visit.number, visit.kind, visit.day, visit.date) == (1, VisitKind.FIRST, 0.0, TODAY)


def test_a_course_without_dates_counts_days_and_never_invents_a_date():
    form = copied_forward(UNDATED, TODAY)
    assert (form.date, form.days_after) == (None, 17.0)  # the median: they alternate between 11 and 17
    visit = to_visit(dataclasses.replace(form, days_after=10.0), UNDATED)
    assert (visit.date, visit.day, visit.basis) == (None, UNDATED.visits[-1].day + 10.0, DateBasis.RELATIVE)
    (fault,) = faults_of(dataclasses.replace(form, days_after=None), UNDATED, TODAY)
    assert fault.where == "date"


def test_the_days_of_a_visit_without_a_date_can_be_corrected():
    form = corrected(UNDATED, 3)
    assert (form.date, form.days_after) == (None, 17.0)
    visit = to_visit(dataclasses.replace(form, days_after=10.0), UNDATED)
    assert (visit.day, visit.basis, visit.date) == (UNDATED.visits[1].day + 10.0, DateBasis.RELATIVE, None)
    assert corrected(UNDATED, 1).days_after is None  # nothing comes before the first
    assert corrected(CASE, 3).days_after is None  # a date says it


def test_a_corrected_day_stays_between_its_neighbours():
    gap = UNDATED.visits[3].day - UNDATED.visits[1].day
    form = corrected(UNDATED, 3)
    for days in (0.0, gap):
        assert faults_of(dataclasses.replace(form, days_after=days), UNDATED, TODAY) == []
    for days in (-1.0, gap + 1):
        (fault,) = faults_of(dataclasses.replace(form, days_after=days), UNDATED, TODAY)
        assert fault.where == "date"
    assert f"Visit 4 is {gap:g} days after" in str(fault.error)
    last = dataclasses.replace(corrected(UNDATED, 7), days_after=400.0)
    assert faults_of(last, UNDATED, TODAY) == []


def test_a_day_by_convention_is_counted_only_where_somebody_counts():
    visits = tuple(dataclasses.replace(one, basis=DateBasis.ORDER, day=one.day + 0.1) for one in UNDATED.visits)
    ordered = dataclasses.replace(UNDATED, visits=visits)
    for visit in visits:
        assert to_visit(corrected(ordered, visit.number), ordered) == visit
    counted = to_visit(dataclasses.replace(corrected(ordered, 2), days_after=5.0), ordered)
    assert (counted.day, counted.basis) == (visits[0].day + 5.0, DateBasis.RELATIVE)


def test_an_untouched_correction_changes_nothing():
    for visit in CASE.visits:
        form = corrected(CASE, visit.number)
        assert to_visit(form, CASE) == visit


def test_a_correction_keeps_what_the_form_does_not_show():
    extra = dataclasses.replace(CASE.visits[0].observations[0], concept="lab.bili", kind=ValueKind.NUMBER, number=3.2)
    first = dataclasses.replace(CASE.visits[0], observations=(*CASE.visits[0].observations, extra))
    case = dataclasses.replace(CASE, visits=(first, *CASE.visits[1:]))
    form = dataclasses.replace(corrected(case, 1), syndrome="心肾不交")
    visit = to_visit(form, case)
    assert extra in visit.observations
    assert [one.text for one in visit.diagnoses] == ["不寐", "心肾不交"]
    assert visit.prescriptions == first.prescriptions


def test_a_symptom_nobody_asked_about_is_not_recorded_and_one_denied_is_zero():
    form = dataclasses.replace(
        copied_forward(CASE, TODAY), findings=(Finding("sym.insomnia", None), Finding("sym.palpitation", 0.0))
    )
    said = {one.concept: one.number for one in to_visit(form, CASE).observations if one.kind is ValueKind.SCORE}
    assert said == {"sym.palpitation": 0.0}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"date": TODAY + dt.timedelta(days=1)}, "date"),
        ({"date": CASE.visits[-1].date}, "date"),
        ({"pulses": {WHOLE: "弦滑蓝"}}, "pulse"),
        ({"pulses": {(Side.LEFT, Position.CUN): "xyz"}}, "pulse.left.cun"),
        ({"formula": "原方 加蓝精草10"}, "formula"),
    ],
)
def test_a_fault_says_where_it_is(change, where: str):
    (fault,) = faults_of(dataclasses.replace(copied_forward(CASE, TODAY), **change), CASE, TODAY)
    assert fault.where == where


def test_nothing_entered_is_nothing_to_save():
    case = Case(Patient("P9"), ())
    assert [fault.where for fault in faults_of(VisitForm(date=TODAY), case, TODAY)] == [""]


def test_an_incompatible_pair_wants_a_reason_and_is_signed_with_it():
    form = dataclasses.replace(copied_forward(CASE, TODAY), formula="原方 加半夏9 附子6")
    cautions = cautions_of(read_line(form.formula, CASE.visits[-1].prescriptions[0]), CASE)
    key = next(caution_key(one) for one in cautions if one.rule == "incompatible")
    faults = faults_of(form, CASE, TODAY)
    assert f"reasons.{key}" in [fault.where for fault in faults]
    assert signatures_of(form, CASE) == []
    reasons = {caution_key(one): "小量同用" for one in cautions if one.countersign}
    signed = dataclasses.replace(form, reasons=reasons)
    assert faults_of(signed, CASE, TODAY) == []
    assert {one.reason for one in signatures_of(signed, CASE)} == {"小量同用"}


def test_a_draft_is_read_back_as_it_was_written():
    form = dataclasses.replace(
        copied_forward(CASE, TODAY), note="夜寐 6 小时", reasons={"toxic:herb.fuzi": "久煎"}, tongue=("ton.body_red",)
    )
    assert from_json(json.loads(json.dumps(to_json(form)))) == form
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json({"form": 99})


def test_what_was_carried_over_is_named_until_it_is_looked_at():
    assert copied_forward(CASE, TODAY).copied == ("pulse", "tongue", "disease", "syndrome", "formula")
    bare = dataclasses.replace(CASE.visits[-1], pulses=(), diagnoses=(), prescriptions=())
    visits = (dataclasses.replace(CASE.visits[0], prescriptions=()), bare)
    assert copied_forward(dataclasses.replace(CASE, visits=visits), TODAY).copied == ("tongue",)
    assert corrected(CASE, 2).copied == ()
    assert copied_forward(Case(Patient("P9"), ()), TODAY).copied == ()


def test_a_draft_kept_before_there_were_marks_goes_on_without_them():
    form = dataclasses.replace(copied_forward(CASE, TODAY), note="夜寐 6 小时")
    kept = to_json(form)
    del kept["copied"]
    assert from_json(kept) == dataclasses.replace(form, copied=())


def test_scores_beyond_the_scale_keep_their_steps():
    assert steps_of(Finding("sym.insomnia", 4.0)) == (0, 2, 4, 6)
    assert steps_of(Finding("sym.insomnia", 5.0)) == tuple(range(7))
    assert steps_of(Finding("x.vas", 8.0)) == tuple(range(11))
    assert steps_of(Finding("sym.insomnia", 1.0, ValueKind.CODE)) == (0, 1)


def test_a_visit_that_is_not_there_cannot_be_corrected():
    with pytest.raises(KnownError, match="no visit with the number 99"):
        corrected(CASE, 99)
