"""One question to a fitted forecaster, put to several versions of the same patient at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch

from models import answering
from models.batching import Batch, join
from models.course import Course, Treatment, Variable
from models.distribution import distribution
from models.errors import ModelError
from models.explain.recalling import RecallingEncoder
from models.forecast import Array
from models.forecaster import LiquidForecaster
from models.history import History, encode
from models.network import LiquidNetwork
from models.packing import Fitted

VARIANTS = 128  # asked at once


def fitted(forecaster: LiquidForecaster) -> Fitted:
    """What the forecaster answers with. Raises NotFittedError."""
    _ = forecaster.card
    return forecaster.fitted_


def member_of(parts: Fitted, member: int) -> LiquidNetwork:
    """Raises ModelError for a member there is none of."""
    if not 0 <= member < len(parts.networks):
        raise ModelError(f"there is no member {member!r}; the forecaster has {len(parts.networks)}, counted from 0")
    return parts.networks[member]


class Variant(NamedTuple):
    """A patient as he is, or with something taken away. plan: after the last row, None: the recorded treatments."""

    course: Course
    plan: tuple[Treatment, ...] | None


class Told(NamedTuple):
    """whole, simple: (B, K) the mean of each target column in own units (of a chance the chance) and the same of the
    simple forecasts that the networks correct; both before a forecast is clipped to the variable's range."""

    whole: Array
    simple: Array


@dataclass(frozen=True)
class Question:
    """variable on day ``at``; columns: its places among the targets, one for each level of a categorical variable."""

    parts: Fitted
    patient: Variant
    at: float
    variable: Variable
    columns: tuple[int, ...]

    def tell(self, variants: Sequence[Variant], networks: Sequence[LiquidNetwork] | None = None) -> Told:
        """What is forecast for each of the variants, which have as many rows as the patient."""
        parts = self.parts
        found = []
        for start in range(0, len(variants), VARIANTS):
            batch = self.batch(variants[start : start + VARIANTS])
            told = distribution(networks or parts.networks, parts.encoder, parts.plan.targets, batch, parts.trust)
            found.append((told.expected, told.uncorrected))
        whole, simple = (np.concatenate(tables) for tables in zip(*found, strict=True))
        return Told(whole, simple)

    def batch(self, variants: Sequence[Variant]) -> Batch:
        """One question a variant, ready for the networks."""
        each = [self._asked(encode(self.parts.encoder, self.parts.ground.base, *v)) for v in variants]
        questions = join([replace(b.questions, owner=b.questions.owner + i) for i, b in enumerate(each)])
        tensors = {n: torch.cat([getattr(b, n) for b in each]) for n in ("x", "mask", "dt", "lengths", "static")}
        return Batch(**tensors, questions=questions)

    def _asked(self, history: History) -> Batch:
        return answering.batch(self.parts, history, np.array([len(history)]), np.array([self.at]))


def question(
    forecaster: LiquidForecaster, course: Course, at: float, variable: str, plan: Sequence[Treatment] | None
) -> Question:
    """Raises ModelError for a variable that is not forecast and for a day before the last row or not finite."""
    parts = fitted(forecaster)
    encoder, targets = parts.encoder, parts.plan.targets
    names = [encoder.names[encoder.columns[t].variable] for t in targets]
    if variable not in names:
        raise ModelError(f"{variable!r} is not forecast; there are {', '.join(dict.fromkeys(names))}")
    day = float(at)
    course = encoder.align(course)
    last = float(course.times[-1]) if len(course) else 0.0
    if not np.isfinite(day) or (len(course) and day < last):
        raise ModelError(f"explain {course.patient}: day {day:g} is not one from the last visit, day {last:g}, on")
    return Question(
        parts=parts._replace(encoder=RecallingEncoder.of(encoder)),
        patient=Variant(course, None if plan is None else tuple(plan)),
        at=day,
        variable=encoder.variables[encoder.names.index(variable)],
        columns=tuple(i for i, name in enumerate(names) if name == variable),
    )


def level_of(asked: Question, level: int | None, told: Told) -> tuple[int, int | None]:
    """The column explained and, of a categorical variable, its level: the given one, None: the most probable.

    Raises ModelError for a level that is none.
    """
    if asked.variable.kind != "categorical":
        if level is not None:
            raise ModelError(f"{asked.variable.name} is {asked.variable.kind}; levels are of categorical variables")
        return asked.columns[0], None
    if level is None:
        level = int(np.argmax(told.whole[0, list(asked.columns)]))
    if not 0 <= level < len(asked.columns):
        raise ModelError(f"{asked.variable.name} has {len(asked.columns)} levels from 0 on, not {level}")
    return asked.columns[level], level
