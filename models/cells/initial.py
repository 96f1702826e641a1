"""Where the parameters of the cells begin."""

from __future__ import annotations

import torch
from torch import Tensor


def uniform(low: float, high: float, *shape: int) -> Tensor:
    return torch.rand(*shape) * (high - low) + low


def within(bounds: Tensor) -> Tensor:
    """Uniform in -bounds..bounds, of their shape."""
    return (2 * torch.rand(bounds.shape) - 1) * bounds


def xavier(rows: int, columns: int) -> float:
    """Range of the entries of a matrix (Glorot & Bengio, 2010)."""
    return (6 / (rows + columns)) ** 0.5


def before_softplus(values: Tensor) -> Tensor:
    """Of which softplus makes ``values`` > 0."""
    return torch.log(torch.expm1(values))
