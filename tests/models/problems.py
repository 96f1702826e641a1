"""Equations ``cm dv/dt = current(v) - conductance(v) v`` whose solutions are known, in double precision.

Each problem has several samples; ``exact`` gives the state of every one of them at its own time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.autograd.functional import jvp

from models.solvers import Gates, TangentGates


def f64(*values: object) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


@dataclass(frozen=True)
class Problem:
    """cm: (units,); start: (batch, units); exact: times (batch,) -> (batch, units)"""

    name: str
    gates: Gates
    cm: Tensor
    start: Tensor
    exact: Callable[[Tensor], Tensor]

    def __post_init__(self) -> None:
        object.__setattr__(self, "gates", with_tangent(self.gates))


def with_tangent(gates: Gates) -> TangentGates:
    """By differentiating the gates."""

    def along(v: Tensor, change: Tensor) -> tuple[Tensor, Tensor]:
        _, (conductance, current) = jvp(gates, v, change, create_graph=True)
        return conductance, current

    return TangentGates(gates, along)


def relaxation() -> Problem:
    """Linear, constant gates: v_inf + (v - v_inf) exp(-t g / cm)."""
    g, v_inf, cm = f64(0.5, 2.0), f64(1.0, -0.4), f64(0.8, 1.5)
    start = f64([0.0, 1.0], [2.0, -2.0], [-1.0, 0.3])

    def gates(v: Tensor) -> tuple[Tensor, Tensor]:
        return g.expand_as(v), (g * v_inf).expand_as(v)

    return Problem(
        "relaxation", gates, cm, start, lambda t: v_inf + (start - v_inf) * torch.exp(-t.unsqueeze(-1) * g / cm)
    )


def logistic() -> Problem:
    """Growth to a capacity, v' = r v (1 - v / K): the conductance grows with the state."""
    r, K = f64(1.5), f64(2.0)
    start = f64([0.3], [1.9], [3.5])

    def gates(v: Tensor) -> tuple[Tensor, Tensor]:
        return r * v / K, r * v

    return Problem("logistic", gates, f64(1.0), start, lambda t: K / (1 + (K / start - 1) * torch.exp(-r * t[:, None])))


def bernoulli() -> Problem:
    """cm v' = a v - b v^3: away from an unstable rest to a stable one."""
    a, b, cm = 1.2, 0.7, f64(0.6)
    start = f64([0.2], [-0.5], [2.0])

    def gates(v: Tensor) -> tuple[Tensor, Tensor]:
        return b * v.square(), a * v

    def exact(t: Tensor) -> Tensor:
        fading = torch.exp(-2 * a * t[:, None] / cm)
        return start.sign() * (b / a + (start**-2 - b / a) * fading) ** -0.5

    return Problem("bernoulli", gates, cm, start, exact)


def spiral() -> Problem:
    """Two neurons that drive each other round while both leak: a damped rotation."""
    leak, turn = 0.4, 1.7
    start = f64([1.0, 0.0], [0.5, -1.5], [-0.7, 0.2])

    def gates(v: Tensor) -> tuple[Tensor, Tensor]:
        return torch.full_like(v, leak), turn * torch.stack([-v[:, 1], v[:, 0]], -1)

    def exact(t: Tensor) -> Tensor:
        cosine, sine = torch.cos(turn * t), torch.sin(turn * t)
        x, y = start[:, 0], start[:, 1]
        turned = torch.stack([cosine * x - sine * y, sine * x + cosine * y], -1)
        return turned * torch.exp(-leak * t).unsqueeze(-1)

    return Problem("spiral", gates, f64(1.0, 1.0), start, exact)


def forced() -> Problem:
    """A relaxing neuron, v' = -v + cos(w t), behind two undamped ones, without any conductance, that are its clock."""
    w = 1.3
    start = f64([1.0, 0.0, 0.0], [1.0, 0.0, 2.0], [1.0, 0.0, -1.0])

    def gates(v: Tensor) -> tuple[Tensor, Tensor]:
        x, y = v[:, 0], v[:, 1]
        return f64(0.0, 0.0, 1.0).expand_as(v), torch.stack([-w * y, w * x, x], -1)

    def exact(t: Tensor) -> Tensor:
        cosine, sine, fading = torch.cos(w * t), torch.sin(w * t), torch.exp(-t)
        answer = start[:, 2] * fading + (cosine + w * sine - fading) / (1 + w**2)
        return torch.stack([cosine, sine, answer], -1)

    return Problem("forced", gates, f64(1.0, 1.0, 1.0), start, exact)


PROBLEMS = {p.name: p for p in (relaxation(), logistic(), bernoulli(), spiral(), forced())}
