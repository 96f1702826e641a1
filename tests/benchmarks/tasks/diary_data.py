"""T8, a diary: headache or none on the next day recorded, 133 migraine patients, 4,152 records.

Source: ``carData::KosteckiDillon`` of R (Kostecki-Dillon, Monette, Wong, 1999), ``clinical/headache_kosteckidillon``
under ``MAILIU_DATA`` or ``../shared/data``. One binary variable ``headache``, days since a patient's first record;
static: day the diary begins on the treatment's clock (``begins``, negative is before), age, female, aura and mixed
(migraine type, no aura is 0 0), reduced and continuing (medication, none is 0 0). With ``air`` the day's air quality
index is observed too; of the day asked about it is not known.

Every record but a patient's first is asked for, from the records before and its own day: 4,019 questions. AUC, log loss
and Brier score over all of them, five folds by subject, mean of permutation seeds 0-2.

The plan's "last value" (.780 .538 .181) is not the last record, which as a probability reaches only .682 .573 .193: it
is the patient's mean so far, shrunk by two records towards the training patients' mean. "Classical" (.794 .525 .1745)
is a logistic regression of last record, that mean and the day on the treatment's clock; statics, medication and air
quality add nothing to it. ``decayed`` adds means of several half-lives and is the best simple forecast found.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from models.course import Course, Variable
from models.forecast import Array

FILE = (
    Path(os.environ.get("MAILIU_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
    / "clinical"
    / "headache_kosteckidillon"
    / "KosteckiDillon.csv"
)
PATIENTS, RECORDS, QUESTIONS = 133, 4152, 4019
FOLDS, SEEDS = 5, (0, 1, 2)
PRINTED = {"shrunk mean": (0.780, 0.538, 0.181), "classical": (0.794, 0.525, 0.1745)}
PRIOR = 2.0  # records of the training patients' mean beside a patient's own
HALF_LIVES = (1.0, 3.0, 7.0, 30.0)  # days
DECAYED_PRIOR = 1.0
Learn = Callable[[Sequence[Course]], Callable[[Course], Array]]
"""Training courses -> (course -> chance of a headache at its rows 1, 2, .. each from the rows before it: (n - 1,))."""


def load_courses(*, air: bool = False) -> list[Course]:
    """The patients by number. Raises FileNotFoundError where the data are not there."""
    if not FILE.is_file():
        raise FileNotFoundError(f"the headache diaries are not present at {FILE} (set MAILIU_DATA)")
    variables = [Variable("headache", "headache", "binary", "", 0.0, 1.0, "symptom")]
    variables += [Variable("airq", "air quality index", lower=0.0, group="lab")] if air else []
    frame = pd.read_csv(FILE).sort_values(["id", "time"], kind="stable")
    frame["headache"] = (frame["headache"] == "yes").astype(float)
    courses = []
    for number, rows in frame.groupby("id"):
        first = rows.iloc[0]
        static = {
            "begins": float(first["time"]),
            "age": float(first["age"]),
            "female": float(first["sex"] == "female"),
            "aura": float(first["hatype"] == "Aura"),
            "mixed": float(first["hatype"] == "Mixed"),
            "reduced": float(first["medication"] == "reduced"),
            "continuing": float(first["medication"] == "continuing"),
        }
        times = rows["time"].to_numpy(dtype=np.float64)
        values = rows[[v.name for v in variables]].to_numpy(dtype=np.float64)
        courses.append(Course(str(number), times - times[0], values, tuple(variables), static))
    return courses


def folds(courses: Sequence[Course], seed: int) -> list[np.ndarray]:
    """Five folds by subject: places in ``courses``."""
    return np.array_split(np.random.RandomState(seed).permutation(len(courses)), FOLDS)


def answers(course: Course) -> Array:
    """What happened at rows 1, 2, ..: (n - 1,)."""
    return course.values[1:, 0]


def scores(truth: Array, chance: Array) -> Array:
    """AUC, log loss, Brier score."""
    return np.array([roc_auc_score(truth, chance), log_loss(truth, chance), brier_score_loss(truth, chance)])


def evaluate(learn: Learn, courses: Sequence[Course], seeds: Sequence[int] = SEEDS) -> Array:
    """Scores of out-of-fold forecasts, all questions together, mean over seeds: (3,)."""
    found = []
    for seed in seeds:
        truth, chance = [], []
        for fold in folds(courses, seed):
            inside = set(fold.tolist())
            forecast = learn([c for i, c in enumerate(courses) if i not in inside])
            truth += [answers(courses[i]) for i in fold]
            chance += [forecast(courses[i]) for i in fold]
        found.append(scores(np.concatenate(truth), np.concatenate(chance)))
    return np.mean(found, 0)


def last_value(train: Sequence[Course]) -> Callable[[Course], Array]:
    """The share of headaches after a day with, and after a day without one."""
    return _logistic(train, lambda course, base: course.values[:-1])


def shrunk_mean(train: Sequence[Course]) -> Callable[[Course], Array]:
    """The patient's mean so far, with ``PRIOR`` records of the training patients' mean."""
    base = _base(train)
    return lambda course: _means(course, base)


def classical(train: Sequence[Course]) -> Callable[[Course], Array]:
    """Logistic regression of last record, shrunk mean and day."""
    return _logistic(
        train,
        lambda course, base: np.stack(
            [course.values[:-1, 0], _means(course, base), course.times[1:] + course.static["begins"]], -1
        ),
    )


def decayed(train: Sequence[Course]) -> Callable[[Course], Array]:
    """Logistic regression of last record, shrunk mean, count, and means decaying by half-lives of 1, 3, 7, 30 days."""
    return _logistic(train, _decayed)


def _decayed(course: Course, base: float) -> Array:
    seen, times = course.values[:, 0], course.times
    rows = []
    for k in range(1, len(course)):
        row = [seen[k - 1], np.log1p(k)]
        for half in HALF_LIVES:
            weight = 0.5 ** ((times[k] - 1.0 - times[:k]) / half)
            row.append((weight @ seen[:k] + DECAYED_PRIOR * base) / (weight.sum() + DECAYED_PRIOR))
        rows.append(row)
    return np.concatenate([np.array(rows), _means(course, base)[:, None]], -1)


def _base(train: Sequence[Course]) -> float:
    return float(np.mean(np.concatenate([c.values[:, 0] for c in train])))


def _means(course: Course, base: float) -> Array:
    """(n - 1,): before rows 1, 2, .."""
    seen = np.cumsum(course.values[:-1, 0])
    return (seen + PRIOR * base) / (np.arange(1, len(course)) + PRIOR)


def _logistic(train: Sequence[Course], features: Callable[[Course, float], Array]) -> Callable[[Course], Array]:
    base = _base(train)
    x = np.concatenate([features(course, base) for course in train])
    mean, scale = x.mean(0), x.std(0)
    fitted = LogisticRegression(max_iter=500).fit((x - mean) / scale, np.concatenate([answers(c) for c in train]))
    return lambda course: fitted.predict_proba((features(course, base) - mean) / scale)[:, 1]


def main() -> int:
    """Print the floors beside the plan's figures."""
    courses = load_courses()
    for learn in (last_value, shrunk_mean, classical, decayed):
        name = learn.__name__.replace("_", " ")
        figures = " ".join(f"{v:.4f}" for v in evaluate(learn, courses))
        print(f"{name:12s} AUC, log loss, Brier {figures}   printed {PRINTED.get(name, '-')}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
