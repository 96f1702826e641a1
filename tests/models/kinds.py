"""Small cohorts with every kind of variable, and two events of which the first ends the waiting."""

from __future__ import annotations

import numpy as np

from models.course import Course, Event, Treatment, Variable

PRESSURE = Variable("pressure", label="血压", unit="mmHg", lower=0.0)
PAIN = Variable("pain", label="痛", kind="ordinal", lower=0.0, upper=3.0)
RED = Variable("red", label="舌红", kind="binary", lower=0.0, upper=1.0)
COAT = Variable("coat", label="苔", kind="categorical", levels=("white", "yellow", "black"))
STOOLS = Variable("stools", label="便次", kind="count", lower=0.0)
VARIABLES = (PRESSURE, PAIN, RED, COAT, STOOLS)


def patient(number: int, rng: np.random.Generator, visits: int | None = None) -> Course:
    """One hidden severity, falling where treated, shows in every variable and hurries the relapse."""
    n = int(rng.integers(2, 8)) if visits is None else visits
    times = np.cumsum(np.concatenate([[0.0], rng.integers(3, 30, max(n - 1, 0))]))[:n].astype(np.float64)
    treated = bool(rng.random() < 0.5)
    severity = rng.uniform(0.5, 3) * np.exp(-times / 60.0 * treated) + rng.normal(0, 0.2, n)
    values = np.stack(
        [
            120 + 8 * severity + rng.normal(0, 4, n),
            np.clip(np.round(severity), 0, 3),
            (severity + rng.normal(0, 0.5, n) > 1.5).astype(np.float64),
            np.clip(np.round(severity + rng.normal(0, 0.4, n)), 0, 2),
            rng.poisson(np.exp(np.clip(severity, -1, 3) / 1.5)).astype(np.float64),
        ],
        -1,
    )
    values[rng.random(values.shape) < 0.1] = np.nan
    last = float(times[-1]) if n else 0.0
    waits = rng.exponential([80.0 / (0.3 + max(severity[-1], 0.0)), 200.0]) if n else np.full(2, 400.0)
    first = int(np.argmin(waits))
    came = waits[first] < 120
    return Course(
        patient=f"K{number:03d}",
        times=times,
        values=values,
        variables=VARIABLES,
        static={"age": float(rng.integers(20, 70))},
        treatments=(Treatment("黄连", 0.0, 150.0, 6.0),) if treated else (),
        events=(Event(("relapse", "death")[first], last + float(waits[first])),) if came else (),
        followed=None if came else last + 120.0,
    )


def cohort(patients: int = 40, seed: int = 0) -> list[Course]:
    rng = np.random.default_rng(seed)
    return [patient(i, rng) for i in range(patients)]
