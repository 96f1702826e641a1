"""The patient as they were on average."""

from __future__ import annotations

import numpy as np

from models.baselines.estimator import Cancel
from models.baselines.point import PointBaseline
from models.baselines.summary import Summary
from models.forecast import Array


class PatientMean(PointBaseline):
    """The mean of what was observed of each variable, the training mean where nothing was."""

    def _learn(self, summary: Summary, target: Array, cancel: Cancel) -> None:
        """There is nothing to learn."""

    def _locate(self, learnt: None, summary: Summary) -> Array:
        return np.where(summary.seen, summary.mean, self.encoder_.mean)
