"""What liquid networks are weak at - nothing to integrate, long waits, depth - and how each is met here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from models.course import Course, Variable
from models.forecaster import LiquidForecaster
from models.layers import LTC, CfC
from models.sequence import SequenceLayer
from models.stack import Layer, Stack
from models.wiring import FullyConnected

STEPS = 1000
SCORE = (Variable("score"),)


pytestmark = pytest.mark.usefixtures("one_thread")


# static


def _told_by_statics(patients: int, seed: int, visits: Callable[[np.random.Generator], int]) -> list[Course]:
    """Two of three static facts make the score, beside a patient's own level and noise; time changes nothing."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(patients):
        static = rng.normal(size=3)
        times = np.sort(rng.uniform(0, 100, visits(rng)))
        level = 1.5 * static[0] - static[1] + 0.3 * rng.normal()
        values = level + 0.5 * rng.normal(size=len(times))
        names: list[str] = ["age", "weight", "noise"]
        statics: dict[str, float] = dict(zip(names, static.tolist(), strict=True))
        found.append(Course(f"S{number}", times, values[:, None], SCORE, statics))
    return found


@dataclass
class Errors:
    """Root mean squared, about a second visit: the forecaster's before and after the first, and simple ones'."""

    before: float
    after: float
    ridge: float
    mean: float


def _errors(patients: int, visits: Callable[[np.random.Generator], int]) -> Errors:
    train = _told_by_statics(patients, 0, visits)
    test = _told_by_statics(150, 1, lambda rng: 2)
    model = LiquidForecaster(units=8, hidden=16, unfolds=1, members=1, epochs=5, holdout_share=0.0).fit(train)
    rows = np.concatenate([np.tile([1.0, *c.static.values()], (len(c), 1)) for c in train])
    seen = np.concatenate([c.values[:, 0] for c in train])
    ridge = np.linalg.solve(rows.T @ rows + np.eye(4), rows.T @ seen)
    truth = np.array([c.values[1, 0] for c in test])

    def rmse(forecast: list[float]) -> float:
        return float(np.sqrt(np.mean((np.array(forecast) - truth) ** 2)))

    def of_model(rows: int) -> float:
        answers = [model.predict(c.until_row(rows), c.times[1:]) for c in test]
        return rmse([float(a.mean["score"][0]) for a in answers])

    return Errors(
        before=of_model(0),
        after=of_model(1),
        ridge=rmse([float(ridge @ [1.0, *c.static.values()]) for c in test]),
        mean=rmse([float(seen.mean())] * len(test)),
    )


def test_without_a_visit_a_forecast_is_as_good_as_a_static_model_and_a_visit_betters_it():
    errors = _errors(120, lambda rng: int(rng.integers(1, 7)))
    assert errors.ridge < 0.4 * errors.mean
    assert errors.before < 1.05 * errors.ridge
    assert errors.after < errors.ridge


def test_learnt_from_single_visits_a_forecast_is_as_good_as_a_static_model():
    errors = _errors(300, lambda rng: 1)
    assert errors.before < 1.05 * errors.ridge
    assert errors.after < 0.5 * errors.mean


# long


def _recalled(layer: SequenceLayer, blanks: int = STEPS) -> Tensor:
    """One bit at the first step, nothing, a cue at the last -> the outputs there, above 0 with the sign of the bit."""
    bits = torch.tensor([1.0, -1.0])
    x = torch.zeros(2, blanks + 2, 2)
    x[:, 0, 0], x[:, -1, 1] = bits, 1.0
    return layer(x, torch.full(x.shape[:2], 0.1)).output[:, -1, 0] * bits


def _learns(layer: SequenceLayer, blanks: int, updates: int) -> bool:
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)
    for _ in range(updates):
        loss = softplus(-4 * _recalled(layer, blanks)).mean()
        if loss < 0.03:
            return True
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
        optimizer.step()
    return False


def _ltc(memory: bool) -> LTC:
    wiring = FullyConnected(12, 1)
    if not memory:
        return LTC(2, wiring, unfolds=1, backend="cpu")
    return LTC(2, wiring, unfolds=1, backend="cpu", mixed_memory=True, memory_reach=STEPS)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_bit_a_thousand_steps_back_is_learnt_at_once_with_a_mixed_memory_and_never_without(seed: int):
    torch.manual_seed(seed)
    alone = _ltc(memory=False)
    assert not _learns(alone, STEPS, updates=60)
    assert _recalled(alone).abs().max() < 0.1  # its output has forgotten: both bits look alike
    torch.manual_seed(seed)
    helped = _ltc(memory=True)
    assert _learns(helped, STEPS, updates=100)
    assert (_recalled(helped) > 0.5).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_closed_form_cell_with_a_mixed_memory_carries_what_it_learnt_on_short_waits_to_a_thousand_steps(seed: int):
    torch.manual_seed(seed)
    layer = CfC(2, FullyConnected(12, 1), mixed_memory=True, memory_reach=STEPS)
    assert all(_learns(layer, blanks, updates=120) for blanks in (3, 10, 30, 100))
    with torch.no_grad():
        assert (_recalled(layer) > 0.5).all()


# deep


def _deep(make: Callable[[int], Layer], depth: int, updates: int) -> tuple[list[float], list[float]]:
    """Losses of learning a delayed product, over its variance; and by layer the norm of the first gradients."""
    torch.manual_seed(0)
    stack = Stack(*[make(1 if k == 0 else 12) for k in range(depth)], layer_norm=True, residual=True)
    readout = nn.Linear(12, 1)
    optimizer = torch.optim.Adam([*stack.parameters(), *readout.parameters()], lr=0.02)
    x = torch.rand(48, 8, 1, generator=torch.Generator().manual_seed(0)) * 2 - 1
    wanted = x[:, 2:] * x[:, 1:-1]
    losses, norms = [], []
    for _ in range(updates):
        optimizer.zero_grad()
        loss = (readout(stack(x).output[:, 2:]) - wanted).square().mean() / wanted.var()
        loss.backward()
        if not norms:
            norms = [_norm(layer) for layer in stack.layers]
        optimizer.step()
        losses.append(loss.item())
    return losses, norms


def _norm(layer: nn.Module) -> float:
    return float(torch.stack([p.grad.square().sum() for p in layer.parameters() if p.grad is not None]).sum().sqrt())


@pytest.mark.parametrize(("memory", "depths"), [(False, (1, 2, 3, 4)), (True, (1, 4))])
def test_four_layers_learn_at_the_rate_of_one_to_about_the_same_loss(memory: bool, depths: tuple[int, ...]):
    for depth in depths:
        losses, norms = _deep(
            lambda inputs: CfC(inputs, FullyConnected(12, 12), mixed_memory=memory), depth, updates=45
        )
        assert losses[0] > 0.8
        assert losses[-1] < 0.05
        assert min(norms) > 0.1 * max(norms)  # the lowest layer hears of the loss as the highest does


def test_four_liquid_layers_learn_at_the_rate_of_one_though_later():
    def layer(inputs: int) -> LTC:
        return LTC(inputs, FullyConnected(12, 12), unfolds=2, backend="cpu")

    assert _deep(layer, 1, updates=120)[0][-1] < 0.1
    losses, norms = _deep(layer, 4, updates=200)
    assert losses[-1] < 0.1
    assert min(norms) > 0.1 * max(norms)
