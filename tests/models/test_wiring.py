"""Wirings agree with the published scheme and never change."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.wiring import NCP, AutoNCP, FullyConnected, Random, Wiring, from_config

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


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AutoNCP(5, 3), "1 to 2 outputs, got 3"),
        (lambda: AutoNCP(16, 4, 0.95), "0.1..0.9"),
        (lambda: Random(4, 1, 1.0), r"\[0, 1\)"),
        (lambda: FullyConnected(4, 5), "1..units"),
        (lambda: NCP(3, 2, 1, 1, 3, 1, 1), "only 2 command"),
        (lambda: NCP(0, 2, 1, 1, 1, 1, 1), "at least 1"),
        (lambda: NCP(2, 2, 1, 1, 1, -1, 1), "negative"),
        (lambda: AutoNCP(16, 4).circuit(0), "at least one input"),
        (lambda: from_config({"kind": "Ring"}), "AutoNCP"),
        (lambda: from_config({"kind": "AutoNCP", "legs": 6}), "legs"),
    ],
)
def test_impossible_wirings_are_refused_with_the_reason(make, words: str):
    with pytest.raises(ModelError, match=words):
        make()
