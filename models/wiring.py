"""Wirings after the nervous system of C. elegans: which neuron listens to which, and with what polarity.

A wiring is an immutable value. ``circuit(input_size)`` is a pure function of its fields: the same wiring asked twice,
for whatever input size and in whatever order, gives the same synapses. The order of the random draws follows the
published scheme (Lechner et al., Neural circuit policies, Nature MI 2020; ncps 1.0.1), so adjacencies agree with it
synapse by synapse.

State order: motor neurons first, then command, then inter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.forecast import Neuron, NeuronKind

Adjacency = NDArray[np.int8]
_MOSTLY_EXCITATORY = (-1, 1, 1)
_BALANCED = (-1, 1)


@dataclass(frozen=True, eq=False)
class Circuit:
    """The synapses of a wiring for one input size; arrays are read-only.

    adjacency: (units, units), row = source, column = target; -1 inhibits, +1 excites, 0 none
    sensory: (input_size, units), the same from inputs to neurons
    """

    adjacency: Adjacency
    sensory: Adjacency
    neurons: tuple[Neuron, ...]
    output_size: int

    def __post_init__(self) -> None:
        self.adjacency.setflags(write=False)
        self.sensory.setflags(write=False)

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


@dataclass(frozen=True)
class Wiring(ABC):
    """Contract: fields are the arguments; ``kinds`` and ``_draw`` are pure functions of them."""

    @property
    @abstractmethod
    def units(self) -> int: ...

    @property
    @abstractmethod
    def output_size(self) -> int: ...

    @abstractmethod
    def kinds(self) -> tuple[NeuronKind, ...]:
        """Kind of every neuron in state order: (units,)."""

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
        """The synapses for ``input_size`` inputs. Raises ModelError where there is no input."""
        if input_size < 1:
            raise ModelError(f"a wiring needs at least one input, got {input_size}")
        return _circuit(self, input_size)

    def config(self) -> dict[str, Any]:
        """JSON-able; ``from_config`` gives back an equal wiring."""
        return {"kind": type(self).__name__, **asdict(self)}


@lru_cache(maxsize=64)
def _circuit(wiring: Wiring, input_size: int) -> Circuit:
    adjacency, sensory = wiring._draw(input_size)
    return Circuit(adjacency, sensory, wiring.neurons, wiring.output_size)


def from_config(config: dict[str, Any]) -> Wiring:
    """The wiring a ``config()`` came from. Raises ModelError for an unknown kind or wrong fields."""
    fields = dict(config)
    kind = fields.pop("kind", None)
    if kind not in WIRINGS:
        raise ModelError(f"unknown wiring {kind!r}; there are {', '.join(WIRINGS)}")
    try:
        return WIRINGS[kind](**fields)
    except TypeError as error:
        raise ModelError(f"wiring {kind}: {error}") from error


def _layers(*layers: tuple[NeuronKind, int]) -> tuple[NeuronKind, ...]:
    return tuple(kind for kind, count in layers for _ in range(count))


def _blank(input_size: int, units: int) -> tuple[Adjacency, Adjacency]:
    return np.zeros((units, units), np.int8), np.zeros((input_size, units), np.int8)


@dataclass(frozen=True)
class _Sized(Wiring):
    """size: all neurons; outputs: the motor neurons among them, the first ones. Without layers, the rest are inter."""

    size: int
    outputs: int

    def __post_init__(self) -> None:
        if self.size < 1 or not 1 <= self.outputs <= self.size:
            raise ModelError(f"a wiring of {self.size} units cannot have {self.outputs} outputs; expected 1..units")

    @property
    def units(self) -> int:
        return self.size

    @property
    def output_size(self) -> int:
        return self.outputs

    def kinds(self) -> tuple[NeuronKind, ...]:
        return _layers(("motor", self.outputs), ("inter", self.size - self.outputs))


@dataclass(frozen=True)
class FullyConnected(_Sized):
    """Every neuron hears every other and every input; two synapses of three excite."""

    seed: int = 1111
    self_connections: bool = True

    def _draw(self, input_size: int) -> tuple[Adjacency, Adjacency]:
        rng = np.random.default_rng(self.seed)
        adjacency, sensory = _blank(input_size, self.size)
        for source in range(self.size):
            for target in range(self.size):
                if source != target or self.self_connections:
                    adjacency[source, target] = rng.choice(_MOSTLY_EXCITATORY)
        for source in range(input_size):
            for target in range(self.size):
                sensory[source, target] = rng.choice(_MOSTLY_EXCITATORY)
        return adjacency, sensory


@dataclass(frozen=True)
class Random(_Sized):
    """A share 1 - sparsity of all possible synapses, drawn without replacement."""

    sparsity: float = 0.5
    seed: int = 1111

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 <= self.sparsity < 1.0:
            raise ModelError(f"sparsity {self.sparsity} is not in [0, 1)")

    def _draw(self, input_size: int) -> tuple[Adjacency, Adjacency]:
        rng = np.random.default_rng(self.seed)
        adjacency, sensory = _blank(input_size, self.size)
        for matrix, draws in ((adjacency, 1), (sensory, 2)):
            count = int(np.round(matrix.size * (1 - self.sparsity)))
            for flat in rng.choice(matrix.size, size=count, replace=False):
                for _ in range(draws):  # the published scheme draws a sensory polarity twice and keeps the second
                    matrix.flat[flat] = rng.choice(_MOSTLY_EXCITATORY)
        return adjacency, sensory


@dataclass(frozen=True)
class NCP(Wiring):
    """Neural circuit policy: sensory -> inter -> command (recurrent) -> motor.

    sensory_fanout: inter neurons each input reaches; inter_fanout: command neurons each inter neuron reaches
    recurrent: command-to-command draws (a pair may come twice); motor_fanin: command neurons each motor neuron hears
    """

    inter: int
    command: int
    motor: int
    sensory_fanout: int
    inter_fanout: int
    recurrent: int
    motor_fanin: int
    seed: int = 22222

    def __post_init__(self) -> None:
        _check_ncp(self)

    @property
    def units(self) -> int:
        return self.motor + self.command + self.inter

    @property
    def output_size(self) -> int:
        return self.motor

    def kinds(self) -> tuple[NeuronKind, ...]:
        return _layers(("motor", self.motor), ("command", self.command), ("inter", self.inter))

    def _draw(self, input_size: int) -> tuple[Adjacency, Adjacency]:
        return _draw_ncp(self, input_size)


@dataclass(frozen=True)
class AutoNCP(_Sized):
    """A neural circuit policy whose layers follow from the number of units, outputs and the sparsity (.1 to .9)."""

    sparsity: float = 0.5
    seed: int = 22222

    def __post_init__(self) -> None:
        if not 1 <= self.outputs < self.size - 2:
            raise ModelError(f"AutoNCP of {self.size} units takes 1 to {self.size - 3} outputs, got {self.outputs}")
        if not 0.1 <= self.sparsity <= 0.9:
            raise ModelError(f"sparsity {self.sparsity} is not in 0.1..0.9")

    @property
    def policy(self) -> NCP:
        """The explicit circuit policy these arguments stand for."""
        density = 1.0 - self.sparsity
        hidden = self.size - self.outputs
        command = max(int(0.4 * hidden), 1)
        inter = hidden - command
        fan = max(int(command * density), 1)
        return NCP(
            inter=inter,
            command=command,
            motor=self.outputs,
            sensory_fanout=max(int(inter * density), 1),
            inter_fanout=fan,
            recurrent=max(int(command * density * 2), 1),
            motor_fanin=fan,
            seed=self.seed,
        )

    def kinds(self) -> tuple[NeuronKind, ...]:
        return self.policy.kinds()

    def _draw(self, input_size: int) -> tuple[Adjacency, Adjacency]:
        return _draw_ncp(self.policy, input_size)


def _check_ncp(ncp: NCP) -> None:
    for name in ("inter", "command", "motor", "sensory_fanout", "inter_fanout", "motor_fanin"):
        if getattr(ncp, name) < 1:
            raise ModelError(f"NCP: {name} must be at least 1, got {getattr(ncp, name)}")
    if ncp.recurrent < 0:
        raise ModelError(f"NCP: recurrent must not be negative, got {ncp.recurrent}")
    for name, limit, layer in (
        ("sensory_fanout", ncp.inter, "inter"),
        ("inter_fanout", ncp.command, "command"),
        ("motor_fanin", ncp.command, "command"),
    ):
        if getattr(ncp, name) > limit:
            raise ModelError(f"NCP: {name} is {getattr(ncp, name)} but there are only {limit} {layer} neurons")


def _draw_ncp(ncp: NCP, input_size: int) -> tuple[Adjacency, Adjacency]:
    rng = np.random.RandomState(ncp.seed)
    adjacency, sensory = _blank(input_size, ncp.units)
    inputs = range(input_size)
    motor = range(ncp.motor)
    command = range(ncp.motor, ncp.motor + ncp.command)
    inter = range(ncp.motor + ncp.command, ncp.units)

    fanin = int(input_size * ncp.sensory_fanout / ncp.inter)
    _fan_out(rng, sensory, inputs, inter, ncp.sensory_fanout, fanin)
    # the published scheme caps this fan-in by the command layer; by the inter layer too, else the draw is impossible
    fanin = min(int(ncp.inter * ncp.inter_fanout / ncp.command), ncp.command)
    _fan_out(rng, adjacency, inter, command, ncp.inter_fanout, fanin)
    for _ in range(ncp.recurrent):
        source, target = rng.choice(command), rng.choice(command)
        adjacency[source, target] = rng.choice(_BALANCED)
    fanout = int(ncp.motor * ncp.motor_fanin / ncp.command)
    _fan_out(rng, adjacency.T, motor, command, ncp.motor_fanin, fanout)
    return adjacency, sensory


def _fan_out(
    rng: np.random.RandomState,
    matrix: Adjacency,
    sources: Sequence[int],
    targets: Sequence[int],
    fanout: int,
    fanin: int,
) -> None:
    """Connect every source to ``fanout`` targets, then every unreached target to ``fanin`` (at least one) sources."""
    reached: set[int] = set()
    for source in sources:
        for target in rng.choice(targets, size=fanout, replace=False):
            reached.add(int(target))
            matrix[source, target] = rng.choice(_BALANCED)
    for target in targets:
        if target not in reached:
            for source in rng.choice(sources, size=int(np.clip(fanin, 1, len(sources))), replace=False):
                matrix[source, target] = rng.choice(_BALANCED)


WIRINGS: dict[str, type[Wiring]] = {c.__name__: c for c in (FullyConnected, Random, NCP, AutoNCP)}
