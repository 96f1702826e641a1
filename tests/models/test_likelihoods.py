"""Densities and quantiles agree with the reference ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from models import likelihoods
from models.errors import ModelError

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def test_student_agrees_with_scipy():
    family = likelihoods.make("student", 2).double()
    df = family.df.detach().numpy()  # type: ignore[union-attr]
    mean, log_scale = torch.tensor([[0.3, -1.0]]).double(), torch.tensor([[-0.5, 0.7]]).double()
    target = torch.tensor([[2.0, 0.1]]).double()
    expected = -stats.t.logpdf(target.numpy(), df, mean.numpy(), np.exp(log_scale.numpy()))
    np.testing.assert_allclose(family.nll(mean, log_scale, target).detach().numpy(), expected)
    np.testing.assert_allclose(family.quantiles(LEVELS), stats.t.ppf(LEVELS, df[:, None]))


def test_gaussian_agrees_with_scipy():
    family = likelihoods.make("gaussian", 1)
    nll = family.nll(torch.tensor([0.3]).double(), torch.tensor([-0.5]).double(), torch.tensor([2.0]).double())
    np.testing.assert_allclose(nll.numpy(), -stats.norm.logpdf(2.0, 0.3, np.exp(-0.5)), rtol=1e-6)
    np.testing.assert_allclose(family.quantiles(LEVELS), stats.norm.ppf([LEVELS]))


def test_an_unknown_family_is_refused_with_the_known_ones():
    with pytest.raises(ModelError, match="student, gaussian"):
        likelihoods.make("cauchy", 1)
