"""Wirings without layers: every synapse there could be, or a random share of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.errors import ModelError
from models.wiring.base import Sized, blank
from models.wiring.circuit import Adjacency

_MOSTLY_EXCITATORY = (-1, 1, 1)


@dataclass(frozen=True)
class FullyConnected(Sized):
    """Every neuron hears every other and every input; two synapses of three excite."""

    seed: int = 1111
    self_connections: bool = True

    def _draw(self, input_size: int) -> tuple[Adjacency, Adjacency]:
        rng = np.random.default_rng(self.seed)
        adjacency, sensory = blank(input_size, self.size)
        for source in range(self.size):
            for target in range(self.size):
                if source != target or self.self_connections:
                    adjacency[source, target] = rng.choice(_MOSTLY_EXCITATORY)
        for source in range(input_size):
            for target in range(self.size):
                sensory[source, target] = rng.choice(_MOSTLY_EXCITATORY)
        return adjacency, sensory


@dataclass(frozen=True)
class Random(Sized):
    """A share 1 - sparsity of all possible synapses, drawn without replacement."""

    sparsity: float = 0.5
    seed: int = 1111

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 <= self.sparsity < 1.0:
            raise ModelError(f"sparsity {self.sparsity} is not in [0, 1)")

    def _draw(self, input_size: int) -> tuple[Adjacency, Adjacency]:
        rng = np.random.default_rng(self.seed)
        adjacency, sensory = blank(input_size, self.size)
        for matrix, draws in ((adjacency, 1), (sensory, 2)):
            count = int(np.round(matrix.size * (1 - self.sparsity)))
            for flat in rng.choice(matrix.size, size=count, replace=False):
                for _ in range(draws):  # the published scheme draws a sensory polarity twice and keeps the second
                    matrix.flat[flat] = rng.choice(_MOSTLY_EXCITATORY)
        return adjacency, sensory
