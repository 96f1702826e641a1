"""Small cohorts for tests."""

from __future__ import annotations

import numpy as np

from models.course import Course, Treatment, Variable

PAIN = Variable("pain", label="痛", kind="ordinal", lower=0.0, upper=6.0)
SLEEP = Variable("sleep", unit="h")
VARIABLES = (PAIN, SLEEP)


def patient(number: int, rng: np.random.Generator, visits: int | None = None) -> Course:
    """Pain falls under the herb, sleep rises as pain falls; a tenth of the values is missing."""
    n = int(rng.integers(2, 9)) if visits is None else visits
    times = np.cumsum(np.concatenate([[0.0], rng.integers(3, 30, max(n - 1, 0))]))[:n].astype(np.float64)
    treated = bool(rng.random() < 0.6)
    level = rng.uniform(2, 6)
    pain = level * np.exp(-times / 40.0 * treated) + rng.normal(0, 0.4, n)
    sleep = 8 - 0.5 * pain + rng.normal(0, 0.4, n)
    values = np.stack([np.clip(np.round(pain), 0, 6), sleep], -1)
    values[rng.random(values.shape) < 0.1] = np.nan
    return Course(
        patient=f"P{number:03d}",
        times=times,
        values=values,
        variables=VARIABLES,
        static={"age": float(rng.integers(20, 70))},
        treatments=(Treatment("黄芪", 0.0, 200.0, 15.0),) if treated else (),
    )


def cohort(patients: int = 40, seed: int = 0) -> list[Course]:
    rng = np.random.default_rng(seed)
    return [patient(i, rng) for i in range(patients)]
