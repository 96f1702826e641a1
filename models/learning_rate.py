"""The range test of learning rates: a few steps at rates that grow until learning diverges, on a network of its own.

Source: Smith, *Cyclical learning rates for training neural networks*, WACV 2017. The loss is measured after every step,
without dropout, on the same patients: the curve is smooth without averaging, and tells of the rates alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from models import distributed, fitting, training
from models.batching import Batch, Cohort
from models.checks import check_courses, whole
from models.course import Course
from models.errors import ModelError, TrainingError
from models.forecast import Array
from models.forecaster import LiquidForecaster
from models.network import LiquidNetwork

PROBE = 256  # patients whose loss is measured
CLIP = 1.0  # of gradients, as in training
MARGIN = 10.0  # how far the suggestion stays below the rate with the lowest loss: an epoch is many such steps
BLOWN_UP = 0.5  # above the first loss, a value: learning has diverged


@dataclass(frozen=True)
class Found:
    """rates (k,), ascending; losses (k,): after a step at each, the last may be infinite; suggested: a rate to train
    with

    start: the loss before the first step; diverged: the rate at which learning broke down, None: at none of them
    """

    rates: Array
    losses: Array
    suggested: float
    start: float
    diverged: float | None


def find(
    forecaster: LiquidForecaster,
    courses: Sequence[Course],
    *,
    lowest: float = 1e-5,
    highest: float = 10.0,
    steps: int = 80,
    progress: Callable[[int, float, float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Found:
    """Train a network as the forecaster's first member begins with, each step at a higher rate, and watch the loss.

    The forecaster, fitted or not, and the stream of random numbers stay as they are; the same call gives the same
    answer. progress: told the step, its rate and the loss; cancel: asked before every step, True ends the test there
    Raises ModelError for rates or settings that cannot work, TrainingError where there is nothing to learn from or no
    rate was tried.
    """
    if not 0 < lowest < highest < np.inf:
        raise ModelError(f"rates must grow from above 0: got {lowest} to {highest}")
    whole("steps", steps, lowest=10)
    settings = forecaster.get_params()
    shares = (forecaster.validation_share, forecaster.holdout_share)
    parts = fitting.split(check_courses(courses), None, forecaster.seed, shares)
    ready = fitting.prepare(parts, settings)
    device = distributed.device(forecaster.device)
    network = fitting.build(ready.encoder, ready.plan, ready.grid, settings, 0)
    learn, _ = ready.parts(parts, 0)
    network.warm_start(learn.next, ready.log_rate)
    network.to(device)
    probe = learn.part(range(min(PROBE, len(learn))))
    everyone = probe.batch(range(len(probe)), _far(probe)).to(device)
    start = _loss(network, everyone, forecaster.squared)
    rates = np.geomspace(lowest, highest, steps)
    losses: list[float] = []
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(forecaster.seed)
        optimizer = training.optimizer_for(network, _settings(forecaster, lowest))
        batches = _batches(learn, forecaster)
        for step, rate in enumerate(rates.tolist(), 1):
            if cancel is not None and cancel():
                break
            _step(network, optimizer, rate, next(batches).to(device), forecaster.squared)
            losses.append(_loss(network, everyone, forecaster.squared))
            if progress is not None:
                progress(step, rate, losses[-1])
            if _blown_up(start, losses[-1]):
                break
    return _judged(rates[: len(losses)], np.array(losses), start)


def _settings(forecaster: LiquidForecaster, rate: float) -> training.Settings:
    return training.Settings(
        epochs=1,
        patience=1,
        learning_rate=rate,
        weight_decay=forecaster.weight_decay,
        batch_size=forecaster.batch_size,
        squared=forecaster.squared,
        far=forecaster.far,
        clip=CLIP,
        seed=forecaster.seed,
    )


def _far(patients: Cohort) -> torch.Tensor | None:
    """Patients of single visits are asked about from the empty history alone."""
    return None if patients.next.answered else torch.arange(len(patients.far))


def _loss(network: LiquidNetwork, batch: Batch, squared: float) -> float:
    network.eval()
    with torch.no_grad():
        return float(network.loss(batch, squared))


def _batches(learn: Cohort, forecaster: LiquidForecaster) -> Iterator[Batch]:
    """As in training, over and over: the patients in a new order every time."""
    if not (learn.next.answered or learn.far.answered):
        raise TrainingError("no value can be asked about: there is nothing to learn from")
    epoch = 0
    while True:
        rng = np.random.default_rng([forecaster.seed, 0, epoch])
        order = rng.permutation(len(learn))
        share = forecaster.far if learn.next.answered else 1.0
        far = torch.from_numpy(np.flatnonzero(rng.random(len(learn.far)) < share))
        for first in range(0, len(order), forecaster.batch_size):
            batch = learn.batch(order[first : first + forecaster.batch_size].tolist(), far)
            if batch.questions.answered:
                yield batch
        epoch += 1


def _step(network: LiquidNetwork, optimizer: torch.optim.Optimizer, rate: float, batch: Batch, squared: float) -> None:
    network.train()
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)
    network.loss(batch, squared).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
    optimizer.step()


def _blown_up(start: float, loss: float) -> bool:
    return not np.isfinite(loss) or loss > start + BLOWN_UP


def _judged(rates: Array, losses: Array, start: float) -> Found:
    if not len(rates):
        raise TrainingError("no learning rate was tried: the test was cancelled before its first step")
    lowest = int(np.nanargmin(losses)) if np.isfinite(losses).any() else 0
    return Found(
        rates=rates,
        losses=losses,
        suggested=max(float(rates[lowest]) / MARGIN, float(rates[0])),
        start=start,
        diverged=float(rates[-1]) if _blown_up(start, losses[-1]) else None,
    )
