"""The state page's plot: one neuron and one day for all its panels, by mouse, by keys, and played."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui import translation
from app.ui.forecasting import Outlook
from app.ui.insight import Alike, Grounds
from app.ui.plots import state
from app.ui.plots.state import StateView
from tests.ui import people

CASE = people.cases()[0]


def grounds() -> Grounds:
    return Grounds.from_result(people.grounds_result(CASE))


def alike() -> Alike:
    return Alike.from_result(people.alike_result(CASE, people.cases()))


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> StateView:
    translation.install(qapp, "en")
    view = StateView()
    qtbot.addWidget(view)
    view.resize(1000, 800)
    view.show_trajectory(Outlook.from_result(people.outlook_result(CASE)).trajectory, CASE)
    view.show_grounds(grounds())
    view.show_alike(alike())
    view.show()
    qtbot.waitExposed(view)
    return view


def click(qtbot: QtBot, widget, place: QPointF) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(round(place.x()), round(place.y())))


def test_a_click_on_a_row_of_heat_chooses_its_neuron_in_every_panel(view: StateView, qtbot: QtBot):
    box = view.trajectory.plot_box("state")
    click(qtbot, view.trajectory, QPointF(500, box.top() + 2))
    assert view.trajectory.chosen == "m0"
    assert view.drivers.heading()[0] == "Neuron m0"
    qtbot.mouseMove(view.trajectory, QPoint(500, round(box.bottom()) - 3))
    assert view.trajectory.chosen == "m0"


def test_at_first_the_neuron_that_moved_most_is_chosen(view: StateView):
    trajectory = Outlook.from_result(people.outlook_result(CASE)).trajectory
    seen = trajectory.state[trajectory.times <= CASE.visits[-1].day]
    assert view.trajectory.chosen == trajectory.names[int(np.argmax(np.abs(seen[-1] - seen[0])))]
    assert view.drivers.sentences()


def test_a_click_on_a_node_of_the_wiring_chooses_its_neuron(view: StateView, qtbot: QtBot):
    names = [node.name for node in grounds().wiring.nodes]  # type: ignore[union-attr]
    click(qtbot, view.wiring, view.wiring.places()[names.index("c3")])
    assert view.trajectory.chosen == "c3"
    click(qtbot, view.wiring, view.wiring.places()[0])  # an input is no neuron
    assert view.trajectory.chosen == "c3"


def test_arrow_keys_go_from_neuron_to_neuron_and_stop_at_the_ends(view: StateView, qtbot: QtBot):
    view.setFocus()
    view.choose("")
    for key, name in ((Qt.Key.Key_Down, "m0"), (Qt.Key.Key_Up, "m0"), (Qt.Key.Key_Down, "m1"), (Qt.Key.Key_Escape, "")):
        qtbot.keyClick(view.trajectory, key)
        assert view.trajectory.chosen == name
    qtbot.keyClick(view.trajectory, Qt.Key.Key_Up)
    assert view.trajectory.chosen == "i10"


def test_arrow_keys_go_from_visit_to_visit(view: StateView, qtbot: QtBot):
    days = [visit.day for visit in CASE.visits]
    with qtbot.waitSignal(view.pointed) as told:
        qtbot.keyClick(view.trajectory, Qt.Key.Key_Right)
    assert told.args == [days[0]]
    qtbot.keyClick(view.trajectory, Qt.Key.Key_Right)
    assert view.day == days[1]
    qtbot.keyClick(view.trajectory, Qt.Key.Key_Left)
    qtbot.keyClick(view.trajectory, Qt.Key.Key_Left)
    assert view.day == days[0]
    assert view.day_label.text() == "4 Mar"


def test_a_day_pointed_at_in_one_panel_is_the_day_of_all(view: StateView, qtbot: QtBot):
    before = view.path.grab().toImage()
    with qtbot.waitSignal(view.pointed) as told:
        qtbot.mouseMove(view.trajectory, QPoint(450, 300))
    assert told.args == [view.day]
    assert view.path.grab().toImage() != before


def test_a_day_from_elsewhere_is_shown_and_not_sent_back(view: StateView, qtbot: QtBot):
    before = view.trajectory.grab().toImage()
    with qtbot.assertNotEmitted(view.pointed):
        view.point_at(30.0)
    assert view.trajectory.grab().toImage() != before
    view.point_at(-50.0)
    assert view.day == 0.0


def test_space_plays_to_the_last_visit_and_stops_there(view: StateView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(state, "FRAMES", 5)
    view._timer.setInterval(1)
    heard: list[float] = []
    view.pointed.connect(heard.append)
    qtbot.keyClick(view.trajectory, Qt.Key.Key_Space)
    assert view.playing
    assert view.play_button.text() == "Stop"
    qtbot.waitUntil(lambda: not view.playing)
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0.0, CASE.visits[-1].day)
    assert view.play_button.text() == "Play"


def test_the_button_stops_what_it_started(view: StateView):
    view.play_button.click()
    assert view.playing
    view.play_button.click()
    assert not view.playing


def test_another_patient_ends_the_play_and_keeps_the_neuron(view: StateView):
    view.choose("c3")
    view.play()
    other = people.cases()[1]
    view.show_trajectory(Outlook.from_result(people.outlook_result(other)).trajectory, other)
    assert not view.playing
    assert view.trajectory.chosen == "c3"
    assert view.drivers.missing
    assert view.path.missing
    assert view.wiring.missing


def test_the_bars_are_the_strongest_effects_with_their_signs(view: StateView):
    view.choose("m0")
    shown = view.drivers.effects()
    told = grounds().drivers["m0"]
    assert list(shown) == [one for one in told if abs(one.size) >= 0.005][:6]
    assert [abs(one.size) for one in shown] == sorted((abs(one.size) for one in shown), reverse=True)
    words = " ".join(view.drivers.sentences())
    assert "rises with Insomnia" in words
    assert "falls with sour jujube seed dose" in words


def test_the_words_tell_how_fast_a_neuron_is_and_where_it_went(view: StateView):
    found = grounds()
    slowest = max(found.tau, key=lambda name: found.tau[name])
    fastest = min(found.tau, key=lambda name: found.tau[name])
    view.choose(slowest)
    assert f"{slowest} is slow" in view.drivers.sentences()[0]
    assert f"about {found.tau[slowest]:.0f} days" in view.drivers.sentences()[0]
    view.choose(fastest)
    assert f"{fastest} is fast" in view.drivers.sentences()[0]
    trajectory = Outlook.from_result(people.outlook_result(CASE)).trajectory
    line = trajectory.state[trajectory.times <= CASE.visits[-1].day, trajectory.names.index(fastest)]
    assert ("risen" if line[-1] >= line[0] else "fallen") in view.drivers.sentences()[1]
    assert "not cause and effect" in view.drivers.accessibleDescription()


def test_what_could_not_be_told_says_why_and_leaves_the_rest(view: StateView):
    view.show_unexplained("alike", "The clinic is gone.")
    assert view.path.missing == "The clinic is gone."
    assert not view.drivers.missing
    view.show_unexplained("grounds", "No.")
    assert view.wiring.missing == view.drivers.missing == "No."


def test_a_network_without_a_wiring_says_so(view: StateView):
    view.show_grounds(replace(grounds(), wiring=None))
    assert "no wiring" in view.wiring.missing
    assert not view.drivers.missing


def test_too_few_courses_for_a_plane_say_so(view: StateView):
    view.show_alike(replace(alike(), own=None, neighbours=()))
    assert "too few" in view.path.missing


def test_the_path_keeps_inside_its_panel_and_the_day_lies_on_it(view: StateView):
    found = alike()
    assert found.own is not None
    box = view.path.inside()
    for way in (found.own, *(one.way for one in found.neighbours)):
        for day in way.days:
            assert box.contains(view.path.place(*way.at(float(day))))
    a, b = (view.path.place(*found.own.at(float(day))) for day in found.own.days[:2])
    between = view.path.place(*found.own.at(float(np.mean(found.own.days[:2]))))
    assert (between * 2.0 - (a + b)).manhattanLength() < 1e-6


def test_the_wheel_zooms_over_the_plot_and_leaves_the_page_to_scroll_beside_it(view: StateView):
    before = view.trajectory.scale.span
    for x, modifier, zooms in (
        (40.0, Qt.KeyboardModifier.NoModifier, False),
        (450.0, Qt.KeyboardModifier.ShiftModifier, False),
        (450.0, Qt.KeyboardModifier.NoModifier, True),
    ):
        place = QPointF(x, 200.0)
        turned = QWheelEvent(
            place, view.trajectory.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, modifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        view.trajectory.wheelEvent(turned)
        assert turned.isAccepted() == zooms
        assert (view.trajectory.scale.span < before) == zooms


def test_nothing_is_left_of_a_patient_when_cleared(view: StateView, qtbot: QtBot):
    view.choose("c3")
    view.clear()
    assert view.drivers.sentences() == []
    assert view.wiring.places() == []
    assert not view.play_button.isEnabled()
    assert view.day_label.text() == ""
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert not view.playing
