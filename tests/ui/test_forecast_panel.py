"""The table of the forecast: what this patient's visits recorded first, chances for signs, intervals for figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.ui import theme, translation
from app.ui.forecasting import Outlook
from app.ui.pages.forecast_panel import ForecastPanel
from app.ui.window import MainWindow
from models.course import Variable
from models.forecast import Forecast, Neuron, Trajectory
from models.surprise import Surprise
from tests.ui import people
from tests.ui.seen import clinic_of

VARIABLES = (
    Variable("sym.cough", "Cough", "binary", "", 0.0, 1.0, "symptom"),
    Variable("sym.fever", "Fever", "binary", "", 0.0, 1.0, "symptom"),
    Variable("pulse.rate", "Pulse: rate", "continuous", "", -2.0, 2.0, "pulse"),
)


def outlook() -> Outlook:
    """A patient who was never asked about fever."""
    values = np.array([[[0.6, 0.9, 0.94, 1, 1], [0, 0, 0, 1, 1], [-0.82, -0.6, -0.4, -0.2, 0.12]]] * 2)
    last = {"sym.cough": 1.0, "sym.fever": float("nan"), "pulse.rate": -0.5}
    found = Forecast(
        "P1", np.array([17.0, 40.0]), VARIABLES, values, last_value=last, quantile_levels=(0.05, 0.25, 0.5, 0.75, 0.95)
    )
    moving = np.ones((3, 1))
    state = Trajectory(np.arange(3.0), moving, moving, (Neuron("m0", "motor"),), observed_until=2.0)
    return Outlook("P1", "demo", 10.0, found, found, state)


@pytest.fixture
def panel(qtbot: QtBot) -> ForecastPanel:
    panel = ForecastPanel()
    qtbot.addWidget(panel)
    panel.show_outlook(outlook(), {})
    return panel


def texts(panel: ForecastPanel) -> list[str]:
    return [label.text() for label in panel._table_box.findChildren(QLabel) if not label.isHidden()]


def test_a_sign_is_told_as_its_chance_and_in_words(panel: ForecastPanel) -> None:
    shown = texts(panel)
    assert "94%" in shown
    assert "likely" in shown
    assert "chance that the sign is there" in panel.basis


def test_a_figure_that_may_be_negative_reads_well(panel: ForecastPanel) -> None:
    shown = texts(panel)
    assert "−0.4" in shown
    assert "−0.8~0.1" in shown


def test_what_was_never_recorded_in_this_patient_waits_for_show_all_and_says_so(panel: ForecastPanel) -> None:
    assert "Fever" not in texts(panel)
    panel._more.click()
    shown = texts(panel)
    assert shown.index("never recorded in this patient:") < shown.index("Fever")
    panel._more.click()
    assert "Cough" in texts(panel)


def test_a_value_outside_its_earlier_forecast_is_told_in_red_with_what_was_expected(panel: ForecastPanel) -> None:
    told = (
        Surprise("pulse.rate", 10.0, 1.2, -0.8, -0.3, 0.4, 0.99, 0.98),
        Surprise("sym.cough", 10.0, 1.0, 0.03, 0.03, 0.03, 0.985, 0.94),
        Surprise("sym.fever", 10.0, 0.0, 0.4, 0.4, 0.4, 0.3, 0.0),
    )
    panel.show_outlook(replace(outlook(), surprises=told), {})
    shown = panel.since_last.outside
    assert "Pulse: rate 1.2, above the expected −0.8~0.4" in shown.text()
    assert "Cough: present, which had a chance of 3%" in shown.text()
    assert shown.palette().color(shown.foregroundRole()) == theme.current().color("red")
    assert panel.since_last.inside.text() == "1 other value as expected"


def test_a_visit_as_expected_is_said_to_be_so(panel: ForecastPanel) -> None:
    told = (Surprise("pulse.rate", 10.0, 0.1, -0.8, 0.0, 0.4, 0.6, 0.2),)
    panel.show_outlook(replace(outlook(), surprises=told), {})
    assert panel.since_last.outside.isHidden()
    assert "inside the 90% interval" in panel.since_last.inside.text()


def test_the_day_is_told_in_the_patients_own_terms_and_in_the_users_language(qtbot: QtBot, qapp: QApplication) -> None:
    case = people.cases()[0]
    panel = ForecastPanel()
    qtbot.addWidget(panel)
    panel.show_outlook(Outlook.from_result(people.outlook_result(case)), people.card(), case)
    assert panel.since_last.outside.text().startswith("27 May Palpitation scored 1, above the expected")
    translation.install(qapp, "zh")
    qtbot.waitUntil(lambda: panel.since_last.outside.text().startswith("5月27日 心悸 1 分，高于预期 0.0–0.4"))


def test_before_the_first_forecast_the_panel_says_there_is_nothing_to_compare(panel: ForecastPanel) -> None:
    assert "Nothing was forecast before the first visit" in panel.since_last.inside.text()


def test_a_saved_visit_fills_the_table_once_and_what_is_about_others_not_at_all(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    filled: list[str] = []
    fill = ForecastPanel._fill_table

    def counted(panel: ForecastPanel) -> None:
        filled.append(panel._state)
        fill(panel)

    window.choose("P0001")
    qtbot.waitUntil(lambda: not window.forecaster.waiting and window.outlook is not None)
    monkeypatch.setattr(ForecastPanel, "_fill_table", counted)
    clinic, before = clinic_of(window), window.outlook
    assert before is not None and window.session.case is not None
    last = window.session.case.visits[-1]
    assert last.date is not None
    next_week = replace(last, number=last.number + 1, day=last.day + 7, date=last.date + dt.timedelta(days=7))
    clinic.visits.add_visit("P0001", next_week)
    qtbot.waitUntil(lambda: window.outlook is not None and window.outlook.course_end == last.day + 7)
    assert filled == ["ready"]
    record = clinic.patients.open("P0002")
    clinic.patients.change("P0002", version=record.version, name="单致远")
    listed = window.patients.model
    qtbot.waitUntil(lambda: getattr(listed.line(listed.row_of("P0002")), "name", "") == "单致远")
    assert filled == ["ready"]


def feared() -> Outlook:
    found = outlook()
    forecast = replace(
        found.forecast, survival={"relapse": np.array([0.95, 0.7]), "x.strange": np.array([0.999, 0.98])}
    )
    return replace(found, forecast=forecast)


def test_what_may_come_is_told_with_its_chance_by_each_day(panel: ForecastPanel) -> None:
    assert panel.risks.isHidden()
    panel.show_outlook(feared(), {})
    assert not panel.risks.isHidden()
    rows = [["+7 days", "+30 days"], ["relapse", "5%", "30%"], ["x.strange", "<2%", "2%"]]
    assert panel.risks.rows() == rows
    panel.show_outlook(outlook(), {})
    assert panel.risks.isHidden()


def test_the_forecast_of_one_patient_is_never_shown_while_anothers_is_waited_for(panel: ForecastPanel) -> None:
    panel.show_outlook(feared(), {})
    panel.show_state("waiting", "", "P1")
    assert "94%" in texts(panel)
    panel.show_state("waiting", "", "P2")
    assert panel._table_box.isHidden()
    assert panel.risks.isHidden()
    assert panel.basis == ""
