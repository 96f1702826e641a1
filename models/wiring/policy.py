"""Neural circuit policies: sensory -> inter (one layer or several) -> command (recurrent) -> motor.

State order is against the flow: motor, command, then the inter layers, the one nearest to command first. With one
inter layer the draws are those of ncps 1.0.1, synapse by synapse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.checks import whole
from models.errors import ModelError
from models.wiring.base import Sized, Wiring, blank, repeated
from models.wiring.circuit import Adjacency
from models.wiring.neurons import NeuronKind

_BALANCED = (-1, 1)


@dataclass(frozen=True)
class NCP(Wiring):
    """Neural circuit policy.

    inter: neurons of the inter layer, or of each inter layer in the order information flows
    sensory_fanout: neurons of the first inter layer each input reaches; inter_fanout: neurons of the next layer (inter
        or command) each inter neuron reaches
    recurrent: command-to-command draws (a pair may come twice); motor_fanin: command neurons each motor neuron hears
    Raises ModelError for a layer without neurons and for more synapses a neuron than the layer they reach has neurons.
    """

    inter: int | tuple[int, ...]
    command: int
    motor: int
    sensory_fanout: int
    inter_fanout: int
    recurrent: int
    motor_fanin: int
    seed: int = 22222

    def __post_init__(self) -> None:
        inter = self.inter
        if isinstance(inter, Iterable) and not isinstance(inter, str):  # JSON gives a list
            sizes = tuple(whole("NCP: inter", size) for size in inter)
            inter = sizes[0] if len(sizes) == 1 else sizes  # one layer is the same said as a number
        else:
            inter = whole("NCP: inter", inter)
        object.__setattr__(self, "inter", inter)
        _check(self)

    @property
    def inter_sizes(self) -> tuple[int, ...]:
        """Neurons of each inter layer in the order information flows."""
        return (self.inter,) if isinstance(self.inter, int) else self.inter

    @property
    def units(self) -> int:
        return self.motor + self.command + sum(self.inter_sizes)

    @property
    def output_size(self) -> int:
        return self.motor

    def kinds(self) -> tuple[NeuronKind, ...]:
        return repeated(("motor", self.motor), ("command", self.command), ("inter", sum(self.inter_sizes)))

    def layers(self) -> tuple[tuple[int, ...], ...]:
        """Inter layers, command, motor."""
        out, start = [], 0
        for size in (self.motor, self.command, *reversed(self.inter_sizes)):
            out.append(tuple(range(start, start + size)))
            start += size
        return tuple(reversed(out))

    def _draw(self, input_size: int) -> tuple[Adjacency, Adjacency]:
        return _draw_policy(self, input_size)


@dataclass(frozen=True)
class AutoNCP(Sized):
    """A neural circuit policy whose layers follow from the number of units, outputs and the sparsity (.1 to .9).

    inter_layers: layers the inter neurons are split into evenly, the first taking what is left over
    """

    sparsity: float = 0.5
    seed: int = 22222
    inter_layers: int = 1

    def __post_init__(self) -> None:
        for name in ("size", "outputs", "inter_layers"):
            object.__setattr__(self, name, whole(name, getattr(self, name), lowest=0))
        if not 1 <= self.outputs < self.size - 2:
            raise ModelError(f"AutoNCP of {self.size} units takes 1 to {self.size - 3} outputs, got {self.outputs}")
        if not 0.1 <= self.sparsity <= 0.9:
            raise ModelError(f"sparsity {self.sparsity} is not in 0.1..0.9")
        _, inter = self._split
        if not 1 <= self.inter_layers <= inter:
            raise ModelError(
                f"AutoNCP of {self.size} units has {inter} inter neurons for 1 to {inter} layers, "
                f"got inter_layers={self.inter_layers}"
            )

    @property
    def _split(self) -> tuple[int, int]:
        """Command and inter neurons."""
        hidden = self.size - self.outputs
        command = max(int(0.4 * hidden), 1)
        return command, hidden - command

    @property
    def policy(self) -> NCP:
        """The explicit circuit policy these arguments stand for."""
        density = 1.0 - self.sparsity
        command, inter = self._split
        each, over = divmod(inter, self.inter_layers)
        sizes = tuple(each + (number < over) for number in range(self.inter_layers))
        narrowest = min((*sizes[1:], command))
        return NCP(
            inter=sizes,
            command=command,
            motor=self.outputs,
            sensory_fanout=max(int(sizes[0] * density), 1),
            inter_fanout=max(int(narrowest * density), 1),
            recurrent=max(int(command * density * 2), 1),
            motor_fanin=max(int(command * density), 1),
            seed=self.seed,
        )

    def kinds(self) -> tuple[NeuronKind, ...]:
        return self.policy.kinds()

    def layers(self) -> tuple[tuple[int, ...], ...]:
        return self.policy.layers()

    def _draw(self, input_size: int) -> tuple[Adjacency, Adjacency]:
        return _draw_policy(self.policy, input_size)


def _check(ncp: NCP) -> None:
    if not ncp.inter_sizes:
        raise ModelError("NCP: inter names no layer; expected a number of neurons or one for each layer")
    for name in ("command", "motor", "sensory_fanout", "inter_fanout", "motor_fanin"):
        whole(f"NCP: {name}", getattr(ncp, name))
    whole("NCP: recurrent", ncp.recurrent, lowest=0)
    first, *others = ncp.inter_sizes
    for name, limit, layer in (
        ("sensory_fanout", first, "inter"),
        *(("inter_fanout", size, "inter") for size in others),
        ("inter_fanout", ncp.command, "command"),
        ("motor_fanin", ncp.command, "command"),
    ):
        if getattr(ncp, name) > limit:
            raise ModelError(f"NCP: {name} is {getattr(ncp, name)} but there are only {limit} {layer} neurons")


def _draw_policy(ncp: NCP, input_size: int) -> tuple[Adjacency, Adjacency]:
    rng = np.random.RandomState(ncp.seed)
    adjacency, sensory = blank(input_size, ncp.units)
    *inter, command, motor = ncp.layers()
    fanin = int(input_size * ncp.sensory_fanout / len(inter[0]))
    _fan_out(rng, sensory, range(input_size), inter[0], ncp.sensory_fanout, fanin)
    for layer, following in pairwise((*inter, command)):
        # the published scheme caps this fan-in by the layer reached; by the reaching one too, else no draw is possible
        fanin = min(int(len(layer) * ncp.inter_fanout / len(following)), len(following))
        _fan_out(rng, adjacency, layer, following, ncp.inter_fanout, fanin)
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
