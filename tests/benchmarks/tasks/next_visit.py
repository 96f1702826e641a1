"""T1 and T2, the next visit of the PBC trial: six laboratory values, and how sure one is of log bilirubin.

Source: ``survival::pbcseq`` (312 patients, 1,945 visits). At every visit k >= 1, from the visits before, its day and
the statics. Errors and quantiles are in standard deviations of the training patients; coverage of the 90 % interval,
CRPS as twice the mean pinball loss over seven levels.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from models import comparing
from models.course import Course
from models.forecast import QUANTILE_LEVELS, Array, Forecast
from tests.benchmarks.datasets import PBC_TARGETS, load_pbc
from tests.benchmarks.tasks import protocol
from tests.benchmarks.tasks.protocol import LIQUID, NETWORKS, Figures, Task

BILIRUBIN = PBC_TARGETS.index("bili")
SIMPLE = ("last_value", "patient_mean", "linear_trend", "mixed_effects", "boosted_trees")
FOLDS = 5
Answer = dict[str, Array]


def load() -> list[Course]:
    """The six targets first, then cholesterol, oedema and stage, which are seen and not asked."""
    return load_pbc(extra=True)


def run(courses: list[Course], seed: int, fold: int) -> dict[str, Answer]:
    train, test, _ = protocol.parts(courses, seed, fold)
    seen = np.concatenate([c.values for c in train])[:, : len(PBC_TARGETS)]
    unit = np.nanstd(seen, axis=0)
    models: dict[str, Any] = {LIQUID: protocol.liquid(seed, fold, targets=PBC_TARGETS)}
    models |= {name: protocol.network(name, seed, fold, targets=PBC_TARGETS) for name in NETWORKS}
    models |= {name: protocol.baseline(name) for name in SIMPLE}
    found = {}
    for name, model in models.items():
        _, took = protocol.seconds(lambda model=model: model.fit(train))
        found[name] = {**_answer(comparing.retraced(model, test), test, unit), "seconds": np.array([took])}
        if name == LIQUID:
            ground = protocol.grounded(model, lambda model=model: _answer(comparing.retraced(model, test), test, unit))
            found["its ground"] = {**ground, "seconds": np.array([0.0])}
    return found


def _answer(forecasts: list[Forecast], test: list[Course], unit: Array) -> Answer:
    names = list(PBC_TARGETS)
    mean = np.concatenate([np.stack([f.mean[n] for n in names], -1) for f in forecasts])
    levels = np.concatenate([f.select(names).values[:, BILIRUBIN] for f in forecasts])
    truth = np.concatenate([c.select(names).values[1:] for c in test])
    gap = np.concatenate([np.diff(c.times) for c in test])
    return {
        "error": (mean - truth) / unit,
        "levels": levels / unit[BILIRUBIN],
        "truth": truth[:, BILIRUBIN] / unit[BILIRUBIN],
        "gap": gap,
        "all": _inside(forecasts, test),
    }


def _inside(forecasts: list[Forecast], test: list[Course]) -> Array:
    """1 where a value of any target lies in its 90 % interval, NaN where there is none: (questions, 6)."""
    out = []
    for found, course in zip(forecasts, test, strict=True):
        truth = course.select(list(PBC_TARGETS)).values[1:]
        values = found.select(list(PBC_TARGETS)).values
        inside = (values[..., 0] <= truth) & (truth <= values[..., -1])
        out.append(np.where(np.isnan(truth), np.nan, inside))
    return np.concatenate(out)


def score(courses: list[Course], seed: int, folds: list[dict[str, Answer]]) -> Figures:
    figures: Figures = {}
    for name in folds[0]:
        table = {k: np.concatenate([f[name][k] for f in folds]) for k in folds[0][name]}
        levels, truth = table["levels"], table["truth"]
        known = ~np.isnan(truth)
        levels, truth, gap = levels[known], truth[known], table["gap"][known]
        inside = (levels[:, 0] <= truth) & (truth <= levels[:, -1])
        third = np.digitize(gap, np.quantile(gap, [1 / 3, 2 / 3]))
        off = truth[:, None] - levels
        wanted = np.array(QUANTILE_LEVELS)
        figures[name] = {
            "rmse": float(np.sqrt(np.nanmean(table["error"] ** 2))),
            "crps": float(2 * np.maximum(wanted * off, (wanted - 1) * off).mean()),
            "coverage": float(inside.mean()),
            **{f"third {i + 1}": float(inside[third == i].mean()) for i in range(3)},
            "all six": float(np.nanmean(table["all"])),
            "width": float((levels[:, -1] - levels[:, 0]).mean()),
            "seconds": float(table["seconds"].sum()),
        }
    return figures


TASKS = (
    Task(
        "T1",
        "next visit, PBC, six laboratory values",
        "rmse < .615",
        load,
        FOLDS,
        run,
        score,
        lambda figures: figures[LIQUID]["rmse"] < 0.615,
        ("rmse", "all six", "seconds"),
    ),
    Task(
        "T2",
        "calibration of log bilirubin",
        "coverage .88-.92, CRPS < .160",
        load,
        FOLDS,
        run,
        score,
        lambda figures: 0.88 <= figures[LIQUID]["coverage"] <= 0.92 and figures[LIQUID]["crps"] < 0.160,
        ("crps", "coverage", "third 1", "third 2", "third 3", "width"),
    ),
)
