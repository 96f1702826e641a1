"""The steps of a fit: what each kind of variable learns by, and scores that no patient flatters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from models import fitting
from models.course import Course, Variable
from models.forecaster import LiquidForecaster
from tests.models.cohorts import cohort, patient

QUICK: dict[str, Any] = {"units": 8, "epochs": 4, "hidden": 8, "unfolds": 2}


@pytest.fixture(scope="module")
def courses() -> list[Course]:
    return cohort(40)


def _with_sign(course: Course) -> Course:
    """A red tongue wherever pain is strong."""
    sign = np.where(np.isnan(course.values[:, :1]), np.nan, course.values[:, :1] > 2)
    red = Variable("red", kind="binary", lower=0.0, upper=1.0)
    return replace(course, values=np.concatenate([course.values, sign], 1), variables=(*course.variables, red))


def test_the_scale_of_a_yes_or_no_sign_never_pulls_at_its_chance(courses: list[Course]):
    signs = [_with_sign(c) for c in courses]
    settings = LiquidForecaster(**QUICK).get_params()
    ready = fitting.prepare(
        fitting.split(signs, None, 0, (0.2, 0.0)), time_scale=None, max_treatments=4, joint=True, seed=0
    )
    network = fitting.build(ready.encoder, settings, 0)
    network.loss(ready.train.batch(range(len(ready.train))), squared=0.0).backward()
    gradient = network.outer.bias.grad
    assert gradient is not None
    location = gradient[:3]  # pain, sleep, the sign
    assert (location[:2] != 0).all()
    assert location[2] == 0


def test_the_chance_of_a_yes_or_no_sign_lies_between_none_and_certain(courses: list[Course]):
    someone = patient(999, np.random.default_rng(999), visits=5)
    forecast = (
        LiquidForecaster(**QUICK).fit([_with_sign(c) for c in courses]).predict(_with_sign(someone), [400.0, 9e3])
    )
    assert list(forecast.chance) == ["red"]
    assert ((forecast.chance["red"] >= 0) & (forecast.chance["red"] <= 1)).all()


def test_coverage_measured_where_intervals_were_calibrated_leaves_each_patient_out_of_his_own(courses: list[Course]):
    device = torch.device("cpu")
    parts = fitting.split(courses, None, 0, (0.5, 0.0))
    ready = fitting.prepare(parts, time_scale=None, max_treatments=4, joint=True, seed=0)
    networks = [fitting.build(ready.encoder, LiquidForecaster(**QUICK).get_params(), 0).eval()]
    _, apart = fitting.calibrate(networks, ready.validation, device)
    owner = ready.validation.next.owner.numpy()
    for left_out in (0, 5):
        others = [c for i, c in enumerate(parts.validation) if i != left_out]
        factors, _ = fitting.calibrate(networks, fitting.scoring_cohort(ready.encoder, ready.fixed, others), device)
        np.testing.assert_allclose(
            apart[owner == left_out], np.tile(factors, ((owner == left_out).sum(), 1)), rtol=1e-5
        )


def test_the_score_is_the_same_however_many_patients_are_asked_at_a_time(
    courses: list[Course], monkeypatch: pytest.MonkeyPatch
):
    fitted = LiquidForecaster(**QUICK).fit(courses)
    patients = fitting.scoring_cohort(fitted.encoder_, fitted.fixed_, courses)
    asked = (fitted.networks_, fitted.encoder_, patients, fitted.factors_, torch.device("cpu"))
    score, coverage = fitting.evaluate(*asked)
    monkeypatch.setattr(fitting, "EVALUATION_BATCH", 7)
    again, covered = fitting.evaluate(*asked)
    assert again["model"] == pytest.approx(score["model"], rel=1e-6)
    assert (again["values"], covered) == (score["values"], coverage)


def test_everything_a_network_reads_moves_with_it_to_another_device(
    courses: list[Course], monkeypatch: pytest.MonkeyPatch
):
    parts = fitting.split(courses, None, 0, (0.2, 0.0))
    ready = fitting.prepare(parts, time_scale=None, max_treatments=4, joint=True, seed=0)
    network = fitting.build(ready.encoder, LiquidForecaster(**QUICK).get_params(), 0).to("meta")
    monkeypatch.setattr(
        torch.Tensor, "__bool__", lambda _: True
    )  # this device computes shapes only: checks cannot look
    location, log_scale = network(ready.train.batch(range(4)).to(torch.device("meta")))
    assert location.device.type == log_scale.device.type == "meta"
