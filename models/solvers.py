"""How a liquid cell crosses an elapsed time: sub-step rules by name.

The cell's equation is ``cm dv/dt = current(v) - conductance(v) v``; with the gates frozen over a sub-step of length h
it relaxes towards ``v_inf = current / conductance`` with the time constant ``tau_sys = cm / conductance``. Every rule
here is written as ``v + change`` with a change that vanishes at h = 0, so zero elapsed time is exactly the identity,
and every rule is stable for any h. Measured errors against RK4 are in the tests.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from models.errors import ModelError

Gates = Callable[[Tensor], tuple[Tensor, Tensor]]
"""state (batch, units) -> conductance, current; both (batch, units)"""

EPSILON = 1e-8  # of the published fused solver; keeps a neuron without any conductance finite


class Solver(ABC):
    """One sub-step. ``order``: of convergence in h; ``evaluations``: of the gates in a sub-step."""

    name: str
    order: int
    evaluations: int

    @abstractmethod
    def substep(self, gates: Gates, cm: Tensor, state: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """state (batch, units), h (batch, 1) model time -> next state and the conductance it was computed with."""

    def advance(self, gates: Gates, cm: Tensor, state: Tensor, dt: Tensor, unfolds: int) -> tuple[Tensor, Tensor]:
        """Cross ``dt`` (batch,) in ``unfolds`` equal sub-steps.

        Returns the state and tau_sys of the last sub-step, (batch, units) each, model time.
        """
        h = (dt / unfolds).unsqueeze(-1)
        conductance = state
        for _ in range(unfolds):
            state, conductance = self.substep(gates, cm, state, h)
        return state, cm / (conductance + EPSILON)


class Fused(Solver):
    """The published semi-implicit rule, v <- (cm/h v + current) / (cm/h + conductance). First order; for parity."""

    name, order, evaluations = "fused", 1, 1

    def substep(self, gates: Gates, cm: Tensor, state: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        conductance, current = gates(state)
        guarded = conductance + EPSILON
        return state + h * (current - guarded * state) / (cm + h * guarded), conductance


def _relax(state: Tensor, conductance: Tensor, current: Tensor, cm: Tensor, h: Tensor) -> Tensor:
    """Exact for frozen gates: never overshoots v_inf."""
    guarded = conductance + EPSILON
    return state - (current / guarded - state) * torch.expm1(-h * guarded / cm)


class Exponential(Solver):
    """v <- v_inf + (v - v_inf) exp(-h / tau_sys). First order, exact for frozen gates."""

    name, order, evaluations = "exponential", 1, 1

    def substep(self, gates: Gates, cm: Tensor, state: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        conductance, current = gates(state)
        return _relax(state, conductance, current, cm, h), conductance


class ExponentialMidpoint(Solver):
    """Half a step, the gates again there, then the full step with those. Second order."""

    name, order, evaluations = "exponential_midpoint", 2, 2

    def substep(self, gates: Gates, cm: Tensor, state: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        conductance, current = gates(state)
        middle = _relax(state, conductance, current, cm, h / 2)
        conductance, current = gates(middle)
        return _relax(state, conductance, current, cm, h), conductance


SOLVERS: dict[str, Solver] = {s.name: s for s in (Fused(), Exponential(), ExponentialMidpoint())}


def get(name: str) -> Solver:
    """The solver of that name. Raises ModelError, listing the valid names, for any other."""
    try:
        return SOLVERS[name]
    except KeyError:
        raise ModelError(f"unknown solver {name!r}; there are {', '.join(SOLVERS)}") from None
