"""Newton over time: any elementwise recurrence, solved to rounding, walked where it will not settle."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from models.newton import before, solve


class Sine(NamedTuple):
    """v <- sin(gain v + push); push (batch, length, units), gain (units,)."""

    push: Tensor
    gain: Tensor

    def linearised(self, previous: Tensor) -> tuple[Tensor, Tensor]:
        angle = self.gain * previous + self.push
        return torch.sin(angle), self.gain * torch.cos(angle)

    def walk(self, start: Tensor) -> Tensor:
        states = []
        for k in range(self.push.shape[1]):
            start = torch.sin(self.gain * start + self.push[:, k])
            states.append(start)
        return torch.stack(states, 1)

    def over(self, steps: slice) -> Sine:
        return Sine(self.push[:, steps], self.gain)

    def only(self, series: Tensor) -> Sine:
        return Sine(self.push.transpose(1, 2)[series].T.unsqueeze(0), self.gain.expand_as(series)[series])


def _problem(*gains: float) -> tuple[Sine, Tensor]:
    generator = torch.Generator().manual_seed(0)
    push = torch.randn(3, 400, len(gains), dtype=torch.float64, generator=generator) * 0.5
    return Sine(push, torch.tensor(gains, dtype=torch.float64)), torch.zeros(3, len(gains), dtype=torch.float64)


def _solve(recurrence: Sine, start: Tensor, **options: float) -> tuple[Tensor, int, int]:
    given = {"tolerance": 1e-13, "max_iterations": 20, "window": 400} | options
    return solve(recurrence, start, 400, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("gain", [-1.0, -0.6, 0.0, 0.5, 1.0])
def test_an_elementwise_recurrence_is_solved_to_rounding(gain: float):
    recurrence, start = _problem(gain, gain / 2)
    states, iterations, walked = _solve(recurrence, start)
    torch.testing.assert_close(states, recurrence.walk(start), atol=1e-12, rtol=0)
    assert walked == 0
    assert iterations <= 12


def test_series_that_will_not_settle_are_walked_and_the_others_are_not():
    recurrence, start = _problem(0.5, 4.0, 0.3)  # the middle one is chaotic
    states, iterations, walked = _solve(recurrence, start, max_iterations=8)
    assert (iterations, walked) == (8, 3 * 400)
    torch.testing.assert_close(states[..., ::2], recurrence.walk(start)[..., ::2], atol=1e-12, rtol=0)
    assert torch.equal(states[..., 1], recurrence.walk(start)[..., 1])


def test_a_step_never_misses_its_rule_by_more_than_the_tolerance():
    recurrence, start = _problem(0.9, -1.0)
    states, *_ = _solve(recurrence, start, tolerance=1e-3)
    following, _ = recurrence.linearised(before(start, states))
    assert (following - states).abs().max() < 3e-3


def test_settled_means_little_is_left_to_correct_not_only_that_every_step_nearly_fits():
    recurrence, start = _problem(0.999)
    recurrence = recurrence._replace(push=recurrence.push * 0.02)  # slow: misses add up over hundreds of steps
    states, *_ = _solve(recurrence, start, tolerance=1e-6)
    torch.testing.assert_close(states, recurrence.walk(start), atol=1e-6, rtol=0)


@pytest.mark.parametrize("window", [1, 30, 400])
def test_windows_of_any_size_give_the_same_states(window: int):
    recurrence, start = _problem(0.9, 1.2)
    torch.testing.assert_close(_solve(recurrence, start, window=window)[0], recurrence.walk(start), atol=1e-12, rtol=0)


def test_a_slope_that_is_no_number_is_never_taken_for_a_solution():
    recurrence, start = _problem(0.5, 0.5)

    class Blind(Sine):
        def linearised(self, previous: Tensor) -> tuple[Tensor, Tensor]:
            v, slope = super().linearised(previous)
            return v, slope * float("nan")

        def over(self, steps: slice) -> Sine:
            return Blind(*super().over(steps))

    states, _, walked = _solve(Blind(*recurrence), start)
    assert walked == 3 * 2 * 400
    assert torch.equal(states, recurrence.walk(start))
