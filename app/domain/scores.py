"""Symptom scores and the effect index of clinical trials in Chinese medicine.

Main symptoms are scored 0, 2, 4, 6 and secondary ones 0, 1, 2, 3 (none, mild, moderate, severe), as in the 2002
guiding principles for clinical research of new Chinese medicines. Effect index (nimodipine method):
n = (before - after) / before.
"""

from __future__ import annotations

import math

from app.domain.errors import KnownError
from app.domain.vocabulary import active

SCALES: dict[str, tuple[int, ...]] = {"main": (0, 2, 4, 6), "secondary": (0, 1, 2, 3)}
GRADES = ("无", "轻", "中", "重")  # what the steps of either scale mean

CURED, MARKED, EFFECTIVE, INEFFECTIVE = "痊愈", "显效", "有效", "无效"
_LIMITS = ((0.95, CURED), (0.70, MARKED), (0.30, EFFECTIVE))
_TOLERANCE = 1e-9  # (10 - 0.5) / 10 must reach 0.95 in spite of rounding


def scale_of(code: str) -> str:
    """ "main" or "secondary" for a symptom of the vocabulary; secondary where the concept is not known."""
    concept = active().concepts.get(code)
    return concept.scale if concept and concept.scale in SCALES else "secondary"


def check(score: float, scale: str) -> int:
    """The score as a step of its scale. Raises KnownError for a value that is no step."""
    steps = SCALES[scale]
    if not math.isfinite(score) or score not in steps:
        raise KnownError(
            "{value} is not a score of this scale; possible are {steps}.",
            value=score,
            steps=", ".join(map(str, steps)),
        )
    return int(score)


def grade(score: float, scale: str) -> str:
    """无, 轻, 中 or 重. Raises KnownError for a value that is no step of the scale."""
    return GRADES[SCALES[scale].index(check(score, scale))]


def effect_index(before: float, after: float) -> float | None:
    """(before - after) / before, a fraction: 1 all gone, 0 unchanged, negative worse.

    None where it is not defined: nothing was there before, so nothing can be said to have improved.
    Raises ValueError for negative or non-finite totals.
    """
    for value in (before, after):
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"a total score is a finite number of 0 or more, got {value}")
    if before == 0:
        return None
    return (before - after) / before


def effect_class(index: float | None) -> str:
    """痊愈 (n >= 95 %), 显效 (>= 70 %), 有效 (>= 30 %), 无效 (below); "" where there is no index."""
    if index is None or math.isnan(index):
        return ""
    for limit, label in _LIMITS:
        if index >= limit - _TOLERANCE:
            return label
    return INEFFECTIVE
