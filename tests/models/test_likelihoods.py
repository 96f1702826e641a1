"""Densities, distribution functions and quantiles agree with the reference ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from models import likelihoods
from models.errors import ModelError

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
Z = np.array([[[-3.0, -0.2], [0.0, 7.5]]])  # (Q, K, M)


@pytest.mark.parametrize(
    ("name", "reference"),
    [("student", stats.t(8.102)), ("gaussian", stats.norm), ("logistic", stats.logistic)],
)
def test_a_family_agrees_with_scipy(name: str, reference: Any):
    family = likelihoods.make(name, 2).double()
    if name == "student":
        reference = stats.t(family.df.detach().numpy()[0])  # type: ignore[union-attr]
    np.testing.assert_allclose(family.log_density(torch.tensor(Z)).detach().numpy(), reference.logpdf(Z), rtol=1e-9)
    below, density = family.cumulative(Z[0], family.tails[:, None])
    np.testing.assert_allclose(below, reference.cdf(Z[0]), rtol=1e-9)
    np.testing.assert_allclose(density, reference.pdf(Z[0]), rtol=1e-9)
    np.testing.assert_allclose(family.ppf(LEVELS), np.tile(reference.ppf(LEVELS), (2, 1)), rtol=1e-9, atol=1e-12)


def test_an_unknown_family_is_refused_with_the_known_ones():
    with pytest.raises(ModelError, match="logistic, student, gaussian"):
        likelihoods.make("cauchy", 1)
