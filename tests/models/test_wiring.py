"""Wirings agree with the published scheme and never change."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import ModelError
from models.wiring import NCP, AutoNCP, Explicit, FullyConnected, Random, Wiring, from_config

PUBLISHED: dict[str, Wiring] = {
    "AutoNCP(16,4,0.5,22222)": AutoNCP(16, 4, 0.5, 22222),
    "AutoNCP(28,4,0.7,1)": AutoNCP(28, 4, 0.7, 1),
    "NCP(10,10,8,6,6,4,6,22222)": NCP(10, 10, 8, 6, 6, 4, 6, 22222),
    "FullyConnected(6,2,1111)": FullyConnected(6, 2, 1111),
    "Random(8,2,0.5,1111)": Random(8, 2, 0.5, 1111),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_wiring_has_exactly_the_published_synapses(name: str, shared_data: Path):
    golden = json.loads((shared_data / "ncps_parity" / "wirings.json").read_text())["wirings"][name]
    circuit = PUBLISHED[name].circuit(golden["input_dim"])
    np.testing.assert_array_equal(circuit.adjacency, golden["adjacency"])
    np.testing.assert_array_equal(circuit.sensory, golden["sensory_adjacency"])
    assert [n.kind for n in circuit.neurons] == golden["types"]
    assert (circuit.synapses, circuit.sensory_synapses) == (golden["synapses"], golden["sensory_synapses"])


@pytest.mark.parametrize("wiring", PUBLISHED.values(), ids=lambda w: type(w).__name__)
def test_asking_twice_or_for_another_size_first_changes_nothing(wiring: Wiring):
    first = wiring.circuit(5)
    again = from_config(json.loads(json.dumps(wiring.config())))
    again.circuit(9)
    assert again == wiring
    np.testing.assert_array_equal(again.circuit(5).adjacency, first.adjacency)
    np.testing.assert_array_equal(again.circuit(5).sensory, first.sensory)


@pytest.mark.parametrize("seed", [0, 1, 22222])
@pytest.mark.parametrize("inputs", [1, 4, 11])
@pytest.mark.parametrize(
    ("ours", "published"),
    [
        (lambda s: AutoNCP(9, 2, 0.5, s), lambda w, s: w.AutoNCP(9, 2, 0.5, s)),
        (lambda s: AutoNCP(40, 7, 0.8, s), lambda w, s: w.AutoNCP(40, 7, 0.8, s)),
        (lambda s: AutoNCP(23, 1, 0.1, s), lambda w, s: w.AutoNCP(23, 1, 0.1, s)),
        (lambda s: NCP(7, 4, 3, 2, 3, 9, 2, s), lambda w, s: w.NCP(7, 4, 3, 2, 3, 9, 2, s)),
        (lambda s: FullyConnected(5, 3, s), lambda w, s: w.FullyConnected(5, 3, s)),
        (lambda s: FullyConnected(4, 4, s, False), lambda w, s: w.FullyConnected(4, 4, s, False)),
        (lambda s: Random(11, 2, 0.35, s), lambda w, s: w.Random(11, 2, 0.35, s)),
        (lambda s: Random(6, 6, 0.0, s), lambda w, s: w.Random(6, 6, 0.0, s)),
    ],
    ids=["auto", "auto-sparse", "auto-dense", "ncp", "full", "full-no-self", "random", "random-full"],
)
def test_wirings_agree_with_ncps_itself(
    ours: Callable[[int], Wiring], published: Callable[[Any, int], Any], inputs: int, seed: int
):
    theirs = published(pytest.importorskip("ncps.wirings"), seed)
    theirs.build(inputs)
    circuit = ours(seed).circuit(inputs)
    np.testing.assert_array_equal(circuit.adjacency, theirs.adjacency_matrix)
    np.testing.assert_array_equal(circuit.sensory, theirs.sensory_adjacency_matrix)
    assert [n.kind for n in circuit.neurons] == [theirs.get_type_of_neuron(i) for i in range(theirs.units)]
    layers = [list(theirs.get_neurons_of_layer(number)) for number in range(theirs.num_layers)]
    assert [list(layer) for layer in circuit.layers] == layers


def test_a_wiring_and_its_circuit_cannot_be_changed():
    wiring = AutoNCP(16, 4)
    with pytest.raises(FrozenInstanceError):
        wiring.size = 3  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        wiring.circuit(3).adjacency[0, 0] = 1


def test_neurons_are_named_by_kind_in_state_order():
    names = [n.name for n in NCP(2, 2, 3, 1, 1, 1, 1).neurons]
    assert names == ["m0", "m1", "m2", "c0", "c1", "i0", "i1"]


@pytest.mark.parametrize(("size", "inputs", "seed"), [(8, 1, 0), (24, 60, 3), (40, 2, 9), (7, 30, 2)])
def test_every_inter_and_command_neuron_is_reached(size: int, inputs: int, seed: int):
    circuit = AutoNCP(size, 3, 0.9, seed).circuit(inputs)
    kinds = np.array([n.kind for n in circuit.neurons])
    assert (np.abs(circuit.sensory).sum(0)[kinds == "inter"] >= 1).all()
    assert (np.abs(circuit.adjacency).sum(0)[kinds != "inter"] >= 1).all()


def test_fewer_inter_than_command_neurons_still_wires():
    circuit = NCP(1, 6, 2, 1, 1, 2, 3).circuit(2)
    assert (np.abs(circuit.adjacency).sum(0)[2:8] >= 1).all()


def _layer_pairs(wiring: Wiring, inputs: int = 4) -> set[tuple[int, int]]:
    """(layer of source, layer of target) of all synapses."""
    circuit = wiring.circuit(inputs)
    number = {neuron: n for n, layer in enumerate(circuit.layers) for neuron in layer}
    return {(number[int(i)], number[int(j)]) for i, j in np.argwhere(circuit.adjacency)}


@pytest.mark.parametrize("wiring", [NCP((6, 4, 5), 3, 2, 2, 2, 4, 2), AutoNCP(30, 4, 0.5, 5, inter_layers=3)])
def test_information_crosses_several_inter_layers_one_after_the_other(wiring: Wiring):
    circuit = wiring.circuit(4)
    *inter, command, motor = circuit.layers
    assert len(inter) == 3
    assert _layer_pairs(wiring) == {(0, 1), (1, 2), (2, 3), (3, 3), (3, 4)}
    reached = np.flatnonzero(np.abs(circuit.sensory).sum(0))
    assert set(reached) == set(inter[0])
    for layer in (*inter[1:], command, motor):
        assert (np.abs(circuit.adjacency).sum(0)[list(layer)] >= 1).all()
    for layer, following in pairwise((*inter, command)):
        fanout = np.abs(circuit.adjacency[np.ix_(layer, following)]).sum(1)
        assert (fanout >= 1).all()


def test_the_inter_layer_nearest_to_command_follows_it_in_the_state():
    wiring = NCP(inter=(3, 2), command=2, motor=1, sensory_fanout=1, inter_fanout=1, recurrent=1, motor_fanin=1)
    assert wiring.layers() == ((5, 6, 7), (3, 4), (1, 2), (0,))
    assert [n.name for n in wiring.neurons] == ["m0", "c0", "c1", "i0", "i1", "i2", "i3", "i4"]


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_auto_ncp_splits_its_inter_neurons_evenly(layers: int):
    wiring = AutoNCP(31, 5, 0.2, 3, inter_layers=layers)
    *inter, command, motor = (len(layer) for layer in wiring.circuit(3).layers)
    assert (sum(inter), command, motor) == (16, 10, 5)
    assert max(inter) - min(inter) <= 1


@pytest.mark.parametrize(
    "wiring",
    [NCP((4, 3), 3, 2, 2, 2, 2, 2), AutoNCP(16, 4, inter_layers=2), Explicit.of(AutoNCP(9, 2).circuit(3))],
)
def test_wirings_with_tuples_come_back_equal_from_json(wiring: Wiring):
    again = from_config(json.loads(json.dumps(wiring.config())))
    assert again == wiring
    assert hash(again) == hash(wiring)
    assert again.layers() == wiring.layers()
    np.testing.assert_array_equal(again.circuit(3).adjacency, wiring.circuit(3).adjacency)


def test_one_inter_layer_is_the_same_said_as_a_number_or_as_a_tuple():
    assert NCP((5,), 3, 2, 2, 2, 2, 2) == NCP(5, 3, 2, 2, 2, 2, 2)


@pytest.mark.parametrize("wiring", [AutoNCP(14, 3, 0.4, 7, 2), FullyConnected(5, 2), Random(9, 4, 0.3)])
def test_a_circuit_given_synapse_by_synapse_is_that_circuit(wiring: Wiring):
    circuit = wiring.circuit(4)
    again = Explicit.of(circuit).circuit(4)
    np.testing.assert_array_equal(again.adjacency, circuit.adjacency)
    np.testing.assert_array_equal(again.sensory, circuit.sensory)
    assert again.neurons == circuit.neurons
    assert again.layers == circuit.layers
    assert again.output_size == circuit.output_size


def test_counts_say_how_many_neurons_and_synapses_of_each_kind():
    circuit = NCP((4, 3), 2, 1, 2, 2, 0, 2, 1).circuit(5)
    counts = circuit.counts()
    neurons = {kind: counts[kind] for kind in ("sensory", "inter", "command", "motor")}
    assert neurons == {"sensory": 5, "inter": 7, "command": 2, "motor": 1}
    synapses = {key: number for key, number in counts.items() if "->" in key}
    assert set(synapses) == {"sensory->inter", "inter->inter", "inter->command", "command->motor"}
    assert synapses["inter->inter"] >= 4 * 2
    assert synapses["command->motor"] == 2
    assert sum(synapses.values()) == circuit.synapses + circuit.sensory_synapses


def test_the_graph_has_every_synapse_with_its_polarity():
    networkx = pytest.importorskip("networkx")
    circuit = AutoNCP(12, 3, 0.5, 4).circuit(2)
    graph = circuit.to_networkx()
    names = [n.name for n in circuit.neurons]
    assert list(graph) == ["x0", "x1", *names]
    assert [graph.nodes[name]["kind"] for name in graph] == ["sensory"] * 2 + [n.kind for n in circuit.neurons]
    full = networkx.to_numpy_array(graph, nodelist=["x0", "x1", *names], weight="polarity")
    np.testing.assert_array_equal(full[2:, 2:], circuit.adjacency)
    np.testing.assert_array_equal(full[:2, 2:], circuit.sensory)
    assert not full[:, :2].any()
    layers = networkx.get_node_attributes(graph, "layer")
    assert (layers["x0"], layers["i0"], layers["c0"], layers["m0"]) == (0, 1, 2, 3)
    assert networkx.has_path(graph, "x0", "m0")


def test_a_wiring_without_layers_is_one_layer_of_all_neurons():
    assert FullyConnected(4, 2).circuit(1).layers == ((0, 1, 2, 3),)
    assert Random(3, 1).layers() == ((0, 1, 2),)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AutoNCP(5, 3), "1 to 2 outputs, got 3"),
        (lambda: AutoNCP(16, 4, 0.95), "0.1..0.9"),
        (lambda: Random(4, 1, 1.0), r"\[0, 1\)"),
        (lambda: FullyConnected(4, 5), "1..units"),
        (lambda: NCP(3, 2, 1, 1, 3, 1, 1), "only 2 command"),
        (lambda: NCP(0, 2, 1, 1, 1, 1, 1), "at least 1"),
        (lambda: NCP(2, 2, 1, 1, 1, -1, 1), "NCP: recurrent must be at least 0, got -1"),
        (lambda: NCP((3, 0), 2, 1, 1, 1, 1, 1), "NCP: inter must be at least 1, got 0"),
        (lambda: NCP((), 2, 1, 1, 1, 1, 1), "names no layer"),
        (lambda: NCP((4, 2), 5, 1, 1, 3, 1, 1), "only 2 inter"),
        (lambda: NCP((2, 4), 5, 1, 3, 1, 1, 1), "sensory_fanout is 3 but there are only 2 inter"),
        (lambda: AutoNCP(8, 2, inter_layers=5), "4 inter neurons"),
        (lambda: AutoNCP(8, 2, inter_layers=0), "inter_layers=0"),
        (lambda: Explicit(((0, 1),), ((1, 1),), 1), "expected 1, one for each neuron"),
        (lambda: Explicit(((0, 2), (0, 0)), ((1, 1),), 1), "holds 2, expected -1, 0"),
        (lambda: Explicit(((0, 0.5), (0, 0)), ((1, 1),), 1), "holds 0.5"),  # type: ignore[arg-type]
        (lambda: Explicit(((0, 1), (0, 0)), (), 1), "at least one input"),
        (lambda: Explicit(((0, 1), (0, 0)), ((1, 1),), 3), "1..units"),
        (lambda: Explicit(((0, 1), (0, 0)), ((1, 1),), 1, ("motor", "motor")), "expected the first 1"),
        (lambda: Explicit(((0, 1), (0, 0)), ((1, 1),), 1, ("motor", "glia")), "'glia'; there are motor"),  # type: ignore[arg-type]
        (lambda: Explicit(((0, 1), (0, 0)), ((1, 1),), 1, layer_of=(0, 2)), "without a gap"),
        (lambda: Explicit(((0, 1), (0, 0)), ((1, 1),), 1, layer_of=(0,)), "layer_of has 1 entries, expected 2"),
        (lambda: Explicit(((0, 1), (0, 0)), ((1, 1),), 1).circuit(2), "has 1 inputs, asked for 2"),
        (lambda: AutoNCP(16, 4).circuit(0), "input_size must be at least 1, got 0"),
        (lambda: AutoNCP(16, 4).circuit(2.5), "input_size must be a whole number, got 2.5"),  # type: ignore[arg-type]
        (lambda: FullyConnected(4.5, 1), "size must be a whole number, got 4.5"),  # type: ignore[arg-type]
        (lambda: Random(4, "1"), "outputs must be a whole number, got '1'"),  # type: ignore[arg-type]
        (lambda: AutoNCP(True, 1), "size must be a whole number, got True"),
        (lambda: AutoNCP(8, 2, inter_layers=1.5), "inter_layers must be a whole number"),  # type: ignore[arg-type]
        (lambda: NCP(2, 2.0, 1, 1, 1, 1, 1), "NCP: command must be a whole number"),  # type: ignore[arg-type]
        (lambda: NCP((2, "a"), 2, 1, 1, 1, 1, 1), "NCP: inter must be a whole number"),  # type: ignore[arg-type]
        (lambda: NCP("22", 2, 1, 1, 1, 1, 1), "NCP: inter must be a whole number"),  # type: ignore[arg-type]
        (lambda: NCP(2.5, 2, 1, 1, 1, 1, 1), "NCP: inter must be a whole number"),  # type: ignore[arg-type]
        (lambda: AutoNCP(-3, 1), "size must be at least 0, got -3"),
        (lambda: from_config({"kind": "Ring"}), "AutoNCP"),
        (lambda: from_config({"kind": "AutoNCP", "legs": 6}), "legs"),
    ],
)
def test_impossible_wirings_are_refused_with_the_reason(make, words: str):
    with pytest.raises(ModelError, match=words):
        make()
