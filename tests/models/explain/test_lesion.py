"""What goes when a part is taken out, against networks changed by hand."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
import torch

from models import evaluation, fitting
from models.course import Course
from models.errors import ModelError
from models.explain import lesions, wiring_weights
from models.forecaster import LiquidForecaster
from models.layers import LTC, CfC
from tests.models.explain.conftest import Shaken


def alone(model: LiquidForecaster) -> LiquidForecaster:
    """A copy with the first member only."""
    out = copy.copy(model)
    out.fitted_ = model.fitted_._replace(networks=[copy.deepcopy(model.fitted_.networks[0])])
    return out


def liquid(model: LiquidForecaster) -> Any:
    layer = model.fitted_.networks[0].layer
    assert isinstance(layer, LTC | CfC)
    return layer.liquid


def mean(model: LiquidForecaster, course: Course, variable: str = "pressure") -> float:
    return float(model.predict(course, [course.times[-1] + 10]).mean[variable][0])


@pytest.mark.parametrize("cell", ["ltc", "cfc"])
@pytest.mark.parametrize("part", ["neuron", "synapse"])
def test_the_forecaster_is_left_as_it_is(cell: str, part: Any, shaken: Shaken, courses: list[Course], someone: Course):
    model = shaken(cell, mixed_memory=True)
    before = [{k: v.clone() for k, v in n.state_dict().items()} for n in model.fitted_.networks]
    told = lesions(model, courses[:6], part, course=someone, at=someone.times[-1] + 10, variable="pain", strongest=5)
    for network, kept in zip(model.fitted_.networks, before, strict=True):
        assert all(torch.equal(v, kept[k]) for k, v in network.state_dict().items())
        assert all(p.requires_grad for n, p in network.named_parameters() if n != "mix")
    assert (np.diff(told.change) <= 0).all()
    assert told.forecast_change is not None and np.abs(told.forecast_change).max() > 0
    assert len(json.loads(json.dumps(told.to_dict(), allow_nan=False))["names"]) == (8 if part == "neuron" else 5)


def test_the_score_is_that_of_the_member_alone(shaken: Shaken, courses: list[Course]):
    model = alone(shaken("ltc"))
    parts = model.fitted_
    told = lesions(model, courses, strongest=1)
    cohort = fitting.scoring_cohort(parts.encoder, parts.ground, parts.plan, parts.grid, courses)
    found = evaluation.answered(
        parts.networks, parts.encoder, parts.plan.targets, cohort, torch.device("cpu"), trust=parts.trust
    )
    score = evaluation.score(found, parts.encoder, parts.plan.targets)
    assert told.score == pytest.approx(score["model"], rel=3e-3)  # a mean count is bent a little there
    assert told.values == score["values"]


def test_a_synapse_taken_out_is_one_shut_by_hand(shaken: Shaken, courses: list[Course], someone: Course):
    for cell in ("ltc", "cfc"):
        model = alone(shaken(cell))
        asked = {"course": someone, "at": someone.times[-1] + 10, "variable": "pressure"}
        told = lesions(model, courses[:6], "synapse", **asked, strongest=15)
        assert told.forecast_change is not None
        assert told.forecast == pytest.approx(mean(model, someone), abs=1e-4)
        table = {f"{s.source}->{s.target}": s for s in wiring_weights(model).synapses}
        np.testing.assert_allclose(told.weights, [table[name].weight for name in told.names])
        place = int(np.argmax(np.abs(told.forecast_change)))
        source, target = told.names[place].split("->")
        neurons = [n.name for n in liquid(model).circuit.neurons]
        by_hand = alone(model)
        with torch.no_grad():
            _shut(liquid(by_hand), source, neurons, neurons.index(target))
        moved = mean(by_hand, someone) - mean(model, someone)
        assert abs(moved) > 1e-5
        assert told.forecast_change[place] == pytest.approx(moved, abs=1e-4)


def _shut(cell: Any, source: str, neurons: list[str], target: int) -> None:
    sensory = source.startswith("x")
    number = int(source[1:]) if sensory else neurons.index(source)
    if hasattr(cell, "gleak"):
        group = cell.sensory if sensory else cell.recurrent
        group.w[(group.source == number) & (group.target == target)] = -1e4
        return
    rows = torch.cat([torch.tensor(layer).repeat(4) for layer in cell.circuit.layers])
    for matrix in (cell.sensory,) if sensory else (cell.forward_map, cell.recurrent):
        column = cell.order[matrix.column] if matrix is cell.forward_map else matrix.column
        matrix.weight[(rows[matrix.row] == target) & (column == number)] = 0.0


def test_the_only_neuron_that_is_read_is_the_one_missed(shaken: Shaken, courses: list[Course]):
    model = alone(shaken("ltc"))
    network, cell = model.fitted_.networks[0], liquid(model)
    with torch.no_grad():
        cell.recurrent.w.fill_(-1e4)
        kept = network.inner.weight[:, 3].clone()
        network.inner.weight[:, : network.units] = 0.0
        network.inner.weight[:, 3] = 5 * kept
    told = lesions(model, courses)
    change = dict(zip(told.names, told.change, strict=True))
    only = cell.circuit.neurons[3].name
    assert abs(change.pop(only)) > 1e-7
    assert np.abs(list(change.values())).max() < 1e-8
    assert told.weights[told.names.index(only)] == max(told.weights)


def test_neurons_that_are_alike_are_missed_alike(shaken: Shaken, courses: list[Course]):
    model = alone(shaken("ltc"))
    network, cell = model.fitted_.networks[0], liquid(model)
    inter = [k for k, n in enumerate(cell.circuit.neurons) if n.kind == "inter"]
    a, b = inter[:2]
    with torch.no_grad():  # both hear nothing but their leak, and are read alike
        cell.recurrent.w.fill_(-1e4)
        cell.sensory.w.fill_(-1e4)
        for p in (cell.gleak, cell.vleak, cell.cm, network.inner.weight.T):
            p[b] = p[a]
        if network.initial is not None:
            network.initial.weight[b], network.initial.bias[b] = network.initial.weight[a], network.initial.bias[a]
    told = lesions(model, courses)
    change = dict(zip(told.names, told.change, strict=True))
    names = [cell.circuit.neurons[k].name for k in (a, b)]
    assert change[names[0]] == pytest.approx(change[names[1]], abs=1e-7)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"part": "axon"}, "there are neuron, synapse"),
        ({"at": 9.0}, "go together"),
        ({"courses": []}, "nothing to score on"),
        ({"member": 7}, "the forecaster has 2"),
    ],
)
def test_impossible_lesions_are_refused(asked: dict, words: str, shaken: Shaken, courses: list[Course]):
    with pytest.raises(ModelError, match=words):
        lesions(shaken("ltc"), **{"courses": courses[:4], **asked})
    with pytest.raises(ModelError, match="ltc and cfc have one"):
        lesions(shaken("gru"), courses[:4])
