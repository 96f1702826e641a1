"""What stands behind a forecast reaches the panel and the state page, of the patient on screen alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.jobs.events import Event, Failed
from app.store.clinic import Credentials
from app.ui import theme
from app.ui.forecasting import Forecaster
from app.ui.insight import Alike, Grounds
from app.ui.window import MainWindow
from tests.ui import people
from tests.ui.conftest import OpenWindow


def similar(window: MainWindow) -> list[str]:
    return [row.code for row in window.timeline.panel.similar.rows if row.code]


@pytest.fixture
def told(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """Everything about the first patient is there."""
    qtbot.waitUntil(lambda: bool(similar(window)))
    return window


def test_the_panel_says_what_raises_and_lowers_the_first_variables(told: MainWindow):
    assert told.session.case is not None
    words = told.timeline.panel.grounds.words.text()
    assert "raised by Insomnia +0.60, Palpitation +0.20" in words
    assert "lowered by sour jujube seed dose −0.40" in words
    assert len(words.split("\n")) == 2


def test_the_state_stands_beside_the_forecast_with_the_neuron_that_moved_most(told: MainWindow):
    assert told.outlook is not None
    section, trajectory = told.timeline.panel.state, told.outlook.trajectory
    seen = trajectory.state[trajectory.times <= trajectory.observed_until]
    moved = seen[-1] - seen[0]
    name = trajectory.names[int(np.argmax(np.abs(moved)))]
    assert f"neuron {name} " in section.words.text()
    assert ("rose" if moved[trajectory.names.index(name)] > 0 else "fell") in section.words.text()
    assert section.size_label.text() == "20 neurons along time"


def test_an_outcome_is_green_where_it_is_a_good_one_and_red_where_it_got_worse(told: MainWindow):
    colours = {row.code: row.how.palette().color(row.how.foregroundRole()) for row in told.timeline.panel.similar.rows}
    assert colours["P0002"] == theme.current().color("red")
    assert colours["P0006"] == theme.current().color("green")


def test_similar_courses_are_told_with_diagnosis_outcome_and_days(told: MainWindow):
    row = told.timeline.panel.similar.rows[0]
    assert row.who.text() == f"{row.code} · 不寐 肝郁阴虚"
    assert "days" in row.how.text()
    assert row.accessibleName() == f"{row.who.text()} {row.how.text()}"
    assert "of 7 courses" in told.timeline.panel.similar.caption.text()


def test_a_click_on_a_similar_course_goes_to_that_patient(told: MainWindow, qtbot: QtBot):
    wanted = similar(told)[1]
    qtbot.mouseClick(told.timeline.panel.similar.rows[1], Qt.MouseButton.LeftButton)
    assert told.session.case is not None
    assert told.session.case.patient.code == wanted
    qtbot.waitUntil(lambda: bool(similar(told)) and wanted not in similar(told))


def test_nothing_of_the_patient_before_is_shown_while_the_next_is_worked_out(told: MainWindow):
    told.next_patient()
    assert similar(told) == []
    assert told.trajectory.view.trajectory.names == []
    assert "worked out" in told.timeline.panel.grounds.words.text()
    assert told.timeline.panel.since_last.outside.text() == ""


def test_an_answer_about_another_patient_is_dropped(told: MainWindow):
    assert told.session.case is not None
    here = similar(told)
    other = next(case for case in people.cases() if case.patient.code != told.session.case.patient.code)
    told.forecaster.compared.emit(Alike.from_result(people.alike_result(other, people.cases())))
    told.forecaster.explained.emit(Grounds.from_result({**people.grounds_result(other), "ahead": 99.0}))
    told.session.errands.wait()
    assert similar(told) == here
    assert "99 days" not in told.timeline.panel.grounds.words.text()


def test_what_cannot_be_explained_says_why_and_the_forecast_stays(told: MainWindow):
    told.forecaster.unexplained.emit("grounds", Failed("No gradients.", is_known=True))
    assert told.timeline.panel.grounds.words.text() == "No gradients."
    assert told.trajectory.view.drivers.missing == "No gradients."
    told.forecaster.unexplained.emit("alike", Failed("No crowd.", is_known=True))
    assert told.timeline.panel.similar.caption.text() == "No crowd."
    assert similar(told) == []
    assert told.timeline.panel.since_last.isVisible()


def test_the_day_under_the_cursor_is_the_same_on_both_pages(told: MainWindow, qtbot: QtBot):
    told.timeline.view.canvas.point_at(14.0)
    assert told.trajectory.view.day == 14.0
    with qtbot.waitSignal(told.timeline.view.hovered) as heard:
        told.trajectory.view.trajectory.pointed.emit(11.0)
    assert heard.args == [11.0]
    assert told.trajectory.view.day == 11.0


def test_nobody_who_was_taken_out_is_among_the_similar(told: MainWindow, qtbot: QtBot):
    assert told.session.clinic is not None and told.session.case is not None
    gone, stays = similar(told)[:2]
    record = told.session.clinic.patients.open(gone)
    result = people.alike_result(told.session.case, people.cases())
    told.session.clinic.patients.delete(gone, version=record.version, visits=record.visits)
    told.forecaster.compared.emit(Alike.from_result(result))
    qtbot.waitUntil(lambda: bool(similar(told)) and gone not in similar(told))
    assert stays in similar(told)


def test_a_lock_leaves_nothing_of_what_was_told(clinic_file: Path, open_window: OpenWindow, qtbot: QtBot):
    people.staff(clinic_file)
    window = open_window(clinic_file, Credentials(user="李医师", passphrase=people.PASSPHRASE))
    qtbot.waitUntil(lambda: bool(similar(window)))
    window.trajectory.view.choose("c3")
    window.session.lock()
    assert similar(window) == []
    assert "Insomnia" not in window.timeline.panel.grounds.words.text()
    assert window.trajectory.view.drivers.sentences() == []
    assert window.trajectory.view.path.missing == "" and window.trajectory.view.trajectory.names == []


def test_who_may_not_read_patients_is_shown_no_similar_course(clinic_file: Path, open_window: OpenWindow, qtbot: QtBot):
    people.staff(clinic_file)
    window = open_window(clinic_file, Credentials(user="赵研究", passphrase=people.PASSPHRASE))
    case = people.cases()[0]
    window.forecaster.compared.emit(Alike.from_result(people.alike_result(case, people.cases())))
    window.session.errands.wait()
    qtbot.wait(1)
    assert similar(window) == []


class Slow:
    """A worker that answers when the test says so."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.asked: list[str] = []
        self.events: list[Event] = []

    def request(self, model: str, patient: str, at: list[float] | None = None) -> int:
        self.asked.append(f"forecast {patient}")
        return len(self.asked)

    def explain(self, model: str, patient: str, ask: str) -> int:
        self.asked.append(f"{ask} {patient}")
        return len(self.asked)

    def poll(self) -> list[Event]:
        events, self.events = self.events, []
        return events

    def close(self) -> None:
        self.events = []


