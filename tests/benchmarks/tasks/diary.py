"""T8, a diary: headache on the next day recorded. Data, question and floors are told in ``diary_data``."""

from __future__ import annotations

from typing import Any

import numpy as np

from models import comparing
from models.course import Course
from models.forecast import Array
from tests.benchmarks.tasks import diary_data, protocol
from tests.benchmarks.tasks.protocol import LIQUID, NETWORKS, Figures, Task

CLASSICAL = diary_data.PRINTED["classical"]
FLOORS = {
    "last record": diary_data.last_value,
    "shrunk mean": diary_data.shrunk_mean,
    "classical": diary_data.classical,
    "half-lives": diary_data.decayed,
}


def run(courses: list[Course], seed: int, fold: int) -> dict[str, Array]:
    train, test, _ = protocol.parts(courses, seed, fold)
    found = {name: np.concatenate([f(c) for c in test]) for name, learn in FLOORS.items() for f in [learn(train)]}
    models: dict[str, Any] = {LIQUID: protocol.liquid(seed, fold)}
    models |= {name: protocol.network(name, seed, fold) for name in NETWORKS}
    models["boosted_trees"] = protocol.baseline("boosted_trees")
    for name, model in models.items():
        model.fit(train)
        found[name] = np.concatenate([f.chance["headache"] for f in comparing.retraced(model, test)])
    return {**found, "truth": np.concatenate([diary_data.answers(c) for c in test])}


def score(courses: list[Course], seed: int, folds: list[dict[str, Array]]) -> Figures:
    truth = np.concatenate([f["truth"] for f in folds])
    figures: Figures = {}
    for name in folds[0]:
        if name != "truth":
            chance = np.clip(np.concatenate([f[name] for f in folds]), 1e-3, 1 - 1e-3)
            figures[name] = dict(
                zip(("auc", "log loss", "brier"), map(float, diary_data.scores(truth, chance)), strict=True)
            )
    return figures


def met(figures: Figures) -> bool:
    found = figures[LIQUID]
    return found["auc"] > CLASSICAL[0] and found["log loss"] < CLASSICAL[1] and found["brier"] < CLASSICAL[2]


TASKS = (
    Task(
        "T8",
        "headache diary, next record",
        "better than .794 .525 .1745 on all three",
        diary_data.load_courses,
        5,
        run,
        score,
        met,
        ("auc", "log loss", "brier"),
    ),
)
