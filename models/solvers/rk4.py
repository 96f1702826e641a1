"""The classical Runge-Kutta rule."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from models.solvers.base import Gates, SubstepSolver

STABLE = 2.785  # h / tau_sys up to which a relaxation does not grow


@dataclass(frozen=True)
class RK4(SubstepSolver):
    """Four slopes a sub-step; fourth order.

    dt = 0: the identity. Large dt: explicit, so stable only while h = dt / unfolds stays below 2.785 tau_sys; past
    that a relaxation grows by about (h / tau_sys)^4 / 24 a sub-step and soon overflows to inf and NaN. For equations
    that relax fast against dt take the exponential family, or more unfolds.
    """

    name, order, evaluations = "rk4", 4, 4

    def substep(self, gates: Gates, cm: Tensor, state: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        def change(v: Tensor) -> tuple[Tensor, Tensor]:
            conductance, current = gates(v)
            return h * (current - conductance * v) / cm, conductance

        a, _ = change(state)
        b, _ = change(state + a / 2)
        c, _ = change(state + b / 2)
        d, conductance = change(state + c)
        return state + (a + 2 * (b + c) + d) / 6, conductance
