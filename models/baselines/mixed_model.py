"""Linear mixed model: the best simple forecast of a clinical course, and the ground a network corrects.

    y_v = x(t, static) beta_v + z(t) b_v + e_v,   b ~ N(0, G) per patient,   e_v ~ N(0, s2_v)

with fixed effects for time, the patient's static covariates and their interaction with time, and a random intercept
and slope of every variable (``design``; a design of another making may have any number q of random effects).
``joint``: G spans all variables, so that one sign informs another; else it is one block a variable. Fitted by
expectation-maximisation; small priors keep G positive definite whatever the data, so fitting never fails. A forecast is
the best linear unbiased prediction from the history. Source: Laird and Ware, Biometrics 1982; Shah, Laird and
Schoenfeld, JASA 1997 (joint form).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.forecast import Array

RANDOM = 2  # random effects of ``design``: intercept and slope
JOINT_LIMIT = 24  # variables; beyond it the joint covariance costs more than it tells
_RIDGE = 1e-3
_SMALLEST = 1e-4
_PRIOR_WEIGHT = 2.0  # of the block-diagonal covariance, in patients per random effect


class Fixed(NamedTuple):
    """What is learnt: beta (V, p), covariance (V, q, q) or joint (q V, q V), noise variance (V,); q random effects."""

    beta: Array
    covariance: Array
    noise: Array

    @property
    def joint(self) -> bool:
        return self.covariance.ndim == 2


class Sums(NamedTuple):
    """Sums over a patient's observed rows by variable; leading axes (patients or prefixes, V)."""

    zz: Array  # (q, q)
    zx: Array  # (q, p)
    xx: Array  # (p, p)
    zy: Array  # (q,)
    xy: Array  # (p,)
    yy: Array  # ()
    n: Array  # ()


def design(times: Array, static: Array) -> tuple[Array, Array]:
    """times (n,) in units of the observed span, static (s,) scaled, NaN-free -> x (n, 3 + 2 s), z (n, 2)."""
    one = np.ones_like(times)
    bend = np.sqrt(np.maximum(times, 0.0) + 0.01) - 0.1
    fixed = [one, times, bend, *(one * s for s in static), *(times * s for s in static)]
    return np.stack(fixed, -1), np.stack([one, times], -1)


def sums(x: Array, z: Array, y: Array) -> Sums:
    """x (n, p), z (n, q), y (n, V) with NaN -> Sums over the rows, leading axis (V,)."""
    seen = (~np.isnan(y)).astype(np.float64)
    y = np.where(np.isnan(y), 0.0, y)
    n, variables = y.shape
    q = z.shape[1]
    both = np.concatenate([z, x], -1)
    outer = (both[:, :, None] * both[:, None, :]).reshape(n, -1)
    square = (seen.T @ outer).reshape(variables, both.shape[1], both.shape[1])
    moment = y.T @ both
    return Sums(
        zz=square[:, :q, :q],
        zx=square[:, :q, q:],
        xx=square[:, q:, q:],
        zy=moment[:, :q],
        xy=moment[:, q:],
        yy=(y * y).sum(0),
        n=seen.sum(0),
    )


def filtered(fixed: Fixed, x: Array, z: Array, y: Array) -> tuple[Array, Array]:
    """Random effects given the first 0, 1, .. n rows of x (n, p), z (n, q), y (n, V) with NaN.

    Returns their mean (n + 1, V, q) and, by variable, their covariance (n + 1, V, q, q).
    """
    seen = (~np.isnan(y)).astype(np.float64)
    residual = np.where(np.isnan(y), 0.0, y - x @ fixed.beta.T)
    zz = _cumulative(seen[:, :, None, None] * (z[:, None, :, None] * z[:, None, None, :]))
    rest = _cumulative(residual[:, :, None] * z[:, None, :])
    mean, var = _posterior(fixed, zz, rest)
    return mean, diagonal_blocks(var, z.shape[1]) if fixed.joint else var


def _cumulative(rows: Array) -> Array:
    """Sums of the first 0, 1, .. n."""
    return np.concatenate([np.zeros((1, *rows.shape[1:])), np.cumsum(rows, 0)])


def stack(patients: Sequence[Sums]) -> Sums:
    return Sums(*(np.stack(a) for a in zip(*patients, strict=True)))


def fit(sums: Sums, *, joint: bool = True, rounds: int = 60) -> Fixed:
    """sums with leading axes (patients, V) -> the maximum-likelihood estimate, or close to it where data are few."""
    apart = _fit_apart(sums, rounds)
    return _fit_joint(sums, apart, rounds) if joint and 1 < len(apart.noise) <= JOINT_LIMIT else apart


