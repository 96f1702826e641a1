"""T3, landmark death in the PBC trial: who dies within a window of years. See ``survival_data``."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.course import Course
from models.forecast import Array
from tests.benchmarks.tasks import protocol, survival_data
from tests.benchmarks.tasks.protocol import LIQUID, NETWORKS, Figures, Task
from tests.benchmarks.tasks.survival_data import DEATH, QUESTIONS, YEAR

COX = "Cox on last values"


def run(courses: list[Course], seed: int, fold: int) -> dict[str, Array]:
    """Risk (patients of the fold, questions), NaN where not followed to the landmark; their places."""
    train, test, places = protocol.parts(courses, seed, fold)
    models: dict[str, Any] = {LIQUID: protocol.liquid(seed, fold)}
    models |= {name: protocol.network(name, seed, fold) for name in NETWORKS}
    models["cox"] = protocol.baseline("cox")
    found = {"places": np.array(places, dtype=np.float64)}
    for name, model in models.items():
        model.fit(train)
        found[name] = _risks(model, test)
    return found


def _risks(model: Any, courses: list[Course]) -> Array:
    """(patients, questions), NaN where not followed to the landmark."""
    out = np.full((len(courses), len(QUESTIONS)), np.nan)
    for landmark in sorted({landmark for landmark, _ in QUESTIONS}):
        here = survival_data.at_risk(courses, landmark)
        asked = [i for i, (start, _) in enumerate(QUESTIONS) if start == landmark]
        days = np.array([(landmark + QUESTIONS[i][1]) * YEAR for i in asked])
        if not here:
            continue
        found = model.predict_many([courses[i].until(landmark * YEAR) for i in here], [days] * len(here))
        out[np.ix_(here, asked)] = np.stack([1.0 - f.survival[DEATH] for f in found])
    return out


def score(courses: list[Course], seed: int, folds: list[dict[str, Array]]) -> Figures:
    places = np.concatenate([f["places"] for f in folds]).astype(int)
    figures: Figures = {}
    for name in folds[0]:
        if name == "places":
            continue
        risk = np.empty((len(courses), len(QUESTIONS)))
        risk[places] = np.concatenate([f[name] for f in folds])
        found = [_auc(courses, risk, q) for q in range(len(QUESTIONS))]
        figures[name] = _row(found)
    figures["log bilirubin"] = _row(survival_data.bilirubin())
    figures[COX] = _row(survival_data.cox(seed=seed))
    figures["Cox on the Mayo signs"] = _row(survival_data.cox(survival_data.MAYO, seed=seed))
    return figures


def _auc(courses: list[Course], risk: Array, question: int) -> float:
    landmark, window = QUESTIONS[question]
    asked = survival_data.at_risk(courses, landmark)
    return survival_data.auc([courses[i] for i in asked], landmark, window, risk[asked, question])


def _row(found: list[float]) -> dict[str, float]:
    named = {f"{a},{b}": v for (a, b), v in zip(QUESTIONS, found, strict=True)}
    return {"mean": float(np.mean(found)), **named}


TASKS = (
    Task(
        "T3",
        "landmark death, PBC, IPCW AUC",
        "above Cox on the mean of the five",
        survival_data.load_courses,
        survival_data.FOLDS,
        run,
        score,
        lambda figures: figures[LIQUID]["mean"] > figures[COX]["mean"],
        ("mean", *(f"{a},{b}" for a, b in QUESTIONS)),
    ),
)
