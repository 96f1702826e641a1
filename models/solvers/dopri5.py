"""Dormand and Prince's adaptive rule, of torchdiffeq."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.errors import ModelError
from models.solvers.base import EPSILON, Gates, Solver


@dataclass(frozen=True)
class Dopri5(Solver):
    """Steps as long as the tolerances allow; fifth order, six evaluations a step tried.

    Each sample's own dt is rescaled to [0, 1], so a batch crosses together and the hardest sample sets the steps.
    dt = 0: the identity. Large dt: accurate, but explicit: about dt / (3 tau_sys) steps, past ``max_steps`` (each way)
    a ModelError.

    rtol, atol: error of a step a sample may make, root mean square over its neurons, rtol |v| + atol
    adjoint: False differentiates through every step; True solves the adjoint equation backwards in time, so memory does
    not grow with the steps. The state is solved backwards with it, restarting from ``unfolds`` kept places: keep dt /
    unfolds within a few tau_sys, since a relaxation run backwards grows.
    Sources: Dormand & Prince (1980); Chen et al., Neural Ordinary Differential Equations (NeurIPS 2018).
    """

    name, order, evaluations = "dopri5", 5, 6

    rtol: float = 1e-5
    atol: float = 1e-6
    max_steps: int = 1_000
    adjoint: bool = False

    def __post_init__(self) -> None:
        if not (self.rtol > 0 and self.atol > 0):
            raise ModelError(f"dopri5: rtol and atol must be above 0, got {self.rtol} and {self.atol}")
        if self.max_steps < 1:
            raise ModelError(f"dopri5: max_steps must be at least 1, got {self.max_steps}")

    def advance(
        self, gates: Gates, cm: Tensor, state: Tensor, dt: Tensor, unfolds: int, parameters: Sequence[Tensor] = ()
    ) -> tuple[Tensor, Tensor]:
        """As ``Solver.advance``; ``unfolds`` matters to the adjoint alone, as the number of kept places."""
        if state.numel():
            state = self._cross(gates, cm, state, dt, unfolds, parameters)
        conductance, _ = gates(state)
        return state, cm / (conductance + EPSILON)

    def _cross(
        self, gates: Gates, cm: Tensor, state: Tensor, dt: Tensor, unfolds: int, parameters: Sequence[Tensor]
    ) -> Tensor:
        from torchdiffeq import odeint, odeint_adjoint

        def slope(_t: Tensor, v: Tensor) -> Tensor:
            conductance, current = gates(v)
            return dt.unsqueeze(-1) * (current - conductance * v) / cm

        places = torch.linspace(0.0, 1.0, (unfolds if self.adjoint else 1) + 1, dtype=state.dtype, device=state.device)
        options = {"norm": _worst_sample, "max_num_steps": self.max_steps, "step_t": places[1:]}
        how = {"rtol": self.rtol, "atol": self.atol, "method": "dopri5", "options": options}
        try:
            if self.adjoint:
                held = _adjoint_parameters(gates, state, (dt, cm, *parameters))
                path = odeint_adjoint(slope, state, places, adjoint_params=held, **how)
            else:
                path = odeint(slope, state, places, **how)
        except AssertionError as error:  # how torchdiffeq says that the steps ran out or left the finite numbers
            raise ModelError(
                f"dopri5 cannot cross dt up to {float(dt.max()):g}: {error}; the equation is stiff against it: "
                "take exponential, a shorter dt, or more max_steps"
            ) from error
        assert isinstance(path, Tensor)
        end = path[-1]
        rounding = torch.where((dt == 0).unsqueeze(-1), end - state, 0.0).detach()
        return end - rounding


def _worst_sample(values: Tensor) -> Tensor:
    """values (batch, units) -> the largest root mean square of a sample, so that easy samples hide no hard one."""
    return values.detach().square().mean(-1).sqrt().max()


def _adjoint_parameters(gates: Gates, state: Tensor, held: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    wanted = tuple(p for p in held if p.requires_grad and p.numel())
    if len(held) == 2 and torch.is_grad_enabled() and any(g.requires_grad for g in gates(state.detach())):
        raise ModelError("dopri5 with adjoint needs the tensors the gates hold; pass them as parameters")
    return wanted
