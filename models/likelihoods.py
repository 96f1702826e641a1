"""Distributions a continuous read-out may have: location and scale from the network, tails by family."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import torch
from scipy.special import ndtri, stdtrit
from torch import Tensor, nn
from torch.nn.functional import softplus

from models.errors import ModelError
from models.forecast import Array

SMALLEST_DF = 2.1  # the variance exists


class Likelihood(Protocol):
    def nll(self, mean: Tensor, log_scale: Tensor, target: Tensor) -> Tensor:
        """All (..., V) -> negative log density (..., V)."""
        ...

    def quantiles(self, levels: tuple[float, ...]) -> Array:
        """Quantiles of the standard distribution: (V, Q)."""
        ...


class Gaussian(nn.Module):
    """Normal distribution."""

    def __init__(self, variables: int) -> None:
        super().__init__()
        self.variables = variables

    def nll(self, mean: Tensor, log_scale: Tensor, target: Tensor) -> Tensor:
        return log_scale + 0.5 * ((target - mean) * torch.exp(-log_scale)) ** 2 + 0.5 * math.log(2 * math.pi)

    def quantiles(self, levels: tuple[float, ...]) -> Array:
        return np.tile(ndtri(np.array(levels)), (self.variables, 1))


class StudentT(nn.Module):
    """Student's t with degrees of freedom learnt by variable: a jump now and then does not widen every interval."""

    def __init__(self, variables: int) -> None:
        super().__init__()
        self.free = nn.Parameter(torch.full((variables,), 6.0))

    @property
    def df(self) -> Tensor:
        return SMALLEST_DF + softplus(self.free)

    def nll(self, mean: Tensor, log_scale: Tensor, target: Tensor) -> Tensor:
        df = self.df
        z = (target - mean) * torch.exp(-log_scale)
        constant = torch.lgamma(df / 2) - torch.lgamma((df + 1) / 2) + 0.5 * torch.log(df * math.pi)
        return constant + log_scale + 0.5 * (df + 1) * torch.log1p(z * z / df)

    def quantiles(self, levels: tuple[float, ...]) -> Array:
        df = self.df.detach().cpu().double().numpy()
        return stdtrit(df[:, None], np.array(levels)[None, :])


LIKELIHOODS: dict[str, type[Gaussian] | type[StudentT]] = {"student": StudentT, "gaussian": Gaussian}


def make(name: str, variables: int) -> Gaussian | StudentT:
    """Raises ModelError, listing the valid names, for an unknown one."""
    if name not in LIKELIHOODS:
        raise ModelError(f"unknown likelihood {name!r}; there are {', '.join(LIKELIHOODS)}")
    return LIKELIHOODS[name](variables)
