"""What holds for every simple forecaster of the registry."""

from __future__ import annotations

import subprocess
import sys
from typing import cast

import numpy as np
import pytest
from sklearn.base import clone

from models import baselines
from models.baselines.estimator import Baseline
from models.course import Treatment
from models.errors import ModelError, NotFittedError, TrainingError
from models.forecast import Array
from tests.models.baselines.clinic import VARIABLES, clinic, next_visits

QUICK = {"boosted_trees": {"rounds": 20, "folds": 3}}
every = pytest.mark.parametrize("name", baselines.NAMES)


@pytest.fixture(scope="module")
def fitted() -> dict[str, Baseline]:
    courses = clinic()
    return {name: baselines.make(name, **QUICK.get(name, {})).fit(courses) for name in baselines.NAMES}


def test_naming_the_baselines_loads_neither_torch_nor_scikit_learn_nor_statsmodels():
    code = (
        "import sys; from models import baselines; baselines.NAMES;"
        "assert not {'torch', 'sklearn', 'statsmodels'} & set(sys.modules);"
        "[baselines.get(n) for n in baselines.NAMES]; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_baseline_is_refused_with_the_list_of_known_ones():
    with pytest.raises(ModelError, match=r"unknown baseline 'arima'.*last_value.*cox"):
        baselines.get("arima")


@every
def test_an_unknown_setting_is_refused_with_the_list_of_known_ones(name: str):
    with pytest.raises(ModelError, match=r"unknown setting 'epochs'.*levels"):
        baselines.make(name, epochs=3)


@every
def test_a_clone_has_the_settings_and_nothing_learnt(name: str, fitted: dict[str, Baseline]):
    copy = cast(Baseline, clone(fitted[name]))
    assert copy.get_params() == fitted[name].get_params()
    with pytest.raises(NotFittedError):
        copy.predict(clinic(1)[0], [1e3])


@every
def test_levels_that_do_not_ascend_around_the_middle_are_refused(name: str):
    for levels in [(), (0.1, 0.9), (0.9, 0.5, 0.1), (0.0, 0.5, 1.0), (0.1, 0.4, 0.9)]:
        with pytest.raises(ModelError, match="levels"):
            baselines.make(name, levels=levels).fit(clinic(3))


@every
def test_nothing_to_learn_from_is_told(name: str):
    with pytest.raises(TrainingError, match="nothing to learn"):
        baselines.make(name).fit([])
    with pytest.raises(TrainingError, match="nothing to learn"):
        baselines.make(name).fit([c.until(-1.0) for c in clinic(3)])


@every
def test_the_same_seed_and_data_give_the_same_forecast(name: str, fitted: dict[str, Baseline]):
    course = clinic(3)[2]
    again = cast(Baseline, clone(fitted[name])).fit(clinic())
    days = course.times[-1] + np.array([5.0, 50.0])
    assert again.predict(course, days).to_dict() == fitted[name].predict(course, days).to_dict()


@every
def test_many_are_answered_as_one_by_one(name: str, fitted: dict[str, Baseline]):
    courses = [*clinic(4, seed=5), clinic(1)[0].until(-1.0)]
    days: list[Array] = [max(c.known_until, 0.0) + 20.0 * np.arange(i, dtype=np.float64) for i, c in enumerate(courses)]
    plans = [None, (), (Treatment("黄芪", 0.0, 1e3, 30.0),), None, None]
    many = fitted[name].predict_many(courses, days, plans)
    assert len(many[0].at) == 0
    for forecast, course, at, plan in zip(many, courses, days, plans, strict=True):
        alone = fitted[name].predict(course, at, plan)
        np.testing.assert_allclose(forecast.values, alone.values, rtol=1e-9, atol=1e-12)
        assert forecast.patient == course.patient
        assert forecast.survival.keys() == alone.survival.keys()
    assert fitted[name].predict_many([], []) == []


@every
def test_a_day_before_the_last_visit_and_a_missing_variable_are_refused(name: str, fitted: dict[str, Baseline]):
    course = next(c for c in clinic() if len(c) > 1)
    with pytest.raises(ModelError, match="before the last visit"):
        fitted[name].predict(course, [course.times[-1] - 1])
    with pytest.raises(ModelError, match="finite"):
        fitted[name].predict(course, [np.nan])
    with pytest.raises(ModelError, match="lacks the variables pain"):
        fitted[name].predict(course.select(["sleep", "headache", "tongue", "stools"]), [1e3])


@every
def test_a_forecast_says_what_it_rests_on(name: str, fitted: dict[str, Baseline]):
    course = clinic(3)[1]
    forecast = fitted[name].predict(course, [1e3], plan=[Treatment("当归", 0.0, 9.0)])
    assert forecast.basis["history"] == len(course)
    assert forecast.basis["last_day"] == course.times[-1]
    assert forecast.basis["patients"] == 80
    assert forecast.basis["unknown_treatments"] == ["当归"]
    assert not forecast.basis["static_only"]
    np.testing.assert_equal(list(forecast.last_value.values()), course.last_values())
    assert fitted[name].predict(course.until(-1.0), [3.0]).basis["static_only"]


@every
def test_variables_in_another_order_are_understood(name: str, fitted: dict[str, Baseline]):
    course = clinic(3)[1]
    turned = course.select(course.names[::-1])
    at = [course.times[-1] + 9]
    np.testing.assert_array_equal(fitted[name].predict(turned, at).values, fitted[name].predict(course, at).values)


@every
def test_chances_of_classes_are_those_of_held_out_patients(name: str, fitted: dict[str, Baseline]):
    histories, days, truth = next_visits(clinic(60, seed=9))
    forecasts = fitted[name].predict_many(histories, days)
    for v, variable in enumerate(VARIABLES):
        if variable.kind not in ("binary", "ordinal", "categorical"):
            continue
        known = ~np.isnan(truth[:, v])
        classes = np.array(forecasts[0].classes[variable.name])
        chance = np.stack([f.probabilities[variable.name][0] for f in forecasts])[known]
        hit = truth[known, v][:, None] == classes
        np.testing.assert_allclose(chance.mean(0), hit.mean(0), atol=0.1)
        blind = -np.log(np.maximum(hit.mean(0), 1e-9)) @ hit.mean(0)
        assert -np.log(chance[hit]).mean() < blind - 0.05, variable.name


@every
def test_nine_of_ten_later_values_lie_inside_the_interval(name: str, fitted: dict[str, Baseline]):
    histories, days, truth = next_visits(clinic(100, seed=11))
    values = np.concatenate([f.values for f in fitted[name].predict_many(histories, days)])
    sleep = ~np.isnan(truth[:, 0])
    inside = (values[sleep, 0, 0] <= truth[sleep, 0]) & (truth[sleep, 0] <= values[sleep, 0, -1])
    assert 0.82 < inside.mean() < 0.96


@every
def test_a_cancelled_fit_still_answers(name: str):
    courses = clinic(30)
    model = baselines.make(name).fit(courses, cancel=lambda: True)
    assert np.isfinite(model.predict(courses[0], [1e3]).values).all()
