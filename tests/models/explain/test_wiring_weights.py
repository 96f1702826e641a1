"""The wiring as a table and a graph tells what the cell computes with."""

from __future__ import annotations

import json

import numpy as np
import pytest
from torch.nn.functional import softplus

from models.cells.wired_cfc import WiredCfCCell
from models.errors import ModelError
from models.explain import wiring_weights
from models.layers import LTC, CfC
from tests.models.explain.conftest import Shaken


@pytest.mark.parametrize("mixed_memory", [False, True])
def test_every_synapse_of_an_ltc_has_the_figures_it_conducts_by(mixed_memory: bool, shaken: Shaken):
    model = shaken("ltc", mixed_memory=mixed_memory)
    layer = model.fitted_.networks[1].layer
    assert isinstance(layer, LTC)
    told = wiring_weights(model, member=1)
    circuit, cell = layer.liquid.circuit, layer.liquid
    assert len(told.synapses) == circuit.synapses + circuit.sensory_synapses
    assert len(told.nodes) == circuit.input_size + circuit.units
    first = circuit.sensory_synapses
    for group, synapses in ((cell.sensory, told.synapses[:first]), (cell.recurrent, told.synapses[first:])):
        np.testing.assert_allclose([s.weight for s in synapses], softplus(group.w).detach(), rtol=1e-6)
        for name, learnt in (("reversal", group.erev), ("threshold", group.mu), ("steepness", group.sigma)):
            told_of = np.array([getattr(s, name) for s in synapses])
            np.testing.assert_allclose(told_of, learnt.detach(), rtol=1e-6)
    assert all(s.polarity == s.drawn for s in told.synapses)  # nothing has been learnt


def test_the_graph_is_the_circuits_with_weights(shaken: Shaken):
    model = shaken("ltc")
    layer = model.fitted_.networks[0].layer
    assert isinstance(layer, LTC)
    told = wiring_weights(model)
    graph, drawn = told.to_networkx(), layer.liquid.circuit.to_networkx()
    assert set(graph.edges) == set(drawn.edges)
    assert {n: d["kind"] for n, d in graph.nodes(data=True)} == {n: d["kind"] for n, d in drawn.nodes(data=True)}
    assert {n: d["layer"] for n, d in graph.nodes(data=True)} == {n: d["layer"] for n, d in drawn.nodes(data=True)}
    assert all(d["polarity"] == drawn.edges[a, b]["polarity"] for a, b, d in graph.edges(data=True))
    assert graph.nodes["x0"]["label"] == "pressure"
    assert graph.nodes[f"x{len(drawn) - 8 - 1}"]["label"] == "gap"
    assert len(json.loads(json.dumps(told.to_dict(), allow_nan=False))["synapses"]) == len(graph.edges)


def test_a_closed_form_cell_tells_the_size_of_its_synapses(shaken: Shaken):
    model = shaken("cfc")
    layer = model.fitted_.networks[0].layer
    assert isinstance(layer, CfC)
    told = wiring_weights(model)
    cell = layer.liquid
    assert isinstance(cell, WiredCfCCell)
    maps = (cell.sensory, cell.forward_map, cell.recurrent)
    total = sum(float(m.weight.detach().double().square().sum()) for m in maps)
    assert sum(s.weight**2 for s in told.synapses) == pytest.approx(total, rel=1e-5)
    assert all(s.polarity is None and s.reversal is None for s in told.synapses)
    pairs = [(s.source, s.target) for s in told.synapses]
    assert len(set(pairs)) == len(pairs)
    neurons = [n.name for n in cell.circuit.neurons]
    names = {neurons[k]: number for number, members in enumerate(cell.circuit.layers) for k in members}
    assert all(names[b] - names[a] in (0, 1) for a, b in pairs if a in names)  # from its own layer or the one before


def test_a_cell_without_a_wiring_says_which_have_one(shaken: Shaken):
    for cell in ("ctrnn", "gru", "lstm", "gru_d", "ode_rnn"):
        with pytest.raises(ModelError, match="ltc and cfc have one"):
            wiring_weights(shaken(cell))
