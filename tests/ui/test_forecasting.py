"""The window's questions to the worker that forecasts."""

from __future__ import annotations

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.jobs.events import Event
from app.ui import forecasting
from app.ui.forecasting import Forecaster


class Listening:
    """A service that answers nothing and remembers what it was asked."""

    def __init__(self, order: dict[str, Any]) -> None:
        del order
        self.asked: list[str] = []

    def request(self, model: str, patient: str, at: list[float] | None = None) -> int:
        self.asked.append(patient)
        return len(self.asked)

    def explain(self, model: str, patient: str, ask: str) -> int:
        return 0

    def poll(self) -> list[Event]:
        return []

    def close(self) -> None: ...


@pytest.fixture
def made() -> list[Listening]:
    return []


@pytest.fixture
def forecaster(qtbot: QtBot, made: list[Listening], monkeypatch: pytest.MonkeyPatch) -> Forecaster:
    monkeypatch.setattr(forecasting, "SETTLE_MS", 1)

    def make(order: dict[str, Any]) -> Listening:
        made.append(Listening(order))
        return made[-1]

    found = Forecaster(make)
    found.connect_to({"db": "clinic.db"})
    return found


def test_whoever_saves_a_visit_does_not_wait_for_the_window_to_read(
    forecaster: Forecaster, made: list[Listening], qtbot: QtBot
) -> None:
    forecaster.hurry()
    forecaster.ask_early("m", "P1")
    assert made[0].asked == ["P1"]
    with qtbot.waitSignal(forecaster.asked):
        forecaster.ask("m", "P1")  # the window's own question, a moment later
    forecaster.ask("m", "P2")
    qtbot.waitUntil(lambda: made[0].asked[-1] == "P2")
    assert made[0].asked == ["P1", "P2"]


def test_what_others_write_is_asked_when_the_window_has_read_it(
    forecaster: Forecaster, made: list[Listening], qtbot: QtBot
) -> None:
    forecaster.ask_early("m", "P1")
    assert not made[0].asked
    forecaster.ask("m", "P1")
    qtbot.waitUntil(lambda: made[0].asked == ["P1"])


def test_another_patient_is_asked_about_though_one_was_asked_early(
    forecaster: Forecaster, made: list[Listening], qtbot: QtBot
) -> None:
    forecaster.hurry()
    forecaster.ask_early("m", "P1")
    forecaster.ask("m", "P2")
    qtbot.waitUntil(lambda: made[0].asked == ["P1", "P2"])
