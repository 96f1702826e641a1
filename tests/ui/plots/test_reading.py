"""What the timeline takes from a case."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from app.analysis.series import treatments
from app.domain.records import (
    DateBasis,
    Observation,
    Position,
    Prescription,
    PrescriptionItem,
    PulseReading,
    Side,
    ValueKind,
)
from app.domain.vocabulary import core
from app.ui.plots.lanes.scores import runs
from app.ui.plots.reading import read
from tests.ui.plots import samples


def test_scores_come_with_the_vocabularys_words_and_main_symptoms_first():
    sheet = read(samples.insomnia(), core())
    assert [x.label for x in sheet.scores] == ["失眠", "心悸", "胁痛"]
    assert read(samples.insomnia(), core(), "en").scores[0].label == "Insomnia"


def test_the_total_is_the_sum_of_the_scores_of_a_visit():
    total = read(samples.insomnia(), core()).total
    assert total is not None
    assert total.values[0] == 12
    assert total.values[-1] == 2


def test_a_score_that_was_not_recorded_is_a_gap_and_not_a_zero():
    case = samples.insomnia()
    kept = tuple(o for o in case.visits[3].observations if o.concept != "sym.insomnia")
    visits = (*case.visits[:3], replace(case.visits[3], observations=kept), *case.visits[4:])
    line = next(x for x in read(replace(case, visits=visits), core()).scores if x.name == "sym.insomnia")
    assert math.isnan(line.values[3])
    assert len(runs([None if math.isnan(v) else v for v in line.values.tolist()])) == 2  # type: ignore[list-item]


def test_signs_are_present_denied_or_not_mentioned():
    case = samples.single_visit()
    said = (
        Observation("sym.thirst", ValueKind.CODE, negated=True, number=0.0),
        Observation("sym.cough", ValueKind.CODE),
    )
    other = (Observation("sym.fever", ValueKind.CODE),)
    first = replace(case.visits[0], observations=said)
    second = replace(case.visits[0], number=2, day=3.0, observations=other)
    signs = {x.name: x.values.tolist() for x in read(replace(case, visits=(first, second)), core()).signs}
    assert signs["sym.thirst"][0] == 0
    assert signs["sym.cough"][0] == 1
    assert math.isnan(signs["sym.fever"][0])


def test_a_forecast_is_not_tied_to_the_last_value():
    sheet = read(samples.insomnia(), core(), forecast=samples.forecast(), today=84.0)
    path = sheet.scores[0].forecast
    assert path is not None
    assert path.days[0] == 85
    assert path.outer[0][0] < path.median[0] < path.outer[1][0]
    assert (np.diff(path.days) > 0).all()
    assert sheet.today_is_last_visit


def test_the_past_of_a_forecast_is_not_drawn():
    sheet = read(samples.insomnia(), core(), forecast=samples.forecast(), today=100.0)
    path = sheet.scores[0].forecast
    assert path is not None
    assert path.days[0] == 101
    assert not sheet.today_is_last_visit


def test_a_quantity_only_the_course_knows_is_drawn_from_it():
    case = samples.insomnia()
    bare = replace(case, visits=tuple(replace(v, observations=()) for v in case.visits))
    sheet = read(bare, core(), forecast=samples.forecast(), course=samples.course())
    assert [x.name for x in sheet.scores] == list(samples.SCORES)


def test_equal_tongues_are_one_band():
    bands = read(samples.insomnia(), core()).tongue
    assert [(b.start, b.end, b.text) for b in bands[:2]] == [(0, 21, "红 · 少苔"), (21, 49, "红 · 薄黄")]
    assert bands[-1].fades


def test_six_positions_keep_their_own_pulse_and_the_visit_gets_the_common_one():
    pulse = read(samples.insomnia(), core()).pulses[7]
    assert pulse.names[("left", "chi")] == "缓"
    assert pulse.names[("right", "guan")] == "弦"
    assert pulse.name == "弦"


def test_a_hand_felt_as_a_whole_stands_for_its_three_places():
    case = samples.single_visit()
    visit = replace(case.visits[0], pulses=(PulseReading(Side.LEFT, Position.WHOLE, ("pul.deep",)),))
    pulse = read(replace(case, visits=(visit,)), core()).pulses[0]
    assert set(pulse.names) == {("left", "cun"), ("left", "guan"), ("left", "chi")}


def test_hands_that_differ_are_named_apart():
    case = samples.single_visit()
    hands = ((Side.LEFT, "pul.wiry"), (Side.RIGHT, "pul.slippery"))
    readings = tuple(PulseReading(side, Position.WHOLE, (term,)) for side, term in hands)
    visit = replace(case.visits[0], pulses=readings)
    assert read(replace(case, visits=(visit,)), core()).pulses[0].name == "左弦 右滑"


def test_a_tongue_coded_as_present_goes_by_its_concept_and_a_denied_one_is_left_out():
    case = samples.single_visit()
    said = (
        Observation("ton.body_red", ValueKind.CODE, code="present"),
        Observation("ton.coat_yellow", ValueKind.CODE, code="absent", negated=True),
    )
    sheet = read(replace(case, visits=(replace(case.visits[0], observations=said),)), core())
    assert sheet.tongue[0].text == "红"


def test_herbs_run_until_they_are_left_out_and_say_so():
    remedies = read(samples.insomnia(), core()).remedies
    herbs = {h.name: h.doses for h in remedies.herbs}
    assert [(d.start, d.end, d.grams) for d in herbs["酸枣仁"]] == [(0, 21, 15), (21, 49, 20), (49, 84, 15)]
    assert [(d.start, d.end, d.removed) for d in herbs["柴胡"]] == [(0, 35, True)]
    assert herbs["百合"][0].added
    assert len(remedies.herbs) == 8
    assert remedies.others == 3


def test_a_formula_with_counted_doses_ends_with_them():
    case = samples.insomnia()
    counted = replace(case.visits[9].prescriptions[0], days=5.0)
    visits = (*case.visits[:9], replace(case.visits[9], prescriptions=(counted,)), case.visits[10])
    last = read(replace(case, visits=visits), core()).remedies.formulas[-1]
    assert (last.end, last.fades) == (75, False)


def test_laboratory_findings_keep_units_and_gaps():
    labs = {x.label: x for x in read(samples.laboratory(), core()).labs}
    assert labs["bili"].unit == "mg/dl"
    assert np.isnan(labs["ast"].values[4:6]).all()


def test_a_case_without_visits_is_an_empty_sheet():
    empty = read(replace(samples.single_visit(), visits=()), core())
    assert not empty.visits
    with pytest.raises(ValueError, match="no nearest visit"):
        empty.nearest(0.0)


def test_days_of_an_ordered_case_keep_their_basis():
    assert {v.basis for v in read(samples.ordered_only(), core()).visits} == {DateBasis.ORDER}


@pytest.mark.parametrize(("days", "gap"), [(None, 7.0), (None, 40.0), (5.0, 7.0), (30.0, 7.0)])
def test_a_bar_is_as_long_as_the_model_takes_the_herb_to_be_given(days: float | None, gap: float):
    def given(herb: str) -> Prescription:
        return Prescription((PrescriptionItem(raw_name=herb, herb=herb, grams=9.0),), formula=herb, days=days)

    case = samples.insomnia()
    first, second = case.visits[:2]
    visits = (replace(first, prescriptions=(given("a"),)), replace(second, day=gap, prescriptions=(given("b"),)))
    case = replace(case, visits=visits)
    bars = read(case, core()).remedies.formulas
    assert [(b.text, b.start, b.end) for b in bars] == [(t.name, t.start, t.end) for t in treatments(case)]
    assert [b.fades for b in bars] == [days is None and gap == 40.0, days is None]


def test_two_formulas_on_one_day_share_a_bar():
    case = samples.insomnia()
    first, second = case.visits[:2]
    other = replace(second.prescriptions[0], formula="二陈汤", items=second.prescriptions[0].items[:1])
    remedies = read(replace(case, visits=(first, replace(second, day=0.0, prescriptions=(other,)))), core()).remedies
    assert [b.text for b in remedies.formulas] == [f"{first.prescriptions[0].formula} + 二陈汤"]
    assert all(h.doses for h in remedies.herbs)
