"""The plain results: shapes are checked, JSON brings them back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models.course import Variable
from models.forecast import Forecast, Neuron, Trajectory, clip_to_range

PAIN, SLEEP = Variable("pain"), Variable("sleep")


def _forecast() -> Forecast:
    values = np.arange(28.0).reshape(2, 2, 7)
    return Forecast("a", np.array([1.0, 2.0]), (PAIN, SLEEP), values, last_value={"pain": 1.0, "sleep": np.nan})


def test_quantiles_are_asked_by_level_and_variable():
    assert _forecast().median["pain"].tolist() == [3.0, 17.0]
    assert _forecast().quantile(0.95)["sleep"].tolist() == [13.0, 27.0]
    with pytest.raises(KeyError, match="no quantile"):
        _forecast().quantile(0.8)


def test_results_come_back_from_json():
    forecast = Forecast.from_dict(json.loads(json.dumps(_forecast().to_dict(), allow_nan=False)))
    np.testing.assert_array_equal(forecast.values, _forecast().values)
    assert np.isnan(forecast.last_value["sleep"])
    path = Trajectory(np.arange(3.0), np.ones((3, 1)), np.ones((3, 1)), (Neuron("m0", "motor"),), 2.0, "a")
    again = Trajectory.from_dict(json.loads(json.dumps(path.to_dict())))
    assert again.neurons == path.neurons
    assert again.names == ("m0",)


def test_shapes_that_disagree_are_refused():
    with pytest.raises(ValueError, match=r"expected \(1, 1, 7\)"):
        Forecast("a", np.array([1.0]), (PAIN,), np.zeros((1, 2, 7)))
    with pytest.raises(ValueError, match=r"expected \(3, 1\)"):
        Trajectory(np.arange(3.0), np.ones((2, 1)), np.ones((3, 1)), (Neuron("m0", "motor"),), 2.0)


def test_values_stay_inside_the_closed_range_of_each_variable():
    variables = (
        Variable("a", lower=0.0),
        Variable("b", upper=2.0),
        Variable("c"),
        Variable("d", lower=1.0, upper=1.5),
        Variable("e", kind="count"),
    )
    values = np.tile(np.array([-3.0, 1.2, 9.0]), (2, 5, 1))
    clipped = clip_to_range(values, variables)
    assert clipped[0].tolist() == [
        [0.0, 1.2, 9.0],
        [-3.0, 1.2, 2.0],
        [-3.0, 1.2, 9.0],
        [1.0, 1.2, 1.5],
        [0.0, 1.2, 9.0],
    ]
    assert values[0, 0, 0] == -3.0
