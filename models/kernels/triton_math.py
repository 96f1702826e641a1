"""Arithmetic of the GPU kernels, in the forms that lose no digits.

With g the conductance, c the current and r = h/cm, every rule reads v + (c - g v) push, with push = r / (1 + r g) for
the fused rule and push = r (1 - e^-rg)/(rg) for the exponential ones: nothing is divided by a small g, and h = 0 adds
exactly 0.
"""

from __future__ import annotations

import triton
import triton.language as tl

EPSILON: tl.constexpr = tl.constexpr(1e-8)  # as models.solvers.EPSILON
FUSED: tl.constexpr = tl.constexpr(0)
EXPONENTIAL: tl.constexpr = tl.constexpr(1)
MIDPOINT: tl.constexpr = tl.constexpr(2)
SOLVERS = {"fused": FUSED.value, "exponential": EXPONENTIAL.value, "exponential_midpoint": MIDPOINT.value}


@triton.jit
def gate(v, sigma, mu):
    """Open share of a synapse, the logistic of sigma (v - mu); where exp overflows it is 0, as it should be."""
    return 1.0 / (1.0 + tl.exp(sigma * (mu - v)))


@triton.jit
def share(y, TERMS: tl.constexpr):
    """(1 - e^-y)/y, its derivative, and e^-y, for y >= 0; the series below 1/2, where the differences would cancel.

    TERMS: 9 leave 2^-8/10! (float32), 16 leave 2^-15/17! (float64)
    """
    small = tl.minimum(y, 0.5)
    near = 1.0 + 0.0 * small
    near_slope = 0.0 * small
    for k in tl.static_range(TERMS, 1, -1):  # pyright: ignore[reportGeneralTypeIssues]
        near_slope = -(near + small * near_slope) * (1.0 / k)
        near = 1.0 - small * near * (1.0 / k)
    large = tl.maximum(y, 0.5)
    decay = tl.exp(-large)
    far = (1.0 - decay) / large
    far_slope = (decay - far) / large
    series = y < 0.5
    return (
        tl.where(series, near, far),
        tl.where(series, near_slope, far_slope),
        tl.where(series, 1.0 - small * near, decay),
    )


@triton.jit
def response(g, cm, h, SOLVER: tl.constexpr, TERMS: tl.constexpr):
    """push, what it leaves of v (1 - g push), and push's slopes in g and h."""
    ratio = h / cm
    if SOLVER == FUSED:
        left = 1.0 / (1.0 + ratio * g)
        push = ratio * left
        in_g = -push * push
        in_h = left * left / cm
    else:
        mean, slope, left = share(ratio * g, TERMS)
        push = ratio * mean
        in_g = ratio * ratio * slope
        in_h = left / cm
    return push, left, in_g, in_h
