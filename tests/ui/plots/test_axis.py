"""Time: one scale for all lanes, and no date that nobody recorded."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from app.domain.records import DateBasis
from app.domain.vocabulary import core
from app.ui.plots.axis import AxisMode, TimeAxis
from app.ui.plots.ink import spread
from app.ui.plots.reading import read
from app.ui.plots.readout import axis_read_out, read_out
from app.ui.plots.scale import Steps, TimeScale
from tests.ui.plots import samples


def scale(first: float = 0.0, last: float = 100.0) -> TimeScale:
    out = TimeScale(first, last)
    out.set_pixels(100, 1000)
    return out


def test_days_and_pixels_are_each_others_inverse():
    s = scale()
    s.zoom(3.0, 40.0)
    assert s.day(s.x(37.5)) == pytest.approx(37.5)


def test_zooming_keeps_the_day_under_the_cursor_where_it_is():
    s = scale()
    before = s.x(30.0)
    s.zoom(4.0, 30.0)
    assert s.x(30.0) == pytest.approx(before)


def test_the_view_never_leaves_the_course():
    s = scale()
    s.zoom(0.01)
    assert s.fitted
    s.zoom(10.0, 95.0)
    s.pan(1e6)
    assert s.high == 100


def test_a_course_of_one_moment_still_has_an_extent():
    assert scale(0.0, 0.0).span > 0


def test_an_extent_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="finite"):
        TimeScale(0.0, float("nan"))


def test_exact_visits_are_labelled_with_their_dates_in_the_readers_language():
    case = samples.insomnia()
    assert TimeAxis(case.visits, "zh").visit_label(case.visits[4]) == "3月25日"
    assert TimeAxis(case.visits, "en").visit_label(case.visits[4]) == "25 Mar"
    assert TimeAxis(case.visits, "zh").place(84.0) == "5月27日"


def test_visits_known_only_by_order_get_no_dates_no_days_and_no_ticks():
    case = samples.ordered_only()
    axis = TimeAxis(case.visits, "en")
    assert axis.visit_label(case.visits[2]) == axis.visit_number(3)
    assert axis.place(7.0) == ""
    assert axis.ticks(scale(0, 21)) == []


def test_a_stray_date_does_not_make_an_ordered_case_a_dated_one():
    visits = tuple(replace(v, date=samples.START) for v in samples.ordered_only().visits)
    assert TimeAxis(visits, "zh").place(7.0) == ""


def test_a_single_dated_visit_among_others_keeps_its_day_and_tells_its_date_with_the_year():
    visits = list(samples.laboratory().visits)
    visits[2] = replace(visits[2], basis=DateBasis.EXACT, date=samples.START)
    axis = TimeAxis(visits, "zh")
    assert axis.visit_label(visits[2]) == axis.day_number(visits[2].day)
    assert axis.visit_date(visits[2]) == "2026年3月4日"
    assert axis.visit_date(visits[1]) == ""


def test_relative_visits_are_counted_in_days():
    case = samples.laboratory()
    axis = TimeAxis(case.visits, "en")
    assert axis.visit_label(case.visits[1]) == axis.day_number(180.0)
    assert all("180" not in label for _, label in axis.ticks(scale(0, 90)))


@pytest.mark.parametrize("span", [1, 10, 90, 400, 1500, 4400])
def test_ticks_stand_inside_the_view_and_apart(span: int):
    axis = TimeAxis(samples.insomnia().visits, "zh")
    s = scale(0, span)
    days = [d for d, _ in axis.ticks(s)]
    assert days
    assert all(s.low <= d <= s.high for d in days)
    assert all(s.x(b) - s.x(a) >= 30 for a, b in pairwise(days))


def test_labels_that_would_touch_give_way_to_more_important_ones():
    assert spread([(0, 40, 1.0), (30, 70, 3.0), (90, 120, 1.0)]) == [1, 2]


def test_days_can_be_counted_where_dates_are_known():
    case = samples.insomnia()
    axis = TimeAxis(case.visits, "en", AxisMode.DAYS)
    assert axis.visit_label(case.visits[4]) == axis.day_number(21.0)
    assert axis.place(84.0) == axis.day_number(84.0)
    assert axis.date_at(84.0) == samples.START + dt.timedelta(days=84)
    assert all(label == axis.day_number(day) for day, label in axis.ticks(scale()))


def test_visit_numbers_stand_at_equal_steps_and_days_go_on_after_the_last():
    case = samples.insomnia()
    axis = TimeAxis(case.visits, "en", AxisMode.VISITS)
    s = scale(0.0, 114.0)
    s.steps = axis.steps()
    xs = [s.x(visit.day) for visit in case.visits]
    steps = [b - a for a, b in pairwise(xs)]
    assert max(steps) == pytest.approx(min(steps))
    assert s.x(94.0) - s.x(84.0) == pytest.approx(10 / 114 * 1000)
    assert axis.visit_label(case.visits[4]) == axis.visit_number(5)
    assert axis.ticks(s) == []


def test_pixels_and_days_are_each_others_inverse_at_equal_steps_too():
    s = scale(0.0, 114.0)
    s.steps = TimeAxis(samples.insomnia().visits, "en", AxisMode.VISITS).steps()
    s.zoom(2.5, 22.0)
    days = np.linspace(s.low, s.high, 23)
    assert s.days(s.xs(days)) == pytest.approx(days)
    assert s.day(s.x(22.0)) == pytest.approx(22.0)
    assert s.day_at_share(s.share(50.0)) == pytest.approx(50.0)


def test_shifting_at_equal_steps_shifts_by_pixels():
    s = scale(0.0, 114.0)
    s.steps = TimeAxis(samples.insomnia().visits, "en", AxisMode.VISITS).steps()
    s.zoom(3.0, 10.0)
    before = s.x(7.0)
    s.pan(25.0)
    assert s.x(7.0) == pytest.approx(before - 25.0)


def test_an_ordered_case_pretends_no_days_in_any_mode():
    case = samples.ordered_only()
    for mode in AxisMode:
        axis = TimeAxis(case.visits, "en", mode)
        assert axis.visit_label(case.visits[2]) == axis.visit_number(3)
        assert axis.place(7.0) == ""
        assert axis.date_at(7.0) is None


def test_a_single_visit_has_no_steps():
    assert TimeAxis(samples.single_visit().visits, "en", AxisMode.VISITS).steps() is None
    with pytest.raises(ValueError, match="two"):
        Steps([3.0, 3.0])


def test_the_crosshair_tells_lunar_date_and_solar_term():
    case = samples.insomnia()
    out = read_out(read(case, core()), TimeAxis(case.visits, "zh"), 49.0)
    assert out is not None
    assert out.subtitle == "农历三月初六 · 谷雨后 2 日"
    english = read_out(read(case, core(), "en"), TimeAxis(case.visits, "en"), 47.0)
    assert english is not None
    assert english.subtitle.startswith("lunar 3/6 · Grain Rain")


def test_the_axis_itself_tells_the_day_under_the_cursor():
    case = samples.insomnia()
    out = axis_read_out(read(case, core()), TimeAxis(case.visits, "zh"), 47.2)
    assert out is not None
    assert out.title == "2026年4月20日"
    assert [row.value for row in out.rows] == ["丙午年三月初四", "谷雨", "47 天", "37 天"]
    undated = samples.laboratory()
    days = axis_read_out(read(undated, core()), TimeAxis(undated.visits, "zh"), 10.0)
    assert days is not None and days.title == "第 10 天"
    ordered = samples.ordered_only()
    assert axis_read_out(read(ordered, core()), TimeAxis(ordered.visits, "zh"), 7.0) is None