@pytest.fixture
def asking(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> tuple[Forecaster, Slow]:
    from app.ui import forecasting

    monkeypatch.setattr(forecasting, "SETTLE_MS", 1)
    monkeypatch.setattr(forecasting, "POLL_MS", 1)
    made: list[Slow] = []

    def make(order: dict[str, Any]) -> Slow:
        made.append(Slow(order))
        return made[-1]

    forecaster = Forecaster(make)
    forecaster.connect_to({})
    return forecaster, made[0]


def test_the_forecast_is_asked_for_before_what_stands_behind_it(asking: tuple[Forecaster, Slow], qtbot: QtBot):
    forecaster, service = asking
    forecaster.ask("demo", "P0001")
    qtbot.waitUntil(lambda: service.asked == ["forecast P0001"])
    with qtbot.waitSignal(forecaster.ready):
        service.events = [people.Finished(people.outlook_result(people.cases()[0]), request=1)]
    assert service.asked[1:] == ["grounds P0001", "alike P0001"]
    with qtbot.waitSignal(forecaster.explained):
        service.events = [people.Finished(people.grounds_result(people.cases()[0]), request=2)]
    assert forecaster.waiting
    with qtbot.waitSignal(forecaster.unexplained) as failed:
        service.events = [Failed("no", request=3)]
    assert failed.args is not None and failed.args[0] == "alike"
    assert not forecaster.waiting


def test_what_comes_after_another_patient_was_asked_about_is_void(asking: tuple[Forecaster, Slow], qtbot: QtBot):
    forecaster, service = asking
    forecaster.ask("demo", "P0001")
    qtbot.waitUntil(lambda: len(service.asked) == 1)
    with qtbot.waitSignal(forecaster.ready):
        service.events = [people.Finished(people.outlook_result(people.cases()[0]), request=1)]
    forecaster.ask("demo", "P0002")
    qtbot.waitUntil(lambda: len(service.asked) == 4)
    with qtbot.assertNotEmitted(forecaster.explained, wait=30):
        service.events = [people.Finished(people.grounds_result(people.cases()[0]), request=2)]
    assert forecaster.waiting
