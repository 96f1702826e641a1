"""CT-RNN, neural ODE and ODE-RNN: exact where a solution is known, against scipy where not."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from torch import Tensor, nn
from torch.autograd import forward_ad

from models import solvers
from models.cells.ode import CTRNNCell, Flow, NeuralODECell, ODERNNCell
from models.errors import ModelError
from models.layers import CTRNN, ODERNN, NeuralODE
from models.sequence import SequenceLayer
from models.wiring import AutoNCP

DT = torch.tensor([[0.3, 1.1], [0.7, 0.0]], dtype=torch.float64)


def _solved(slope: Callable[[Tensor], Tensor], start: Tensor, elapsed: float) -> Tensor:
    """One sample by scipy, to 1e-10."""

    def f(_t: float, v: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return slope(torch.from_numpy(v)[None])[0].numpy()

    answer = solve_ivp(f, (0.0, elapsed), start.detach().numpy(), rtol=1e-10, atol=1e-12)
    return torch.from_numpy(answer.y[:, -1])


def test_a_ct_rnn_without_synapses_relaxes_with_its_time_constants():
    torch.manual_seed(0)
    layer = CTRNN(2, 3, unfolds=1).double()
    cell = layer.cell
    assert isinstance(cell, CTRNNCell)
    with torch.no_grad():
        cell.recurrent.weight.zero_()
        cell.bias.uniform_(-1, 1)
    x, start = torch.randn(2, 1, 2).double(), torch.randn(2, 3).double()
    rest = torch.tanh(x[:, 0] @ cell.sensory.weight.T + cell.bias)
    result = layer(x, DT[:, :1], start, trajectory=True)
    assert result.trajectory is not None
    torch.testing.assert_close(
        result.state, rest + (start - rest) * torch.exp(-DT[:, :1] / cell.tau()), atol=5e-8, rtol=0
    )
    torch.testing.assert_close(result.trajectory.tau[:, 0], cell.tau().expand(2, 3))


@pytest.mark.parametrize("solver", ["exponential_midpoint", "exponential_tangent", "rk4", "dopri5"])
def test_a_ct_rnn_solves_its_equation(solver: str):
    torch.manual_seed(1)
    layer = CTRNN(2, 3, solver=solver, unfolds=100).double()
    cell = layer.cell
    assert isinstance(cell, CTRNNCell)
    x, start = torch.randn(1, 1, 2).double(), torch.randn(1, 3).double()
    drive = cell.drive(x[:, 0])
    expected = _solved(lambda v: (torch.tanh(v @ cell.recurrent.weight.T + drive) - v) / cell.tau(), start[0], 1.7)
    got = layer(x, torch.full((1, 1), 1.7).double(), start).state[0]
    torch.testing.assert_close(got, expected, atol=2e-5, rtol=0)


def test_time_constants_start_spread_over_a_decade_and_stay_above_zero():
    torch.manual_seed(2)
    cell = CTRNNCell(1, 500)
    assert 0.29 < cell.tau().min() < 0.4
    assert 2.5 < cell.tau().max() < 3.01
    with torch.no_grad():
        cell.raw_tau.fill_(-1e4)
    assert (cell.tau() > 0).all()
    start = torch.randn(2, 500)
    assert torch.equal(cell.step(torch.ones(2, 1), start, torch.zeros(2)), start)


def test_a_wired_ct_rnn_has_weights_only_at_its_synapses_and_reads_its_motor_neurons():
    torch.manual_seed(3)
    circuit = AutoNCP(12, 3).circuit(4)
    cell = CTRNNCell(4, 12, circuit=circuit)
    assert cell.recurrent.weight.numel() == circuit.synapses
    assert cell.sensory.weight.numel() == circuit.sensory_synapses
    for connections, adjacency in ((cell.recurrent, circuit.adjacency), (cell.sensory, circuit.sensory)):
        assert np.array_equal(np.sign(connections.matrix().detach().numpy().T), adjacency)
    layer = SequenceLayer(cell)
    assert layer(torch.randn(2, 5, 4)).output.shape == (2, 5, 3)


@pytest.mark.parametrize("kind", [CTRNN, NeuralODE])
def test_gates_along_their_tangent_need_no_gradient_mode(kind: Callable[..., SequenceLayer]):
    layer, x = kind(2, 3, solver="exponential_tangent"), torch.randn(4, 5, 2)
    expected = layer(x).output
    with torch.inference_mode():
        assert torch.equal(layer(x).output, expected)
    assert torch.autograd.gradcheck(
        lambda x: layer.double()(x).output, torch.randn(2, 2, 2, dtype=torch.float64).requires_grad_()
    )


def test_a_circuit_of_another_size_is_refused():
    with pytest.raises(ModelError, match="4 inputs and 12 units, expected 5, 12"):
        CTRNNCell(5, 12, circuit=AutoNCP(12, 3).circuit(4))


@pytest.mark.parametrize(
    ("solver", "unfolds"), [("rk4", 10), ("dopri5", 1), ("exponential_midpoint", 300), ("exponential_tangent", 300)]
)
def test_a_neural_ode_solves_its_equation_with_the_input_held(solver: str, unfolds: int):
    torch.manual_seed(4)
    layer = NeuralODE(2, 3, hidden=8, depth=2, solver=solver, unfolds=unfolds).double()
    cell = layer.cell
    assert isinstance(cell, NeuralODECell)
    x, state = torch.randn(1, 2, 2).double(), torch.randn(1, 3).double()
    expected = state[0]
    for k in range(2):
        drive = cell.drive(x[:, k])
        expected = _solved(lambda v, drive=drive: cell.flow(v, drive), expected, float(DT[0, k]))
    torch.testing.assert_close(layer(x, DT[:1], state).state[0], expected, atol=2e-5, rtol=0)


def test_exponential_is_eulers_rule_for_a_neural_ode():
    torch.manual_seed(5)
    cell = NeuralODECell(2, 3, solver="exponential", unfolds=1).double()
    x, start = torch.randn(2, 2).double(), torch.randn(2, 3).double()
    euler = start + DT[:, 0, None] * cell.flow(start, cell.drive(x))
    torch.testing.assert_close(cell.step(x, start, DT[:, 0]), euler, atol=5e-8, rtol=0)


def _steady(flow: Flow, slope: Tensor) -> None:
    with torch.no_grad():
        flow.last.weight.zero_()
        flow.last.bias.copy_(slope)


def test_tau_of_a_neural_ode_is_the_time_to_change_by_its_own_size_and_infinite_at_rest():
    torch.manual_seed(6)
    layer = NeuralODE(2, 3, solver="exponential", unfolds=1).double()
    assert isinstance(layer.cell, NeuralODECell)
    _steady(layer.cell.flow, torch.tensor([0.5, -2.0, 0.0]))
    start = torch.tensor([[1.0, 3.0, 0.0]]).double()
    result = layer(torch.randn(1, 1, 2).double(), torch.ones(1, 1).double(), start, trajectory=True)
    assert result.trajectory is not None
    torch.testing.assert_close(result.trajectory.tau[0, 0], torch.tensor([2.0, 1.5, torch.inf]).double())


def test_a_neural_ode_grows_no_faster_than_time():
    torch.manual_seed(7)
    layer = NeuralODE(2, 4, hidden=6)
    assert isinstance(layer.cell, NeuralODECell)
    last = layer.cell.flow.last
    bound = last.weight.abs().sum(1) + last.bias.abs()
    start = torch.randn(3, 4)
    for dt in (10.0, 36525.0):
        end = layer(torch.randn(3, 1, 2), torch.full((3, 1), dt), start).state
        assert ((end - start).abs() <= 1.001 * dt * bound).all()


def _ode_rnn() -> tuple[ODERNN, ODERNNCell]:
    torch.manual_seed(8)
    layer = ODERNN(2, 3, hidden=5, unfolds=10).double()
    assert isinstance(layer.cell, ODERNNCell)
    return layer, layer.cell


def test_an_ode_rnn_flows_through_the_time_before_an_observation_then_jumps_as_a_gru():
    layer, cell = _ode_rnn()
    gru = nn.GRUCell(4, 3).double()
    with torch.no_grad():
        gru.weight_ih.copy_(cell.update.input_map.weight)
        gru.bias_ih.copy_(cell.update.input_map.bias)
        gru.weight_hh.copy_(cell.update.recurrent_map.weight)
        gru.bias_hh.copy_(cell.update.recurrent_map.bias)
    x, state = torch.randn(1, 2, 2).double(), torch.randn(1, 3).double()
    mask = torch.tensor([[[True, True], [True, False]]])
    expected = state
    for k in range(2):
        flown = _solved(cell.flow, expected[0], float(DT[0, k]))[None]
        seen = mask[:, k].double()
        expected = gru(torch.cat([x[:, k] * seen, seen], -1), flown)
    torch.testing.assert_close(layer(x, DT[:1], state, mask).state, expected, atol=1e-6, rtol=0)


def test_an_ode_rnn_only_flows_where_nothing_was_seen():
    layer, cell = _ode_rnn()
    x, state = torch.randn(1, 1, 2).double(), torch.randn(1, 3).double()
    unseen = torch.zeros(1, 1, 2, dtype=torch.bool)
    flown = layer(x, DT[:1, :1], state, unseen).state
    torch.testing.assert_close(flown[0], _solved(cell.flow, state[0], 0.3), atol=1e-7, rtol=0)
    assert torch.equal(layer(x, torch.zeros(1, 1).double(), state, unseen).state, state)


@pytest.mark.parametrize("kind", [CTRNN, NeuralODE, ODERNN])
def test_the_adjoint_gives_a_cell_the_gradients_of_its_steps(kind: type[CTRNN | NeuralODE | ODERNN]):
    def gradients(adjoint: bool) -> list[Tensor]:
        torch.manual_seed(9)
        solver = solvers.get("dopri5", rtol=1e-8, atol=1e-8, adjoint=adjoint)
        layer = kind(2, 3, solver=solver, unfolds=1).double()
        given = [torch.randn(2, 2, 2).double(), DT.clone(), torch.randn(2, 3).double()]
        for tensor in given:
            tensor.requires_grad_()
        layer(*given).output.square().sum().backward()
        wanted = [*layer.parameters(), *given]
        assert all(t.grad is not None for t in wanted)
        return [t.grad for t in wanted if t.grad is not None]

    for through, back in zip(gradients(False), gradients(True), strict=True):
        torch.testing.assert_close(back, through, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CTRNN(2, 3, solver="euler"), "unknown solver 'euler'"),
        (lambda: CTRNN(2, 3, unfolds=0), "unfolds must be at least 1, got 0"),
        (lambda: NeuralODE(2, 3, unfolds=0), "unfolds must be at least 1, got 0"),
        (lambda: NeuralODE(2, 3, hidden=0), "hidden must be at least 1, got 0"),
        (lambda: ODERNN(2, 3, depth=0), "depth must be at least 1, got 0"),
    ],
)
def test_impossible_options_are_refused(make: Callable[[], object], words: str):
    with pytest.raises(ModelError, match=words):
        make()


def test_where_no_time_passes_the_flow_is_the_identity_with_the_gradients_of_one():
    torch.manual_seed(0)
    flow = Flow(3, 5, 1).double()
    state = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    still = torch.zeros(4, dtype=torch.float64)
    found = flow.cross(solvers.get("rk4"), 2, None, state, still)
    assert torch.equal(found.state, state)
    assert found.state is not state
    by_state, *by_weights = torch.autograd.grad(found.state.sum(), [state, *flow.parameters()])
    assert torch.equal(by_state, torch.ones_like(state))
    assert all(torch.equal(g, torch.zeros_like(g)) for g in by_weights)
    moving = flow.cross(solvers.get("rk4"), 2, None, state, still + 1e-12)
    torch.testing.assert_close(found.state, moving.state)
    torch.testing.assert_close(found.tau, moving.tau, rtol=1e-6, atol=0.0)


def test_who_asks_for_the_gradient_of_a_time_that_is_nothing_gets_the_slope():
    torch.manual_seed(0)
    flow = Flow(3, 5, 1).double()
    state, still = torch.randn(4, 3, dtype=torch.float64), torch.zeros(4, dtype=torch.float64)

    def crossed(dt: torch.Tensor) -> torch.Tensor:
        return flow.cross(solvers.get("rk4"), 2, None, state, dt).state

    slope = flow(state).detach()
    with warnings.catch_warnings(), forward_ad.dual_level():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch's own, when it first needs its decompositions
        forward = forward_ad.unpack_dual(crossed(forward_ad.make_dual(still, torch.ones_like(still)))).tangent
    torch.testing.assert_close(forward, slope)
    asked = still.clone().requires_grad_()
    torch.testing.assert_close(torch.autograd.grad(crossed(asked).sum(), asked)[0], slope.sum(-1))


def test_the_flow_can_be_mapped_over():
    torch.manual_seed(0)
    flow = Flow(3, 5, 1).double()
    state, still = torch.randn(6, 4, 3, dtype=torch.float64), torch.zeros(6, 4, dtype=torch.float64)
    mapped = torch.func.vmap(lambda v, dt: flow.cross(solvers.get("rk4"), 2, None, v, dt).state)(state, still)
    torch.testing.assert_close(mapped, state)