def _fit_apart(sums: Sums, rounds: int) -> Fixed:
    """Each variable alone; beta by generalised least squares at every round."""
    count = np.maximum(sums.n.sum(0), 1.0)
    patients = np.maximum((sums.n > 0).sum(0), 1.0)
    ridge = _RIDGE * np.eye(sums.xy.shape[2])
    beta = np.linalg.solve(sums.xx.sum(0) + ridge, sums.xy.sum(0)[..., None])[..., 0]
    spread = np.maximum(_residual(sums, beta).sum(0) / count, _SMALLEST)
    noise = 0.5 * spread
    random = np.eye(sums.zy.shape[-1])
    prior = _SMALLEST * random
    covariance = 0.25 * spread[:, None, None] * random
    for _ in range(rounds):
        inner = _inverse(sums.zz + noise[:, None, None] * np.linalg.inv(covariance))
        lift = np.swapaxes(sums.zx, -1, -2) @ inner
        gram = (sums.xx - lift @ sums.zx).sum(0) + ridge
        moment = (sums.xy - (lift @ sums.zy[..., None])[..., 0]).sum(0)
        beta = np.linalg.solve(gram, moment[..., None])[..., 0]
        mean = (inner @ _rest(sums, beta)[..., None])[..., 0]
        var = inner * noise[:, None, None]
        noise = _noise(sums, beta, mean, var, count)
        has = (sums.n > 0)[..., None, None]
        second = np.where(has, var + mean[..., :, None] * mean[..., None, :], 0.0)
        covariance = second.sum(0) / patients[:, None, None] + prior
    return Fixed(beta, covariance, noise)


def _fit_joint(sums: Sums, start: Fixed, rounds: int) -> Fixed:
    """All variables together, from the estimate apart, which is also the centre of the prior on G."""
    patients, variables, p = sums.xy.shape
    count = np.maximum(sums.n.sum(0), 1.0)
    gram = sums.xx.sum(0) + _RIDGE * np.eye(p)
    centre = blocks(start.covariance)
    q = sums.zy.shape[-1]
    weight = _PRIOR_WEIGHT * q * variables
    beta, covariance, noise = start.beta, centre, start.noise
    for _ in range(rounds):
        mean, var = posterior(Fixed(beta, covariance, noise), sums)
        flat = mean.reshape(patients, -1)
        lifted = (np.swapaxes(sums.zx, -1, -2) @ mean[..., None])[..., 0]
        beta = np.linalg.solve(gram, (sums.xy - lifted).sum(0)[..., None])[..., 0]
        noise = _noise(sums, beta, mean, diagonal_blocks(var, q), count)
        second = var.sum(0) + flat.T @ flat
        covariance = (second + weight * centre) / (patients + weight)
    return Fixed(beta, covariance, noise)


def _inverse(matrices: Array) -> Array:
    """Of many small matrices, symmetric and positive definite; two by two, as nearly all are, ten times sooner."""
    if matrices.shape[-1] != 2:
        return np.linalg.inv(matrices).astype(np.float64)
    a, b, d = matrices[..., 0, 0], matrices[..., 0, 1], matrices[..., 1, 1]
    determinant = a * d - b * b
    return np.stack([d, -b, -b, a], -1).reshape(matrices.shape) / determinant[..., None, None]


def _rest(sums: Sums, beta: Array) -> Array:
    """z' (y - x beta): (patients, V, q)."""
    return sums.zy - (sums.zx @ beta[..., None])[..., 0]


def _residual(sums: Sums, beta: Array) -> Array:
    """Squared error of the fixed effects alone: (patients, V)."""
    return sums.yy - 2 * (sums.xy * beta).sum(-1) + np.einsum("va,...vab,vb->...v", beta, sums.xx, beta)


def _noise(sums: Sums, beta: Array, mean: Array, var: Array, count: Array) -> Array:
    squared = _residual(sums, beta) - 2 * (mean * _rest(sums, beta)).sum(-1)
    squared = squared + np.einsum("...a,...ab,...b->...", mean, sums.zz, mean)
    return np.maximum((squared + np.einsum("...ab,...ba->...", sums.zz, var)).sum(0) / count, _SMALLEST)


def blocks(matrices: Array) -> Array:
    """(..., V, q, q) -> block-diagonal (..., q V, q V)."""
    variables, q = matrices.shape[-3], matrices.shape[-1]
    out = np.zeros((*matrices.shape[:-3], q * variables, q * variables))
    for v in range(variables):
        at = slice(q * v, q * (v + 1))
        out[..., at, at] = matrices[..., v, :, :]
    return out


def diagonal_blocks(matrix: Array, q: int) -> Array:
    """(..., q V, q V) -> (..., V, q, q)."""
    places = range(0, matrix.shape[-1], q)
    return np.stack([matrix[..., p : p + q, p : p + q] for p in places], -3)


def posterior(fixed: Fixed, sums: Sums) -> tuple[Array, Array]:
    """Random effects given sums with leading axes (k, V).

    Returns their mean (k, V, q) and covariance: (k, V, q, q), or (k, q V, q V) where the model is joint.
    """
    return _posterior(fixed, sums.zz, _rest(sums, fixed.beta))


def _posterior(fixed: Fixed, zz: Array, rest: Array) -> tuple[Array, Array]:
    """zz (k, V, q, q); rest (k, V, q): z' (y - x beta)."""
    if not fixed.joint:
        noise = fixed.noise[:, None, None]
        inner = _inverse(zz + noise * np.linalg.inv(fixed.covariance))
        return (inner @ rest[..., None])[..., 0], inner * noise
    precision = blocks(zz / fixed.noise[:, None, None]) + np.linalg.inv(fixed.covariance)
    var: Array = np.linalg.inv(precision).astype(np.float64)
    flat = (rest / fixed.noise[:, None]).reshape(*rest.shape[:-2], -1)
    return (var @ flat[..., None])[..., 0].reshape(rest.shape), var
