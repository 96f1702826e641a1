"""The synapses of a wiring for one input size, as a value one can count, draw and build a cell on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.wiring.neurons import Neuron

if TYPE_CHECKING:
    import networkx

Adjacency = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Circuit:
    """Arrays are read-only.

    adjacency: (units, units), row = source, column = target; -1 inhibits, +1 excites, 0 none
    sensory: (input_size, units), the same from inputs to neurons
    layers: neuron indices by layer in the order information flows; empty: one layer of all neurons
    """

    adjacency: Adjacency
    sensory: Adjacency
    neurons: tuple[Neuron, ...]
    output_size: int
    layers: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        self.adjacency.setflags(write=False)
        self.sensory.setflags(write=False)
        if not self.layers:
            object.__setattr__(self, "layers", (tuple(range(self.units)),))

    @property
    def units(self) -> int:
        return len(self.neurons)

    @property
    def input_size(self) -> int:
        return self.sensory.shape[0]

    @property
    def synapses(self) -> int:
        return int(np.count_nonzero(self.adjacency))

    @property
    def sensory_synapses(self) -> int:
        return int(np.count_nonzero(self.sensory))

    def counts(self) -> dict[str, int]:
        """Neurons by kind ("sensory" are the inputs), then synapses by "source->target"; what there is none of is out.

        The values of the keys with an arrow add up to ``synapses + sensory_synapses``.
        """
        kinds = np.array([n.kind for n in self.neurons])
        present = [kind for kind in ("inter", "command", "motor") if (kinds == kind).any()]
        out = {"sensory": self.input_size} | {kind: int((kinds == kind).sum()) for kind in present}
        for source, rows in (("sensory", self.sensory), *((k, self.adjacency[kinds == k]) for k in present)):
            for target in present:
                if number := int(np.count_nonzero(rows[:, kinds == target])):
                    out[f"{source}->{target}"] = number
        return out

    def to_networkx(self) -> networkx.DiGraph:
        """The circuit as a graph: for layouts, centralities, paths.

        Nodes: inputs "x0", "x1" ... of kind "sensory", then neurons by name, all with ``kind``, ``name`` and ``layer``
        (0 for the inputs, then as information flows). Edges: ``polarity``, -1 or +1.
        """
        import networkx

        graph = networkx.DiGraph()
        inputs = [f"x{i}" for i in range(self.input_size)]
        names = [n.name for n in self.neurons]
        layer = {neuron: number for number, layer in enumerate(self.layers, 1) for neuron in layer}
        for name in inputs:
            graph.add_node(name, kind="sensory", name=name, layer=0)
        for index, neuron in enumerate(self.neurons):
            graph.add_node(neuron.name, kind=neuron.kind, name=neuron.name, layer=layer[index])
        for sources, matrix in ((inputs, self.sensory), (names, self.adjacency)):
            for source, target in np.argwhere(matrix):
                graph.add_edge(sources[source], names[target], polarity=int(matrix[source, target]))
        return graph
