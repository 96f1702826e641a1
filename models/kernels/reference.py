"""The liquid time-constant equations in torch: the readable specification that every fast kernel is held to.

Per neuron j, sums over existing synapses only, s the logistic function:

    cm_j dv_j/dt = -(gl_j + D_j) v_j + gl_j vl_j + N_j
    D_j = sum_i w_ij s(sigma_ij (v_i - mu_ij)) + the same over inputs,   N_j = the same sums weighted by erev_ij

Parameters here are effective ones: w, cm and gleak are already >= 0.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from models.cells.base import Step
from models.solvers import Solver


class Synapses(NamedTuple):
    """source, target, sigma, mu, w, erev: (synapses,); sources, units: sizes of the layers they join."""

    source: Tensor
    target: Tensor
    sigma: Tensor
    mu: Tensor
    w: Tensor
    erev: Tensor
    sources: int
    units: int


class Matrices(NamedTuple):
    """A synapse group as two matrices: gates = s(source @ scale - shift), then gates @ effect = [D, N].

    scale: (sources, synapses) sigma at the source row; shift: (synapses,); effect: (synapses, 2 units)
    """

    scale: Tensor
    shift: Tensor
    effect: Tensor


def matrices(synapses: Synapses) -> Matrices:
    sigma, w = synapses.sigma, synapses.w
    count = len(sigma)
    column = torch.arange(count, device=sigma.device)
    scale = sigma.new_zeros(synapses.sources, count).index_put((synapses.source, column), sigma)
    effect = w.new_zeros(count, 2 * synapses.units)
    effect = effect.index_put((column, synapses.target), w)
    effect = effect.index_put((column, synapses.target + synapses.units), w * synapses.erev)
    return Matrices(scale, sigma * synapses.mu, effect)


def gates(values: Tensor, weights: Matrices) -> Tensor:
    """values (..., sources) -> open share of every synapse (..., synapses), in 0..1."""
    return torch.sigmoid(values @ weights.scale - weights.shift)


def drive(synapses: Synapses, values: Tensor, mask: Tensor | None) -> Tensor:
    """[D, N] from the inputs alone: values, mask (..., sources) -> (..., 2 units). Unseen inputs' synapses close."""
    weights = matrices(synapses)
    opened = gates(values, weights)
    if mask is not None:
        opened = opened * mask.to(opened.dtype)[..., synapses.source]
    return opened @ weights.effect


class Neurons(NamedTuple):
    """cm: (units,); leak: (2 units,) [gl, gl vl]."""

    cm: Tensor
    leak: Tensor


def advance(
    solver: Solver, unfolds: int, recurrent: Matrices, neurons: Neurons, drive: Tensor, state: Tensor, dt: Tensor
) -> Step:
    """drive (batch, 2 units), state (batch, units), dt (batch,) -> state and tau after ``dt``."""
    gates = RecurrentGates(recurrent, drive + neurons.leak)
    held = (gates.constant, *recurrent)
    return Step(*solver.advance(gates, neurons.cm, state, dt, unfolds, held))


class RecurrentGates:
    """The recurrent synapses' part of a step: state (batch, units) -> conductance, current; with their tangent.

    constant: (batch, 2 units) of leak and inputs
    """

    def __init__(self, weights: Matrices, constant: Tensor) -> None:
        self.weights = weights
        self.constant = constant
        self._last: tuple[Tensor, Tensor] | None = None

    def __call__(self, state: Tensor) -> tuple[Tensor, Tensor]:
        opened = gates(state, self.weights)
        self._last = state, opened
        conductance, current = (self.constant + opened @ self.weights.effect).chunk(2, -1)
        return conductance, current

    def tangent(self, state: Tensor, change: Tensor) -> tuple[Tensor, Tensor]:
        """Where the state, at which they were evaluated last, changes: that of conductance and current."""
        if self._last is None or self._last[0] is not state:
            self(state)
        assert self._last is not None
        opened = self._last[1]
        moved = opened * (1 - opened) * (change @ self.weights.scale)
        conductance, current = (moved @ self.weights.effect).chunk(2, -1)
        return conductance, current
