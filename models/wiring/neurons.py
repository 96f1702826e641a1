"""The neurons of a wiring, by kind and name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NeuronKind = Literal["motor", "command", "inter"]


@dataclass(frozen=True, slots=True)
class Neuron:
    """One liquid neuron by its name in the wiring: m0.. motor, c0.. command, i0.. inter."""

    name: str
    kind: NeuronKind
