"""The contract of a wiring."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from models.checks import whole
from models.errors import ModelError
from models.wiring.circuit import Adjacency, Circuit
from models.wiring.neurons import Neuron, NeuronKind


@dataclass(frozen=True)
class Wiring(ABC):
    """Fields are the arguments; ``kinds``, ``layers`` and ``_draw`` are pure functions of them."""

    @property
    @abstractmethod
    def units(self) -> int: ...

    @property
    @abstractmethod
    def output_size(self) -> int: ...

    @abstractmethod
    def kinds(self) -> tuple[NeuronKind, ...]:
        """Kind of every neuron in state order: (units,)."""

    def layers(self) -> tuple[tuple[int, ...], ...]:
        """Neuron indices by layer in the order information flows; without layers, one of all neurons."""
        return (tuple(range(self.units)),)

    @abstractmethod
    def _draw(self, input_size: int) -> tuple[Adjacency, Adjacency]: ...

    @property
    def neurons(self) -> tuple[Neuron, ...]:
        """Names count within a kind: m0, m1, c0, i0, i1 ..."""
        seen: dict[str, int] = {}
        out = []
        for kind in self.kinds():
            number = seen.get(kind, 0)
            seen[kind] = number + 1
            out.append(Neuron(f"{kind[0]}{number}", kind))
        return tuple(out)

    def circuit(self, input_size: int) -> Circuit:
        """The synapses for ``input_size`` inputs. Raises ModelError for anything but a number of at least 1."""
        return _circuit(self, whole("input_size", input_size))

    def config(self) -> dict[str, Any]:
        """JSON-able; ``from_config`` gives back an equal wiring."""
        return {"kind": type(self).__name__, **asdict(self)}


@lru_cache(maxsize=64)
def _circuit(wiring: Wiring, input_size: int) -> Circuit:
    adjacency, sensory = wiring._draw(input_size)
    return Circuit(adjacency, sensory, wiring.neurons, wiring.output_size, wiring.layers())


def repeated(*groups: tuple[NeuronKind, int]) -> tuple[NeuronKind, ...]:
    """Every kind as often as it is said to come."""
    return tuple(kind for kind, count in groups for _ in range(count))


def blank(input_size: int, units: int) -> tuple[Adjacency, Adjacency]:
    """An adjacency and a sensory adjacency without synapses."""
    return np.zeros((units, units), np.int8), np.zeros((input_size, units), np.int8)


@dataclass(frozen=True)
class Sized(Wiring):
    """size: all neurons; outputs: the motor neurons among them, the first ones. Without layers, the rest are inter."""

    size: int
    outputs: int

    def __post_init__(self) -> None:
        for name in ("size", "outputs"):
            object.__setattr__(self, name, whole(name, getattr(self, name), lowest=0))
        if self.size < 1 or not 1 <= self.outputs <= self.size:
            raise ModelError(f"a wiring of {self.size} units cannot have {self.outputs} outputs; expected 1..units")

    @property
    def units(self) -> int:
        return self.size

    @property
    def output_size(self) -> int:
        return self.outputs

    def kinds(self) -> tuple[NeuronKind, ...]:
        return repeated(("motor", self.outputs), ("inter", self.size - self.outputs))
