"""The diagonal liquid cell: its equation, and a solution over time at once that is the loop's to rounding."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from models.cells.base import AbstractCell, Path
from models.cells.diagonal import NARROW, SHORTEST, DiagonalCell
from models.errors import ModelError
from models.layers import LiquidSSM

PARALLEL = [True, "auto"]
parallels = pytest.mark.parametrize("parallel", PARALLEL)


def _problem(
    length: int = 70, batch: int = 3, units: int = 7, *, steep: float = 1.0, seed: int = 0, **options: object
) -> tuple[DiagonalCell, Tensor, Tensor, Tensor]:
    torch.manual_seed(seed)
    cell = DiagonalCell(4, units, **options).double()  # type: ignore[arg-type]
    with torch.no_grad():
        cell.sigma.mul_(steep)
    x = torch.randn(batch, length, 4, dtype=torch.float64)
    dt = torch.rand(batch, length, dtype=torch.float64) * 2
    dt[0, 3] = 0.0
    return cell, x, dt, torch.randn(batch, units, dtype=torch.float64)


def _slope(cell: DiagonalCell, x: Tensor, v: Tensor) -> Tensor:
    """dv/dt as the docstring of the cell writes it; x (batch, 4), v (batch, units)."""
    leak, w, excite, inhibit = softplus(cell.conductances)
    p, q, elastance = torch.sigmoid(x @ cell.dense.weight.T + cell.dense.bias).chunk(3, -1)
    own = w * torch.sigmoid(cell.sigma * (v - cell.mu))
    d = own + excite * p + inhibit * q
    n = own * cell.erev[0] + excite * p * cell.erev[1] + inhibit * q * cell.erev[2]
    return (-(leak + d) * v + leak * cell.vleak + n) / (torch.exp(cell.log_cm) / elastance)


def test_a_step_follows_its_equation_with_first_order():
    cell, x, _, start = _problem(taus=(0.2, 2.0))
    frozen, drive = cell.frozen(), cell.drive(x[:, 0])
    with torch.no_grad():
        exact, h = start, 1e-3
        for _ in range(1000):
            a = _slope(cell, x[:, 0], exact)
            b = _slope(cell, x[:, 0], exact + h / 2 * a)
            c = _slope(cell, x[:, 0], exact + h / 2 * b)
            exact = exact + h / 6 * (a + 2 * b + 2 * c + _slope(cell, x[:, 0], exact + h * c))
        errors = []
        for steps in (40, 80):
            v = start
            for _ in range(steps):
                v = cell.advance(drive, v, torch.full((3,), 1 / steps).double(), frozen).state
            errors.append(float((v - exact).abs().max()))
    assert errors[1] < 0.01
    assert 1.8 < errors[0] / errors[1] < 2.2


def test_tau_is_the_capacitance_over_the_conductance_it_relaxes_with():
    cell, x, _, start = _problem()
    drive, dt = cell.drive(x[:, 0]), torch.full((3,), 0.3).double()
    step = cell.advance(drive, start, dt, cell.frozen())
    towards = start + _slope(cell, x[:, 0], start) * step.tau
    torch.testing.assert_close(step.state, towards + (start - towards) * torch.exp(-0.3 / step.tau), atol=1e-7, rtol=0)


def test_its_first_time_constants_spread_over_the_range_asked_for():
    torch.manual_seed(0)
    cell = DiagonalCell(1, 40, taus=(2.0, 500.0))
    with torch.no_grad():
        cell.dense.weight.zero_()
        cell.dense.bias.zero_()
        step = cell.advance(cell.drive(torch.zeros(1, 1)), cell.mu.unsqueeze(0), torch.ones(1), cell.frozen())
    torch.testing.assert_close(step.tau[0], torch.logspace(0.30103, 2.69897, 40), rtol=1e-4, atol=0)


@parallels
@pytest.mark.parametrize("length", [1, SHORTEST, 700])
@pytest.mark.parametrize("batch", [1, 30])
def test_states_and_taus_over_time_at_once_equal_the_loops(parallel: bool, length: int, batch: int):
    cell, x, dt, start = _problem(max(length, 4), batch, parallel=parallel)
    assert (start.numel() <= NARROW) == (batch == 1)
    with torch.no_grad():
        ours, loop = cell.run(x, dt, start), AbstractCell.run(cell, x, dt, start)
    torch.testing.assert_close(ours.state, loop.state, atol=1e-12, rtol=0)
    torch.testing.assert_close(ours.tau, loop.tau, atol=0, rtol=1e-10)


def _gradients(cell: DiagonalCell, run: Callable[[], Path], given: tuple[Tensor, ...]) -> list[Tensor]:
    path = run()
    weights = torch.linspace(-1, 1, path.state.numel(), dtype=torch.float64).view_as(path.state)
    loss = (path.state.sin() * weights).sum() + path.tau.log().sum() * 0.1
    return list(torch.autograd.grad(loss, [*given, *cell.parameters()]))


@pytest.mark.parametrize(("parallel", "steep"), [(True, 1.0), (True, 6.0), ("auto", 6.0)])
def test_gradients_over_time_at_once_equal_the_loops(parallel: bool, steep: float):
    cell, *given = _problem(100, 5, 40, parallel=parallel, steep=steep)
    x, dt, start = (t.requires_grad_() for t in given)
    ours = _gradients(cell, lambda: cell.run(x, dt, start), (x, dt, start))
    loop = _gradients(cell, lambda: AbstractCell.run(cell, x, dt, start), (x, dt, start))
    for a, b in zip(ours, loop, strict=True):
        torch.testing.assert_close(a, b, atol=1e-10 * max(1.0, float(b.abs().max())), rtol=0)


def test_gradients_agree_with_finite_differences():
    cell, *given = _problem(9, 2, 3, parallel=True)
    names = [n for n, _ in cell.named_parameters()]
    given[1] += 0.05

    def run(x: Tensor, dt: Tensor, start: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        layer = LiquidSSM(4, 3, parallel=True).double()
        values = {f"cell.{n}": p for n, p in zip(names, parameters, strict=True)}
        result = torch.func.functional_call(layer, values, (x, dt, start), {"trajectory": True})
        return result.output, result.trajectory.tau

    wanted = (*given, *(p.detach().clone() for p in cell.parameters()))
    assert torch.autograd.gradcheck(run, tuple(w.requires_grad_() for w in wanted), fast_mode=True)


def test_a_second_derivative_is_refused_not_wrong():
    cell, x, dt, start = _problem(parallel=True)
    with pytest.raises(ModelError, match="first order only"):
        torch.autograd.grad(cell.run(x, dt, start).state.sum(), cell.mu, create_graph=True)


def test_in_single_precision_slow_neurons_keep_the_loops_accuracy():
    torch.manual_seed(0)
    cell = DiagonalCell(2, 16, taus=(1.0, 3000.0))
    x, dt, start = torch.randn(2, 1500, 2), torch.ones(2, 1500), torch.zeros(2, 16)
    solution = cell.solve(x, dt, start)
    with torch.no_grad():
        loop = AbstractCell.run(cell, x, dt, start).state
        exact = AbstractCell.run(cell.double(), x.double(), dt.double(), start.double()).state
    assert solution.walked == 0
    assert (solution.states - exact).abs().max() < 2 * (loop - exact).abs().max() + 1e-6


def test_a_handful_of_iterations_solves_thousands_of_steps():
    cell, x, dt, start = _problem(2000, 1, 16, window=2000)
    solution = cell.solve(x, dt, start)
    assert solution.walked == 0
    assert solution.iterations <= 12


def test_where_newton_does_not_settle_the_steps_are_walked_and_the_result_is_still_the_loops():
    cell, x, dt, start = _problem(300, 2, 24, steep=20.0, taus=(0.05, 1.0), max_iterations=4, window=300)
    solution = cell.solve(x, dt, start)
    with torch.no_grad():
        loop = AbstractCell.run(cell, x, dt, start).state
    assert 0 < solution.walked < solution.states.numel()
    torch.testing.assert_close(solution.states, loop, atol=1e-9, rtol=0)


def test_a_guess_that_overflows_is_walked_too():
    cell, x, dt, start = _problem(300, 1, 6, max_iterations=1)
    solution = cell.solve(x, dt, start * 1e300)
    assert solution.walked == 6 * 300
    with torch.no_grad():
        torch.testing.assert_close(solution.states, AbstractCell.run(cell, x, dt, start * 1e300).state, rtol=0, atol=0)


@pytest.mark.parametrize("window", [1, 7, 64, 1000])
def test_the_window_changes_nothing_but_the_way(window: int):
    cell, x, dt, start = _problem(150)
    whole = cell.solve(x, dt, start).states
    cell.window = window
    torch.testing.assert_close(cell.solve(x, dt, start).states, whole, atol=1e-12, rtol=0)


def _layer(parallel: bool | str) -> tuple[LiquidSSM, Tensor, Tensor]:
    torch.manual_seed(0)
    layer = LiquidSSM(4, 6, output_size=2, parallel=parallel).double()  # type: ignore[arg-type]
    return layer, torch.randn(4, 40, 4, dtype=torch.float64), torch.rand(4, 40, dtype=torch.float64)


@parallels
def test_nothing_leaks_from_masked_or_padded_places(parallel: bool):
    layer, x, dt = _layer(parallel)
    mask, lengths = torch.rand(x.shape) > 0.4, torch.tensor([40, 1, 23, 0])
    inside = torch.arange(40) < lengths[:, None]

    def run(fill: float) -> list[Tensor | None]:
        layer.zero_grad()
        given = torch.where(mask & inside[..., None], x, fill).requires_grad_()
        times = torch.where(inside, dt, fill).requires_grad_()
        result = layer(given, times, mask=mask, lengths=lengths, trajectory=True)
        (result.output.sum() + result.trajectory.tau.sum()).backward()
        return [*result[:2], *result.trajectory, given.grad, times.grad, *(p.grad for p in layer.parameters())]

    for clean, dirty in zip(run(0.0), run(float("nan")), strict=True):
        assert clean is not None
        assert dirty is not None
        torch.testing.assert_close(dirty, clean, atol=0, rtol=0)
        assert torch.isfinite(dirty).all()


@parallels
def test_padding_holds_state_and_tau_as_the_loop_does(parallel: bool):
    layer, x, dt = _layer(parallel)
    lengths = torch.tensor([40, 1, 23, 0])
    start = torch.randn(4, 6).double()
    ours = layer(x, dt, start, lengths=lengths, trajectory=True)
    layer.cell.parallel = False  # type: ignore[assignment]
    loop = layer(x, dt, start, lengths=lengths, trajectory=True)
    for a, b in zip((*ours[:2], *ours.trajectory), (*loop[:2], *loop.trajectory), strict=True):
        torch.testing.assert_close(a, b, atol=1e-11, rtol=0)
    assert torch.equal(ours.state[3], start[3])


@parallels
def test_a_sequence_in_pieces_equals_the_sequence_whole(parallel: bool):
    layer, x, dt = _layer(parallel)
    whole = layer(x, dt)
    first = layer(x[:, :17], dt[:, :17])
    second = layer(x[:, 17:], dt[:, 17:], first.state)
    torch.testing.assert_close(torch.cat([first.output, second.output], 1), whole.output, atol=1e-12, rtol=0)


@parallels
def test_no_elapsed_time_is_exactly_the_identity_and_a_century_stays_finite(parallel: bool):
    layer, x, dt = _layer(parallel)
    start = torch.randn(4, 6).double()
    assert torch.equal(layer(x, torch.zeros_like(dt), start).state, start)
    long = layer(x, torch.full_like(dt, 36525.0), start, trajectory=True)
    assert torch.isfinite(long.state).all()
    assert (long.trajectory.tau > 0).all()


def test_the_read_out_is_linear_or_all_units():
    layer, x, dt = _layer("auto")
    result = layer(x, dt, trajectory=True)
    readout = layer.cell.readout
    assert isinstance(readout, torch.nn.Linear)
    torch.testing.assert_close(result.output, result.trajectory.state @ readout.weight.T + readout.bias)
    plain = LiquidSSM(4, 6).double()
    assert plain.output_size == 6
    result = plain(x, dt, trajectory=True)
    assert torch.equal(result.output, result.trajectory.state)


def test_conductances_stay_above_zero_whatever_the_optimiser_does():
    layer, x, dt = _layer("auto")
    optimizer = torch.optim.SGD(layer.parameters(), lr=300.0)
    layer(x, dt).output.sum().backward()
    optimizer.step()
    drive = layer.cell.drive(x)
    assert (drive[..., :6] >= 0).all()
    assert torch.isfinite(layer(x, dt).output).all()


def test_with_a_mixed_memory_it_runs_step_by_step_and_learns():
    torch.manual_seed(0)
    layer = LiquidSSM(4, 6, mixed_memory=True)
    result = layer(torch.randn(2, 20, 4), lengths=torch.tensor([20, 3]))
    result.output.square().sum().backward()
    assert result.state.shape == (2, 12)
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in layer.parameters())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"units": 0}, "units must be at least 1, got 0"),
        ({"output_size": 0}, "output_size must be at least 1"),
        ({"max_iterations": 0}, "max_iterations must be at least 1"),
        ({"window": 0}, "window must be at least 1"),
        ({"parallel": "yes"}, "'auto', True, False"),
        ({"taus": (5.0, 1.0)}, "0 < shortest <= longest"),
    ],
)
def test_wrong_options_are_refused_with_the_reason(options: dict[str, object], words: str):
    with pytest.raises(ModelError, match=words):
        DiagonalCell(**({"input_size": 2, "units": 3} | options))  # type: ignore[arg-type]
