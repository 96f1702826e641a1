"""Cells that are plain differential equations: continuous-time RNN, neural ODE, and ODE-RNN.

All go through ``models.solvers`` as ``cm dv/dt = current(v) - conductance(v) v``; a neural ODE has no conductance, so
that the exponential solver is Euler's rule for it.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.nn.functional import linear, softplus

from models import solvers
from models.cells.base import AbstractCell, Step
from models.cells.gru import GRUCell
from models.cells.initial import before_softplus, within
from models.cells.sparse import DenseMatrix, SparseMatrix
from models.checks import whole
from models.errors import ModelError
from models.wiring import Adjacency, Circuit

SMALLEST_TAU = 1e-6  # a neuron without a time constant would have no equation


def connections(sources: int, targets: int, adjacency: Adjacency | None) -> DenseMatrix | SparseMatrix:
    """Weights (targets, sources) as of a linear map, all of them or only where an adjacency has a synapse.

    Initially uniform within 1 / sqrt(number of sources a target hears); signs as the adjacency's polarities.
    """
    if adjacency is None:
        return DenseMatrix(within(torch.full((targets, sources), sources**-0.5)))
    polarity = adjacency.T
    target, source = np.nonzero(polarity)
    sign = torch.from_numpy(polarity[target, source].astype(np.float32))
    heard = torch.from_numpy(np.count_nonzero(polarity, axis=1)[target].astype(np.float32))
    return SparseMatrix(polarity != 0, sign * torch.rand(len(source)) / heard.sqrt())


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
        self.input_size, self.units = whole("input_size", input_size), whole("units", units)
        if circuit is not None and (circuit.input_size, circuit.units) != (input_size, units):
            raise ModelError(
                f"the circuit has {circuit.input_size} inputs and {circuit.units} units, expected {input_size}, {units}"
            )
        self.output_size = units if circuit is None else circuit.output_size
        self.solver = solvers.get(solver)
        self.unfolds = whole("unfolds", unfolds)
        self.recurrent = connections(units, units, None if circuit is None else circuit.adjacency)
        self.sensory = connections(input_size, units, None if circuit is None else circuit.sensory)
        self.bias = nn.Parameter(torch.zeros(units))
        self.raw_tau = nn.Parameter(before_softplus(0.3 * 10 ** torch.rand(units)))

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

        def at(v: Tensor) -> tuple[Tensor, Tensor]:
            return torch.ones_like(v), torch.tanh(linear(v, frozen.weight) + drive)

        def along(v: Tensor, change: Tensor) -> tuple[Tensor, Tensor]:
            return torch.zeros_like(v), _bend(
                torch.tanh(linear(v, frozen.weight) + drive), linear(change, frozen.weight)
            )

        held, gates = (drive, frozen.weight), solvers.TangentGates(at, along)
        state, _ = self.solver.advance(gates, frozen.tau, state, dt, self.unfolds, held)
        return Step(state, frozen.tau.expand_as(state))

    def output(self, state: Tensor) -> Tensor:
        return state[..., : self.output_size]


def _bend(shown: Tensor, change: Tensor) -> Tensor:
    """What a change before tanh, which gave ``shown``, makes of it."""
    return (1 - shown.square()) * change


class Flow(nn.Module):
    """dv/dt = a perceptron of v with tanh layers, to whose first layer an outer drive may be added.

    units: neurons; hidden: width of a layer; depth: number of hidden layers. The slope is bounded, so v never grows
    faster than in proportion to time.
    """

    def __init__(self, units: int, hidden: int, depth: int) -> None:
        super().__init__()
        hidden, depth = whole("hidden", hidden), whole("depth", depth)
        self.first = nn.Linear(units, hidden)
        self.between = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(depth - 1))
        self.last = nn.Linear(hidden, units)

    def forward(self, v: Tensor, drive: Tensor | None = None) -> Tensor:
        """v (batch, units), drive (batch, hidden) -> dv/dt (batch, units)."""
        z = self.first(v) if drive is None else self.first(v) + drive
        for layer in self.between:
            z = layer(torch.tanh(z))
        return self.last(torch.tanh(z))

    def along(self, v: Tensor, change: Tensor, drive: Tensor | None = None) -> Tensor:
        """What a change of v makes of dv/dt, to first order; shapes as in ``forward``."""
        z = self.first(v) if drive is None else self.first(v) + drive
        change = linear(change, self.first.weight)
        for layer in (*self.between, self.last):
            shown = torch.tanh(z)
            z, change = layer(shown), linear(_bend(shown, change), cast("nn.Linear", layer).weight)
        return change

    def cross(self, solver: solvers.Solver, unfolds: int, drive: Tensor | None, state: Tensor, dt: Tensor) -> Step:
        """Carry ``state`` (batch, units) over ``dt``; tau: |v| / |dv/dt| where the slope was last evaluated.

        tau is inf where a neuron stands still, and without gradient.
        """
        if _stands_still(dt):
            slope = self(state, drive)
            return Step(state + 0.0 * slope, _own_time(state.detach(), slope.detach()))
        v, slope = state, state

        def at(here: Tensor) -> tuple[Tensor, Tensor]:
            nonlocal v, slope
            v, slope = here, self(here, drive)
            return torch.zeros_like(here), slope

        def along(here: Tensor, change: Tensor) -> tuple[Tensor, Tensor]:
            return torch.zeros_like(here), self.along(here, change, drive)

        gates = solvers.TangentGates(at, along)
        held = (*self.parameters(), *(() if drive is None else (drive,)))
        state, _ = solver.advance(gates, state.new_ones(state.shape[-1]), state, dt, unfolds, held)
        return Step(state, _own_time(v.detach(), slope.detach()))


def _stands_still(dt: Tensor) -> bool:
    """Whether no time passes for anyone, where that is known without waiting for a GPU and nobody asks for dt's own
    gradient, forward or backward, or maps over it."""
    if dt.requires_grad or dt.is_cuda or forward_ad.unpack_dual(dt).tangent is not None:
        return False
    try:
        return not dt.any()
    except RuntimeError:  # inside torch.func.vmap, where nothing may depend on the data
        return False


def _own_time(v: Tensor, slope: Tensor) -> Tensor:
    """In which a neuron would change by its own size."""
    return torch.where(slope != 0, v.abs() / slope.abs(), torch.inf)


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
        self.input_size, self.units = whole("input_size", input_size), whole("units", units)
        self.output_size = self.units
        self.solver = solvers.get(solver)
        self.unfolds = whole("unfolds", unfolds)
        self.flow = Flow(units, units if hidden is None else hidden, depth)
        self.input_map = nn.Linear(input_size, self.flow.first.out_features, bias=False)

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
        self.input_size, self.units = whole("input_size", input_size), whole("units", units)
        self.output_size = self.units
        self.solver = solvers.get(solver)
        self.unfolds = whole("unfolds", unfolds)
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
