"""The time constant of a gate that knows no time."""

from __future__ import annotations

import torch
from torch import Tensor


def fading(dt: Tensor, rate: Tensor) -> Tensor:
    """Time constant of something that keeps the share exp(-rate) over a step: dt / rate, inf where all is kept.

    dt (batch,), counted as 1 where it is 0; rate (batch, units) >= 0 -> (batch, units) model time, without gradient
    """
    return torch.where(dt == 0, 1.0, dt).detach().unsqueeze(-1) / rate.detach()
