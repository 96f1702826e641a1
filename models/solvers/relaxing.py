"""Rules that hold the gates over a sub-step, at its start or as they will be in its middle, and let the state relax:
never unstable, whatever the elapsed time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.solvers.base import EPSILON, Gates, SubstepSolver, tangent

FALL = 0.5  # share of a conductance by which ``exponential_tangent`` may lower it


@dataclass(frozen=True)
class Fused(SubstepSolver):
    """The published semi-implicit rule, v <- (cm/h v + current) / (cm/h + conductance). For parity.

    First order. dt = 0: the identity. Large dt: every sub-step lands near v_inf, a distance tau_sys / h short of it;
    stable at any dt. Source: Hasani et al., Liquid Time-constant Networks (AAAI 2021), algorithm 1.
    """

    name, order, evaluations = "fused", 1, 1

    def substep(self, gates: Gates, cm: Tensor, state: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        conductance, current = gates(state)
        guarded = conductance + EPSILON
        return state + h * (current - guarded * state) / (cm + h * guarded), conductance


def _relax(state: Tensor, conductance: Tensor, current: Tensor, cm: Tensor, h: Tensor) -> Tensor:
    """Exact for frozen gates: never overshoots v_inf."""
    guarded = conductance + EPSILON
    return state - (current / guarded - state) * torch.expm1(-h * guarded / cm)


@dataclass(frozen=True)
class Exponential(SubstepSolver):
    """v <- v_inf + (v - v_inf) exp(-h / tau_sys).

    First order, exact for frozen gates; Euler's rule where there is no conductance. dt = 0: the identity. Large dt:
    every sub-step lands on the v_inf of the state before it; stable at any dt.
    """

    name, order, evaluations = "exponential", 1, 1

    def substep(self, gates: Gates, cm: Tensor, state: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        conductance, current = gates(state)
        return _relax(state, conductance, current, cm, h), conductance


@dataclass(frozen=True)
class ExponentialMidpoint(SubstepSolver):
    """Half an exponential step, the gates again there, then the full step with those.

    Second order. dt = 0: the identity. Large dt: lands on the v_inf of a v_inf; stable at any dt.
    """

    name, order, evaluations = "exponential_midpoint", 2, 2

    def substep(self, gates: Gates, cm: Tensor, state: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        conductance, current = gates(state)
        middle = _relax(state, conductance, current, cm, h / 2)
        conductance, current = gates(middle)
        return _relax(state, conductance, current, cm, h), conductance


@dataclass(frozen=True)
class ExponentialTangent(SubstepSolver):
    """``exponential_midpoint`` with the gates in the middle from their tangent at the start: one evaluation, not two.

    Second order. A conductance falls to half by it at the most, the current with it; a gate may go beyond open or shut
    along its tangent, so that unlike with the other rules a state may leave its potentials' range for a sub-step. dt =
    0: the identity. Large dt: lands on the v_inf of gates that are followed along their tangent to v_inf; stable at any
    dt. Wants gates that know their tangent.
    """

    name, order, evaluations = "exponential_tangent", 2, 1

    def substep(self, gates: Gates, cm: Tensor, state: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        conductance, current = gates(state)
        change = _relax(state, conductance, current, cm, h / 2) - state
        by_conductance, by_current = tangent(gates, state, change)
        falls = by_conductance < -FALL * conductance
        share = torch.where(falls, -FALL * conductance / torch.where(falls, by_conductance, -1.0), 1.0)
        conductance, current = conductance + share * by_conductance, current + share * by_current
        return _relax(state, conductance, current, cm, h), conductance
