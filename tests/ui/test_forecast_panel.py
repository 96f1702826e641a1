"""The table of the forecast: what this patient's visits recorded first, chances for signs, intervals for figures."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.ui.forecasting import Outlook
from app.ui.pages.forecast_panel import ForecastPanel
from models.course import Variable
from models.forecast import Forecast, Neuron, Trajectory

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
