"""What the plain cells share."""

from __future__ import annotations

import torch
from torch import Tensor

from models.errors import ModelError


def check_sizes(input_size: int, units: int) -> None:
    """Raises ModelError for a cell without inputs or without neurons."""
    if input_size < 1 or units < 1:
        raise ModelError(f"a cell needs at least one input and one unit, got {input_size} and {units}")


def fading(dt: Tensor, rate: Tensor) -> Tensor:
    """Time constant of something that keeps the share exp(-rate) over a step: dt / rate, inf where all is kept.

    dt (batch,), counted as 1 where it is 0; rate (batch, units) >= 0 -> (batch, units) model time, without gradient
    """
    return torch.where(dt == 0, 1.0, dt).detach().unsqueeze(-1) / rate.detach()
