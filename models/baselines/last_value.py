"""The forecast everything must beat: nothing changes."""

from __future__ import annotations

import numpy as np

from models.baselines.estimator import Cancel
from models.baselines.point import PointBaseline
from models.baselines.summary import Summary
from models.forecast import Array


class LastValue(PointBaseline):
    """The last observed value of each variable, the training mean where none was observed."""

    def _learn(self, summary: Summary, target: Array, cancel: Cancel) -> None:
        """There is nothing to learn."""

    def _locate(self, learnt: None, summary: Summary) -> Array:
        return np.where(summary.seen, summary.last, self.encoder_.mean)
