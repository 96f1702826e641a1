"""A nonlinear recurrence with a diagonal Jacobian solved over time at once: Newton iterations on a parallel scan.

v_k = f_k(v_{k-1}), elementwise, is one system of equations in all v_k. An iteration linearises every step about the
last guess; what remains is the linear recurrence of ``scan``, and its solution corrects the guess. After i iterations
at least i steps are exact; in practice a handful reaches rounding over hundreds. Every neuron of every sample is a
series of its own, so iterations go on with those only that have not settled, and what has not settled in the end is
walked step by step: the result is never silently wrong. Sources: Lim et al. (DEER), ICLR 2024; Gonzalez et al. (ELK),
NeurIPS 2024; Danieli et al. (ParaRNN), 2025.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from models.scan import scan

REACH = 2.0  # a correction beyond so many times max(1, |start|) comes from a guess too far off to trust


class Recurrence(Protocol):
    """v_k = f_k(v_{k-1}) over some steps, elementwise."""

    def linearised(self, previous: Tensor) -> tuple[Tensor, Tensor]:
        """v before every step (batch, steps, units) -> v after it, and the slope of that in the former; alike."""
        ...

    def walk(self, start: Tensor) -> Tensor:
        """v after every step, one by one, from start (batch, units) -> (batch, steps, units)."""
        ...

    def over(self, steps: slice) -> Recurrence:
        """Those steps only."""
        ...

    def only(self, series: Tensor) -> Recurrence:
        """Those series only, batch by batch, as one batch (1, steps, chosen); series: (batch, units) bool."""
        ...


class Solution(NamedTuple):
    """states: (batch, length, units); iterations: the most of any window; walked: states computed one by one."""

    states: Tensor
    iterations: int
    walked: int


def solve(
    recurrence: Recurrence, start: Tensor, length: int, *, tolerance: float, max_iterations: int, window: int
) -> Solution:
    """v after each of ``length`` steps from start (batch, units), ``window`` steps at a time. Not differentiable.

    A series has settled when no correction exceeds tolerance max(1, |v|), or no step misses f by more than rounding.
    """
    windows, most, walked = [start.new_zeros(start.shape[0], 0, start.shape[1])], 0, 0
    for begin in range(0, length, window):
        steps = min(window, length - begin)
        here = recurrence.over(slice(begin, begin + steps))
        guess = start.unsqueeze(1).repeat(1, steps, 1)
        states, open_, taken = _newton(here, start, guess, tolerance, max_iterations)
        if open_.any():
            _put(states, open_, here.only(open_).walk(start[open_].unsqueeze(0)))
            walked += steps * int(open_.sum())
        windows.append(states)
        start, most = states[:, -1], max(most, taken)
    return Solution(torch.cat(windows, 1), most, walked)


def before(start: Tensor, states: Tensor) -> Tensor:
    """v before every step: start (batch, units), states after every step (batch, steps, units) -> alike."""
    return torch.cat([start.unsqueeze(1), states[:, :-1]], 1)


def _newton(
    recurrence: Recurrence, start: Tensor, states: Tensor, tolerance: float, allowed: int
) -> tuple[Tensor, Tensor, int]:
    """From a guess: states, which series (batch, units) are still open, iterations taken. Changes the guess."""
    rounding = 2 * torch.finfo(states.dtype).eps
    reach = REACH * start.abs().clamp(min=1.0).unsqueeze(1)
    open_ = torch.ones_like(start, dtype=torch.bool)
    for iteration in range(1, allowed + 1):
        following, slope = recurrence.linearised(before(start, states))
        residual = following.sub_(states)
        correction = scan(slope, residual)
        size = states.abs().clamp_(min=1.0)
        settled = (correction.abs() <= tolerance * size).all(1) | (residual.abs() <= rounding * size).all(1)
        states += correction.nan_to_num_(0.0).clamp_(-reach, reach)
        open_ = ~settled
        left = int(open_.sum())
        if not left:
            return states, open_, iteration
        if iteration < allowed and 2 * left <= open_.numel():
            guess = states.transpose(1, 2)[open_].T.unsqueeze(0).contiguous()
            rest = recurrence.only(open_), start[open_].unsqueeze(0), guess
            some, still, more = _newton(*rest, tolerance, allowed - iteration)
            _put(states, open_, some)
            return states, open_.masked_scatter(open_, still), iteration + more
    return states, open_, allowed


def _put(states: Tensor, series: Tensor, some: Tensor) -> None:
    """Write (1, steps, chosen) into the chosen series of (batch, steps, units)."""
    states.transpose(1, 2)[series] = some[0].T
