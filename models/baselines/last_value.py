"""The forecast everything must beat: nothing changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.course import Course
from models.forecast import Array


class LastValue:
    """Predicts the last observed value of each variable, the training mean where none was observed.

    Variables are those of the first training course. Raises ValueError where there is no course.
    """

    mean_: Array

    def fit(self, courses: Sequence[Course]) -> LastValue:
        if not courses:
            raise ValueError("no course to learn from")
        rows = np.concatenate([c.values for c in courses])
        seen = ~np.isnan(rows)
        count = seen.sum(0)
        self.mean_ = np.where(seen, rows, 0.0).sum(0) / np.maximum(count, 1)
        return self

    def predict(self, course: Course, at: Array) -> Array:
        """course: the history; at: (H,) days -> (H, variables)."""
        last = course.last_values()
        return np.tile(np.where(np.isnan(last), self.mean_, last), (len(np.atleast_1d(at)), 1))
