"""A cohort of every kind of variable, with events, whose law is known."""

from __future__ import annotations

import numpy as np

from models.course import Course, Event, Treatment, Variable

VARIABLES = (
    Variable("sleep", unit="h", lower=0.0, upper=12.0),
    Variable("pain", kind="ordinal", lower=0.0, upper=4.0),
    Variable("headache", kind="binary"),
    Variable("tongue", kind="categorical", levels=("pale", "red", "purple")),
    Variable("stools", kind="count"),
)


def patient(number: int, rng: np.random.Generator) -> Course:
    """A hidden severity wanders; everything follows from it, death (a year's scale) too; a tenth is missing."""
    n = int(rng.integers(1, 9))
    times = np.cumsum(np.concatenate([[0.0], rng.integers(3, 40, n - 1)])).astype(np.float64)
    severity = rng.normal() + np.cumsum(rng.normal(0, 0.3, n))
    values = np.stack(
        [
            np.clip(7 - severity + rng.normal(0, 0.3, n), 0, 12),
            np.clip(np.round(2 + severity + rng.normal(0, 0.4, n)), 0, 4),
            (severity + rng.normal(0, 0.5, n) > 0).astype(float),
            np.clip(np.round(1 + severity), 0, 2),
            rng.poisson(np.exp(0.5 + 0.4 * np.clip(severity, -2, 2))),
        ],
        -1,
    ).astype(np.float64)
    values[rng.random(values.shape) < 0.1] = np.nan
    death = times[-1] + 1 + rng.exponential(200 * np.exp(-0.8 * severity[-1]))
    moved = times[-1] + 1 + rng.exponential(600)
    end = times[-1] + 300.0
    came = min((death, "death"), (moved, "moved"))
    return Course(
        f"P{number:03d}",
        times,
        values,
        VARIABLES,
        {"age": float(rng.integers(20, 70))},
        (Treatment("黄芪", 0.0, 200.0, 15.0),) if rng.random() < 0.5 else (),
        (Event(came[1], came[0]),) if came[0] < end else (),
        end,
    )


def clinic(patients: int = 80, seed: int = 0) -> list[Course]:
    rng = np.random.default_rng(seed)
    return [patient(i, rng) for i in range(patients)]


def next_visits(courses: list[Course]) -> tuple[list[Course], list[np.ndarray], np.ndarray]:
    """Histories before each visit but the first, its day and its values (k, V)."""
    pairs = [(c, k) for c in courses for k in range(1, len(c))]
    return (
        [c.until_row(k) for c, k in pairs],
        [c.times[k : k + 1] for c, k in pairs],
        np.stack([c.values[k] for c, k in pairs]),
    )
