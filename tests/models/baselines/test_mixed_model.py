"""The mixed model agrees with theory and with statsmodels, and never fails."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from models.baselines import mixed_model as mm


def _simulated(seed: int = 0, patients: int = 150):
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(np.array([[1.0, 0.2], [0.2, 0.3]]))
    rows = []
    for _ in range(patients):
        times = np.sort(rng.random(6))
        b = root @ rng.normal(size=2)
        y = 1.0 - 2.0 * times + b[0] + b[1] * times + rng.normal(0, 0.3, 6)
        rows.append((times, y[:, None]))
    return rows


def _sums(rows, static: tuple[float, ...] = ()) -> list[mm.Sums]:
    return [mm.sums(*mm.design(t, np.array(static)), y) for t, y in rows]


def test_it_recovers_the_variances_it_was_drawn_from():
    fixed = mm.fit(mm.stack(_sums(_simulated(patients=600))), joint=False, rounds=200)
    assert fixed.noise[0] == pytest.approx(0.09, rel=0.1)
    assert fixed.covariance[0, 0, 0] == pytest.approx(1.0, rel=0.15)


def test_it_agrees_with_statsmodels():
    from statsmodels.regression.mixed_linear_model import MixedLM

    rows = _simulated()
    fixed = mm.fit(mm.stack(_sums(rows)), joint=False, rounds=400)
    design = [mm.design(t, np.zeros(0)) for t, _ in rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = MixedLM(
            np.concatenate([y[:, 0] for _, y in rows]),
            np.concatenate([x for x, _ in design]),
            groups=np.repeat(np.arange(len(rows)), 6),
            exog_re=np.concatenate([z for _, z in design]),
        ).fit(reml=False)
    # single coefficients of time and its bend trade off; what they forecast does not
    x = np.stack([mm.design(np.linspace(0, 1, 5), np.zeros(0))[0]])[0]
    np.testing.assert_allclose(x @ fixed.beta[0], x @ reference.fe_params, atol=0.02)
    assert fixed.noise[0] == pytest.approx(reference.scale, rel=0.02)


def test_without_a_row_the_forecast_is_the_population_and_with_many_it_is_the_patient():
    rows = _simulated()
    fixed = mm.fit(mm.stack(_sums(rows)), joint=False)
    times, y = rows[0]
    mean, var = mm.filtered(fixed, *mm.design(times, np.zeros(0)), y)
    assert (mean[0] == 0).all()
    np.testing.assert_allclose(var[0], fixed.covariance, rtol=1e-6)
    assert var[-1, 0, 0, 0] < 0.3 * var[0, 0, 0, 0]


def test_one_variable_informs_another_in_the_joint_model():
    rng = np.random.default_rng(3)
    rows = []
    for _ in range(200):
        level = rng.normal()
        y = np.stack([level + rng.normal(0, 0.3, 5), level + rng.normal(0, 0.3, 5)], -1)
        rows.append((np.linspace(0, 1, 5), y))
    fixed = mm.fit(mm.stack(_sums(rows)), joint=True)
    seen = np.full((3, 2), np.nan)
    seen[:, 0] = 2.0  # only the first is ever seen in this patient
    mean, _ = mm.filtered(fixed, *mm.design(np.linspace(0, 1, 3), np.zeros(0)), seen)
    assert mean[-1, 1, 0] > 1.0


@pytest.mark.parametrize("joint", [False, True])
def test_nothing_observed_constant_values_and_one_patient_still_fit(joint: bool):
    times = np.array([0.0, 0.0, 1.0])
    y = np.stack([np.full(3, np.nan), np.full(3, 2.0)], -1)
    fixed = mm.fit(mm.stack(_sums([(times, y)])), joint=joint)
    mean, var = mm.filtered(fixed, *mm.design(times, np.zeros(0)), y)
    assert np.isfinite(mean).all()
    assert np.isfinite(var).all()
