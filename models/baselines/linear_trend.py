"""The patient's own line goes on."""

from __future__ import annotations

import numpy as np

from models.baselines.estimator import Cancel
from models.baselines.point import PointBaseline
from models.baselines.summary import Summary
from models.forecast import Array


class LinearTrend(PointBaseline):
    """A least-squares line through what was observed, shrunk towards the last value by a weight learnt a variable.

    Below two days it is the last value, without one the training mean. The line is carried beyond the last sight at
    most as far as the sights span (``Summary.line``) and never leaves the range of the training values.
    """

    def _learn(self, summary: Summary, target: Array, cancel: Cancel) -> tuple[Array, Array, Array]:
        """Weight of the line in 0..1, lowest and highest training value: (C,) each."""
        encoder = self.encoder_
        low = np.fmin.reduce(target, axis=0, initial=np.inf)
        high = np.fmax.reduce(target, axis=0, initial=-np.inf)
        low, high = np.where(np.isfinite(low), low, encoder.mean), np.where(np.isfinite(high), high, encoder.mean)
        told = summary.seen & ~np.isnan(target)
        line = (np.clip(summary.line, low, high) - summary.last) / encoder.scale
        step = np.where(told, line, 0.0)
        moved = np.where(told, (target - summary.last) / encoder.scale, 0.0)
        weight = (step * moved).sum(0) / ((step * step).sum(0) + 1.0)
        return np.clip(weight, 0.0, 1.0), low, high

    def _locate(self, learnt: tuple[Array, Array, Array], summary: Summary) -> Array:
        weight, low, high = learnt
        line = summary.last + weight * (np.clip(summary.line, low, high) - summary.last)
        return np.where(summary.seen, line, self.encoder_.mean)
