"""A standing worker forecasts patient after patient with the model loaded once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.analysis.simulator import simulate, write_wide
from app.importing.run import import_files
from app.jobs import forecasting
from app.jobs.events import Event, Failed, Finished, Progress
from app.jobs.forecasting import ForecastService
from app.jobs.training import train
from app.jobs.worker import Reporter
from app.store.clinic import Clinic
from models.forecast import Forecast, Trajectory


@pytest.fixture(scope="module")
def clinic_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clinic")
    table, db = folder / "clinic.csv", folder / "clinic.db"
    write_wide(simulate(patients=24, seed=3), table)
    with Clinic.open(db, plain=True) as clinic:
        import_files([table], clinic)
    train(Reporter(lambda event: None), db=str(db), name="m", epochs=3, device="cpu")
    return db


@pytest.fixture
def service(clinic_file: Path) -> Iterator[ForecastService]:
    service = ForecastService(clinic_file)
    yield service
    service.close()


def answer(service: ForecastService, number: int, seconds: float = 60) -> Event:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for event in service.poll():
            if event.request == number and not isinstance(event, Progress):
                return event
        time.sleep(0.02)
    raise AssertionError(f"no answer within {seconds} s")


def patients(clinic_file: Path) -> list[str]:
    with Clinic.open(clinic_file, create=False) as clinic:
        return list(clinic.queries.patient_codes())


def test_each_patient_gets_a_forecast_a_curve_and_a_trajectory(service, clinic_file):
    for patient in patients(clinic_file)[:2]:
        found = answer(service, service.request("m", patient))
        assert isinstance(found, Finished)
        forecast = Forecast.from_dict(found.result["forecast"])
        assert (forecast.at - found.result["course_end"]).tolist() == pytest.approx([7.0, 30.0])
        assert len(Forecast.from_dict(found.result["curve"]).at) == forecasting.CURVE_POINTS
        assert Trajectory.from_dict(found.result["trajectory"]).observed_until == found.result["course_end"]


def test_an_unknown_patient_is_refused_and_the_next_is_answered(service, clinic_file):
    refused = answer(service, service.request("m", "无此人"))
    assert isinstance(refused, Failed) and refused.is_known
    assert isinstance(answer(service, service.request("m", patients(clinic_file)[0])), Finished)


def test_a_model_trained_again_under_its_name_is_the_one_that_answers(service, clinic_file):
    patient = patients(clinic_file)[0]
    before = answer(service, service.request("m", patient))
    train(Reporter(lambda event: None), db=str(clinic_file), name="m", epochs=3, seed=5, device="cpu")
    after = answer(service, service.request("m", patient))
    assert isinstance(before, Finished) and isinstance(after, Finished)
    assert before.result["forecast"]["values"] != after.result["forecast"]["values"]


def test_a_forecast_document_is_strict_json_with_what_it_rests_on(clinic_file):
    with Clinic.open(clinic_file, create=False) as clinic:
        forecaster = forecasting.load(clinic, "m")
        result = forecasting.predict(clinic, forecaster, patients(clinic_file)[0], [3.0])
    document = forecasting.document(result, forecaster.card)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["at"] == pytest.approx([3.0])
    assert document["basis"]["patients"] > 0
    assert "last_value" in document["basis"]["score"]


def test_the_worker_tells_what_stands_behind_a_forecast_and_answers_a_forecast_in_between(service, clinic_file):
    first, other = patients(clinic_file)[:2]
    compared = service.explain("m", first, "alike")
    forecast = service.request("m", other)
    grounds = service.explain("m", first, "grounds")
    order: list[int] = []
    found: dict[int, Finished] = {}
    until = time.monotonic() + 60
    while len(found) < 3 and time.monotonic() < until:
        for event in service.poll():
            assert isinstance(event, Finished), event
            order.append(event.request)
            found[event.request] = event
        time.sleep(0.02)
    assert order == [forecast, grounds, compared]
    assert found[grounds].result["patient"] == found[compared].result["patient"] == first
    assert found[forecast].result["patient"] == other
    assert found[compared].result["neighbours"]
