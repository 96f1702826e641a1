"""Every rule meets its order on equations with exact solutions, and does what it says at no time and at long time."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from models import solvers
from models.errors import ModelError
from models.kernels.reference import gates as synapse_gates
from models.layers import LTC
from models.solvers import STABLE, SubstepSolver
from models.wiring import AutoNCP, FullyConnected, Wiring
from tests.models.problems import PROBLEMS, Problem, bernoulli, f64, forced, relaxation, spiral, with_tangent

SUBSTEPPING = [name for name, kind in solvers.SOLVERS.items() if issubclass(kind, SubstepSolver)]
RELAXING = ["fused", "exponential", "exponential_midpoint", "exponential_tangent"]
TIMES = f64(0.7, 1.0, 1.3)
GUARD = 5e-8  # what the guard against neurons without conductance costs


def _error(problem: Problem, name: str, unfolds: int = 1, **options: float) -> float:
    solver = solvers.get(name, **options)
    end, _ = solver.advance(problem.gates, problem.cm, problem.start, TIMES, unfolds)
    return (end - problem.exact(TIMES)).abs().max().item()


def _counted(problem: Problem) -> tuple[solvers.Gates, list[int]]:
    calls: list[int] = []

    def gates(v: Tensor) -> tuple[Tensor, Tensor]:
        calls.append(1)
        return problem.gates(v)

    return solvers.TangentGates(gates, with_tangent(problem.gates).along), calls


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_the_exact_solutions_solve_their_equations(problem: Problem):
    d = 1e-5
    slope = (problem.exact(TIMES + d) - problem.exact(TIMES - d)) / (2 * d)
    conductance, current = problem.gates(problem.exact(TIMES))
    torch.testing.assert_close(
        problem.cm * slope, current - conductance * problem.exact(TIMES), atol=1e-8, rtol=0, check_stride=False
    )
    torch.testing.assert_close(problem.exact(0 * TIMES), problem.start)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
@pytest.mark.parametrize("name", SUBSTEPPING)
def test_halving_the_substep_divides_the_error_by_two_to_the_order(name: str, problem: Problem):
    if problem.name == "relaxation" and name.startswith("exponential"):
        assert _error(problem, name) < GUARD  # exact for constant gates, in one sub-step
        return
    order = math.log2(_error(problem, name, 16) / _error(problem, name, 32))
    assert abs(order - solvers.SOLVERS[name].order) < 0.1


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_an_adaptive_rule_keeps_its_tolerance(problem: Problem):
    assert _error(problem, "dopri5", rtol=1e-5, atol=1e-5) < 5e-5
    assert _error(problem, "dopri5", rtol=1e-9, atol=1e-9) < 5e-9


@pytest.mark.parametrize("problem", [bernoulli(), spiral()], ids=["bernoulli", "spiral"])
def test_a_tenfold_cost_buys_an_adaptive_rule_five_digits_as_its_order_says(problem: Problem):
    costs = []
    for tolerance in (1e-7, 1e-12):
        gates, calls = _counted(problem)
        solver = solvers.get("dopri5", rtol=tolerance, atol=tolerance)
        solver.advance(gates, problem.cm, problem.start, TIMES, 1)
        costs.append(len(calls))
    assert abs(5 / math.log10(costs[1] / costs[0]) - solver.order) < 0.5


@pytest.mark.parametrize("name", SUBSTEPPING)
def test_a_substep_costs_the_evaluations_it_says(name: str):
    problem = spiral()
    gates, calls = _counted(problem)
    solvers.get(name).advance(gates, problem.cm, problem.start, TIMES, 5)
    assert len(calls) == 5 * solvers.SOLVERS[name].evaluations


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
@pytest.mark.parametrize("name", solvers.SOLVERS)
def test_no_elapsed_time_is_exactly_the_identity_even_beside_samples_that_move(
    name: str, problem: Problem, dtype: torch.dtype
):
    start = problem.start.to(dtype)
    dt = f64(0.0, 1.0, 0.0).to(dtype)

    def gates(v: Tensor) -> tuple[Tensor, Tensor]:
        conductance, current = problem.gates(v)
        return conductance.to(dtype), current.to(dtype)

    end, _ = solvers.get(name).advance(with_tangent(gates), problem.cm.to(dtype), start, dt, 3)
    assert torch.equal(end[0], start[0])
    assert torch.equal(end[2], start[2])
    assert not torch.equal(end[1], start[1])


@pytest.mark.parametrize("name", solvers.SOLVERS)
def test_a_state_begins_to_move_along_its_slope(name: str):
    problem = bernoulli()
    dt = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    end, _ = solvers.get(name).advance(problem.gates, problem.cm, problem.start, dt, 2)
    end.sum().backward()
    conductance, current = problem.gates(problem.start)
    torch.testing.assert_close(
        dt.grad, ((current - conductance * problem.start) / problem.cm).squeeze(-1), atol=1e-6, rtol=0
    )


@pytest.mark.parametrize("name", solvers.SOLVERS)
def test_tau_is_capacitance_over_conductance_where_the_step_ends(name: str):
    problem = bernoulli()
    end, tau = solvers.get(name).advance(problem.gates, problem.cm, problem.start, f64(40.0, 40.0, 40.0), 400)
    torch.testing.assert_close(tau, problem.cm / problem.gates(end)[0])


@pytest.mark.parametrize("name", RELAXING)
def test_a_relaxing_rule_comes_to_rest_at_any_length_of_time(name: str):
    problem = relaxation()
    for dt in (1e2, 1e4, 1e8):
        end, _ = solvers.get(name).advance(problem.gates, problem.cm, problem.start, torch.full((3,), dt).double(), 1)
        short = problem.start - f64(1.0, -0.4)
        bound = short.abs() / (1 + dt * f64(0.5, 2.0) / problem.cm) if name == "fused" else 0.0
        assert ((end - f64(1.0, -0.4)).abs() <= bound + GUARD).all()


@pytest.mark.parametrize("name", ["exponential", "exponential_midpoint", "exponential_tangent"])
def test_an_exponential_step_never_overshoots(name: str):
    problem = relaxation()
    end = problem.start
    for _ in range(20):
        nearer, _ = solvers.get(name).advance(problem.gates, problem.cm, end, f64(0.5, 3.0, 50.0), 1)
        assert ((nearer - f64(1.0, -0.4)) * (end - f64(1.0, -0.4)) >= -GUARD).all()
        end = nearer


def test_a_tangent_lowers_no_conductance_below_half():
    class Falling:
        """Conductance 2, current 6 at a state of 0, and a tangent that would take ten times as much away."""

        def __call__(self, v: Tensor) -> tuple[Tensor, Tensor]:
            return torch.full_like(v, 2.0), torch.full_like(v, 6.0)

        def tangent(self, v: Tensor, change: Tensor) -> tuple[Tensor, Tensor]:
            return torch.full_like(v, -20.0), torch.full_like(v, -40.0)

    rule = solvers.get("exponential_tangent")
    end, tau = rule.advance(Falling(), f64(1.0), f64([0.0]), f64(1e6), 1)
    torch.testing.assert_close(tau, f64([1.0]), rtol=1e-6, atol=0)
    torch.testing.assert_close(end, f64([6.0 - 40.0 / 20]), rtol=1e-6, atol=0)  # the current falls in proportion


def test_gates_that_do_not_know_their_tangent_are_refused():
    problem = relaxation()
    rule = solvers.get("exponential_tangent")
    with pytest.raises(ModelError, match="take exponential_midpoint"):
        rule.advance(lambda v: (v, v), problem.cm, problem.start, TIMES, 1)


@pytest.mark.parametrize("wiring", [FullyConnected(16, 16), AutoNCP(32, 4)], ids=["full", "sparse"])
def test_gates_along_their_tangent_are_as_exact_as_gates_in_the_middle(wiring: Wiring):
    errors = {}
    for name, unfolds in (("exponential_midpoint", 12), ("exponential_tangent", 12), ("exponential_midpoint", 6)):
        torch.manual_seed(0)
        layer = LTC(3, wiring, solver=name, unfolds=unfolds, backend="reference").double()
        exact = LTC(3, wiring, solver=solvers.get("dopri5", rtol=1e-9, atol=1e-9), backend="reference").double()
        exact.load_state_dict(layer.state_dict())
        x, state = torch.randn(4, 1, 3).double(), torch.randn(4, wiring.units).double() / 2
        with torch.no_grad():
            wrong = layer(x, None, state).state - exact(x, None, state).state
        errors[name, unfolds] = wrong.abs().max()
    assert errors["exponential_tangent", 12] < 1.2 * errors["exponential_midpoint", 12]
    assert errors["exponential_tangent", 12] < errors["exponential_midpoint", 6] / 3  # with as many evaluations


@pytest.mark.parametrize("dt", [1e-3, 1.0, 1e3, 1e8])
def test_gates_along_their_tangent_stay_finite_over_any_time(dt: float):
    torch.manual_seed(0)
    layer = LTC(3, AutoNCP(32, 4), solver="exponential_tangent", backend="reference")
    result = layer(10 * torch.randn(16, 20, 3), torch.full((16, 20), dt), 5 * torch.randn(16, 32))
    assert result.state.abs().max() < 50


def test_the_exponential_rule_is_eulers_where_there_is_no_conductance():
    problem = forced()
    end, _ = solvers.get("exponential").advance(problem.gates, problem.cm, problem.start, TIMES, 1)
    euler = problem.start + TIMES[:, None] * problem.gates(problem.start)[1]
    torch.testing.assert_close(end[:, :2], euler[:, :2], atol=GUARD, rtol=0)


def test_rk4_is_stable_up_to_its_limit_and_grows_as_it_says_beyond():
    problem = relaxation()
    rest, tau = f64(1.0, -0.4), problem.cm / f64(0.5, 2.0)

    def growth(ratio: float) -> Tensor:
        one = Problem("", problem.gates, tau, problem.start, problem.exact)
        distances = []
        for neuron in range(2):
            dt = torch.full((3,), float(ratio * tau[neuron])).double()
            end, _ = solvers.get("rk4").advance(one.gates, problem.cm, one.start, dt, 1)
            distances.append((end[:, neuron] - rest[neuron]) / (one.start[:, neuron] - rest[neuron]))
        return torch.stack(distances)

    assert (growth(0.999 * STABLE).abs() < 1).all()
    assert (growth(1.001 * STABLE).abs() > 1).all()
    torch.testing.assert_close(growth(400.0), torch.full((2, 3), 400.0**4 / 24).double(), rtol=0.02, atol=0)


def test_an_adaptive_rule_crosses_long_times_at_a_cost_and_says_when_it_cannot():
    problem = relaxation()
    gates, calls = _counted(problem)
    long = torch.full((3,), 200.0).double()
    end, _ = solvers.get("dopri5", rtol=1e-6).advance(gates, problem.cm, problem.start, long, 1)
    torch.testing.assert_close(end, f64(1.0, -0.4).expand(3, 2), atol=1e-5, rtol=0)
    steps = len(calls) / 6
    assert 0.5 < steps / (200.0 / (3 * 0.75)) < 2.0
    with pytest.raises(ModelError, match=r"dt up to 200000.*stiff.*max_steps"):
        solvers.get("dopri5", max_steps=40).advance(problem.gates, problem.cm, problem.start, 1000 * long, 1)


def _learned(adjoint: bool, tolerance: float) -> Callable[..., Tensor]:
    """A gated equation as a function of everything it is made of."""
    solver = solvers.get("dopri5", rtol=tolerance, atol=tolerance, adjoint=adjoint)

    def end(state: Tensor, dt: Tensor, cm: Tensor, weight: Tensor, leak: Tensor) -> Tensor:
        def gates(v: Tensor) -> tuple[Tensor, Tensor]:
            opened = torch.sigmoid(v @ weight)
            return leak + opened, 0.7 * opened.flip(-1)

        after, tau = solver.advance(gates, cm, state, dt, 3, (weight, leak))
        return torch.cat([after, tau], -1)

    return end


@pytest.mark.parametrize("adjoint", [False, True])
def test_an_adaptive_rules_gradients_agree_with_finite_differences(adjoint: bool):
    inputs = (
        f64([0.3, -0.8], [1.2, 0.4]),
        f64(0.9, 0.25),
        f64(0.7, 1.1),
        f64([1.0, -2.0], [0.5, 1.5]),
        f64(0.4, 0.2),
    )
    wanted = tuple(i.clone().requires_grad_() for i in inputs)
    assert torch.autograd.gradcheck(_learned(adjoint, 1e-9), wanted, eps=1e-4, atol=1e-4, rtol=1e-3, fast_mode=True)


def test_an_adjoint_that_is_not_told_what_to_differentiate_is_refused():
    weight = torch.ones(1, requires_grad=True, dtype=torch.float64)
    solver = solvers.get("dopri5", adjoint=True)
    with pytest.raises(ModelError, match="pass them as parameters"):
        solver.advance(lambda v: (weight * v, v), f64(1.0), f64([1.0]), f64(0.5), 1)


def test_the_samples_of_an_adaptive_batch_agree_with_themselves_alone():
    problem = spiral()
    solver = solvers.get("dopri5", rtol=1e-8, atol=1e-8)
    together, _ = solver.advance(problem.gates, problem.cm, problem.start, TIMES, 1)
    for b in range(3):
        alone, _ = solver.advance(problem.gates, problem.cm, problem.start[b : b + 1], TIMES[b : b + 1], 1)
        torch.testing.assert_close(together[b : b + 1], alone, atol=1e-7, rtol=0)


def test_a_solver_is_got_by_name_with_its_options_and_handed_through_as_it_is():
    solver = solvers.get("dopri5", rtol=1e-3, adjoint=True)
    assert solver == solvers.Dopri5(rtol=1e-3, adjoint=True)
    assert solvers.get(solver) is solver


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("euler", {}, "there are fused, exponential, exponential_midpoint, exponential_tangent, rk4, dopri5"),
        ("dopri5", {"tol": 1e-3}, "no option tol; it takes rtol, atol, max_steps, adjoint"),
        ("rk4", {"rtol": 1e-3}, "no option rtol; it takes none"),
        ("dopri5", {"rtol": 0.0}, "above 0"),
        ("dopri5", {"max_steps": 0}, "at least 1"),
    ],
)
def test_unknown_names_and_options_are_refused_with_the_list(name: str, options: dict[str, float], words: str):
    with pytest.raises(ModelError, match=words):
        solvers.get(name, **options)


def test_torchdiffeq_is_loaded_only_when_it_is_used():
    code = "import models.layers, sys; assert 'torchdiffeq' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def _network(solver: str | solvers.Solver, unfolds: int = 6) -> LTC:
    torch.manual_seed(0)
    return LTC(4, AutoNCP(8, 3, 0.3, 0), solver=solver, unfolds=unfolds, backend="reference").double()


def _network_by_rk4(layer: LTC, x: Tensor, dt: float, state: Tensor, steps: int) -> Tensor:
    cell = layer.liquid
    drive, frozen = cell.drive(x), cell.frozen()
    constant = drive + frozen.neurons.leak

    def slope(v: Tensor) -> Tensor:
        total = constant + synapse_gates(v, frozen.recurrent) @ frozen.recurrent.effect
        return (total[:, cell.units :] - total[:, : cell.units] * v) / frozen.neurons.cm

    h = dt / steps
    for _ in range(steps):
        a = slope(state)
        b = slope(state + h / 2 * a)
        c = slope(state + h / 2 * b)
        state = state + h / 6 * (a + 2 * b + 2 * c + slope(state + h * c))
    return state


def _start_and_input() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    start = torch.randn(3, 8, dtype=torch.float64, generator=generator) * 0.3
    return start, torch.randn(3, 1, 4, dtype=torch.float64, generator=generator)


@pytest.mark.parametrize("name", SUBSTEPPING)
def test_a_solver_keeps_its_order_on_a_liquid_network(name: str):
    start, x = _start_and_input()
    dt = torch.full((3, 1), 0.5, dtype=torch.float64)
    with torch.no_grad():
        exact = _network_by_rk4(_network(name), x[:, 0], 0.5, start, 100)
        errors = [(_network(name, n)(x, dt, start).state - exact).abs().max().item() for n in (16, 32)]
    order = solvers.SOLVERS[name].order
    assert 0.8 * 2**order < errors[0] / errors[1] < 1.4 * 2**order
    assert errors[1] < 0.02


def test_an_adaptive_solver_crosses_a_liquid_network_within_its_tolerance():
    start, x = _start_and_input()
    dt = torch.full((3, 1), 0.5, dtype=torch.float64)
    with torch.no_grad():
        exact = _network_by_rk4(_network("rk4"), x[:, 0], 0.5, start, 100)
        got = _network(solvers.get("dopri5", rtol=1e-8, atol=1e-8))(x, dt, start).state
    torch.testing.assert_close(got, exact, atol=1e-7, rtol=0)


def test_the_adjoint_gives_every_parameter_of_a_liquid_network_the_gradient_of_its_steps():
    start, x = _start_and_input()

    def gradients(adjoint: bool) -> list[Tensor]:
        layer = _network(solvers.get("dopri5", rtol=1e-7, atol=1e-8, adjoint=adjoint), unfolds=1)
        given = [x.expand(3, 2, 4).clone(), torch.full((3, 2), 0.1).double(), start.clone()]
        for tensor in given:
            tensor.requires_grad_()
        layer(*given).output.square().sum().backward()
        return [p.grad for p in (*layer.parameters(), *given) if p.grad is not None]

    through, back = gradients(False), gradients(True)
    assert len(through) == len(back) == len(list(_network("rk4").parameters())) + 3
    for a, b in zip(through, back, strict=True):
        torch.testing.assert_close(b, a, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", RELAXING)
def test_a_century_of_silence_stays_finite(name: str):
    layer = LTC(4, FullyConnected(6, 2), solver=name, backend="reference")
    result = layer(torch.randn(3, 1, 4), torch.full((3, 1), 36525.0), torch.randn(3, 6), trajectory=True)
    assert result.trajectory is not None
    assert torch.isfinite(result.state).all()
    assert (result.trajectory.tau > 0).all()


def test_a_century_of_silence_is_too_long_for_the_explicit_rules():
    x, dt, start = torch.randn(3, 1, 4), torch.full((3, 1), 36525.0), torch.randn(3, 6)
    assert not torch.isfinite(LTC(4, FullyConnected(6, 2), solver="rk4", backend="reference")(x, dt, start).state).all()
    adaptive = LTC(4, FullyConnected(6, 2), solver=solvers.get("dopri5", max_steps=50), backend="reference")
    with pytest.raises(ModelError, match="stiff"):
        adaptive(x, dt, start)
