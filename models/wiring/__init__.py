"""Wirings after the nervous system of C. elegans: which neuron listens to which, and with what polarity.

A wiring is an immutable value. ``circuit(input_size)`` is a pure function of its fields: the same wiring asked twice,
for whatever input size and in whatever order, gives the same synapses. The order of the random draws follows the
published scheme (Lechner et al., Neural circuit policies, Nature MI 2020; ncps 1.0.1), so adjacencies agree with it
synapse by synapse.

State order: motor neurons first, then command, then inter.
"""

from models.wiring.base import Wiring
from models.wiring.circuit import Adjacency, Circuit
from models.wiring.explicit import Explicit
from models.wiring.neurons import Neuron, NeuronKind
from models.wiring.policy import NCP, AutoNCP
from models.wiring.registry import WIRINGS, from_config
from models.wiring.unlayered import FullyConnected, Random

__all__ = [
    "NCP",
    "WIRINGS",
    "Adjacency",
    "AutoNCP",
    "Circuit",
    "Explicit",
    "FullyConnected",
    "Neuron",
    "NeuronKind",
    "Random",
    "Wiring",
    "from_config",
]
