"""T6, what a treatment would do, with known truth. See ``tumour_data``.

The questions are a seeded part of all days of the test patients (``ASKED`` a horizon), the same for every model. The
forecaster and the networks beside it learn from a tenth of the patients, for time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from app.analysis.simulator import tumour
from app.analysis.simulator.tumour import Cohort, Counterfactuals
from models.forecast import Array
from tests.benchmarks.tasks import protocol, tumour_data
from tests.benchmarks.tasks.protocol import LIQUID, NETWORKS, Figures, Task
from tests.benchmarks.tasks.tumour_data import GAMMAS, TAUS

ASKED = 2000
FEW = 1000  # patients networks learn from; floors learn from all
SETTINGS: dict[str, Any] = {"members": 2, "validation_share": 0.5, "epochs": 8, "patience": 4, "batch_size": 256}
HORIZONS = (1, *TAUS)


def run(data: None, seed: int, fold: int) -> dict[str, dict[str, float]]:
    """A fold is a gamma."""
    task = tumour_data.load(seed, GAMMAS[fold])
    asked = {tau: _part(q, seed) for tau, q in task.questions.items()}
    found = {
        "last value": _scores(task.test, asked, tumour_data.last_value),
        "boosted trees": _scores(task.test, asked, tumour_data.Trees(seed).fit(task.train).predict),
        "best possible (Bayes)": _scores(task.test, asked, tumour_data.bayes),
    }
    courses = tumour.courses(task.train)
    models: dict[str, Any] = {LIQUID: (protocol.liquid(seed, fold, **SETTINGS), FEW)}
    alone = {**SETTINGS, "members": 1, "validation_share": 0.2, "batch_size": 128, "epochs": 12}
    models |= {name: (protocol.network(name, seed, fold, **alone), FEW) for name in NETWORKS}
    for name, (model, many) in models.items():
        model.fit(courses[:many])
        said = {tau: _answers(model, task.test, q) for tau, q in asked.items()}
        found[name] = {f"tau {tau}": tumour_data.score(said[tau][:, 0], q) for tau, q in asked.items()}
        if name == LIQUID:
            low, high, truth = said[1][:, 1], said[1][:, 2], asked[1].volume[:, -1]
            found[name]["coverage"] = float(((low <= truth) & (truth <= high)).mean())
    return found


def _part(questions: Counterfactuals, seed: int) -> Counterfactuals:
    kept = np.sort(np.random.default_rng(seed).permutation(len(questions))[:ASKED])
    return Counterfactuals(*(getattr(questions, n)[kept] for n in ("patient", "day", "plan", "volume")))


def _scores(cohort: Cohort, asked: dict[int, Counterfactuals], predict: tumour_data.Predict) -> dict[str, float]:
    return {f"tau {tau}": tumour_data.score(predict(cohort, q), q) for tau, q in asked.items()}


def _answers(model: Any, cohort: Cohort, questions: Counterfactuals) -> Array:
    """Mean, low and high end of the 90 % interval of the last day asked: (q, 3)."""
    courses = tumour.courses(cohort)
    histories, days, plans = [], [], []
    for patient, day, plan in zip(questions.patient, questions.day, questions.plan, strict=True):
        whole = courses[patient]
        known = tuple(t for t in whole.treatments if t.start < day)
        histories.append(replace(whole.until_row(int(day) + 1), treatments=known))
        days.append([float(day + len(plan))])
        plans.append(tumour.treatments(plan, float(day)))
    found = model.predict_many(histories, days, plans)
    return np.array([(f.mean["volume"][0], f.values[0, 0, 0], f.values[0, 0, -1]) for f in found])


def score(data: None, seed: int, folds: list[dict[str, dict[str, float]]]) -> Figures:
    figures: Figures = {}
    for name in folds[0]:
        row = {f"gamma {g:g}": f[name]["tau 1"] for g, f in zip(GAMMAS, folds, strict=True)}
        row |= {f"tau {tau}": float(np.mean([f[name][f"tau {tau}"] for f in folds])) for tau in HORIZONS}
        if "coverage" in folds[0][name]:
            row["coverage"] = float(np.mean([f[name]["coverage"] for f in folds]))
        figures[name] = row
    return figures


TASKS = (
    Task(
        "T6",
        "tumour growth, effect of four arms, % of 1150 cm3",
        "< .45 at every gamma (the best possible stands beside it)",
        lambda: None,
        len(GAMMAS),
        run,
        score,
        lambda figures: all(figures[LIQUID][f"gamma {g:g}"] < 0.45 for g in GAMMAS),
        (*(f"gamma {g:g}" for g in GAMMAS), "tau 2", "tau 6", "coverage"),
    ),
)
