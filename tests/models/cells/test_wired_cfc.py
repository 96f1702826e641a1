"""The closed-form cell on a circuit: who hears whom within one step, and what is a parameter."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from models.cells.cfc import Mode
from models.cells.wired_cfc import WiredCfCCell
from models.layers import CfC
from models.wiring import NCP, AutoNCP, Circuit, Explicit, FullyConnected, Random, Wiring

WIRINGS: dict[str, Wiring] = {
    "policy": NCP(5, 4, 2, 2, 2, 6, 3, seed=4),
    "several inter layers": NCP((4, 3), 4, 2, 2, 2, 5, 2, seed=1),
    "full": FullyConnected(5, 2),
    "random": Random(7, 3, 0.6, seed=2),
}
MODES = ("default", "no_gate", "pure")


def _cell(wiring: Wiring, mode: Mode = "default", **options: str) -> WiredCfCCell:
    torch.manual_seed(0)
    return WiredCfCCell(wiring.circuit(3), mode, **options).double()  # type: ignore[arg-type]


def _influence(cell: WiredCfCCell) -> tuple[np.ndarray, np.ndarray]:
    """(units, units) and (inputs, units): True where the source acts on the target within one step."""
    generator = torch.Generator().manual_seed(1)
    x, state = (torch.randn(1, size, generator=generator).double() for size in (cell.input_size, cell.units))
    dt = torch.ones(1, dtype=torch.float64)

    def step(x: Tensor, state: Tensor) -> Tensor:
        return cell.step(x, state, dt)[0]

    by_input, by_state = torch.autograd.functional.jacobian(step, (x, state))
    return (by_state[:, 0].T != 0).numpy(), (by_input[:, 0].T != 0).numpy()


def _expected(circuit: Circuit) -> tuple[np.ndarray, np.ndarray]:
    """The same from the synapses: earlier layers are heard as they are now, own and later ones as they were."""
    layer = np.empty(circuit.units, int)
    for number, members in enumerate(circuit.layers):
        layer[list(members)] = number
    onward = (circuit.adjacency != 0) & (layer[:, None] < layer[None, :])
    was = ((circuit.adjacency != 0) & (layer[:, None] >= layer[None, :])) | np.eye(circuit.units, dtype=bool)
    passed = np.eye(circuit.units, dtype=int)
    for _ in circuit.layers:
        passed = np.minimum(np.eye(circuit.units, dtype=int) + passed @ onward, 1)
    return (was @ passed) > 0, ((circuit.sensory != 0) @ passed) > 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wiring", WIRINGS.values(), ids=WIRINGS)
def test_a_neuron_is_moved_by_its_synapses_and_itself_and_by_nothing_else(wiring: Wiring, mode: Mode):
    cell = _cell(wiring, mode)
    for got, expected in zip(_influence(cell), _expected(cell.circuit), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_command_to_command_synapses_count_unless_the_layers_are_dense():
    with_them, without = (NCP(4, 4, 2, 2, 2, recurrent, 2, seed=4) for recurrent in (6, 0))
    command = slice(2, 6)
    heard = {recurrent: _influence(_cell(with_them, recurrent=recurrent))[0] for recurrent in ("wired", "dense")}
    adjacency = with_them.circuit(3).adjacency[command, command] != 0
    assert 0 < np.count_nonzero(adjacency & ~np.eye(4, dtype=bool)) < 12
    np.testing.assert_array_equal(heard["wired"][command, command], adjacency | np.eye(4, dtype=bool))
    assert heard["dense"][command, command].all()
    alone = _influence(_cell(without))[0]
    np.testing.assert_array_equal(alone[command, command], np.eye(4, dtype=bool))


@pytest.mark.parametrize("mode", MODES)
def test_only_existing_synapses_are_parameters(mode: Mode):
    wiring = AutoNCP(40, 6, 0.8, 3)
    circuit, cell = wiring.circuit(3), _cell(wiring, mode)
    selves = 40 - np.count_nonzero(np.diag(circuit.adjacency))
    heads = 1 if mode == "pure" else 4
    own = 2 * 40 if mode == "pure" else 0
    expected = heads * (circuit.synapses + circuit.sensory_synapses + selves + 40) + own
    assert sum(p.numel() for p in cell.parameters()) == expected
    assert not [name for name in cell.state_dict() if "mask" in name or "order" in name or "row" in name]


def test_the_state_keeps_the_order_of_the_circuit_and_the_motor_neurons_are_read_out():
    wiring = NCP((4, 3), 4, 2, 2, 2, 5, 2, seed=1)
    layer = CfC(3, wiring).double()
    x = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0)).double()
    result = layer(x, trajectory=True)
    assert result.trajectory is not None
    assert result.trajectory.state.shape == result.trajectory.tau.shape == (2, 4, 13)
    torch.testing.assert_close(result.output, result.trajectory.state[..., :2])
    first = [n.name for n in wiring.neurons].index("i3")  # of the layer the inputs reach
    moved = layer(x + 1.0, trajectory=True).trajectory
    assert moved is not None
    assert (moved.state - result.trajectory.state)[..., first].abs().min() > 0
    assert wiring.layers()[0][0] == first


def test_synapses_that_skip_a_layer_or_lead_back_count_when_wired():
    adjacency = np.zeros((3, 3), int)  # m0, c0, i0
    adjacency[2, 0] = adjacency[0, 2] = 1  # inter -> motor past command, motor -> inter
    wiring = Explicit(adjacency.tolist(), [[0, 0, 1]] * 3, 1, ("motor", "command", "inter"), (2, 1, 0))  # type: ignore[arg-type]
    by_state, by_input = _influence(_cell(wiring))
    assert by_state[0].tolist() == [True, False, True]
    assert by_state[2].tolist() == [True, False, True]
    assert by_input[0].tolist() == [True, False, True]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("recurrent", ["wired", "dense"])
def test_gradients_agree_with_finite_differences(mode: Mode, recurrent: str):
    torch.manual_seed(3)
    layer = CfC(2, NCP((2, 2), 2, 1, 1, 1, 2, 1, 3), mode=mode, recurrent=recurrent).double()  # type: ignore[arg-type]
    x, dt = torch.randn(2, 2, 2).double(), torch.rand(2, 2).double() + 0.1
    state = torch.randn(2, 7).double()

    def outputs(x: Tensor, dt: Tensor, state: Tensor, *_: Tensor) -> tuple[Tensor, Tensor]:
        result = layer(x, dt, state)
        return result.output, result.state

    arguments = (x.requires_grad_(), dt.requires_grad_(), state.requires_grad_(), *layer.parameters())
    assert torch.autograd.gradcheck(outputs, arguments, fast_mode=True)


def test_initial_weights_have_the_range_of_a_dense_layer():
    torch.manual_seed(0)
    wiring = NCP(60, 40, 20, 30, 20, 80, 20)
    cell = _cell(wiring)
    bounds = {name: (6 / (n + columns)) ** 0.5 for name, n, columns in (("i", 60, 63), ("c", 40, 100), ("m", 20, 60))}
    largest = dict.fromkeys(bounds, 0.0)
    for part in (cell.sensory, cell.forward_map, cell.recurrent):
        rows = part.matrix().abs().amax(1)
        for name, block in zip("icm", rows.split([4 * size for size in cell.sizes]), strict=True):
            largest[name] = max(largest[name], block.max().item())
    for name, bound in bounds.items():
        assert 0.97 * bound < largest[name] <= bound
