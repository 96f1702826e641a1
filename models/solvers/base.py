"""The contract of a rule that carries a state across an elapsed time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from models.errors import ModelError

EPSILON = 1e-8  # of the published fused solver; keeps a neuron without any conductance finite

Gates = Callable[[Tensor], tuple[Tensor, Tensor]]
"""state (batch, units) -> conductance, current; both (batch, units)"""


@dataclass(frozen=True)
class TangentGates:
    """Gates, and how they change to first order: along(state, change of it) -> that of conductance and current."""

    at: Gates
    along: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

    def __call__(self, state: Tensor) -> tuple[Tensor, Tensor]:
        return self.at(state)

    def tangent(self, state: Tensor, change: Tensor) -> tuple[Tensor, Tensor]:
        return self.along(state, change)


def tangent(gates: Gates, state: Tensor, change: Tensor) -> tuple[Tensor, Tensor]:
    """How conductance and current change with the state, to first order; all (batch, units).

    Raises ModelError for gates that do not know it.
    """
    own = getattr(gates, "tangent", None)
    if own is None:
        raise ModelError(
            "exponential_tangent wants gates with a tangent, see TangentGates; or take exponential_midpoint"
        )
    return own(state, change)


class Solver(ABC):
    """A rule for ``cm dv/dt = current(v) - conductance(v) v``; its fields are its options.

    order: of convergence; evaluations: of the gates in a sub-step
    """

    name: ClassVar[str]
    order: ClassVar[int]
    evaluations: ClassVar[int]

    @abstractmethod
    def advance(
        self, gates: Gates, cm: Tensor, state: Tensor, dt: Tensor, unfolds: int, parameters: Sequence[Tensor] = ()
    ) -> tuple[Tensor, Tensor]:
        """Cross ``dt`` (batch,), model time >= 0; cm (units,), state (batch, units).

        unfolds: equal sub-steps, where the rule has a fixed step; parameters: every tensor ``gates`` holds that may
        want a gradient, none computed from another of them. Only an adjoint solver asks for them.
        Returns the state and tau_sys = cm / conductance at the end, (batch, units) each, model time.
        """


class SubstepSolver(Solver):
    """Equal sub-steps, differentiated through every one of them."""

    @abstractmethod
    def substep(self, gates: Gates, cm: Tensor, state: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """state (batch, units), h (batch, 1) model time -> next state and the last conductance it was computed with."""

    def advance(
        self, gates: Gates, cm: Tensor, state: Tensor, dt: Tensor, unfolds: int, parameters: Sequence[Tensor] = ()
    ) -> tuple[Tensor, Tensor]:
        h = (dt / unfolds).unsqueeze(-1)
        conductance = state
        for _ in range(unfolds):
            state, conductance = self.substep(gates, cm, state, h)
        return state, cm / (conductance + EPSILON)
