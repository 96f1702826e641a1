"""A wiring given synapse by synapse: one read from another library, drawn by hand or cut out of a trained network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np

from models.errors import ModelError
from models.wiring.base import Wiring, repeated
from models.wiring.circuit import Adjacency, Circuit
from models.wiring.neurons import NeuronKind

_KINDS = ("motor", "command", "inter")
Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Explicit(Wiring):
    """Synapses as they are given; an array or nested lists will do and are kept as tuples.

    adjacency: (units, units), row = source, column = target, -1, 0 or +1; sensory: (input_size, units) alike
    outputs: motor neurons, the first ones; kind_of: kind of every neuron, empty: the others are inter
    layer_of: number of every neuron's layer from 0 as information flows, empty: one layer
    Raises ModelError for shapes that disagree, other entries, motor neurons that are not the outputs, a layer skipped.
    """

    adjacency: Rows
    sensory: Rows
    outputs: int
    kind_of: tuple[NeuronKind, ...] = ()
    layer_of: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name in ("adjacency", "sensory"):
            object.__setattr__(self, name, _rows(name, getattr(self, name), len(self.adjacency)))
        units = len(self.adjacency)
        if not self.sensory:
            raise ModelError("Explicit: sensory has no row; a wiring needs at least one input")
        if not 1 <= self.outputs <= units:
            raise ModelError(f"Explicit: {units} units cannot have {self.outputs} outputs; expected 1..units")
        others = repeated(("motor", self.outputs), ("inter", units - self.outputs))
        object.__setattr__(self, "kind_of", tuple(self.kind_of) or others)
        object.__setattr__(self, "layer_of", tuple(int(n) for n in self.layer_of) or (0,) * units)
        for name in ("kind_of", "layer_of"):
            if len(getattr(self, name)) != units:
                raise ModelError(f"Explicit: {name} has {len(getattr(self, name))} entries, expected {units}")
        if unknown := set(self.kind_of) - set(_KINDS):
            raise ModelError(f"Explicit: unknown kind {sorted(unknown)[0]!r}; there are {', '.join(_KINDS)}")
        motors = [index for index, kind in enumerate(self.kind_of) if kind == "motor"]
        if motors != list(range(self.outputs)):
            raise ModelError(f"Explicit: motor neurons are {motors}, expected the first {self.outputs}, the outputs")
        if set(self.layer_of) != set(range(max(self.layer_of) + 1)):
            raise ModelError(f"Explicit: layers are {sorted(set(self.layer_of))}, expected 0, 1, 2 ... without a gap")

    @classmethod
    def of(cls, circuit: Circuit) -> Explicit:
        """The wiring that draws exactly this circuit."""
        layer_of = [0] * circuit.units
        for number, layer in enumerate(circuit.layers):
            for neuron in layer:
                layer_of[neuron] = number
        kinds = cast("tuple[NeuronKind, ...]", tuple(n.kind for n in circuit.neurons))
        return cls(rows_of(circuit.adjacency), rows_of(circuit.sensory), circuit.output_size, kinds, tuple(layer_of))

    @property
    def units(self) -> int:
        return len(self.adjacency)

    @property
    def output_size(self) -> int:
        return self.outputs

    def kinds(self) -> tuple[NeuronKind, ...]:
        return self.kind_of

    def layers(self) -> tuple[tuple[int, ...], ...]:
        return tuple(
            tuple(neuron for neuron, number in enumerate(self.layer_of) if number == layer)
            for layer in range(max(self.layer_of) + 1)
        )

    def _draw(self, input_size: int) -> tuple[Adjacency, Adjacency]:
        if input_size != len(self.sensory):
            raise ModelError(f"Explicit: the wiring has {len(self.sensory)} inputs, asked for {input_size}")
        return np.array(self.adjacency, np.int8), np.array(self.sensory, np.int8)


def _rows(name: str, rows: Iterable[Iterable[int]], units: int) -> Rows:
    given = tuple(tuple(row) for row in rows)
    if any(len(row) != units for row in given):
        widths = sorted({len(row) for row in given})
        raise ModelError(f"Explicit: rows of {name} have {widths} entries, expected {units}, one for each neuron")
    if odd := {entry for row in given for entry in row} - {-1, 0, 1}:
        raise ModelError(f"Explicit: {name} holds {next(iter(odd))}, expected -1, 0 or +1")
    return rows_of(given)


def rows_of(rows: Iterable[Iterable[int]]) -> Rows:
    """A matrix as a value that hashes."""
    return tuple(tuple(int(entry) for entry in row) for row in rows)
