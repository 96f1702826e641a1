"""T7, a real trial: Beck depression scores with and without a computer programme, 100 patients.

Source: ``HSAUR::BtheB`` of R (Proudfoot et al., Psychological Medicine 2003), ``clinical/btheb`` under ``MAILIU_DATA``
or ``../shared/data``. One variable ``bdi`` (0-63) before treatment (day 0) and after 2, 4, 6, 8 months, fewer where a
patient left. Static: drug (antidepressant), long (episode of more than six months); the programme is the treatment
``BtheB`` from day 0 of those who were given it by lot.

Two questions. Next score: at every later visit seen, from the visits before, its day, the statics and the arm; RMSE
over all visits, five folds by subject, permutation seeds 0-2. What if: at the first visit, the score after 2, 4, 6, 8
months with the programme less that without, averaged over all patients; the mixed model's own coefficient is the truth
to agree with, since the arms were drawn by lot.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.regression.mixed_linear_model import MixedLM

from models.course import Course, Treatment, Variable
from models.forecast import Array

FILE = (
    Path(os.environ.get("MAILIU_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
    / "clinical"
    / "btheb"
    / "BtheB_wide.csv"
)
PATIENTS, QUESTIONS = 100, 280
MONTH = 30.4375  # days
MONTHS = (2, 4, 6, 8)
PROGRAMME = Treatment("BtheB", 0.0, 1e5)
FOLDS, SEEDS = 5, (0, 1, 2)
PRINTED = {"last_value": 8.72, "mixed_model": 7.25, "effect": (-2.36, -5.71, 0.99)}
COLUMNS = ("one", "before", "month", "programme", "drug", "long")
Predict = Callable[[Course, Array], Array]
"""Scores (n,) at days (n,) from a history."""


def load_courses() -> list[Course]:
    """The patients in the file's order. Raises FileNotFoundError where the data are not there."""
    if not FILE.is_file():
        raise FileNotFoundError(f"the trial is not present at {FILE} (set MAILIU_DATA)")
    frame = pd.read_csv(FILE)
    scores = frame[["bdi.pre", *(f"bdi.{m}m" for m in MONTHS)]].to_numpy(dtype=np.float64)
    days = MONTH * np.array([0, *MONTHS])
    variable = Variable("bdi", "Beck depression inventory", "continuous", "", 0.0, 63.0, "symptom")
    courses = []
    for place, (row, drug, length, arm) in enumerate(
        zip(scores, frame["drug"], frame["length"], frame["treatment"], strict=True)
    ):
        seen = ~np.isnan(row)
        static = {"drug": float(drug == "Yes"), "long": float(length == ">6m")}
        course = Course(str(place + 1), days[seen], row[seen, None], (variable,), static)
        courses.append(with_arm(course, arm == PROGRAMME.name))
    return courses


def with_arm(course: Course, given: bool) -> Course:
    """The same patient in the arm with (``given``) or without the programme."""
    return replace(course, treatments=(PROGRAMME,) if given else ())


def folds(courses: Sequence[Course], seed: int) -> list[np.ndarray]:
    """Five folds by subject: places in ``courses``."""
    return np.array_split(np.random.RandomState(seed).permutation(len(courses)), FOLDS)


def errors(courses: Sequence[Course], predict: Predict) -> Array:
    """Predicted less seen at every visit k >= 1 from the rows before it: (visits,)."""
    return np.array(
        [
            float(predict(course.until_row(k), course.times[k : k + 1])[0] - course.values[k, 0])
            for course in courses
            for k in range(1, len(course))
        ]
    )


def averaged_effect(courses: Sequence[Course], predict: Predict) -> float:
    """Mean over patients and the four months of the score with the programme less without, from the first row."""
    days = MONTH * np.array(MONTHS, dtype=np.float64)
    firsts = [course.until_row(1) for course in courses]
    return float(np.mean([predict(with_arm(c, True), days) - predict(with_arm(c, False), days) for c in firsts]))


class MixedModel:
    """bdi ~ score before + month + programme + drug + length, a random intercept a patient; restricted likelihood."""

    def __init__(self, courses: Sequence[Course]) -> None:
        later = [course for course in courses if len(course) > 1]
        x = np.concatenate([_design(course, course.times[1:]) for course in later])
        y = np.concatenate([course.values[1:, 0] for course in later])
        groups = np.repeat(np.arange(len(later)), [len(course) - 1 for course in later])
        fitted: Any = MixedLM(y, x, groups).fit(reml=True)
        self.beta = np.asarray(fitted.fe_params)
        self.between, self.within = float(fitted.cov_re[0, 0]), float(fitted.scale)
        place = COLUMNS.index("programme")
        low, high = np.asarray(fitted.conf_int())[place]
        self.effect = float(self.beta[place]), float(low), float(high)

    def __call__(self, history: Course, days: Array) -> Array:
        rest = history.values[1:, 0] - _design(history, history.times[1:]) @ self.beta
        lift = rest.sum() * self.between / (self.within + len(rest) * self.between)
        return _design(history, days) @ self.beta + lift


def _design(course: Course, days: Array) -> Array:
    """(n, 6): see ``COLUMNS``."""
    still = [
        1.0,
        course.values[0, 0],
        0.0,
        float(bool(course.treatments)),
        course.static["drug"],
        course.static["long"],
    ]
    x = np.tile(np.array(still), (len(days), 1))
    x[:, COLUMNS.index("month")] = days / MONTH
    return x


def floors() -> dict[str, Any]:
    """RMSE of last value and mixed model by seed, and the programme's effect with its 95 % interval."""
    courses = load_courses()
    last = errors(courses, lambda history, days: np.full(len(days), history.values[-1, 0]))
    mixed = []
    for seed in SEEDS:
        found = []
        for fold in folds(courses, seed):
            inside = set(fold.tolist())
            model = MixedModel([c for i, c in enumerate(courses) if i not in inside])
            found.append(errors([courses[i] for i in fold], model))
        mixed.append(float(np.sqrt(np.mean(np.concatenate(found) ** 2))))
    whole = MixedModel(courses)
    return {
        "last_value": float(np.sqrt(np.mean(last**2))),
        "mixed_model": mixed,
        "effect": whole.effect,
        "averaged_effect": averaged_effect(courses, whole),
    }


def main() -> int:
    """Print the floors beside the plan's figures."""
    for name, figure in floors().items():
        print(f"{name:16s} {np.round(figure, 3)}   printed {PRINTED.get(name, '-')}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
