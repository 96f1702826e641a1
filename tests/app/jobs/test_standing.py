"""How all patients stand with a model: told as it is found, stopped when asked, written nowhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.analysis.series import SeriesPlan
from app.domain.records import Observation, ValueKind
from app.jobs import forecasting, standing, surprising, worker
from app.jobs.events import Event, Progress
from app.store.clinic import Clinic
from models.forecast import Forecast
from tests.ui import people


def test_every_patient_with_a_visit_has_the_chance_of_the_last_one(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "TOGETHER", 25)
    events: list[Event] = []
    result = standing.look(worker.Reporter(events.append), db=str(clinic.path), model="m")
    told = [event for event in events if isinstance(event, Progress)]
    assert [event.done for event in told] == [25, 44]
    assert result == {"model": "m", "patients": 44}
    found = {code: pair for event in told for code, pair in event.data["numbers"].items()}
    cases = [case for case in clinic.queries.cases() if case.visits]
    assert set(found) == {case.patient.code for case in cases}
    beyond = surprising.beyond(forecasting.load(clinic, "m"), cases[:3])
    for code, value in beyond.items():
        assert found[code][1] == pytest.approx(1.0 - value, abs=1e-4)
    assert all(risk is None for risk, _ in found.values())  # the model knows of no event
    assert all(chance is None or 0.0 <= chance <= 1.0 for _, chance in found.values())


def test_looking_ends_when_it_is_asked_to(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "TOGETHER", 5)
    events: list[Event] = []
    reporter = worker.Reporter(events.append)
    reporter.cancel()
    with pytest.raises(worker.StoppedEarly) as stopped:
        standing.look(reporter, db=str(clinic.path), model="m")
    assert stopped.value.result == {"patients": 0}
    assert events == []


class Fearful:
    """A forecaster that knows of two events."""

    def __init__(self) -> None:
        self.card = {
            "events": ["relapse", "death"],
            "series": SeriesPlan(people.VARIABLES, (), (), ("relapse",)).to_dict(),
        }

    def predict_many(self, courses, at):
        return [
            Forecast(
                course.patient,
                np.array(days),
                people.VARIABLES,
                np.zeros((1, 3, 1)),
                quantile_levels=(0.5,),
                survival={"relapse": np.array([0.4]), "death": np.array([0.9])},
            )
            for course, days in zip(courses, at, strict=True)
        ]


def test_the_risk_is_that_of_the_likeliest_event_a_month_ahead() -> None:
    cases = people.cases()[:2]
    assert standing._risks(Fearful(), cases) == pytest.approx({"P0001": 0.6, "P0002": 0.6})  # type: ignore[arg-type]


def test_who_has_relapsed_waits_for_nothing_and_has_no_risk() -> None:
    first, other = people.cases()[:2]
    relapse = Observation("x.复发", ValueKind.TEXT, text="是")
    last = replace(first.visits[-1], observations=(*first.visits[-1].observations, relapse))
    relapsed = replace(first, visits=(*first.visits[:-1], last))
    assert set(standing._risks(Fearful(), [relapsed, other])) == {"P0002"}  # type: ignore[arg-type]
