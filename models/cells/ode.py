"""Cells that are plain differential equations: continuous-time RNN, neural ODE, and ODE-RNN.

All go through ``models.solvers`` as ``cm dv/dt = current(v) - conductance(v) v``; a neural ODE has no conductance, so
that the exponential solver is Euler's rule for it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import linear, softplus

from models import solvers
from models.cells.base import AbstractCell, Step
from models.cells.gru import GRUCell
from models.cells.shared import check_sizes
from models.errors import ModelError
from models.wiring import Adjacency, Circuit

SMALLEST_TAU = 1e-6  # a neuron without a time constant would have no equation


def _check_unfolds(unfolds: int) -> int:
    if unfolds < 1:
        raise ModelError(f"unfolds must be at least 1, got {unfolds}")
    return unfolds


class Connections(nn.Module):
    """Weights (targets, sources) as of a linear map, all of them or only where an adjacency has a synapse.

    Initially uniform within 1 / sqrt(number of sources a target hears); signs as the adjacency's polarities.
    """

    source: Tensor
    target: Tensor

    def __init__(self, sources: int, targets: int, adjacency: Adjacency | None) -> None:
        super().__init__()
        self.shape, self.sparse = (targets, sources), adjacency is not None
        if adjacency is None:
            self.weight = nn.Parameter((2 * torch.rand(targets, sources) - 1) * sources**-0.5)
            return
        source, target = np.nonzero(adjacency)
        polarity = torch.from_numpy(adjacency[source, target].astype(np.float32))
        heard = torch.from_numpy(np.count_nonzero(adjacency, axis=0)[target].astype(np.float32))
        self.register_buffer("source", torch.from_numpy(source.astype(np.int64)), persistent=False)
        self.register_buffer("target", torch.from_numpy(target.astype(np.int64)), persistent=False)
        self.weight = nn.Parameter(polarity * torch.rand(len(source)) / heard.sqrt())

    def matrix(self) -> Tensor:
        if not self.sparse:
            return self.weight
        return self.weight.new_zeros(self.shape).index_put((self.target, self.source), self.weight)


class Frozen(NamedTuple):
    """weight: (units, units), tau: (units,)"""

    weight: Tensor
    tau: Tensor


class CTRNNCell(AbstractCell):
    """tau dv/dt = -v + tanh(W v + U x + b), tau > 0 trainable, at first spread over .3 to 3 of model time.

    circuit: only its synapses get a weight, and its motor neurons are read; None: all connected, all read. dt = 0 is
    the identity. ``tau`` is the equation's own, the same at every step.
    Source: Funahashi & Nakamura, *Approximation of dynamical systems by continuous time recurrent neural networks*
    (1993).
    """

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        circuit: Circuit | None = None,
        solver: str | solvers.Solver = "exponential",
        unfolds: int = 6,
    ) -> None:
        super().__init__()
        check_sizes(input_size, units)
        if circuit is not None and (circuit.input_size, circuit.units) != (input_size, units):
            raise ModelError(
                f"the circuit has {circuit.input_size} inputs and {circuit.units} units, expected {input_size}, {units}"
            )
        self.input_size, self.units = input_size, units
        self.output_size = units if circuit is None else circuit.output_size
        self.solver = solvers.get(solver)
        self.unfolds = _check_unfolds(unfolds)
        self.recurrent = Connections(units, units, None if circuit is None else circuit.adjacency)
        self.sensory = Connections(input_size, units, None if circuit is None else circuit.sensory)
        self.bias = nn.Parameter(torch.zeros(units))
        self.raw_tau = nn.Parameter(torch.log(torch.expm1(0.3 * 10 ** torch.rand(units))))

    def tau(self) -> Tensor:
        """(units,) model time"""
        return softplus(self.raw_tau) + SMALLEST_TAU

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """U x + b: (..., units)."""
        return linear(inputs, self.sensory.matrix(), self.bias)

    def frozen(self) -> Frozen:
        return Frozen(self.recurrent.matrix(), self.tau())

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        assert isinstance(frozen, Frozen)

        def gates(v: Tensor) -> tuple[Tensor, Tensor]:
            return torch.ones_like(v), torch.tanh(linear(v, frozen.weight) + drive)

        held = (drive, frozen.weight)
        state, _ = self.solver.advance(gates, frozen.tau, state, dt, self.unfolds, held)
        return Step(state, frozen.tau.expand_as(state))

    def output(self, state: Tensor) -> Tensor:
        return state[..., : self.output_size]


class Flow(nn.Module):
    """dv/dt = a perceptron of v with tanh layers, to whose first layer an outer drive may be added.

    units: neurons; hidden: width of a layer; depth: number of hidden layers. The slope is bounded, so v never grows
    faster than in proportion to time.
    """

    def __init__(self, units: int, hidden: int, depth: int) -> None:
        super().__init__()
        if hidden < 1 or depth < 1:
            raise ModelError(f"hidden and depth must be at least 1, got {hidden} and {depth}")
        self.first = nn.Linear(units, hidden)
        self.between = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(depth - 1))
        self.last = nn.Linear(hidden, units)

    def forward(self, v: Tensor, drive: Tensor | None = None) -> Tensor:
        """v (batch, units), drive (batch, hidden) -> dv/dt (batch, units)."""
        z = self.first(v) if drive is None else self.first(v) + drive
        for layer in self.between:
            z = layer(torch.tanh(z))
        return self.last(torch.tanh(z))

    def cross(self, solver: solvers.Solver, unfolds: int, drive: Tensor | None, state: Tensor, dt: Tensor) -> Step:
        """Carry ``state`` (batch, units) over ``dt``; tau: |v| / |dv/dt| where the slope was last evaluated.

        tau is inf where a neuron stands still, and without gradient.
        """
        v, slope = state, state

        def gates(here: Tensor) -> tuple[Tensor, Tensor]:
            nonlocal v, slope
            v, slope = here, self(here, drive)
            return torch.zeros_like(here), slope

        held = (*self.parameters(), *(() if drive is None else (drive,)))
        state, _ = solver.advance(gates, state.new_ones(state.shape[-1]), state, dt, unfolds, held)
        v, slope = v.detach().abs(), slope.detach().abs()
        return Step(state, torch.where(slope > 0, v / slope, torch.inf))


class NeuralODECell(AbstractCell):
    """dv/dt = perceptron(v, x), x held over the step.

    hidden: width of the perceptron, None: as many as units; depth: its hidden layers. dt = 0 is the identity.
    tau = |v| / |dv/dt| at the last evaluation of a step: the time in which the neuron would change by its own size, inf
    where it stands still. Source: Chen et al., *Neural Ordinary Differential Equations* (NeurIPS 2018).
    """

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        hidden: int | None = None,
        depth: int = 1,
        solver: str | solvers.Solver = "rk4",
        unfolds: int = 2,
    ) -> None:
        super().__init__()
        check_sizes(input_size, units)
        self.input_size, self.units, self.output_size = input_size, units, units
        self.solver = solvers.get(solver)
        self.unfolds = _check_unfolds(unfolds)
        hidden = units if hidden is None else hidden
        self.flow = Flow(units, hidden, depth)
        self.input_map = nn.Linear(input_size, hidden, bias=False)

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """The inputs' part of the first hidden layer: (..., hidden)."""
        return self.input_map(inputs)

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        return self.flow.cross(self.solver, self.unfolds, drive, state, dt)

    def output(self, state: Tensor) -> Tensor:
        return state


