"""What stands behind the forecast on screen, and the worker that tells it without keeping a forecast waiting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import i18n
from app.domain.records import Case
from app.jobs import forecasting, insight
from app.jobs.answering import Answerer
from app.jobs.events import Event, Failed, Finished
from app.store.clinic import Clinic, Credentials
from app.store.roles import NotAllowedError
from tests.app.jobs.conftest import trained
from tests.ui import people


@pytest.fixture
def patient(clinic: Clinic) -> str:
    return next(iter(clinic.queries.cases())).patient.code


def grounds(clinic: Clinic, patient: str, model: str = "m") -> dict[str, Any]:
    """The whole of it at once."""
    work = insight.grounds(clinic, forecasting.load(clinic, model), patient)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def until_answered(answerer: Answerer) -> tuple[list[Event], int]:
    """The events once nothing is being worked at any more, and in how many turns."""
    turns, events = 0, []
    while answerer.busy():
        events += answerer.turn({})
        turns += 1
    return events, turns


def alike(patient: str, number: int = 1) -> dict[str, Any]:
    return {"request": number, "ask": "alike", "model": "m", "patient": patient}


def test_grounds_are_strict_json_and_speak_of_this_patients_record(clinic: Clinic, patient: str):
    forecaster = forecasting.load(clinic, "m")
    told = grounds(clinic, patient)
    json.dumps(told, allow_nan=False)
    recorded = forecasting.course_of(clinic, forecaster, patient)
    seen = {recorded.names[v] for v in np.flatnonzero(~np.isnan(recorded.values).all(0))}
    assert {s["name"] for s in told["influences"]["sources"] if s["kind"] == "value"} == seen
    assert {d["name"] for d in told["drivers"]["drivers"] if d["kind"] == "value"} == seen
    effect = np.array(told["influences"]["effect"])
    assert effect.shape == (len(told["influences"]["sources"]), len(told["influences"]["variables"]))
    assert np.abs(effect).max() > 0


def test_the_wiring_is_of_the_neurons_the_trajectory_shows(clinic: Clinic, patient: str):
    forecaster = forecasting.load(clinic, "m")
    told = insight.wiring(forecaster)
    assert told is not None
    neurons = [node["name"] for node in told["nodes"] if node["what"] == "neuron"]
    trajectory = forecasting.predict(clinic, forecaster, patient)["trajectory"]
    assert neurons == [neuron["name"] for neuron in trajectory["neurons"]]
    assert sum(node["layer"] == 0 for node in told["nodes"]) == insight.INPUTS
    assert max(synapse["share"] for synapse in told["synapses"]) == 1.0
    assert {synapse["sign"] for synapse in told["synapses"]} <= {-1, 1}


def test_a_network_without_a_wiring_is_told_without_one(folder: Path, clinic: Clinic, patient: str):
    trained(folder / "clinic.db", "g", cell="gru")
    told = grounds(clinic, patient, "g")
    assert told["wiring"] is None
    assert told["drivers"]["drivers"]


def test_the_courses_most_like_one_are_others_of_the_clinic_the_nearest_first(clinic: Clinic, patient: str):
    answerer = Answerer(clinic)
    assert answerer.turn(alike(patient)) == []
    (found,), _ = until_answered(answerer)
    assert isinstance(found, Finished)
    result = found.result
    json.dumps(result, allow_nan=False)
    names = [one["patient"] for one in result["neighbours"]]
    assert len(names) == insight.ALIKE
    assert patient not in names
    assert set(names) <= set(clinic.queries.patient_codes())
    distances = [one["distance"] for one in result["neighbours"]]
    assert distances == sorted(distances)
    for one in result["neighbours"]:
        assert len(one["path"]) == len(one["days"])
        assert one["day"] in one["days"]


def test_the_ways_on_the_plane_go_through_the_states_the_trajectory_shows(clinic: Clinic, patient: str):
    answerer = Answerer(clinic)
    answerer.turn(alike(patient))
    (found,), _ = until_answered(answerer)
    assert isinstance(found, Finished)
    forecaster = forecasting.load(clinic, "m")

    def apart(code: str, way: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        """Of each visit from the last, among the neurons and on the plane."""
        trajectory = forecasting.predict(clinic, forecaster, code)["trajectory"]
        state = np.array([trajectory["state"][trajectory["times"].index(day)] for day in way["days"]])
        path = np.array(way["path"])
        return np.linalg.norm(state - state[-1], axis=1), np.linalg.norm(path - path[-1], axis=1)

    whole, drawn = [], []
    for one in [{"patient": patient, **found.result["own"]}, *found.result["neighbours"]]:
        among, on = apart(one["patient"], one)
        assert (on <= among + 1e-4).all()  # a shadow is never longer
        whole += among.tolist()
        drawn += on.tolist()
    assert 0 < found.result["share"] <= 1
    assert np.corrcoef(whole, drawn)[0, 1] > 0.7


def test_a_forecast_asked_for_meanwhile_comes_first(clinic: Clinic, patient: str):
    answerer = Answerer(clinic)
    answerer.turn(alike(patient, 1))
    assert answerer.turn({}) == []
    (forecast,) = answerer.turn({"request": 2, "model": "m", "patient": patient})
    assert isinstance(forecast, Finished) and "curve" in forecast.result
    assert answerer.busy()
    (found,), turns = until_answered(answerer)
    assert (found.request, turns > 2) == (1, True)


def test_what_a_forecast_rests_on_is_told_before_the_longer_comparison_and_lets_a_forecast_in(
    clinic: Clinic, patient: str
):
    answerer = Answerer(clinic)
    answerer.turn(alike(patient, 1))
    answerer.turn({"request": 2, "ask": "grounds", "model": "m", "patient": patient})
    assert answerer.turn({}) == []
    (forecast,) = answerer.turn({"request": 3, "model": "m", "patient": patient})
    assert isinstance(forecast, Finished)
    events, _ = until_answered(answerer)
    assert [event.request for event in events] == [2, 1]


def test_only_the_patient_asked_about_last_is_compared(clinic: Clinic, patient: str):
    answerer = Answerer(clinic)
    other = clinic.queries.patient_codes()[1]
    answerer.turn(alike(patient, 1))
    answerer.turn({})
    answerer.turn(alike(other, 2))
    (found,), _ = until_answered(answerer)
    assert isinstance(found, Finished)
    assert (found.request, found.result["patient"]) == (2, other)


def test_a_second_comparison_finds_the_states_there_already(clinic: Clinic, patient: str):
    answerer = Answerer(clinic)
    answerer.turn(alike(patient))
    first, turns = until_answered(answerer)
    answerer.turn(alike(patient))
    again, fewer = until_answered(answerer)
    assert fewer < turns
    assert first == again


def test_who_was_taken_out_is_like_nobody_any_more(clinic: Clinic, patient: str):
    answerer = Answerer(clinic)
    answerer.turn(alike(patient))
    (found,), _ = until_answered(answerer)
    assert isinstance(found, Finished)
    gone = found.result["neighbours"][0]["patient"]
    record = clinic.patients.open(gone)
    clinic.patients.delete(gone, version=record.version, visits=record.visits)
    answerer.turn(alike(patient))
    (found,), _ = until_answered(answerer)
    assert isinstance(found, Finished)
    assert gone not in [one["patient"] for one in found.result["neighbours"]]


def test_a_comparison_keeps_to_its_number_of_patients_and_its_time(clinic: Clinic, patient: str, monkeypatch):
    crowd = insight.Crowd(clinic, forecasting.load(clinic, "m"))
    monkeypatch.setattr(insight, "MOST", 10)
    while crowd.step():
        pass
    assert 8 <= crowd.around(patient)["compared"] <= 10
    monkeypatch.setattr(insight, "MOST", 300)
    monkeypatch.setattr(insight, "SECONDS", 0.0)
    while crowd.step():
        pass
    few = crowd.around(patient)
    assert few["compared"] < few["patients"]


def test_alone_in_a_clinic_nobody_is_alike(tmp_path: Path, clinic: Clinic, patient: str):
    forecaster = forecasting.load(clinic, "m")
    case: Case = clinic.queries.case(patient)
    with Clinic.open(tmp_path / "alone.db", plain=True) as alone:
        alone.imports.commit([case], files=[], report_json="{}")
        crowd = insight.Crowd(alone, forecaster)
        while crowd.step():
            pass
        told = crowd.around(patient)
    assert told["neighbours"] == []
    assert told["compared"] == 0


def test_an_unknown_patient_is_refused_and_the_worker_goes_on(clinic: Clinic, patient: str):
    answerer = Answerer(clinic)
    answerer.turn(alike("无此人"))
    (refused,), _ = until_answered(answerer)
    assert isinstance(refused, Failed) and refused.is_known
    for number, code, kind in ((3, "无此人", Failed), (4, patient, Finished)):
        answerer.turn({"request": number, "ask": "grounds", "model": "m", "patient": code})
        (found,), _ = until_answered(answerer)
        assert isinstance(found, kind)
    (refused,) = answerer.turn({"request": 5, "model": "m", "patient": "无此人"})
    assert isinstance(refused, Failed) and refused.is_known


def test_who_may_not_read_patients_learns_of_none(folder: Path, patient: str):
    people.staff(folder / "clinic.db")
    credentials = Credentials(user="赵研究", passphrase=people.PASSPHRASE)
    with Clinic.open(folder / "clinic.db", create=False, credentials=credentials) as clinic:
        answerer = Answerer(clinic)
        answerer.turn(alike(patient))
        (refused,), _ = until_answered(answerer)
        assert isinstance(refused, Failed) and refused.is_known
        assert patient not in refused.message
        with i18n.speaking("en"), pytest.raises(NotAllowedError):
            grounds(clinic, patient)
