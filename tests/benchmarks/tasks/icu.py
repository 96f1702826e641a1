"""T4 and T5, intensive care: who dies in hospital, and the second day's values. See ``icu_data`` and ``icu_floors``.

T4 reads two-hour rows of 48 hours, T5 one-hour rows of 24. The networks that stand beside the forecaster read the same
rows; of T5 they learn from a quarter of the stays, for time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.course import Course
from models.forecast import Array
from tests.benchmarks.tasks import icu_floors, protocol
from tests.benchmarks.tasks.icu_data import DEATH, DEATH_DAY, folds, load_icu, outcomes, saps
from tests.benchmarks.tasks.icu_floors import SPLIT, TARGETS, Questions
from tests.benchmarks.tasks.protocol import LIQUID, NETWORKS, Figures, Task

FOLDS = 5
DEATH_SETTINGS: dict[str, Any] = {
    "targets": [DEATH],
    "origins": [2.0],
    "unseen": 0.5,
    "learning_rate": 2e-3,
    "batch_size": 128,
    "epochs": 30,
    "patience": 5,
    "members": 3,
    "validation_share": 1 / 3,
}
DAY_SETTINGS: dict[str, Any] = {
    "targets": list(TARGETS),
    "origins": [SPLIT],
    "unseen": 0.3,
    "learning_rate": 5e-3,
    "batch_size": 64,
    "epochs": 12,
    "patience": 4,
    "members": 2,
    "validation_share": 0.5,
}
_ALONE: dict[str, Any] = {"learning_rate": 5e-3, "unseen": 0.0, "validation_share": 0.2, "members": 1}
_DAY_ALONE: dict[str, Any] = {**_ALONE, "learning_rate": 1e-2}


def load_death() -> list[Course]:
    return load_icu(hours=2.0, logged=True)


def load_day() -> list[Course]:
    return load_icu(hours=1.0, logged=True, death=False)


def _parts(courses: list[Course], seed: int, fold: int) -> tuple[np.ndarray, np.ndarray]:
    return list(folds(len(courses), seed))[fold]


def run_death(courses: list[Course], seed: int, fold: int) -> dict[str, Array]:
    train, test = _parts(courses, seed, fold)
    truth, points = outcomes(courses), saps(courses)
    models: dict[str, Any] = {LIQUID: protocol.liquid(seed, fold, **DEATH_SETTINGS)}
    models |= {name: protocol.network(name, seed, fold, **{**DEATH_SETTINGS, **_ALONE}) for name in NETWORKS}
    found = {"truth": truth[test], "SAPS-I": points[test]}
    asked = [courses[i].until_row(len(courses[i]) - 1) for i in test]
    for name, model in models.items():
        model.fit([courses[i] for i in train])
        found[name] = _chances(model, asked)
        if name == LIQUID:
            found["its ground"] = protocol.grounded(model, lambda model=model: _chances(model, asked))
    x = icu_floors.features(courses, 2.0, icu_floors.WINDOWS)
    found["logistic"] = icu_floors.logistic(x[train], truth[train], x[test])
    found["boosted trees"] = icu_floors.boosted(x[train], truth[train], x[test])
    found["their mean"] = (found["logistic"] + found["boosted trees"]) / 2
    return found


def _chances(model: Any, asked: Sequence[Course]) -> Array:
    return np.array([f.chance[DEATH][0] for f in model.predict_many(asked, [[DEATH_DAY]] * len(asked))])


def score_death(courses: list[Course], seed: int, found: list[dict[str, Array]]) -> Figures:
    figures: Figures = {}
    for name in found[0]:
        if name == "truth":
            continue
        scores = [_ranks(f["truth"], f[name]) for f in found]
        auc, precision = np.mean(scores, 0)
        figures[name] = {"auc": float(auc), "auprc": float(precision)}
    return figures


def _ranks(truth: Array, score: Array) -> tuple[float, float]:
    known = score != -1  # no SAPS-I
    return icu_floors.ranks(truth[known], score[known])


def run_day(courses: list[Course], seed: int, fold: int) -> dict[str, float]:
    train, test = _parts(courses, seed, fold)
    asked = icu_floors.questions(courses)
    methods, truth = icu_floors.forecasts(icu_floors.features(courses, SPLIT), asked, train, most=12_000)
    inside = np.isin(asked.owner, test)
    found = {name: icu_floors.macro_rmse(said, truth) for name, said in methods.items()}
    own = np.isin(asked.owner, train)
    mean, scale = np.nanmean(asked.truth[own], 0), np.nanstd(asked.truth[own], 0)
    models: dict[str, Any] = {LIQUID: (protocol.liquid(seed, fold, **DAY_SETTINGS), train)}
    few = train[::4]
    models |= {name: (protocol.network(name, seed, fold, **{**DAY_SETTINGS, **_DAY_ALONE}), few) for name in NETWORKS}
    for name, (model, places) in models.items():
        model.fit([courses[i] for i in places])
        said, covered = _day(model, courses, asked, test)
        found[name] = icu_floors.macro_rmse((said - mean) / scale, truth)
        if name == LIQUID:
            known = np.isfinite(truth)
            third = np.digitize(asked.ahead[inside], [1 / 3, 2 / 3])
            found["coverage"] = float(covered[known].mean())
            found |= {f"third {i + 1}": float(covered[third == i][known[third == i]].mean()) for i in range(3)}
            ground = protocol.grounded(model, lambda model=model: _day(model, courses, asked, test)[0])
            found["its ground"] = icu_floors.macro_rmse((ground - mean) / scale, truth)
    return found


def _day(model: Any, courses: list[Course], asked: Questions, test: np.ndarray) -> tuple[Array, np.ndarray]:
    """Forecasts (Q, 12) of the questions of ``test``, in order, and whether the truth lies in the interval."""
    owners = [i for i in np.unique(asked.owner) if i in set(test.tolist())]
    days = [asked.ahead[asked.owner == i] + SPLIT for i in owners]
    forecasts = model.predict_many([courses[i].until(SPLIT) for i in owners], days)
    truth = [asked.truth[asked.owner == i] for i in owners]
    values = [f.select(TARGETS).values for f in forecasts]
    inside = [(v[..., 0] <= t) & (t <= v[..., -1]) for v, t in zip(values, truth, strict=True)]
    said = [np.stack([f.mean[n] for n in TARGETS], -1) for f in forecasts]
    return np.concatenate(said), np.concatenate(inside)


_OF_LIQUID = ("coverage", "third 1", "third 2", "third 3")


def score_day(courses: list[Course], seed: int, found: list[dict[str, float]]) -> Figures:
    mean = {name: float(np.mean([f[name] for f in found])) for name in found[0]}
    figures: Figures = {name: {"rmse": value} for name, value in mean.items() if name not in _OF_LIQUID}
    figures[LIQUID] |= {name: mean[name] for name in _OF_LIQUID}
    return figures


TASKS = (
    Task(
        "T4",
        "in-hospital death, PhysioNet 2012",
        "auc > .860",
        load_death,
        FOLDS,
        run_death,
        score_death,
        lambda figures: figures[LIQUID]["auc"] > 0.860,
        ("auc", "auprc"),
    ),
    Task(
        "T5",
        "intensive care, second day, twelve variables",
        "macro rmse < .640",
        load_day,
        FOLDS,
        run_day,
        score_day,
        lambda figures: figures[LIQUID]["rmse"] < 0.640,
        ("rmse", "coverage", "third 1", "third 2", "third 3"),
    ),
)
