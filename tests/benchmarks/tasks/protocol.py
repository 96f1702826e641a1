"""What the tasks share: the models compared, how they are fitted on a fold, and how figures are put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models import baselines
from models.course import Course
from models.forecast import Forecast
from models.forecaster import LiquidForecaster

LIQUID = "liquid"
NETWORKS: Mapping[str, dict[str, Any]] = {
    "GRU-D": {"cell": "gru_d"},
    "ODE-RNN": {"cell": "ode_rnn"},
    "LSTM": {"cell": "lstm"},
}
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
    """A recurrent network alone: it reads its state and corrects the last value."""
    plain = {"plain": True, "members": 1, "learning_rate": 5e-3, "components": 1, **NETWORKS[name], **settings}
    return liquid(seed, fold, **plain)


def retraced(model: Any, courses: Sequence[Course]) -> list[Forecast]:
    """Every visit but the first, forecast from the visits before it: one forecast a course, its days in ``at``."""
    if isinstance(model, LiquidForecaster):
        return [model.retrace(course) for course in courses]
    asked = [(c.until_row(k), c.times[k : k + 1]) for c in courses for k in range(1, len(c))]
    answers = iter(model.predict_many([c for c, _ in asked], [at for _, at in asked]))
    return [_joined(c, [next(answers) for _ in range(1, len(c))]) for c in courses]


def _joined(course: Course, answers: Sequence[Forecast]) -> Forecast:
    if not answers:
        return Forecast(course.patient, np.zeros(0), course.variables, np.zeros((0, len(course.variables), 7)))
    first = answers[0]
    means = [np.stack([a.mean[n] for n in a.names], -1) for a in answers]
    return Forecast(
        patient=course.patient,
        at=np.concatenate([a.at for a in answers]),
        variables=first.variables,
        values=np.concatenate([a.values for a in answers]),
        quantile_levels=first.quantile_levels,
        expected=np.concatenate(means),
    )


def baseline(name: str, **settings: Any) -> Any:
    return baselines.make(name, **settings)


def seconds(work: Callable[[], Any]) -> tuple[Any, float]:
    """Its result, and how long it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began
