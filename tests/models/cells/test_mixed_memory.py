"""Mixed memory: the published layer's numbers, whatever cell stands behind it, and a memory no time can fade."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ncps.torch
import ncps.wirings
import pytest
import torch
from torch import Tensor, nn

from models.cells.gru_d import GRUDCell
from models.cells.lstm import LSTMCell
from models.cells.mixed_memory import MixedMemoryCell, with_memory
from models.layers import LTC, CfC
from models.wiring import AutoNCP

TIMES = torch.tensor([[0.3, 1.0, 2.5, 0.05, 0.7]], dtype=torch.float64)


def _published_ltc() -> tuple[nn.Module, LTC]:
    torch.manual_seed(0)
    theirs = ncps.torch.LTC(3, ncps.wirings.AutoNCP(8, 2), mixed_memory=True).double()
    ours = LTC(3, AutoNCP(8, 2), solver="fused", mixed_memory=True, backend="reference").double()
    given: Mapping[str, Tensor] = theirs.state_dict()
    with torch.no_grad():
        for name in ("gleak", "vleak", "cm", "input_w", "input_b", "output_w", "output_b"):
            getattr(ours.liquid, name).copy_(given[f"rnn_cell.{name}"])
        for prefix, group in (("", ours.liquid.recurrent), ("sensory_", ours.liquid.sensory)):
            for name in ("sigma", "mu", "w", "erev"):
                getattr(group, name).copy_(given[f"rnn_cell.{prefix}{name}"][group.source, group.target])
    return theirs, ours


def _published_cfc() -> tuple[nn.Module, CfC]:
    torch.manual_seed(1)
    theirs = ncps.torch.CfC(3, 8, mixed_memory=True, backbone_units=16).double()
    ours = CfC(3, 8, mixed_memory=True, backbone_units=16, backend="reference").double()
    given: Mapping[str, Tensor] = theirs.state_dict()
    backbone, heads = ours.liquid.maps()  # type: ignore[union-attr]
    with torch.no_grad():
        for kind in ("weight", "bias"):
            getattr(backbone, kind).copy_(given[f"rnn_cell.backbone.0.{kind}"])
            blocks = [given[f"rnn_cell.{head}.{kind}"] for head in ("ff1", "ff2", "time_a", "time_b")]
            getattr(heads, kind).copy_(torch.cat(blocks))
    return theirs, ours


@pytest.mark.parametrize("published", [_published_ltc, _published_cfc])
def test_outputs_states_and_gradients_agree_with_the_published_mixed_memory(
    published: Callable[[], tuple[nn.Module, LTC | CfC]],
):
    theirs, ours = published()
    cell = ours.cell
    assert isinstance(cell, MixedMemoryCell)
    lstm = theirs.get_submodule("lstm")
    cell.memory.load_state_dict(lstm.state_dict())
    x, h, c = torch.randn(1, 5, 3).double(), torch.randn(1, 8).double(), torch.randn(1, 8).double()
    expected, (last_h, last_c) = theirs(x, (h, c), TIMES)
    result = ours(x, TIMES, torch.cat([h, c], -1))
    torch.testing.assert_close(result.output, expected, atol=1e-6, rtol=0)
    torch.testing.assert_close(result.state, torch.cat([last_h, last_c], -1), atol=1e-6, rtol=0)
    expected.square().sum().backward()
    result.output.square().sum().backward()
    for mine, published_parameter in zip(cell.memory.parameters(), lstm.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, published_parameter.grad, atol=1e-6, rtol=0)


def test_the_memory_starts_as_the_published_one():
    torch.manual_seed(2)
    cell = LTC(5, AutoNCP(12, 2), mixed_memory=True).cell
    assert isinstance(cell, MixedMemoryCell)
    memory = cell.memory
    recurrent, weight, bias = memory.recurrent_map.weight, memory.input_map.weight, memory.input_map.bias
    torch.testing.assert_close(recurrent.T @ recurrent, torch.eye(12), atol=1e-5, rtol=0)
    bound = (6 / (5 + 4 * 12)) ** 0.5
    assert 0.9 * bound < weight.abs().max() <= bound
    assert 0.09 < bias.abs().max() <= 0.1


@pytest.mark.parametrize("inner", [LSTMCell(3, 4), GRUDCell(3, 4)], ids=["lstm", "gru_d"])
def test_a_cell_with_a_memory_of_its_own_keeps_it_behind_the_mixed_one(inner: LSTMCell | GRUDCell):
    torch.manual_seed(3)
    cell = MixedMemoryCell(inner).double()
    x, dt = torch.randn(2, 3).double(), torch.rand(2).double()
    state = torch.rand(2, cell.state_size).double()
    own, c = state[:, : inner.state_size], state[:, inner.state_size :]
    h, c = cell.memory(cell.memory.input_map(x), own[:, :4], c)
    expected = inner.step(x, torch.cat([h, own[:, 4:]], -1), dt)
    torch.testing.assert_close(cell.step(x, state, dt), torch.cat([expected, c], -1))
    assert cell.state_size == inner.state_size + 4


def test_elapsed_time_fades_the_neurons_but_not_the_memory():
    torch.manual_seed(4)
    layer = LTC(3, AutoNCP(8, 2), mixed_memory=True, backend="reference").double()
    x, state = torch.randn(2, 1, 3).double(), torch.randn(2, 16).double()
    short, long = (layer(x, torch.full((2, 1), dt).double(), state).state for dt in (0.01, 1000.0))
    assert torch.equal(short[:, 8:], long[:, 8:])
    assert (short[:, :8] - long[:, :8]).abs().max() > 0.1


def test_without_mixed_memory_the_cell_stands_alone():
    cell = LSTMCell(2, 3)
    assert with_memory(cell, False) is cell
    remembering = with_memory(cell, True)
    assert isinstance(remembering, MixedMemoryCell)
    assert remembering.inner is cell
