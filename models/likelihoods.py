"""Families a continuous read-out mixes: each a location and a scale, with tails of its own."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import torch
from scipy.special import expit, gammaln, logit, ndtr, ndtri, stdtr, stdtrit
from torch import Tensor, nn
from torch.nn.functional import softplus

from models.errors import ModelError
from models.forecast import Array

SMALLEST_DF = 2.1  # the variance exists


class Family(Protocol):
    """A standard distribution, by column."""

    def log_density(self, z: Tensor) -> Tensor:
        """z (..., K, M) -> log density."""
        ...

    @property
    def tails(self) -> Array:
        """What beside location and scale gives a column its shape: (K,), NaN where nothing does."""
        ...

    def cumulative(self, z: Array, tails: Array) -> tuple[Array, Array]:
        """z, tails (..) -> chance of at most that, and the density there."""
        ...

    def ppf(self, levels: tuple[float, ...]) -> Array:
        """Quantiles: (K, L)."""
        ...


class Gaussian(nn.Module):
    """Normal distribution."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns

    def log_density(self, z: Tensor) -> Tensor:
        return -0.5 * z * z - 0.5 * math.log(2 * math.pi)

    @property
    def tails(self) -> Array:
        return np.full(self.columns, np.nan)

    def cumulative(self, z: Array, tails: Array) -> tuple[Array, Array]:
        return ndtr(z), np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)

    def ppf(self, levels: tuple[float, ...]) -> Array:
        return np.tile(ndtri(np.array(levels)), (self.columns, 1))


class Logistic(nn.Module):
    """Logistic distribution: tails between the normal and Student's t, and the cheapest of all to sum up."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns

    def log_density(self, z: Tensor) -> Tensor:
        return -z - 2 * softplus(-z)

    @property
    def tails(self) -> Array:
        return np.full(self.columns, np.nan)

    def cumulative(self, z: Array, tails: Array) -> tuple[Array, Array]:
        below = expit(z)
        return below, below * (1 - below)

    def ppf(self, levels: tuple[float, ...]) -> Array:
        return np.tile(logit(np.array(levels)), (self.columns, 1))


class StudentT(nn.Module):
    """Student's t with degrees of freedom learnt by column: a jump now and then does not widen every interval."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.free = nn.Parameter(torch.full((columns,), 6.0))

    @property
    def df(self) -> Tensor:
        return SMALLEST_DF + softplus(self.free)

    def log_density(self, z: Tensor) -> Tensor:
        df = self.df.unsqueeze(-1)
        constant = torch.lgamma((df + 1) / 2) - torch.lgamma(df / 2) - 0.5 * torch.log(df * math.pi)
        return constant - 0.5 * (df + 1) * torch.log1p(z * z / df)

    @property
    def tails(self) -> Array:
        return self.df.detach().cpu().double().numpy()

    def cumulative(self, z: Array, tails: Array) -> tuple[Array, Array]:
        constant = np.exp(gammaln((tails + 1) / 2) - gammaln(tails / 2)) / np.sqrt(tails * math.pi)
        return stdtr(tails, z), constant * (1 + z * z / tails) ** (-0.5 * (tails + 1))

    def ppf(self, levels: tuple[float, ...]) -> Array:
        return stdtrit(self.tails[:, None], np.array(levels)[None, :])


LIKELIHOODS: dict[str, type[Gaussian] | type[Logistic] | type[StudentT]] = {
    "logistic": Logistic,
    "student": StudentT,
    "gaussian": Gaussian,
}


def make(name: str, columns: int) -> Gaussian | Logistic | StudentT:
    """Raises ModelError, listing the valid names, for an unknown one."""
    if name not in LIKELIHOODS:
        raise ModelError(f"unknown likelihood {name!r}; there are {', '.join(LIKELIHOODS)}")
    return LIKELIHOODS[name](columns)
