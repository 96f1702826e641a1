"""What the simple forecasters share: scikit-learn's conventions, the gates of fit and predict, the forecast."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from models.baselines.columns import Columns
from models.baselines.summary import Asked
from models.checks import check_courses, check_days
from models.course import Course, Treatment
from models.encoding import Encoder
from models.errors import ModelError, NotFittedError
from models.forecast import QUANTILE_LEVELS, Array, Forecast
from models.settings import Configurable

Cancel = Callable[[], bool]


class Outlook(NamedTuple):
    """Answers to k questions: quantiles of columns (k, C, Q) in their own units, chances of classes (k, K) by variable,
    survival (k,) by event; see ``models.forecast``."""

    values: Array
    chances: dict[str, Array]
    survival: dict[str, Array]


class Baseline(Configurable, ABC):
    """A simple forecaster. levels: of the quantiles, ascending, .5 in the middle; seed: of whatever is drawn."""

    columns_: Columns
    encoder_: Encoder

    def __init__(self, *, levels: tuple[float, ...] = QUANTILE_LEVELS, seed: int = 0) -> None:
        self.levels = levels
        self.seed = seed

    def fit(
        self,
        courses: Sequence[Course],
        validation: Sequence[Course] | None = None,
        progress: Callable[..., None] | None = None,
        cancel: Cancel | None = None,
    ) -> Self:
        """Learn from courses of the same variables; those without a visit are passed over.

        validation, progress: not used, there are no epochs; cancel: True leaves out what has not been learnt yet
        Raises ModelError for settings or variables that cannot work, TrainingError where nothing is observed.
        """
        self._check_settings()
        kept = check_courses(courses)
        self.columns_ = Columns.of(kept)
        expanded = [self.columns_.expand(c) for c in kept]
        self.encoder_ = Encoder.fit(expanded)
        self.visits_ = sum(len(c) for c in kept)
        self._learn_from(expanded, cancel or (lambda: False))
        self.patients_ = len(kept)
        return self

    def _check_settings(self) -> None:
        levels = np.asarray(self.levels, dtype=np.float64)
        inside = len(levels) % 2 == 1 and levels.min() > 0 and levels.max() < 1 and (np.diff(levels) > 0).all()
        if not inside or abs(levels[len(levels) // 2] - 0.5) > 1e-9:
            raise ModelError(f"levels must ascend between 0 and 1 with .5 in the middle, got {self.levels}")

    @abstractmethod
    def _learn_from(self, courses: list[Course], cancel: Cancel) -> None:
        """courses: in columns, each with a row."""

    @abstractmethod
    def _answer(self, asked: list[Asked]) -> Outlook:
        """The questions of every patient after one another."""

    def predict(self, course: Course, at: Sequence[float] | Array, plan: Sequence[Treatment] | None = None) -> Forecast:
        """The distribution of every variable on the days ``at`` (H,), none before the course's last row.

        course: the whole of it is history; plan: treatments after the last row instead of the recorded ones
        Raises ModelError for a day in the past or not finite or a missing variable, NotFittedError.
        """
        return self.predict_many([course], [at], [plan])[0]

    def predict_many(
        self,
        courses: Sequence[Course],
        at: Sequence[Sequence[float] | Array],
        plans: Sequence[Sequence[Treatment] | None] | None = None,
    ) -> list[Forecast]:
        """``predict`` for each course and its days, in one go. Raises what ``predict`` raises."""
        if not hasattr(self, "patients_"):
            raise NotFittedError(f"{type(self).__name__} is not fitted: call fit first")
        known = [self.columns_.align(c) for c in courses]
        plans = [None] * len(known) if plans is None else plans
        asked = [self._ask(*one) for one in zip(known, at, plans, strict=True)]
        if not asked:
            return []
        nothing = not any(len(a.at) for a in asked)  # then one day is asked and told to nobody
        answers = self._answer([self._ask(known[0], [max(known[0].known_until, 0.0)], None)] if nothing else asked)
        values = self.columns_.collapse(answers.values, answers.chances, self.levels)
        ends = np.cumsum([len(a.at) for a in asked])
        parts = [slice(end - len(a.at), end) for end, a in zip(ends, asked, strict=True)]
        return [
            Forecast(
                patient=course.patient,
                at=question.at,
                variables=self.columns_.variables,
                values=values[part],
                quantile_levels=tuple(self.levels),
                last_value=dict(zip(self.columns_.names, course.last_values().tolist(), strict=True)),
                basis=self._basis(course, question),
                probabilities={name: chance[part] for name, chance in answers.chances.items()},
                classes={name: self.columns_.classes[name] for name in answers.chances},
                survival={name: share[part] for name, share in answers.survival.items()},
            )
            for course, question, part in zip(known, asked, parts, strict=True)
        ]

    def _ask(self, course: Course, at: Sequence[float] | Array, plan: Sequence[Treatment] | None) -> Asked:
        days = check_days(course.patient, at, _end(course))
        prefix = np.full(len(days), len(course))
        return Asked(self.columns_.expand(course), prefix, days, None if plan is None else tuple(plan))

    def _basis(self, course: Course, asked: Asked) -> dict[str, Any]:
        used = course.treatments if asked.plan is None else asked.plan
        return {
            "history": len(course),
            "last_day": _end(course),
            "static_only": bool(np.isnan(course.values).all()),
            "patients": self.patients_,
            "visits": self.visits_,
            "unknown_treatments": sorted({t.name for t in used} - set(self.encoder_.treatments)),
        }


def _end(course: Course) -> float:
    """The day a history ends; of one without a visit the first of the course's clock."""
    return float(course.times[-1]) if len(course) else 0.0
