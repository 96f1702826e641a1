"""T1, next visit: PBC sequential, five folds by subject, pooled z-scored RMSE of six laboratory values.

Last value and the mixed model of every variable alone are the floors (.722 and .662); the joint mixed model is the
ground the network corrects. All learn from the same training patients and answer the same questions: at every visit
k >= 1, from the visits before it, the day of visit k and the static covariates.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.baselines import mixed_model as mm
from models.baselines.last_value import LastValue
from models.course import Course
from models.encoding import Encoder, encode, look
from models.forecaster import LiquidForecaster
from tests.benchmarks.datasets import PBC_TARGETS, load_pbc

FOLDS = 5
FLOORS = {"last_value": 0.722, "mixed_model": 0.662}
GOAL = 0.615
Errors = dict[str, list[np.ndarray]]


def load_courses() -> list[Course]:
    """The cohort of the task."""
    return load_pbc()


def main(argv: list[str]) -> int:
    """Run and print the table; 0 when it ran."""
    parser = argparse.ArgumentParser(prog="t1", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--folds", type=int, default=FOLDS, help="run only the first N of five folds")
    parser.add_argument("--seeds", type=int, default=3, help="permutation seeds 0..N-1")
    parser.add_argument("--members", type=int, default=1, help="networks averaged")
    parser.add_argument("--epochs", type=int, default=None, help="at most")
    parser.add_argument("--threads", type=int, default=None, help="torch threads")
    chosen = parser.parse_args(argv)
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    courses = [c.select(_order(c)) for c in load_courses()]
    began = time.monotonic()
    seeds = [_one_seed(courses, seed, chosen) for seed in range(chosen.seeds)]
    result = {
        "task": "t1",
        "patients": len(courses),
        "visits": sum(len(c) for c in courses),
        "split": f"{chosen.folds} of {FOLDS} folds by subject, permutation seeds 0..{chosen.seeds - 1}",
        "members": chosen.members,
        "seconds": round(time.monotonic() - began, 1),
        "floors": FLOORS,
        "goal": GOAL,
        "seeds": seeds,
        "mean": {name: float(np.mean([s[name] for s in seeds])) for name in seeds[0]},
    }
    print(f"{'mean':>6} " + "  ".join(f"{k} {v:.4f}" for k, v in result["mean"].items()))
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1))
    return 0


def _order(course: Course) -> list[str]:
    """The targets first, whatever else is observed after them."""
    return [*PBC_TARGETS, *(n for n in course.names if n not in PBC_TARGETS)]


def _one_seed(courses: list[Course], seed: int, chosen: argparse.Namespace) -> dict[str, float]:
    order = np.random.RandomState(seed).permutation(len(courses))
    errors: Errors = {}
    for number, fold in enumerate(np.array_split(order, FOLDS)[: chosen.folds]):
        inside = set(fold.tolist())
        train = [c for i, c in enumerate(courses) if i not in inside]
        test = [courses[i] for i in fold]
        extra: dict[str, Any] = {"epochs": chosen.epochs} if chosen.epochs else {}
        model = LiquidForecaster(seed=seed * FOLDS + number, members=chosen.members, holdout_share=0.0, **extra)
        began = time.monotonic()
        model.fit(train)
        seconds = time.monotonic() - began
        for name, error in _errors(model, train, test).items():
            errors.setdefault(name, []).append(error)
        here = "  ".join(f"{n} {np.sqrt(np.nanmean(e[-1] ** 2)):.4f}" for n, e in errors.items())
        print(f"seed {seed} fold {number}  {here}  ({seconds:.0f} s)", flush=True)
    result = {name: float(np.sqrt(np.nanmean(np.concatenate(e) ** 2))) for name, e in errors.items()}
    print(f"seed {seed}        " + "  ".join(f"{n} {v:.4f}" for n, v in result.items()), flush=True)
    return result


def _errors(model: LiquidForecaster, train: list[Course], test: list[Course]) -> dict[str, np.ndarray]:
    """z-scored errors of the six targets at every visit k >= 1, NaN where not observed: (questions, 6) each."""
    encoder = Encoder.fit(train)
    last = LastValue().fit(train)
    sums = mm.stack([mm.total(encoder.sums(c)) for c in train])
    classical = {"mixed_model": mm.fit(sums, joint=False), "mixed_joint": mm.fit(sums, joint=True)}
    out: dict[str, list[np.ndarray]] = {}
    for course in test:
        answers: dict[str, list[np.ndarray]] = {}
        for k in range(1, len(course)):
            history, day = course.until_row(k), course.times[k : k + 1]
            truth = course.values[k]
            answers.setdefault("last_value", []).append(last.predict(history, day)[0] - truth)
            for name, fixed in classical.items():
                mixed = look(encoder, encode(encoder, fixed, history), np.array([k]), day).mixed[0]
                answers.setdefault(name, []).append(encoder.mean + encoder.scale * mixed - truth)
            forecast = model.predict(history, day)
            answers.setdefault("liquid", []).append(forecast.values[0, :, 2] - truth)
        for name, rows in answers.items():
            out.setdefault(name, []).extend(rows)
    count = len(PBC_TARGETS)
    return {name: (np.stack(rows) / encoder.scale)[:, :count] for name, rows in out.items()}
