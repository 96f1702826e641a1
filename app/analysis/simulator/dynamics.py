"""How the hidden state moves: exact in damping, noise and herb kernels, first order in the couplings."""

from __future__ import annotations

import numpy as np

from app.analysis.simulator.world import COUPLING, EFFECTS, INTERACTIONS, OFFSET, ONSET, SIGMA, TAU, Floats

STEP = 0.25  # days; the visit clock is whole days, so every visit falls on a step


def exposure(start: Floats, doses: Floats, taken: float, days: float, step: float = STEP) -> Floats:
    """Effect-site level of every herb after each step of an interval, the exact solution of a first-order kernel.

    start: (herbs,) level at the interval's start; doses: (herbs,) daily dose over the reference dose
    taken: days from the start on which the doses are taken, at most ``days``
    Returns (days / step, herbs). Level rises towards the dose with the herb's onset constant while it is taken and
    falls with its offset constant afterwards; a level above a lowered dose falls with the offset constant too.
    """
    time = (np.arange(round(days / step)) + 1)[:, None] * step
    constant = np.where(doses >= start, ONSET, OFFSET)
    rising = doses + (start - doses) * np.exp(-np.minimum(time, taken) / constant)
    return rising * np.exp(-np.maximum(time - taken, 0.0) / OFFSET)


def interaction(state: Floats) -> Floats:
    """Saturating pairwise products of the positive parts: (..., elements) -> (..., elements)."""
    load = np.tanh(np.maximum(state, 0.0))
    out = np.zeros_like(state)
    for to, a, b, size in INTERACTIONS:
        out[..., to] += size * load[..., a] * load[..., b]
    return out


def advance(
    state: Floats,
    set_point: Floats,
    levels: Floats,
    response: float,
    rng: np.random.Generator,
    step: float = STEP,
    sigma: Floats = SIGMA,
) -> Floats:
    """The path after each step, from ``state``: (elements,), levels (steps, herbs) -> (steps, elements).

    Exponential Euler: damping and the noise's variance are exact for any step, the rest is held over a step.
    """
    keep = np.exp(-step / TAU)
    noise = rng.standard_normal((len(levels), len(TAU))) * sigma * np.sqrt(1.0 - keep**2)
    push = set_point + response * (levels @ EFFECTS)
    path = np.empty((len(levels), len(TAU)))
    for k in range(len(levels)):
        goal = push[k] + COUPLING @ state + interaction(state)
        state = keep * state + (1.0 - keep) * goal + noise[k]
        path[k] = state
    return path
