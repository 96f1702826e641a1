"""Closed-form continuous-time cell on a circuit: every synapse as it is wired, or dense within a layer as in ncps."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.cells.base import Step
from models.cells.cfc import HEADS, ClosedFormCell, Decay, Mode, closed_form
from models.cells.initial import within, xavier
from models.cells.sparse import Bool, SparseMatrix
from models.checks import shown
from models.errors import ModelError
from models.wiring import Circuit

Recurrent = Literal["wired", "dense"]


def check_recurrent(name: str) -> None:
    """Raises ModelError, listing the valid names, for an unknown one."""
    if name not in get_args(Recurrent):
        raise ModelError(f"unknown recurrent {name!r}; there are {', '.join(get_args(Recurrent))}")


class WiredFrozen(NamedTuple):
    """recurrent: (units, all heads) from the state before the step; forward: of each layer but the first, from the
    states just computed of the layers before it; decay: of each layer."""

    recurrent: Tensor
    forward: tuple[Tensor, ...]
    decay: tuple[Decay | None, ...]


class WiredCfCCell(ClosedFormCell):
    """Closed-form cell on a circuit, without backbone: information crosses all layers within one step.

    A neuron hears the inputs, the neurons of earlier layers as they are after this step, and those of its own and later
    layers as they were before it. Only existing synapses are parameters. The state keeps the circuit's order; the
    read-out is the motor neurons, through ``proj_size`` if that is given.

    recurrent: "wired": every synapse of the circuit counts, command-to-command ones too, for all heads, and each neuron
        hears itself. "dense": as ncps 1.0.1: synapses count from one layer to the next only, within a layer every
        neuron hears every other, and a and b hear whole layers. mode, tau: as in ``CfCCell``.
    """

    order: Tensor
    place: Tensor

    def __init__(
        self,
        circuit: Circuit,
        mode: Mode = "default",
        *,
        recurrent: Recurrent = "wired",
        proj_size: int | None = None,
    ) -> None:
        check_recurrent(recurrent)
        if not isinstance(circuit, Circuit):
            raise ModelError(f"circuit must be one, as of AutoNCP(32, 4).circuit(8), got {shown(circuit)}")
        sizes = [len(layer) for layer in circuit.layers]
        before = [circuit.input_size, *sizes[:-1]]
        own = torch.empty(circuit.units)
        for layer, size in zip(circuit.layers, sizes, strict=True):
            own[list(layer)] = xavier(1, size)
        super().__init__(mode, own, circuit.output_size, proj_size)
        self.circuit, self.recurrent_kind = circuit, recurrent
        self.input_size, self.units = circuit.input_size, circuit.units
        heads = len(HEADS[mode])
        self.sizes = sizes
        flow = [neuron for layer in circuit.layers for neuron in layer]
        self.register_buffer("order", torch.tensor(flow), persistent=False)
        self.register_buffer("place", torch.argsort(self.order), persistent=False)
        columns = [size + wide for size, wide in zip(sizes, before, strict=True)]
        weights = _rows([xavier(n, c) for n, c in zip(sizes, columns, strict=True)], sizes, heads)
        sensed, forward, heard = _masks(circuit, mode, recurrent)
        self.sensory = _map(sensed, weights)
        self.forward_map = _map(forward, weights)
        self.recurrent = _map(heard, weights)
        self.bias = nn.Parameter(within(_rows([c**-0.5 for c in columns], sizes, heads)))

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """The inputs' part of all heads, (..., heads * units). An unseen input is 0, and adds nothing."""
        return functional.linear(inputs, self.sensory.matrix(), self.bias)

    def frozen(self) -> WiredFrozen:
        heads, forward, start = len(HEADS[self.mode]), [], 0
        matrix = self.forward_map.matrix()
        for size in self.sizes:
            if start:
                forward.append(matrix[heads * start : heads * (start + size), :start].T)
            start += size
        decay = self.decay()
        decays: tuple[Decay | None, ...] = (None,) * len(self.sizes)
        if decay is not None:
            parts = (value[self.order].split(self.sizes) for value in decay)
            decays = tuple(Decay(*part) for part in zip(*parts, strict=True))
        return WiredFrozen(self.recurrent.matrix().T, tuple(forward), decays)

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        assert isinstance(frozen, WiredFrozen)
        heads = len(HEADS[self.mode])
        before = torch.addmm(drive, state, frozen.recurrent).split([heads * size for size in self.sizes], -1)
        states: list[Tensor] = []
        taus: list[Tensor] = []
        for layer, z in enumerate(before):
            if layer:
                z = torch.addmm(z, torch.cat(states, -1), frozen.forward[layer - 1])
            step = closed_form(self.mode, z, frozen.decay[layer], dt)
            states.append(step.state)
            taus.append(step.tau)
        return Step(torch.cat(states, -1)[:, self.place], torch.cat(taus, -1)[:, self.place])


def _map(mask: Bool, bounds: Tensor) -> SparseMatrix:
    """bounds: (rows,) range of the initial entries of a row"""
    return SparseMatrix(mask, within(bounds[torch.from_numpy(np.nonzero(mask)[0])]))


def _rows(values: list[float], sizes: list[int], heads: int) -> Tensor:
    """One value a layer -> one a row of all heads."""
    return torch.tensor(values).repeat_interleave(torch.tensor(sizes) * heads)


def _masks(circuit: Circuit, mode: Mode, recurrent: Recurrent) -> tuple[Bool, Bool, Bool]:
    """Which entries the maps have: from the inputs, from earlier layers (columns in the order of the flow) and from the
    state before the step (columns in the circuit's order). Rows: layer by layer, head by head."""
    layer = np.empty(circuit.units, int)
    for number, members in enumerate(circuit.layers):
        layer[list(members)] = number
    source, target = layer[:, None], layer[None, :]
    joined, sensory, self_ = circuit.adjacency != 0, circuit.sensory != 0, np.eye(circuit.units, dtype=bool)
    first = np.broadcast_to(target == 0, sensory.shape)
    if recurrent == "wired":
        state = time = (sensory, joined & (source < target), (joined & (source >= target)) | self_)
    else:
        state = (sensory & first, joined & (source == target - 1), source == target)
        time = (first, source == target - 1, source == target)
    chosen = [state if head.startswith("ff") else time for head in HEADS[mode]]
    flow = [neuron for members in circuit.layers for neuron in members]
    sensed, forward, heard = (
        np.concatenate([masks[part][:, members].T for members in map(list, circuit.layers) for masks in chosen])
        for part in range(3)
    )
    return sensed, forward[:, flow], heard
