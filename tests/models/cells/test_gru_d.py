"""GRU-D: the published equations, decays that do what they are for, and all steps at once as one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from models.cells.base import AbstractCell
from models.cells.gru_d import GRUDCell
from models.errors import ModelError
from models.layers import GRUD


def _problem(seed: int = 0) -> tuple[GRUDCell, Tensor, Tensor, Tensor, Tensor]:
    torch.manual_seed(seed)
    cell = GRUDCell(3, 4, mean=torch.tensor([0.5, -1.0, 2.0])).double()
    with torch.no_grad():
        cell.input_decay_b.uniform_(-0.2, 0.3)
        cell.hidden_decay.bias.uniform_(-0.2, 0.3)
    mask = torch.rand(2, 9, 3) > 0.6
    x = torch.where(mask, torch.randn(2, 9, 3), 0.0).double()
    dt = torch.rand(2, 9).double()
    dt[0, 4] = 0.0
    state = torch.cat([torch.randn(2, 4), torch.randn(2, 3), torch.rand(2, 3), torch.ones(2, 3)], -1).double()
    state[1, 7:8], state[1, 4:5], state[1, 10:11] = 1.5, 0.0, 0.0  # one variable of one sample was never seen
    return cell, x, dt, mask, state


def _published(cell: GRUDCell, x: np.ndarray, dt: np.ndarray, seen: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Equations (3) to (8) of Che et al. for one sample, step by step in numpy."""
    p = {k: v.detach().numpy() for k, v in cell.state_dict().items()}
    logistic = lambda a: 1 / (1 + np.exp(-a))
    w_x, w_m = p["input_map.weight"][:, :3], p["input_map.weight"][:, 3:]
    u_gates, u_new = p["recurrent_map.weight"], p["new_map.weight"]
    h, last, since, ever = state[:4], state[4:7].copy(), state[7:10].copy(), state[10:].astype(bool)
    states = []
    for k in range(len(x)):
        since = since + dt[k]
        decay_x = np.exp(-np.maximum(0, p["input_decay_w"] * since + p["input_decay_b"]))
        decay_h = np.exp(-np.maximum(0, p["hidden_decay.weight"] @ since + p["hidden_decay.bias"]))
        m = seen[k].astype(float)
        faded = np.where(ever, decay_x * last + (1 - decay_x) * p["mean"], p["mean"])
        x_hat = m * x[k] + (1 - m) * faded
        h = decay_h * h
        mapped = w_x @ x_hat + w_m @ m + p["input_map.bias"]
        r = logistic(mapped[:4] + u_gates[:4] @ h)
        z = logistic(mapped[4:8] + u_gates[4:] @ h)
        new = np.tanh(mapped[8:] + u_new @ (r * h))
        h = (1 - z) * h + z * new
        last, since, ever = np.where(seen[k], x[k], last), np.where(seen[k], 0.0, since), ever | seen[k]
        states.append(np.concatenate([h, last, since, ever]))
    return np.array(states)


def test_the_states_follow_the_published_equations():
    cell, x, dt, mask, state = _problem()
    path = cell.run(x, dt, state, mask)
    for b in range(2):
        expected = _published(cell, x[b].numpy(), dt[b].numpy(), mask[b].numpy(), state[b].numpy())
        torch.testing.assert_close(path.state[b].detach(), torch.from_numpy(expected), atol=1e-10, rtol=0)


@pytest.mark.parametrize("ragged", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_all_steps_at_once_equal_the_steps_one_by_one(masked: bool, ragged: bool):
    cell, x, dt, mask, state = _problem(1)
    inside = torch.arange(9) < torch.tensor([[9], [5]]) if ragged else None
    counts = torch.ones(2, 9, dtype=torch.bool) if inside is None else inside
    results = []
    for run in (GRUDCell.run, AbstractCell.run):
        given = [t.clone().requires_grad_() for t in (x, dt, state)]
        some_x, some_dt = given[0] * counts.unsqueeze(-1), given[1] * counts
        path = run(cell, some_x, some_dt, given[2], mask & counts.unsqueeze(-1) if masked else None, inside)
        cell.zero_grad()
        path.state.square().sum().backward()
        results.append([*path, *(t.grad for t in given), *(p.grad for p in cell.parameters())])
    for at_once, one_by_one in zip(*results, strict=True):
        torch.testing.assert_close(at_once, one_by_one, atol=1e-10, rtol=1e-8)


def test_an_unseen_value_fades_from_the_last_one_seen_to_the_mean():
    torch.manual_seed(2)
    cell = GRUDCell(1, 2, mean=torch.tensor([10.0])).double()
    seen, unseen = torch.ones(1, 1, 1).bool(), torch.zeros(1, 1, 1).bool()

    def after(value: float, elapsed: float, mask: Tensor) -> Tensor:
        """h after a step whose only variable is unseen, ``elapsed`` after it was ``value``."""
        blank = torch.zeros(1, 2).double()  # hidden state without past, so that only the filled-in value tells
        start = torch.cat([blank, torch.tensor([[value, 0.0, 1.0]]).double()], -1)
        x = torch.zeros(1, 1, 1).double()
        return cell.run(x, torch.full((1, 1), elapsed).double(), start, mask).state[0, 0, :2]

    never = cell.run(torch.zeros(1, 1, 1).double(), torch.ones(1, 1).double(), torch.zeros(1, 5).double(), unseen)
    torch.testing.assert_close(after(10.0, 3.0, unseen), never.state[0, 0, :2])  # the mean stands in
    torch.testing.assert_close(after(-4.0, 1e4, unseen), never.state[0, 0, :2])
    assert (after(-4.0, 0.1, unseen) - after(9.0, 0.1, unseen)).abs().max() > 0.01
    assert torch.equal(after(-4.0, 0.1, seen), after(9.0, 0.1, seen))


def test_time_since_a_value_was_seen_is_as_exact_late_as_early():
    cell = GRUDCell(1, 1)
    length = 3_000
    dt = torch.full((1, length), 0.1)
    mask = torch.zeros(1, length, 1, dtype=torch.bool)
    mask[0, -4] = True
    since = cell.run(torch.zeros(1, length, 1), dt, torch.zeros(1, 4), mask).state[0, -4:, 2]
    torch.testing.assert_close(since, torch.tensor([0.0, 0.1, 0.2, 0.3]), atol=1e-6, rtol=0)


def test_tau_tells_how_fast_a_neuron_is_let_go():
    cell, x, dt, mask, state = _problem(3)
    with torch.no_grad():
        cell.input_map.weight[8:].zero_()
        cell.input_map.bias[8:].zero_()
        cell.new_map.weight.zero_()  # nothing new comes in: what is left of h is the kept share
    path = cell.run(x[:, :1], dt[:, :1], state, mask[:, :1])
    kept = torch.exp(-dt[:, :1] / path.tau[:, 0])
    torch.testing.assert_close(path.state[:, 0, :4], state[:, :4] * kept)


def test_a_mean_of_the_wrong_size_is_refused():
    with pytest.raises(ModelError, match=r"mean is \(2,\), expected \(3,\)"):
        GRUD(3, 4, mean=torch.zeros(2))
