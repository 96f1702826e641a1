"""The mixed model as a training patient should see it: fitted on the others, so its errors are honest ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.baselines import mixed_model as mm
from models.course import Course
from models.encoding import Encoder

FOLDS = 5


def cross_fit(
    encoder: Encoder, courses: Sequence[Course], *, joint: bool, rng: np.random.Generator, folds: int = FOLDS
) -> tuple[mm.Fixed, list[mm.Fixed]]:
    """The mixed model of all courses, and for each course the one fitted without its fold."""
    sums = [mm.total(encoder.sums(encoder.align(c))) for c in courses]
    full = mm.fit(mm.stack(sums), joint=joint)
    if len(courses) < 2 * folds:
        return full, [full] * len(courses)
    apart = [full] * len(courses)
    for fold in np.array_split(rng.permutation(len(courses)), folds):
        inside = set(fold.tolist())
        fixed = mm.fit(mm.stack([s for i, s in enumerate(sums) if i not in inside]), joint=joint)
        for i in inside:
            apart[i] = fixed
    return full, apart
