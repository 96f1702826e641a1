"""The wiring of a trained network with its weights: a table of neurons and synapses, or a graph."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from models.cells.base import AbstractCell
from models.cells.cfc import HEADS
from models.cells.ltc import LTCCell
from models.cells.mixed_memory import MixedMemoryCell
from models.cells.sparse import SparseMatrix
from models.cells.wired_cfc import WiredCfCCell
from models.errors import ModelError
from models.explain.asking import fitted, member_of
from models.explain.plain import plain
from models.explain.step_inputs import step_inputs
from models.forecast import Array
from models.forecaster import LiquidForecaster
from models.wiring import Circuit

if TYPE_CHECKING:
    import networkx


@dataclass(frozen=True, slots=True)
class Node:
    """An input or a neuron. name: "x0" .. of inputs, m0, c0, i0 .. of neurons; kind: "sensory", "inter", "command",
    "motor"; label: of an input its own name ("pain", "age"), with what of it is heard; layer: 0 of inputs, then as
    information flows"""

    name: str
    kind: str
    label: str
    layer: int


@dataclass(frozen=True, slots=True)
class WiredSynapse:
    """One synapse, learnt.

    weight: of an LTC the largest conductance w >= 0; of a CfC the Euclidean norm of the synapse's weights in all heads
    reversal: of an LTC the reversal potential it draws its neuron to; polarity: its sign, +1 excites, -1 inhibits; None
        of a CfC, whose heads may each have their own sign
    drawn: polarity in the wiring it began with, 0 where the wiring has no synapse there (a CfC that is dense within a
        layer hears more)
    threshold, steepness: of an LTC mu and sigma: the synapse is half open at v = mu; None of a CfC
    """

    source: str
    target: str
    weight: float
    reversal: float | None
    polarity: int | None
    drawn: int
    threshold: float | None
    steepness: float | None


@dataclass(frozen=True)
class WiringWeights:
    """Neurons and synapses of one member. cell: "ltc" or "cfc"; synapses: sensory ones first, then recurrent ones."""

    cell: str
    member: int
    nodes: tuple[Node, ...]
    synapses: tuple[WiredSynapse, ...]

    def to_networkx(self) -> networkx.DiGraph:
        """Nodes by name with kind, label, layer; edges with all that a ``WiredSynapse`` tells."""
        import networkx

        graph = networkx.DiGraph(cell=self.cell, member=self.member)
        for node in self.nodes:
            graph.add_node(node.name, **asdict(node))
        for synapse in self.synapses:
            told = asdict(synapse)
            graph.add_edge(told.pop("source"), told.pop("target"), **told)
        return graph

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return plain(self)


class Wires(NamedTuple):
    """K synapses, sensory ones first. source: of inputs where sensory, else of neurons; target: neurons; the rest as of
    ``WiredSynapse``, (K,) each, None where the cell has none."""

    sensory: NDArray[np.bool_]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: Array
    reversal: Array | None
    threshold: Array | None
    steepness: Array | None


def wiring_weights(forecaster: LiquidForecaster, *, member: int = 0) -> WiringWeights:
    """The wiring of one member, whose neurons ``LiquidForecaster.trajectory`` shows where it is the first.

    Raises ModelError for a cell without a wiring, NotFittedError.
    """
    parts = fitted(forecaster)
    cell = wired(member_of(parts, member).layer.cell)
    circuit, found = cell.circuit, wires(cell)
    layer = {neuron: number for number, layer in enumerate(circuit.layers, 1) for neuron in layer}
    inputs = [f"x{i}" for i in range(circuit.input_size)]
    neurons = [n.name for n in circuit.neurons]
    labels = [f"{i.name} ({i.kind})" if i.kind == "since" else i.name for i in step_inputs(parts.encoder)]
    nodes = (
        *(Node(name, "sensory", label, 0) for name, label in zip(inputs, labels, strict=True)),
        *(Node(n.name, n.kind, n.name, layer[k]) for k, n in enumerate(circuit.neurons)),
    )
    synapses = []
    for k in range(len(found.source)):
        source, target, sensory = int(found.source[k]), int(found.target[k]), bool(found.sensory[k])
        reversal = _at(found.reversal, k)
        synapses.append(
            WiredSynapse(
                source=inputs[source] if sensory else neurons[source],
                target=neurons[target],
                weight=float(found.weight[k]),
                reversal=reversal,
                polarity=None if reversal is None else int(np.sign(reversal)),
                drawn=int((circuit.sensory if sensory else circuit.adjacency)[source, target]),
                threshold=_at(found.threshold, k),
                steepness=_at(found.steepness, k),
            )
        )
    return WiringWeights("ltc" if isinstance(cell, LTCCell) else "cfc", member, nodes, tuple(synapses))


def _at(values: Array | None, k: int) -> float | None:
    return None if values is None else float(values[k])


def wired(cell: AbstractCell) -> LTCCell | WiredCfCCell:
    """The cell on a circuit, behind a mixed memory or not. Raises ModelError where there is none."""
    inner = cell.inner if isinstance(cell, MixedMemoryCell) else cell
    if not isinstance(inner, LTCCell | WiredCfCCell):
        raise ModelError(f"{type(inner).__name__} has no wiring; ltc and cfc have one")
    return inner


def wires(cell: LTCCell | WiredCfCCell) -> Wires:
    """Every synapse that can be cut, in a fixed order."""
    return _ltc(cell) if isinstance(cell, LTCCell) else _cfc(cell)


@torch.no_grad()
def _ltc(cell: LTCCell) -> Wires:
    groups = [cell.sensory.effective(), cell.recurrent.effective()]

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(g, name).cpu().numpy() for g in groups])

    sensory = np.repeat([True, False], [len(g.source) for g in groups])
    weight, reversal, threshold, steepness = (joined(n).astype(np.float64) for n in ("w", "erev", "mu", "sigma"))
    return Wires(sensory, joined("source"), joined("target"), weight, reversal, threshold, steepness)


@torch.no_grad()
def _cfc(cell: WiredCfCCell) -> Wires:
    units = cell.units
    squares = [np.zeros((cell.input_size, units)), np.zeros((units, units))]
    there = [np.zeros(s.shape, dtype=bool) for s in squares]
    for place, matrix in enumerate((cell.sensory, cell.forward_map, cell.recurrent)):
        source, target = ends(cell, matrix)
        np.add.at(squares[min(place, 1)], (source, target), matrix.weight.cpu().double().numpy() ** 2)
        there[min(place, 1)][source, target] = True
    pairs = [np.argwhere(t) for t in there]
    weight = np.concatenate([np.sqrt(s[t]) for s, t in zip(squares, there, strict=True)])
    source, target = np.concatenate(pairs).T
    return Wires(np.repeat([True, False], [len(p) for p in pairs]), source, target, weight, None, None, None)


def ends(cell: WiredCfCCell, matrix: SparseMatrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Source and target of every entry of one of the cell's maps: (entries,) each."""
    heads = len(HEADS[cell.mode])
    circuit: Circuit = cell.circuit
    row_of = np.concatenate([np.tile(np.array(layer), heads) for layer in circuit.layers])
    row, column = matrix.row.cpu().numpy(), matrix.column.cpu().numpy()
    source = cell.order.cpu().numpy()[column] if matrix is cell.forward_map else column
    return source, row_of[row]
