"""The contract of a rule that carries a state across an elapsed time."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cache
from typing import ClassVar

import torch
from torch import Tensor
from torch.autograd import forward_ad

Gates = Callable[[Tensor], tuple[Tensor, Tensor]]
"""state (batch, units) -> conductance, current; both (batch, units)"""


def tangent(gates: Gates, state: Tensor, change: Tensor) -> tuple[Tensor, Tensor]:
    """How conductance and current change with the state, to first order; all (batch, units).

    By the gates' own ``tangent``, which needs no further evaluation, where they have one.
    """
    own = getattr(gates, "tangent", None)
    if own is not None:
        return own(state, change)
    _load_rules()
    with forward_ad.dual_level():
        along = [forward_ad.unpack_dual(x).tangent for x in gates(forward_ad.make_dual(state, change))]
    conductance, current = (torch.zeros_like(state) if x is None else x for x in along)
    return conductance, current


@cache
def _load_rules() -> None:
    """Of differentiation forwards: torch compiles them at the first use, and warns of its own way to do so."""
    with warnings.catch_warnings(), forward_ad.dual_level():
        warnings.simplefilter("ignore", DeprecationWarning)
        forward_ad.make_dual(torch.zeros(1), torch.zeros(1))


EPSILON = 1e-8  # of the published fused solver; keeps a neuron without any conductance finite


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
