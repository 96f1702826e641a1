"""The parallel scan: equal to the loop it replaces, exact in every gradient, calm over thousands of steps."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.errors import ModelError
from models.scan import RADIX, reversed_scan, scan

LENGTHS = [1, 2, RADIX - 1, RADIX, RADIX + 1, RADIX**2, RADIX**2 + 3, 700]


def _problem(length: int, batch: int = 2, units: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(length)
    draw = lambda *shape: torch.randn(*shape, dtype=torch.float64, generator=generator)
    return torch.tanh(draw(batch, length, units)), draw(batch, length, units), draw(batch, units)


def _loop(a: Tensor, b: Tensor, start: Tensor) -> Tensor:
    v = [start]
    for k in range(a.shape[1]):
        v.append(a[:, k] * v[-1] + b[:, k])
    return torch.stack(v[1:], 1)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_scan_equals_the_loop(length: int):
    problem = _problem(length)
    torch.testing.assert_close(scan(*problem), _loop(*problem), atol=1e-12, rtol=0)


@pytest.mark.parametrize("length", LENGTHS)
def test_its_gradients_equal_those_of_the_loop(length: int):
    given = [t.requires_grad_() for t in _problem(length)]
    weights = torch.randn(given[0].shape, dtype=torch.float64)
    ours = torch.autograd.grad((scan(*given).sin() * weights).sum(), given)
    theirs = torch.autograd.grad((_loop(*given).sin() * weights).sum(), given)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, atol=1e-11, rtol=0)


def test_first_and_second_derivatives_agree_with_finite_differences():
    given = tuple(t.requires_grad_() for t in _problem(RADIX + 2, batch=1, units=2))
    assert torch.autograd.gradcheck(scan, given)
    assert torch.autograd.gradgradcheck(scan, given)


def test_it_begins_with_zeros_where_no_start_is_given():
    a, b, start = _problem(20)
    torch.testing.assert_close(scan(a, b), scan(a, b, torch.zeros_like(start)))


def test_the_reversed_scan_sums_what_reaches_every_step_from_the_end():
    a, b, _ = _problem(30)
    expected = b.clone()
    for k in range(28, -1, -1):
        expected[:, k] += a[:, k + 1] * expected[:, k + 1]
    torch.testing.assert_close(reversed_scan(a, b), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.999, 1.0, -1.0])
def test_in_single_precision_it_is_as_good_as_the_loop_over_thousands_of_steps(keep: float):
    torch.manual_seed(0)
    a, b = torch.full((1, 5000, 4), keep), torch.randn(1, 5000, 4)
    exact = _loop(a.double(), b.double(), torch.zeros(1, 4).double())
    ours = (scan(a, b).double() - exact).abs().max()
    loop = (_loop(a, b, torch.zeros(1, 4)).double() - exact).abs().max()
    assert ours <= 2 * loop + 1e-6


def test_factors_of_nothing_cut_the_past_off_exactly():
    a, b, start = _problem(100)
    a[:, 40] = 0.0
    torch.testing.assert_close(scan(a, b, start)[:, 40:], scan(a[:, 40:], b[:, 40:], start + 1e6), atol=1e-12, rtol=0)


def test_no_steps_give_no_states():
    a, b, start = _problem(0)
    assert scan(a, b, start).shape == (2, 0, 3)


def test_shapes_that_disagree_are_refused():
    a, b, start = _problem(5)
    with pytest.raises(ModelError, match=r"a is \(2, 4, 3\), b is \(2, 5, 3\)"):
        scan(a[:, 1:], b)
    with pytest.raises(ModelError, match=r"start is \(1, 3\), expected \(2, 3\)"):
        scan(a, b, start[:1])
