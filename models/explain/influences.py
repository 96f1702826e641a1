"""What raises and lowers the whole forecast of one day: every target at once, by what is taken away."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from models.course import Course, Variable
from models.explain.asking import fitted, question
from models.explain.plain import plain
from models.explain.removal import nothing_known, parts_of, variants
from models.forecast import Array
from models.forecaster import LiquidForecaster

TOGETHER = 8  # versions of the patient asked about at once


@dataclass(frozen=True, slots=True)
class Source:
    """name: of a variable, treatment or static covariate"""

    name: str
    kind: Literal["value", "treatment", "static"]


@dataclass(frozen=True)
class Influences:
    """The forecast of V variables on day ``at``, and what P parts of the record do to it.

    effect (P, V): the forecast minus the forecast without the part, so a positive one raises the forecast; in the
        variable's own unit, of a binary one as a chance
    forecast, baseline (V,): the mean, and the mean for the same patient of whom nothing is known
    Effects do not add up: two variables that tell the same are each of little effect.
    """

    patient: str
    at: float
    variables: tuple[Variable, ...]
    forecast: Array
    baseline: Array
    sources: tuple[Source, ...]
    effect: Array

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it: lists, None for what is not finite."""
        return plain(self)


def influences(forecaster: LiquidForecaster, course: Course, at: float) -> Influences:
    """Of every target but categorical ones; ``attribute`` tells more of a single one.

    Raises ModelError for a day before the last visit, NotFittedError.
    """
    steps = influences_in_steps(forecaster, course, at)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def influences_in_steps(forecaster: LiquidForecaster, course: Course, at: float) -> Generator[None, None, Influences]:
    """The same for somebody who may be called away: it yields after every TOGETHER of the forecasts it needs."""
    encoder = fitted(forecaster).encoder
    targets = [encoder.columns[t] for t in fitted(forecaster).plan.targets]
    asked = question(forecaster, course, at, encoder.names[targets[0].variable], None)
    there = parts_of(asked.patient, encoder)._replace(by_visit=False)
    versions = [asked.patient, *variants(asked.patient, there, each=False), nothing_known(asked.patient)]
    parts = []
    for start in range(0, len(versions), TOGETHER):
        parts.append(asked.tell(versions[start : start + TOGETHER]).whole)
        yield
    told = np.concatenate(parts)
    columns = [i for i, column in enumerate(targets) if column.form != "class"]
    sources = [Source(encoder.names[v], "value") for v in np.flatnonzero(there.observed.any(0))]
    sources += [Source(name, "treatment") for name in np.array(there.treatments, dtype=object)[there.known]]
    sources += [Source(name, "static") for name in there.statics]
    return Influences(
        patient=course.patient,
        at=asked.at,
        variables=tuple(encoder.variables[targets[i].variable] for i in columns),
        forecast=told[0, columns],
        baseline=told[-1, columns],
        sources=tuple(sources),
        effect=(told[:1] - told[1:-1])[:, columns],
    )
