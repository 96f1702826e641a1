"""The arithmetic of the desk's benchmark, apart from what it measures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """starts: timed ones of each kind; seconds: the event loop is watched for; cycles: of opening and closing."""

    starts: int = 5
    seconds: float = 12.0
    cycles: int = 1000
    saves: int = 15
    patients: int = 100_000


QUICK = Options(starts=1, seconds=3.0, cycles=100, saves=3, patients=10_000)


def slope(values: Sequence[float], warm_up: int = 0) -> float:
    """What each further value adds, by least squares over those after the first ``warm_up``. Raises ValueError for
    fewer than two of them."""
    kept = values[warm_up:]
    if len(kept) < 2:
        raise ValueError("a slope needs two values")
    middle = (len(kept) - 1) / 2
    mean = sum(kept) / len(kept)
    over = sum((at - middle) * (value - mean) for at, value in enumerate(kept))
    return over / sum((at - middle) ** 2 for at in range(len(kept)))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0..1) of all do not exceed: one of them, never between two. Raises ValueError for
    none."""
    if not values:
        raise ValueError("a percentile needs a value")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
