"""Liquid time-constant cell (Hasani et al., AAAI 2021): conductance synapses that change the neurons' own speed.

Per neuron j, sums over existing synapses only, s the logistic function:

    cm_j dv_j/dt = -(gl_j + D_j) v_j + gl_j vl_j + N_j
    D_j = sum_i w_ij s(sigma_ij (v_i - mu_ij)) + the same over inputs,   N_j = the same sums weighted by erev_ij
    tau_sys = cm / (gl + D),   v_inf = (gl vl + N) / (gl + D)

Parameters live per existing synapse, so a sparse wiring costs what its synapses cost.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from models import solvers
from models.cells.base import AbstractCell, Step
from models.cells.initial import before_softplus, uniform
from models.cells.projection import SMALLEST_CM, Capacitance, KeepsProjection, NonNegativeParameter
from models.checks import shown, whole
from models.errors import ModelError
from models.kernels import reference
from models.wiring import Adjacency, Circuit

Nonnegative = Literal["softplus", "projection"]


class Synapses(KeepsProjection):
    """All synapses of one adjacency (sources, units). sigma, mu, w, erev: (synapses,) in row-major order."""

    source: Tensor
    target: Tensor

    def __init__(self, adjacency: Adjacency, nonnegative: Nonnegative) -> None:
        super().__init__()
        source, target = np.nonzero(adjacency)
        count = len(source)
        self.shape = adjacency.shape
        self.nonnegative: Nonnegative = nonnegative
        self.register_buffer("source", torch.from_numpy(source.astype(np.int64)), persistent=False)
        self.register_buffer("target", torch.from_numpy(target.astype(np.int64)), persistent=False)
        self.sigma = nn.Parameter(uniform(3.0, 8.0, count))
        self.mu = nn.Parameter(uniform(0.3, 0.8, count))
        self.w = _positive_parameter(uniform(0.001, 1.0, count), nonnegative)
        self.erev = nn.Parameter(torch.from_numpy(adjacency[source, target]).to(torch.get_default_dtype()))

    def effective(self) -> reference.Synapses:
        """With w >= 0, for the kernels."""
        w = _positive(self.w, self.nonnegative)
        return reference.Synapses(self.source, self.target, self.sigma, self.mu, w, self.erev, *self.shape)


def _positive_parameter(
    initial: Tensor, nonnegative: Nonnegative, kind: type[NonNegativeParameter] = NonNegativeParameter
) -> nn.Parameter:
    if nonnegative == "projection":
        return kind(initial)
    return nn.Parameter(before_softplus(initial))  # so both start alike


def _positive(parameter: Tensor, nonnegative: Nonnegative) -> Tensor:
    return softplus(parameter) if nonnegative == "softplus" else parameter


class Frozen(NamedTuple):
    recurrent: reference.Matrices
    neurons: reference.Neurons


class LTCCell(KeepsProjection, AbstractCell):
    """Liquid time-constant cell on a circuit.

    solver: name in ``models.solvers``, or one with options from ``solvers.get``; unfolds: sub-steps a step
    (``exponential_midpoint`` evaluates the gates twice in each, ``exponential_tangent`` is about as exact with one, but
    not compiled for a GPU); nonnegative: how w, cm and gleak stay >= 0: "softplus" of a free parameter, or "projection"
    after every optimiser step.
    Source: Hasani et al. 2021; parameters and ranges as in ncps 1.0.1.
    """

    def __init__(
        self,
        circuit: Circuit,
        *,
        solver: str | solvers.Solver = "exponential",
        unfolds: int = 6,
        nonnegative: Nonnegative = "softplus",
    ) -> None:
        super().__init__()
        if not isinstance(circuit, Circuit):
            raise ModelError(f"circuit must be one, as of AutoNCP(32, 4).circuit(8), got {shown(circuit)}")
        if nonnegative not in ("softplus", "projection"):
            raise ModelError(f"unknown nonnegative {nonnegative!r}; there are softplus, projection")
        self.circuit = circuit
        self.input_size, self.units, self.output_size = circuit.input_size, circuit.units, circuit.output_size
        self.solver = solvers.get(solver)
        self.unfolds = whole("unfolds", unfolds)
        self.nonnegative: Nonnegative = nonnegative
        self.gleak = _positive_parameter(uniform(0.001, 1.0, self.units), nonnegative)
        self.vleak = nn.Parameter(uniform(-0.2, 0.2, self.units))
        self.cm = _positive_parameter(uniform(0.4, 0.6, self.units), nonnegative, Capacitance)
        self.recurrent = Synapses(circuit.adjacency, nonnegative)
        self.sensory = Synapses(circuit.sensory, nonnegative)
        self.input_w = nn.Parameter(torch.ones(circuit.input_size))
        self.input_b = nn.Parameter(torch.zeros(circuit.input_size))
        self.output_w = nn.Parameter(torch.ones(circuit.output_size))
        self.output_b = nn.Parameter(torch.zeros(circuit.output_size))

    def sensed(self, inputs: Tensor) -> Tensor:
        """inputs (..., input_size) as the sensory synapses see them."""
        return inputs * self.input_w + self.input_b

    def neurons(self) -> reference.Neurons:
        gleak, cm = (_positive(p, self.nonnegative) for p in (self.gleak, self.cm))
        return reference.Neurons(cm.clamp(min=SMALLEST_CM), torch.cat([gleak, gleak * self.vleak]))

    def drive(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """[D, N] from the inputs alone: (..., 2 units)."""
        return reference.drive(self.sensory.effective(), self.sensed(inputs), mask)

    def frozen(self) -> Frozen:
        return Frozen(reference.matrices(self.recurrent.effective()), self.neurons())

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor, frozen: object) -> Step:
        assert isinstance(frozen, Frozen)
        return reference.advance(self.solver, self.unfolds, *frozen, drive, state, dt)

    def output(self, state: Tensor) -> Tensor:
        return state[..., : self.circuit.output_size] * self.output_w + self.output_b
