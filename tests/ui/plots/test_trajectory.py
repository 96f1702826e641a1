"""The trajectory page's plot and the forecast's small multiples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from app.ui.plots.forecast import ForecastView, even_ticks
from app.ui.plots.trajectory import TrajectoryView
from app.ui.plots.trajectory_panels import log_ticks
from models.forecast import Neuron
from tests.ui.plots import samples


@pytest.fixture
def view(qtbot: QtBot) -> TrajectoryView:
    view = TrajectoryView()
    qtbot.addWidget(view)
    view.resize(1100, 700)
    view.grab()
    return view


def test_hovering_a_row_names_the_neuron_with_its_state_and_time_constant(view: TrajectoryView):
    trajectory = samples.trajectory()
    view.show_trajectory(trajectory, samples.insomnia())
    box = view.plot_box("state")
    index = view.neuron_at(QPointF(600, box.top() + 2))
    assert index == 0
    view.choose("m0")
    out = view.readout_at(20.0)
    assert out is not None
    assert out.title.startswith("m0")
    assert out.rows[0].value == f"{np.interp(20.0, trajectory.times, trajectory.state[:, 0]):+.2f}"
    assert f"{np.interp(20.0, trajectory.times, trajectory.tau[:, 0]):.3g}" in out.rows[1].value


def test_neurons_are_grouped_by_kind_whatever_their_order(view: TrajectoryView):
    trajectory = samples.trajectory()
    mixed = (Neuron("i0", "inter"), *trajectory.neurons[1:])
    view.show_trajectory(replace(trajectory, neurons=mixed))
    box = view.plot_box("state")
    top, bottom = QPointF(600, box.top() + 2), QPointF(600, box.bottom() - 2)
    assert view._series is not None
    assert view._series.neurons[view.neuron_at(top) or 0].kind == "motor"
    assert view._series.neurons[view.neuron_at(bottom) or 0].kind == "inter"


def test_a_line_of_the_time_constants_can_be_pointed_at(view: TrajectoryView):
    view.show_trajectory(samples.trajectory())
    box = view.plot_box("tau")
    found = {view.neuron_at(QPointF(500, y)) for y in range(round(box.top()), round(box.bottom()), 2)}
    assert len(found - {None}) > 10


def test_both_panels_can_be_drawn_the_other_way(view: TrajectoryView):
    view.show_trajectory(samples.trajectory())
    before = view.grab().toImage()
    view.toggle_state()
    view.toggle_tau()
    assert view.grab().toImage() != before
    assert view.neuron_at(QPointF(500, view.plot_box("tau").top() + 2)) == 0


def test_an_unknown_neuron_is_refused_with_the_known_ones(view: TrajectoryView):
    view.show_trajectory(samples.trajectory())
    with pytest.raises(KeyError, match="there are m0"):
        view.choose("z9")


def test_choosing_tells_the_name(view: TrajectoryView, qtbot: QtBot):
    view.show_trajectory(samples.trajectory())
    with qtbot.waitSignal(view.hovered) as heard:
        view.choose("c3")
    assert heard.args == ["c3"]


def test_a_cleared_trajectory_is_drawn_as_an_invitation(view: TrajectoryView):
    view.show_trajectory(samples.trajectory())
    view.clear()
    assert view.readout_at(0.0) is None
    assert not view.grab().isNull()


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.5), (-1.0, 2.0), (-3.0, 5.0)])
def test_logarithmic_ticks_stand_inside_the_range(low: float, high: float):
    ticks = log_ticks(low, high)
    assert ticks
    assert all(low - 1e-6 <= value <= high + 1e-6 for value, _ in ticks)


@pytest.mark.parametrize(("low", "high"), [(0.0, 6.0), (1.2, 1.3), (-40.0, 800.0)])
def test_even_ticks_stand_inside_the_range(low: float, high: float):
    ticks = even_ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert all(low - 1e-9 <= value <= high + 1e-9 for value in ticks)


def test_the_forecast_says_what_it_rests_on(qtbot: QtBot):
    view = ForecastView()
    qtbot.addWidget(view)
    view.show_forecast(samples.course(), samples.forecast())
    assert "214" in view.caption()
    assert "1,903" in view.caption()
    assert view.content_height(400) > view.content_height(1300)
    view.clear()
    assert view.caption() == ""


def test_a_forecast_without_history_is_drawn(qtbot: QtBot):
    view = ForecastView()
    qtbot.addWidget(view)
    course = samples.course()
    empty = replace(course, times=course.times[:0], values=course.values[:0])
    bare = replace(samples.forecast(), last_value={}, basis={"static_only": True})
    view.show_forecast(empty, bare)
    view.resize(900, 500)
    assert not view.grab().isNull()
