"""Families a continuous read-out mixes: each a location and a scale, with tails of its own."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import torch
from scipy.special import expit, logit, ndtr, ndtri, stdtr, stdtrit
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

    def cdf(self, z: Array) -> Array:
        """z (Q, K, L, C) -> chance of at most that."""
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

    def cdf(self, z: Array) -> Array:
        return ndtr(z)

    def ppf(self, levels: tuple[float, ...]) -> Array:
        return np.tile(ndtri(np.array(levels)), (self.columns, 1))


class Logistic(nn.Module):
    """Logistic distribution: tails between the normal and Student's t, and the cheapest of all to sum up."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.columns = columns

    def log_density(self, z: Tensor) -> Tensor:
        return -z - 2 * softplus(-z)

    def cdf(self, z: Array) -> Array:
        return expit(z)

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

    def cdf(self, z: Array) -> Array:
        return stdtr(self._df()[:, None, None], z)

    def ppf(self, levels: tuple[float, ...]) -> Array:
        return stdtrit(self._df()[:, None], np.array(levels)[None, :])

    def _df(self) -> Array:
        return self.df.detach().cpu().double().numpy()


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
