"""States on a plane: the two directions in which the states of many courses differ most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.errors import ModelError
from models.explain.plain import plain
from models.forecast import Array


@dataclass(frozen=True)
class Plane:
    """mean (N,), axes (2, N) orthonormal: a state lies at (state - mean) @ axes.T; share (2,): of the variance."""

    mean: Array
    axes: Array
    share: Array

    def place(self, state: Array) -> Array:
        """state (..., N) on the plane: (..., 2)."""
        return (state - self.mean) @ self.axes.T

    def to_dict(self) -> dict[str, Any]:
        return plain(self)


def plane(states: Array) -> Plane:
    """Principal components of states (P, N); the same states give the same picture, not its mirror image.

    Raises ModelError for fewer than three states or neurons than two.
    """
    if states.ndim != 2 or len(states) < 3 or states.shape[1] < 2:
        raise ModelError(f"a plane needs 3 states of 2 neurons at least, got {states.shape}")
    mean = states.mean(0)
    _, size, axes = np.linalg.svd(states - mean, full_matrices=False)
    axes = axes[:2]
    strongest = axes[np.arange(2), np.abs(axes).argmax(1)]
    axes = axes * np.where(strongest < 0, -1.0, 1.0)[:, None]
    total = float((size**2).sum())
    return Plane(mean, axes, size[:2] ** 2 / total if total > 0 else np.zeros(2))
