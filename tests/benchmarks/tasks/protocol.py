"""What the tasks share: the models compared, how they are fitted on a fold, and how figures are put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models import baselines, comparing
from models.course import Course
from models.forecaster import LiquidForecaster

LIQUID = "liquid"
OF = {"GRU-D": "gru_d", "ODE-RNN": "ode_rnn", "LSTM": "lstm"}
NETWORKS = tuple(OF)
Figures = dict[str, dict[str, float]]
"""By model, by metric."""


@dataclass(frozen=True)
class Task:
    """A row of the evaluation. name: "T1"; title: what is asked; goal: in words; goals: (model, metric, low, high)

    load: the data; folds: how many; run: (data, seed, fold) -> what ``score`` needs of that fold; score: (data, seed,
    the folds' results) -> figures; seeds: of the permutation
    """

    name: str
    title: str
    goal: str
    load: Callable[[], Any]
    folds: int
    run: Callable[[Any, int, int], Any]
    score: Callable[[Any, int, list[Any]], Figures]
    met: Callable[[Figures], bool]
    metrics: tuple[str, ...]
    seeds: tuple[int, ...] = (0, 1, 2)


def parts(
    courses: Sequence[Course], seed: int, fold: int, folds: int = 5
) -> tuple[list[Course], list[Course], list[int]]:
    """Training and test courses of a fold by subject, and the places of the test courses."""
    inside = np.array_split(np.random.RandomState(seed).permutation(len(courses)), folds)[fold].tolist()
    kept = set(inside)
    return [c for i, c in enumerate(courses) if i not in kept], [courses[i] for i in inside], inside


def liquid(seed: int, fold: int, **settings: Any) -> LiquidForecaster:
    """The default forecaster, all training patients learnt from. settings: what the task sets otherwise."""
    return LiquidForecaster(**{"seed": 5 * seed + fold, "holdout_share": 0.0, "device": "cpu", **settings})


def network(name: str, seed: int, fold: int, **settings: Any) -> LiquidForecaster:
    """A recurrent network alone: it reads its state and corrects the last value. It stops after half the usual patience
    for the time that three of them take beside everything else."""
    return comparing.alone(OF[name], **{"seed": 5 * seed + fold, "device": "cpu", "patience": 6, **settings})


def grounded(model: LiquidForecaster, ask: Callable[[], Any]) -> Any:
    """What the simple forecasts answer that the network starts from, as their mixture ended."""
    kept = model.fitted_
    model.fitted_ = kept._replace(trust=np.zeros_like(kept.trust))
    try:
        return ask()
    finally:
        model.fitted_ = kept


def baseline(name: str, **settings: Any) -> Any:
    return baselines.make(name, **settings)


def seconds(work: Callable[[], Any]) -> tuple[Any, float]:
    """Its result, and how long it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began