class ODERNNCell(AbstractCell):
    """A neural ODE over the time before a step, then a GRU's update by what was seen at it.

    dt is the time before a step's input. A step at which nothing was seen only flows, and is the identity at dt = 0;
    an observation is a jump however soon it comes. The GRU hears [x, mask]. hidden, depth: see ``NeuralODECell``.
    tau = |v| / |dv/dt| at the last evaluation of the flow, before the update; inf where the neuron stands still.
    Source: Rubanova et al., *Latent ODEs for Irregularly-Sampled Time Series* (NeurIPS 2019).
    """

    def __init__(
        self,
        input_size: int,
        units: int,
        *,
        hidden: int | None = None,
        depth: int = 1,
        solver: str | solvers.Solver = "rk4",
        unfolds: int = 2,
    ) -> None:
        super().__init__()
        check_sizes(input_size, units)
        self.input_size, self.units, self.output_size = input_size, units, units
        self.solver = solvers.get(solver)
        self.unfolds = _check_unfolds(unfolds)
        self.flow = Flow(units, units if hidden is None else hidden, depth)
        self.update = GRUCell(2 * input_size, units, time_input=False)

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """[the update's gates from the inputs alone, 1 where anything was seen]: (..., 3 units + 1)."""
        seen = torch.ones_like(inputs) if mask is None else mask.to(inputs.dtype)
        return torch.cat([self.update.drive(torch.cat([inputs, seen], -1)), seen.amax(-1, keepdim=True)], -1)

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        flown = self.flow.cross(self.solver, self.unfolds, None, state, dt)
        updated = self.update.advance(drive[..., :-1], flown.state, dt, None)
        return Step(torch.where(drive[..., -1:] > 0, updated.state, flown.state), flown.tau)

    def output(self, state: Tensor) -> Tensor:
        return state
